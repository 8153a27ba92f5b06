using System.Runtime.CompilerServices;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>What sampling and loss need of one component's standard deviation, computed once per weights.</summary>
public struct GaussianScale
{
    /// <summary>s: bounded log-std.</summary>
    public float LogStd;

    /// <summary>σ = eˢ.</summary>
    public float Std;

    /// <summary>e⁻ˢ.</summary>
    public float InverseStd;

    /// <summary>∂s/∂ρ = d·(1 − tanh² ρ).</summary>
    public float Slope;
}

/// <summary>The diagonal Gaussian over continuous actions: a = μ + eˢ·n.</summary>
public static class Gaussian
{
    /// <summary>m of s = m + d·tanh ρ: the middle of the allowed log-stds [−4, 1].</summary>
    public const float LogStdCentre = -1.5f;

    /// <summary>d: half the width of that range. tanh keeps s inside smoothly, so the gradient never dies as a hard clamp's does.</summary>
    public const float LogStdHalfRange = 2.5f;

    /// <summary>½ ln 2π.</summary>
    public const float HalfLogTwoPi = 0.918938533f;

    /// <summary>½ ln 2πe: entropy of a unit Gaussian.</summary>
    public const float UnitEntropy = 1.418938533f;

    private const float TwoPi = 6.283185307f;

    /// <summary>z of action <paramref name="action"/>: how many standard deviations from the mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(float action, float mean, in GaussianScale scale) => (action - mean) * scale.InverseStd;

    /// <summary>ln of the density of one component at <paramref name="score"/>: −½z² − s − ½ ln 2π.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LogProb(float score, in GaussianScale scale) => -0.5f * (score * score) - scale.LogStd - HalfLogTwoPi;

    /// <summary>Two independent standard normals: √(−2 ln u₀)·(cos, sin)(2πu₁) (Box and Muller, 1958).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float First, float Second) Pair(uint word0, uint word1)
    {
        float radius = MathF.Sqrt(-2f * MathF.Log(Philox.Uniform(word0)));
        float angle = TwoPi * Philox.Uniform(word1);
        return (radius * MathF.Cos(angle), radius * MathF.Sin(angle));
    }
}

/// <summary>What the environment plays of a raw sample; the sample is stored raw, so neither choice touches the loss.</summary>
public enum ActionSquash
{
    /// <summary>clip(a, −1, 1): full effort can be reached.</summary>
    Clip,

    /// <summary>tanh a.</summary>
    Tanh,
}

/// <summary>Free raw log-stds ρ to what kernels need of them. One index per component; before sampling, and before every loss.</summary>
public struct BoundLogStd : IKernel
{
    /// <summary>(A_c) float: ρ; in.</summary>
    public View<float> RawLogStd;

    /// <summary>(A_c); out.</summary>
    public View<GaussianScale> Scales;

    /// <inheritdoc/>
    public readonly void Run(int component) => Write(RawLogStd[component], ref Scales[component]);

    /// <summary>s = m + d·tanh ρ, and what follows from it.</summary>
    public static void Write(float rawLogStd, ref GaussianScale scale)
    {
        float squash = MathF.Tanh(rawLogStd);
        float logStd = Gaussian.LogStdCentre + Gaussian.LogStdHalfRange * squash;
        scale.LogStd = logStd;
        scale.Std = MathF.Exp(logStd);
        scale.InverseStd = MathF.Exp(-logStd);
        scale.Slope = Gaussian.LogStdHalfRange * (1f - squash * squash);
    }
}

/// <summary>The same for log-stds that are outputs of the network, behind the means of each row. One index per row.</summary>
public struct BoundRowLogStds : IKernel
{
    /// <summary>(rows, OutputLength) float; in.</summary>
    public View<float> Outputs;

    /// <summary>(rows, A_c); out.</summary>
    public View<GaussianScale> Scales;

    /// <summary>A_c.</summary>
    public int Components;

    /// <summary>L + 1.</summary>
    public int OutputLength;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        for (int component = 0; component < Components; component++)
            BoundLogStd.Write(Outputs[(long)row * OutputLength + Components + component], ref Scales[(long)row * Components + component]);
    }
}
