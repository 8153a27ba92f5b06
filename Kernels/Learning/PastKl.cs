using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Columns of the sums that <see cref="PastKlGradient"/> leaves per minibatch; behind them Σ ∂/∂s of free log-stds (A_c columns).</summary>
public static class PastKlSum
{
    /// <summary>Rows of weight 1.</summary>
    public const int Weight = 0;

    /// <summary>Σ KL(π ‖ π_ref); nat.</summary>
    public const int Kl = 1;

    /// <summary>Columns that every sum has.</summary>
    public const int Count = 2;
}

/// <summary>Adds c_KL·∂KL(π ‖ π_ref)/∂outputs to the gradient that a loss kernel wrote. One index per lane.</summary>
/// <remarks>
/// Gaussian, per component: KL = s_ref − s + (e²ˢ + (μ − μ_ref)²)/(2e^(2 s_ref)) − ½, so ∂/∂μ = (μ − μ_ref)·e^(−2 s_ref) and
/// ∂/∂s = e^(2(s − s_ref)) − 1. Categorical, per head: ∂/∂l_j = p_j·(ln p_j − ln q_j − KL_h) for legal j, nothing for masked ones and for
/// heads without a legal choice. Everything is exactly 0 where π = π_ref. Rows of weight 0 are not touched.
/// Source of such a penalty: Sokota et al., arXiv 2206.05825. Lane c owns rows c, c + Lanes, … (<see cref="Reduction"/>).
/// </remarks>
public struct PastKlGradient : IKernel
{
    /// <summary>(M, L + 1) float under the present weights; in.</summary>
    public View<float> Outputs;

    /// <summary>(M, L + 1) float under the reference's weights; in.</summary>
    public View<float> PastOutputs;

    /// <summary>(M, L + 1) float: ∂L/∂outputs; added to.</summary>
    public View<float> OutputGradients;

    /// <summary>(M) byte, 0 or 1; in.</summary>
    public View<byte> RowWeights;

    /// <summary>(M, MaskWords) bits, or empty; in.</summary>
    public View<uint> ActionMasks;

    /// <summary>(A_c), or (M, A_c), of the present weights; in.</summary>
    public View<GaussianScale> Scales;

    /// <summary>The same of the reference; in.</summary>
    public View<GaussianScale> PastScales;

    /// <summary>(H) int: choices per head, or empty; in.</summary>
    public View<int> HeadSizes;

    /// <summary>(1) double: W of this minibatch; in.</summary>
    public View<double> WeightSum;

    /// <summary>(Lanes, Columns) double in the order of <see cref="PastKlSum"/>; out.</summary>
    public View<double> Partials;

    /// <summary>PastKlSum.Count, and A_c more where log-stds are free.</summary>
    public int Columns;

    /// <summary>M.</summary>
    public int Rows;

    /// <summary>L + 1.</summary>
    public int OutputLength;

    /// <summary>A_c.</summary>
    public int Components;

    /// <summary>Scales from one row to the next: 0 for free log-stds, A_c for those that are outputs.</summary>
    public int ScaleStride;

    /// <summary>Where the logits begin in a row of outputs.</summary>
    public int FirstLogit;

    /// <summary>Words of a mask row.</summary>
    public int MaskWords;

    /// <summary>c_KL.</summary>
    public float Coefficient;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        View<double> sums = Partials.Slice((long)lane * Columns, Columns);
        for (int column = 0; column < Columns; column++) sums[column] = 0;
        float factor = WeightSum[0] > 0 ? (float)(Coefficient / WeightSum[0]) : 0f;
        for (int row = lane; row < Rows; row += Reduction.Lanes)
        {
            if (RowWeights[row] == 0) continue;
            sums[PastKlSum.Weight] += 1;
            AddGaussian(row, sums, factor);
            AddCategorical(row, sums, factor);
        }
    }

    private readonly void AddGaussian(int row, View<double> sums, float factor)
    {
        long first = (long)row * OutputLength, firstScale = (long)row * ScaleStride;
        for (int i = 0; i < Components; i++)
        {
            GaussianScale scale = Scales[firstScale + i], past = PastScales[firstScale + i];
            float precision = past.InverseStd * past.InverseStd;
            float distance = Outputs[first + i] - PastOutputs[first + i];
            float change = scale.LogStd - past.LogStd;
            float spread = MathF.Exp(2f * change) - 1f;
            sums[PastKlSum.Kl] += 0.5f * (spread + distance * distance * precision) - change;
            OutputGradients[first + i] += factor * distance * precision;
            if (ScaleStride == 0) sums[PastKlSum.Count + i] += factor * spread;
            else OutputGradients[first + Components + i] += factor * spread * scale.Slope;
        }
    }

    private readonly void AddCategorical(int row, View<double> sums, float factor)
    {
        int firstChoice = 0;
        for (int index = 0; index < HeadSizes.Length; index++)
        {
            int size = HeadSizes[index];
            var head = new CategoricalHead(Outputs, OutputLength, FirstLogit, ActionMasks, MaskWords, row, firstChoice, size);
            var past = new CategoricalHead(PastOutputs, OutputLength, FirstLogit, ActionMasks, MaskWords, row, firstChoice, size);
            if (head.LastLegal >= 0)
                sums[PastKlSum.Kl] += AddHead(head, past, OutputGradients.Slice((long)row * OutputLength + FirstLogit + firstChoice, size), factor);
            firstChoice += size;
        }
    }

    // Returns KL_h. p·ln p goes to 0 with p, also where p has become 0 by underflow.
    private static float AddHead(in CategoricalHead head, in CategoricalHead past, View<float> gradients, float factor)
    {
        float kl = 0f;
        for (int choice = 0; choice < head.Size; choice++)
        {
            if (!head.IsLegal(choice)) continue;
            kl += head.Exponential(choice) / head.Sum * (head.LogProb(choice) - past.LogProb(choice));
        }

        for (int choice = 0; choice < head.Size; choice++)
        {
            if (!head.IsLegal(choice)) continue;
            gradients[choice] += factor * (head.Exponential(choice) / head.Sum) * (head.LogProb(choice) - past.LogProb(choice) - kl);
        }

        return kl;
    }
}

/// <summary>Adds Σ ∂/∂s of free log-stds to the sums of a loss kernel, from where <see cref="AddLogStdGradient"/> takes them. One index per component.</summary>
public struct AddPastLogStdSums : IKernel
{
    /// <summary>(PastKlSum.Count + A_c) double; in.</summary>
    public View<double> PastSums;

    /// <summary>(LossSum.Count + A_c or more) double; added to.</summary>
    public View<double> LossSums;

    /// <inheritdoc/>
    public readonly void Run(int component) => LossSums[LossSum.Count + component] += PastSums[PastKlSum.Count + component];
}

/// <summary>θ_ref += rate·(θ − θ_ref): a slow average of weights. One index per float.</summary>
public struct FollowWeights : IKernel
{
    /// <summary>(P) float: θ; in.</summary>
    public View<float> Weights;

    /// <summary>(P) float: θ_ref; in and out.</summary>
    public View<float> Past;

    /// <summary>Share of the way to go, 0..1.</summary>
    public float Rate;

    /// <inheritdoc/>
    public readonly void Run(int index) => Past[index] += Rate * (Weights[index] - Past[index]);
}
