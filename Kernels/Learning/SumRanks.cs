using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Adds up what several ranks have, in their order: ((r₀ + r₁) + r₂) + …, as a sum on the host does. One index per number.</summary>
public struct SumRankFloats : IKernel
{
    /// <summary>(Ranks, length) float; in.</summary>
    public View<float> Parts;

    /// <summary>(length) float; out.</summary>
    public View<float> Sums;

    /// <summary>Ranks.</summary>
    public int Ranks;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        float sum = Parts[index];
        for (int rank = 1; rank < Ranks; rank++) sum += Parts[rank * Sums.Length + index];
        Sums[index] = sum;
    }
}

/// <summary>The same in double precision.</summary>
public struct SumRankDoubles : IKernel
{
    /// <summary>(Ranks, length) double; in.</summary>
    public View<double> Parts;

    /// <summary>(length) double; out.</summary>
    public View<double> Sums;

    /// <summary>Ranks.</summary>
    public int Ranks;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        double sum = Parts[index];
        for (int rank = 1; rank < Ranks; rank++) sum += Parts[rank * Sums.Length + index];
        Sums[index] = sum;
    }
}
