using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>Advantages corrected for a policy that has moved since it acted: V-trace (Espeholt et al., arXiv 1802.01561). One index per row, backwards in time.</summary>
/// <remarks>
/// r = exp(ℓ − ℓ_old); ρ_t = min(1, r), c_t = min(1, r); A_t = ρ_t·δ_t + γλ·c_t·A_{t+1} unless an episode ended at t; R_t = A_t + V_t, which
/// is the paper's v_t with c_t scaled by λ. Both caps are 1, so ρ = c. A slot of weight 0 has ρ = c = 1: what was done there need not be the
/// learner's. Where ρ = c = 1 throughout, results are those of <see cref="ComputeAdvantages"/>, bit for bit.
/// </remarks>
public struct ComputeVTrace : IRangeKernel
{
    /// <summary>Rewards, ends, values under the present weights, γ, γλ, and where advantages and returns go.</summary>
    public ComputeAdvantages Estimate;

    /// <summary>(T, N) float: ℓ_old, under the weights that acted; in.</summary>
    public View<float> ActedLogProbs;

    /// <summary>(T, N) float: ℓ, under the present weights; in.</summary>
    public View<float> LogProbs;

    /// <summary>(T, N) byte: 1 where the action was the learner's and counted; in.</summary>
    public View<byte> Weights;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        for (int t = Estimate.Horizon - 1; t >= 0; t--) Slot(t, row);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        // Slot by slot, as ComputeAdvantages does.
        for (int t = Estimate.Horizon - 1; t >= 0; t--)
            for (int row = begin; row < end; row++)
                Slot(t, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Slot(int t, int row)
    {
        long at = (long)t * Estimate.Rows + row;
        // min(1, exp d) = exp min(0, d), which cannot overflow.
        float ratio = Weights[at] == 0 ? 1f : MathF.Exp(Scalar.Min(LogProbs[at] - ActedLogProbs[at], 0f));
        float advantage = ratio * Estimate.Difference(t, row);
        if (Estimate.GoesOn(t, at)) advantage += Estimate.Decay * ratio * Estimate.Advantages[at + Estimate.Rows];
        Estimate.Advantages[at] = advantage;
        Estimate.Returns[at] = advantage + Estimate.Values[at];
    }
}

/// <summary>Puts log-probs and values of a minibatch's rows where <see cref="GatherRows"/> took the rows from. One index per row of the minibatch.</summary>
public struct ScatterOutcomes : IKernel
{
    /// <summary>(M) float; in.</summary>
    public View<float> LogProbs;

    /// <summary>(M, L + 1) float: the value is the last of a row; in.</summary>
    public View<float> Outputs;

    /// <summary>(T, N) float; out.</summary>
    public View<float> RolloutLogProbs;

    /// <summary>(T + 1, N) float, of which slot T stays; out.</summary>
    public View<float> RolloutValues;

    /// <summary>Order of the segments.</summary>
    public IndexPermutation Order;

    /// <summary>Place in that order of the minibatch's first segment.</summary>
    public int FirstSegment;

    /// <summary>B.</summary>
    public int SegmentLength;

    /// <summary>N.</summary>
    public int Rows;

    /// <summary>L + 1.</summary>
    public int OutputLength;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        int place = index / SegmentLength, segment = Order.At(FirstSegment + place), chunk = segment / Rows;
        long to = ((long)chunk * SegmentLength + index - place * SegmentLength) * Rows + (segment - chunk * Rows);
        RolloutLogProbs[to] = LogProbs[index];
        RolloutValues[to] = Outputs[(long)index * OutputLength + OutputLength - 1];
    }
}

/// <summary>ℓ of continuous actions under the present weights. One index per row of a minibatch.</summary>
public struct LogProbsGaussian : IKernel
{
    /// <summary>The loss whose ℓ it is; only outputs, actions and scales are read.</summary>
    public PpoLossGradientGaussian Loss;

    /// <summary>(M) float; out.</summary>
    public View<float> LogProbs;

    /// <inheritdoc/>
    public readonly void Run(int row) => LogProbs[row] = Loss.LogProb(row);
}

/// <summary>ℓ of discrete actions under the present weights. One index per row of a minibatch.</summary>
public struct LogProbsCategorical : IKernel
{
    /// <summary>The loss whose ℓ it is; only outputs, actions, masks and head sizes are read.</summary>
    public PpoLossGradientCategorical Loss;

    /// <summary>(M) float; out.</summary>
    public View<float> LogProbs;

    /// <inheritdoc/>
    public readonly void Run(int row) => LogProbs[row] = Loss.LogProb(row);
}

/// <summary>ℓ of rows with continuous and discrete actions under the present weights: the sum. One index per row of a minibatch.</summary>
public struct LogProbsMixed : IKernel
{
    /// <summary>The loss whose ℓ it is.</summary>
    public PpoLossGradientMixed Loss;

    /// <summary>(M) float; out.</summary>
    public View<float> LogProbs;

    /// <inheritdoc/>
    public readonly void Run(int row) => LogProbs[row] = Loss.Continuous.LogProb(row) + Loss.Discrete.LogProb(row);
}
