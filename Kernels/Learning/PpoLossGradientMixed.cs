using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>PPO's loss and its gradient where a row has continuous and discrete actions: log-probs and entropies add. One index per lane.</summary>
/// <remarks>
/// Both parts are independent given the outputs, so ℓ and H are sums and one G = ∂L_policy/∂ℓ serves both; the gradients are those of
/// <see cref="PpoLossGradientGaussian"/> and <see cref="PpoLossGradientCategorical"/>. Order of a row's outputs: Gaussian, logits, value.
/// </remarks>
public struct PpoLossGradientMixed : IKernel
{
    /// <summary>The continuous part.</summary>
    public PpoLossGradientGaussian Continuous;

    /// <summary>The discrete part; its arguments are those of the continuous one.</summary>
    public PpoLossGradientCategorical Discrete;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        float inverseWeight = Continuous.Arguments.InverseWeight();
        Continuous.Arguments.Clear(lane);
        View<double> sums = Continuous.Arguments.Sums(lane);
        for (int row = lane; row < Continuous.Arguments.Rows; row += Reduction.Lanes)
        {
            if (Continuous.Arguments.ClearIgnored(row)) continue;
            float logProb = Continuous.LogProb(row) + Discrete.LogProb(row);
            float slope = Continuous.Arguments.Common(row, logProb, sums, inverseWeight);
            Continuous.WriteGradient(row, slope, sums, inverseWeight);
            Discrete.WriteGradient(row, slope, sums, inverseWeight);
        }
    }
}
