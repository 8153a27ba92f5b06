using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Columns of <see cref="SumEnds"/>.</summary>
public static class EndSum
{
    /// <summary>Slots after which the rules had ended the episode.</summary>
    public const int Terminated = 0;

    /// <summary>Slots after which the clock had, and the rules had not.</summary>
    public const int Truncated = 1;

    /// <summary>Columns.</summary>
    public const int Count = 2;
}

/// <summary>Stage 1 of the count of episode ends over the rows of weight 1 of a rollout. One index per lane.</summary>
/// <remarks>Followed by <see cref="SumPartials"/>. Terminated wins where both flags are set.</remarks>
public struct SumEnds : IKernel
{
    /// <summary>(T·N) byte; in.</summary>
    public View<byte> Terminated;

    /// <summary>(T·N) byte; in.</summary>
    public View<byte> Truncated;

    /// <summary>(T·N) byte, 0 or 1; in.</summary>
    public View<byte> Weights;

    /// <summary>(Lanes, <see cref="EndSum.Count"/>) double; out.</summary>
    public View<double> Partials;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        int terminated = 0, truncated = 0;
        for (long i = lane; i < Weights.Length; i += Reduction.Lanes)
        {
            if (Weights[i] == 0) continue;
            if (Terminated[i] != 0) terminated++;
            else if (Truncated[i] != 0) truncated++;
        }

        Partials[lane * EndSum.Count + EndSum.Terminated] = terminated;
        Partials[lane * EndSum.Count + EndSum.Truncated] = truncated;
    }
}
