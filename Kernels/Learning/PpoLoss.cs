using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>
/// Columns of the sums a loss kernel leaves per minibatch. Behind them follow, for continuous actions, the gradients of the free
/// log-stds (A_c columns), for discrete ones Σ H of every head (H columns; nat).
/// </summary>
public static class LossSum
{
    /// <summary>W: rows of weight 1.</summary>
    public const int Weight = 0;

    /// <summary>Σ −min(rÂ, clip(r, 1−ε, 1+ε)·Â).</summary>
    public const int Policy = 1;

    /// <summary>Σ L_v.</summary>
    public const int Value = 2;

    /// <summary>Σ H; nat.</summary>
    public const int Entropy = 3;

    /// <summary>Σ (r − 1 − ln r): estimates KL(old ‖ new) without its noise (Schulman, "Approximating KL divergence", 2020); nat.</summary>
    public const int Kl = 4;

    /// <summary>Rows with abs(r − 1) &gt; ε.</summary>
    public const int Clipped = 5;

    /// <summary>Σ Ω: bound penalty (Gaussian only).</summary>
    public const int Bound = 6;

    /// <summary>Σ σ, of a row's components the mean (Gaussian only).</summary>
    public const int Std = 7;

    /// <summary>Σ of the share of a row's components with abs(a) &gt; 1, which the environment gets clipped (Gaussian only).</summary>
    public const int ClippedActions = 8;

    /// <summary>Σ of the share of a row's choices that are legal (categorical only).</summary>
    public const int Legal = 9;

    /// <summary>The largest r: no sum, a maximum (<see cref="ReduceLoss"/>); 0 without rows.</summary>
    public const int RatioMax = 10;

    /// <summary>Columns that every loss has.</summary>
    public const int Count = 11;
}

/// <summary>Stage 2 of a loss kernel's reduction: adds up the lanes of every column in order; of the largest ratio it takes the maximum. One index per column.</summary>
public struct ReduceLoss : IKernel
{
    /// <summary>(Lanes, Columns) double; in.</summary>
    public View<double> Partials;

    /// <summary>(Columns) double; out.</summary>
    public View<double> Sums;

    /// <summary>Columns per lane.</summary>
    public int Columns;

    /// <inheritdoc/>
    public readonly void Run(int column)
    {
        double result = 0;
        for (int lane = 0; lane < Reduction.Lanes; lane++)
        {
            double partial = Partials[lane * Columns + column];
            if (column != LossSum.RatioMax) result += partial;
            else if (partial > result) result = partial;
        }

        Sums[column] = result;
    }
}

/// <summary>What both loss kernels know.</summary>
/// <remarks>
/// L = (1/W) Σ w_i [ −min(rÂ, clip(r, 1−ε, 1+ε)Â) + c_v·L_v − c_H·H + c_Ω·Ω ], r = exp(clamp(ℓ − ℓ_old, ±20)).
/// Source: Schulman et al., arXiv 1707.06347. The penalty for distance to a reference policy is not part of it.
/// </remarks>
public struct PpoLossArguments
{
    /// <summary>(M) rows of the minibatch; in.</summary>
    public RolloutViews Minibatch;

    /// <summary>(M, L + 1) float: distribution parameters, then the value, under the present weights; in.</summary>
    public View<float> Outputs;

    /// <summary>(M, L + 1) float: ∂L/∂outputs; rows of weight 0 get exactly 0; out.</summary>
    public View<float> OutputGradients;

    /// <summary>(1) double: W of this minibatch; in.</summary>
    public View<double> WeightSum;

    /// <summary>(Lanes, Columns) double: sums in the order of <see cref="LossSum"/>, for <see cref="ReduceLoss"/>; out.</summary>
    public View<double> Partials;

    /// <summary>Columns per lane.</summary>
    public int Columns;

    /// <summary>M.</summary>
    public int Rows;

    /// <summary>ε.</summary>
    public float ClipRange;

    /// <summary>ε_v; 0 = the value loss is not clipped.</summary>
    public float ValueClipRange;

    /// <summary>c_v.</summary>
    public float ValueCoefficient;

    /// <summary>c_H.</summary>
    public float EntropyCoefficient;

    /// <summary>c_Ω.</summary>
    public float BoundCoefficient;

    /// <summary>Largest abs(ln r): keeps the ratio of a row that went far astray finite.</summary>
    public const float MaxLogRatio = 20f;

    /// <summary>L + 1.</summary>
    public readonly int OutputLength => (int)(Outputs.Length / Rows);

    /// <summary>The sums of one lane.</summary>
    public readonly View<double> Sums(int lane) => Partials.Slice((long)lane * Columns, Columns);

    /// <summary>(L + 1) float: where the gradient of a row goes.</summary>
    public readonly View<float> GradientRow(int row) => OutputGradients.Slice((long)row * OutputLength, OutputLength);

    /// <summary>Is the row of weight 0? Then its gradient is 0, and it has no other influence.</summary>
    public readonly bool ClearIgnored(int row)
    {
        if (Minibatch.RowWeights[row] != 0) return false;
        View<float> gradients = GradientRow(row);
        for (int i = 0; i < gradients.Length; i++) gradients[i] = 0f;
        return true;
    }

    /// <summary>Zeroes the sums of one lane.</summary>
    public readonly void Clear(int lane)
    {
        for (int column = 0; column < Columns; column++) Partials[lane * Columns + column] = 0;
    }

    /// <summary>1/W; 0 when no row counts, which makes every gradient 0.</summary>
    public readonly float InverseWeight() => WeightSum[0] > 0 ? (float)(1 / WeightSum[0]) : 0f;

    /// <summary>The terms that do not depend on the kind of action: adds their sums, writes the value's gradient, returns G = ∂L_policy/∂ℓ.</summary>
    /// <param name="row">Row of weight 1.</param>
    /// <param name="logProb">ℓ under the present weights.</param>
    /// <param name="sums">The lane's sums.</param>
    /// <param name="inverseWeight">1/W, for what is written; the returned G is not divided.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Common(int row, float logProb, View<double> sums, float inverseWeight)
    {
        float logRatio = Scalar.Clamp(logProb - Minibatch.LogProbs[row], -MaxLogRatio, MaxLogRatio);
        float ratio = MathF.Exp(logRatio);
        float advantage = Minibatch.Advantages[row];
        float clipped = Scalar.Clamp(ratio, 1f - ClipRange, 1f + ClipRange);
        sums[LossSum.Weight] += 1;
        sums[LossSum.Policy] -= Scalar.Min(ratio * advantage, clipped * advantage);
        sums[LossSum.Kl] += ratio - 1f - logRatio;
        sums[LossSum.Clipped] += ratio == clipped ? 0d : 1d;
        if (ratio > sums[LossSum.RatioMax]) sums[LossSum.RatioMax] = ratio;

        long valueAt = (long)(row + 1) * OutputLength - 1;
        float error = ValueError(Outputs[valueAt], Minibatch.Values[row], Minibatch.Returns[row], out float loss);
        sums[LossSum.Value] += loss;
        OutputGradients[valueAt] = ValueCoefficient * error * inverseWeight;

        bool flat = advantage >= 0f ? ratio > 1f + ClipRange : ratio < 1f - ClipRange;
        return flat ? 0f : -advantage * ratio;
    }

    // ∂L_v/∂V, and L_v = ½ max((V − R)², (V_c − R)²) with V_c = V_old + clip(V − V_old, ±ε_v).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float ValueError(float value, float oldValue, float target, out float loss)
    {
        float error = value - target;
        loss = 0.5f * (error * error);
        if (ValueClipRange == 0f) return error;

        // The range first: V_old + (V − V_old) may differ from V by one rounding, and comparing squares alone would then
        // take the gradient from rows inside the range.
        float change = value - oldValue;
        if (MathF.Abs(change) <= ValueClipRange) return error;
        float clippedError = oldValue + Scalar.Clamp(change, -ValueClipRange, ValueClipRange) - target;
        if (error * error >= clippedError * clippedError) return error;
        loss = 0.5f * (clippedError * clippedError);
        return 0f;
    }
}
