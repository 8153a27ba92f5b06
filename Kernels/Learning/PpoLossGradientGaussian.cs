using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>PPO's loss and its gradient at the outputs, for continuous actions with free log-stds. One index per lane.</summary>
/// <remarks>
/// Lane c owns rows c, c + Lanes, … and their sums (<see cref="Reduction"/>). With G = ∂L_policy/∂ℓ and z = (a − μ)/eˢ:
/// ∂/∂μ = G·z·e⁻ˢ + 2c_Ω·max(0, abs μ − 1.1)·sign μ; ∂/∂s = G·(z² − 1) − c_H, summed over rows. Launch over
/// Reduction.Lanes, then <see cref="ReduceLoss"/>, then <see cref="AddLogStdGradient"/>.
/// </remarks>
public struct PpoLossGradientGaussian : IRangeKernel
{
    /// <summary>abs μ from which the bound penalty Ω = Σ max(0, abs μ − bound)² counts: means drift where clipping hides them.</summary>
    public const float MeanBound = 1.1f;

    /// <summary>Arguments; Columns = LossSum.Count + Components.</summary>
    public PpoLossArguments Arguments;

    /// <summary>(A_c) from <see cref="BoundLogStd"/> under the present weights; in.</summary>
    public View<GaussianScale> Scales;

    /// <summary>A_c.</summary>
    public int Components;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        float inverseWeight = Arguments.InverseWeight(), entropy = Entropy(), std = Std();
        Arguments.Clear(lane);
        for (int row = lane; row < Arguments.Rows; row += Reduction.Lanes) Row(lane, row, inverseWeight, entropy, std);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        float inverseWeight = Arguments.InverseWeight(), entropy = Entropy(), std = Std();
        for (int lane = begin; lane < end; lane++) Arguments.Clear(lane);
        for (int first = 0; first < Arguments.Rows; first += Reduction.Lanes)
        {
            int last = int.Min(end, Arguments.Rows - first);
            for (int lane = begin; lane < last; lane++) Row(lane, first + lane, inverseWeight, entropy, std);
        }
    }

    // Of every row alike: free log-stds do not depend on the observation.
    private readonly float Entropy()
    {
        float entropy = 0f;
        for (int component = 0; component < Components; component++) entropy += Scales[component].LogStd + Gaussian.UnitEntropy;
        return entropy;
    }

    private readonly float Std()
    {
        float std = 0f;
        for (int component = 0; component < Components; component++) std += Scales[component].Std;
        return std / Components;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Row(int lane, int row, float inverseWeight, float entropy, float std)
    {
        View<float> gradients = Arguments.OutputGradients.Slice((long)row * (Components + 1), Components + 1);
        if (Arguments.Minibatch.RowWeights[row] == 0)
        {
            for (int i = 0; i <= Components; i++) gradients[i] = 0f;
            return;
        }

        View<float> means = Arguments.Outputs.Slice((long)row * (Components + 1), Components);
        View<float> actions = Arguments.Minibatch.ContinuousActions.Slice((long)row * Components, Components);
        View<double> sums = Arguments.Partials.Slice(lane * Arguments.Columns, Arguments.Columns);
        float logProb = 0f;
        int clipped = 0;
        for (int i = 0; i < Components; i++)
        {
            logProb += Gaussian.LogProb(Gaussian.Score(actions[i], means[i], Scales[i]), Scales[i]);
            clipped += MathF.Abs(actions[i]) > 1f ? 1 : 0;
        }

        float slope = Arguments.Common(row, logProb, sums, inverseWeight);
        sums[LossSum.Entropy] += entropy;
        sums[LossSum.Std] += std;
        sums[LossSum.ClippedActions] += (float)clipped / Components;
        for (int i = 0; i < Components; i++)
        {
            float inverseStd = Scales[i].InverseStd;
            float score = Gaussian.Score(actions[i], means[i], Scales[i]);
            float outside = Scalar.Max(MathF.Abs(means[i]) - MeanBound, 0f);
            float push = 2f * Arguments.BoundCoefficient * outside;
            gradients[i] = (slope * score * inverseStd + (means[i] < 0f ? -push : push)) * inverseWeight;
            sums[LossSum.Bound] += outside * outside;
            sums[LossSum.Count + i] += (slope * (score * score - 1f) - Arguments.EntropyCoefficient) * inverseWeight;
        }
    }
}

/// <summary>∂L/∂ρ = (Σ over rows of ∂L/∂s)·∂s/∂ρ, added to the flat gradient. One index per component.</summary>
public struct AddLogStdGradient : IKernel
{
    /// <summary>(LossSum.Count + A_c) double, from <see cref="ReduceLoss"/>; in.</summary>
    public View<double> Sums;

    /// <summary>(A_c); in.</summary>
    public View<GaussianScale> Scales;

    /// <summary>(A_c) float: the log_std part of the flat gradient; added to.</summary>
    public View<float> Gradients;

    /// <inheritdoc/>
    public readonly void Run(int component) =>
        Gradients[component] += (float)(Sums[LossSum.Count + component] * Scales[component].Slope);
}
