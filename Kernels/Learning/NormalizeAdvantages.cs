using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Columns of <see cref="SumAdvantages"/>: sums over the rows of weight 1 of a whole rollout.</summary>
public static class AdvantageSum
{
    /// <summary>W: how many.</summary>
    public const int Weight = 0;

    /// <summary>Σ A.</summary>
    public const int Advantage = 1;

    /// <summary>Σ A².</summary>
    public const int AdvantageSquared = 2;

    /// <summary>Σ R.</summary>
    public const int Return = 3;

    /// <summary>Σ R².</summary>
    public const int ReturnSquared = 4;

    /// <summary>Σ V = Σ (R − A).</summary>
    public const int Value = 5;

    /// <summary>Columns.</summary>
    public const int Count = 6;
}

/// <summary>Stage 1 of the sums in <see cref="AdvantageSum"/>. One index per lane; rows of weight 0 leave no trace.</summary>
/// <remarks>
/// In double: the variance is taken from a difference of sums. Followed by <see cref="SumPartials"/>.
/// </remarks>
public struct SumAdvantages : IRangeKernel
{
    /// <summary>(T·N) float; in.</summary>
    public View<float> Advantages;

    /// <summary>(T·N) float; in.</summary>
    public View<float> Returns;

    /// <summary>(T·N) byte, 0 or 1; in.</summary>
    public View<byte> Weights;

    /// <summary>(Lanes, <see cref="AdvantageSum.Count"/>) double; out.</summary>
    public View<double> Partials;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        Clear(lane);
        for (long i = lane; i < Weights.Length; i += Reduction.Lanes) Add(lane, i);
    }

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        for (int lane = begin; lane < end; lane++) Clear(lane);
        for (long first = 0; first < Weights.Length; first += Reduction.Lanes)
        {
            int last = (int)long.Min(end, Weights.Length - first);
            for (int lane = begin; lane < last; lane++) Add(lane, first + lane);
        }
    }

    private readonly void Clear(int lane)
    {
        for (int column = 0; column < AdvantageSum.Count; column++) Partials[lane * AdvantageSum.Count + column] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Add(int lane, long i)
    {
        if (Weights[i] == 0) return;
        View<double> sums = Partials.Slice(lane * AdvantageSum.Count, AdvantageSum.Count);
        double advantage = Advantages[i], total = Returns[i];
        sums[AdvantageSum.Weight] += 1;
        sums[AdvantageSum.Advantage] += advantage;
        sums[AdvantageSum.AdvantageSquared] += advantage * advantage;
        sums[AdvantageSum.Return] += total;
        sums[AdvantageSum.ReturnSquared] += total * total;
        sums[AdvantageSum.Value] += total - advantage;
    }
}

/// <summary>Â = (A − mean)/(std + 1e-8) over the rows of weight 1 of the whole rollout, in place. One index per element.</summary>
/// <remarks>Over the whole rollout, so that the size of a minibatch does not matter; std divides by W.</remarks>
public struct NormalizeAdvantages : IRangeKernel
{
    /// <summary>Keeps a rollout of equal advantages from dividing by zero.</summary>
    public const float Epsilon = 1e-8f;

    /// <summary>(T·N) float; in and out.</summary>
    public View<float> Advantages;

    /// <summary>(<see cref="AdvantageSum.Count"/>) double; in.</summary>
    public View<double> Sums;

    /// <inheritdoc/>
    public readonly void Run(int index) => Normalize(index, Mean(), InverseStd());

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        float mean = Mean(), inverseStd = InverseStd();
        for (int index = begin; index < end; index++) Normalize(index, mean, inverseStd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Normalize(int index, float mean, float inverseStd) => Advantages[index] = (Advantages[index] - mean) * inverseStd;

    private readonly float Mean()
    {
        double weight = Sums[AdvantageSum.Weight];
        return weight > 0 ? (float)(Sums[AdvantageSum.Advantage] / weight) : 0f;
    }

    private readonly float InverseStd()
    {
        double weight = Sums[AdvantageSum.Weight];
        if (weight == 0) return 1f;
        double mean = Sums[AdvantageSum.Advantage] / weight;
        double variance = Sums[AdvantageSum.AdvantageSquared] / weight - mean * mean;
        return 1f / (MathF.Sqrt(Scalar.Max((float)variance, 0f)) + Epsilon);
    }
}
