using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>PPO's loss and its gradient at the outputs, for continuous actions. One index per lane.</summary>
/// <remarks>
/// Lane c owns rows c, c + Lanes, … and their sums (<see cref="Reduction"/>). With G = ∂L_policy/∂ℓ and z = (a − μ)/eˢ:
/// ∂/∂μ = G·z·e⁻ˢ + 2c_Ω·max(0, abs μ − 1.1)·sign μ; ∂/∂s = G·(z² − 1) − c_H. Free log-stds sum it over rows: launch over
/// Reduction.Lanes, then <see cref="ReduceLoss"/>, then <see cref="AddLogStdGradient"/>. Log-stds that are outputs get ∂/∂ρ = ∂/∂s·∂s/∂ρ in their row.
/// </remarks>
public struct PpoLossGradientGaussian : IRangeKernel
{
    /// <summary>abs μ from which the bound penalty Ω = Σ max(0, abs μ − bound)² counts: means drift where clipping hides them.</summary>
    public const float MeanBound = 1.1f;

    /// <summary>Arguments; Columns = LossSum.Count + Components.</summary>
    public PpoLossArguments Arguments;

    /// <summary>(A_c) from <see cref="BoundLogStd"/>, or (M, A_c) from <see cref="BoundRowLogStds"/>, under the present weights; in.</summary>
    public View<GaussianScale> Scales;

    /// <summary>A_c.</summary>
    public int Components;

    /// <summary>Scales from one row to the next: 0 for free log-stds, A_c for those that are outputs.</summary>
    public int ScaleStride;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        float inverseWeight = Arguments.InverseWeight();
        Arguments.Clear(lane);
        for (int row = lane; row < Arguments.Rows; row += Reduction.Lanes) Row(lane, row, inverseWeight);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        float inverseWeight = Arguments.InverseWeight();
        for (int lane = begin; lane < end; lane++) Arguments.Clear(lane);
        for (int first = 0; first < Arguments.Rows; first += Reduction.Lanes)
        {
            int last = int.Min(end, Arguments.Rows - first);
            for (int lane = begin; lane < last; lane++) Row(lane, first + lane, inverseWeight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Row(int lane, int row, float inverseWeight)
    {
        if (Arguments.ClearIgnored(row)) return;
        View<double> sums = Arguments.Sums(lane);
        WriteGradient(row, Arguments.Common(row, LogProb(row), sums, inverseWeight), sums, inverseWeight);
    }

    /// <summary>ℓ of all components of a row under the present weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly float LogProb(int row)
    {
        View<float> means = Arguments.Outputs.Slice((long)row * Arguments.OutputLength, Components);
        View<float> actions = Arguments.Minibatch.ContinuousActions.Slice((long)row * Components, Components);
        View<GaussianScale> scales = ScalesOf(row);
        float logProb = 0f;
        for (int i = 0; i < Components; i++) logProb += Gaussian.LogProb(Gaussian.Score(actions[i], means[i], scales[i]), scales[i]);
        return logProb;
    }

    /// <summary>Writes the gradient at the means (and at log-stds that are outputs) of a row of weight 1, and adds its sums.</summary>
    /// <param name="row">Row.</param>
    /// <param name="slope">G.</param>
    /// <param name="sums">The lane's sums.</param>
    /// <param name="inverseWeight">1/W.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void WriteGradient(int row, float slope, View<double> sums, float inverseWeight)
    {
        View<float> means = Arguments.Outputs.Slice((long)row * Arguments.OutputLength, Components);
        View<float> actions = Arguments.Minibatch.ContinuousActions.Slice((long)row * Components, Components);
        View<float> gradients = Arguments.GradientRow(row);
        View<GaussianScale> scales = ScalesOf(row);
        float entropy = 0f, std = 0f;
        int clipped = 0;
        for (int i = 0; i < Components; i++)
        {
            entropy += scales[i].LogStd + Gaussian.UnitEntropy;
            std += scales[i].Std;
            clipped += MathF.Abs(actions[i]) > 1f ? 1 : 0;
            float score = Gaussian.Score(actions[i], means[i], scales[i]);
            float outside = Scalar.Max(MathF.Abs(means[i]) - MeanBound, 0f);
            float push = 2f * Arguments.BoundCoefficient * outside;
            gradients[i] = (slope * score * scales[i].InverseStd + (means[i] < 0f ? -push : push)) * inverseWeight;
            sums[LossSum.Bound] += outside * outside;
            float spread = (slope * (score * score - 1f) - Arguments.EntropyCoefficient) * inverseWeight;
            if (ScaleStride == 0) sums[LossSum.Count + i] += spread;
            else gradients[Components + i] = spread * scales[i].Slope;
        }

        sums[LossSum.Entropy] += entropy;
        sums[LossSum.Std] += std / Components;
        sums[LossSum.ClippedActions] += (float)clipped / Components;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly View<GaussianScale> ScalesOf(int row) => Scales.Slice((long)row * ScaleStride, Components);
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
