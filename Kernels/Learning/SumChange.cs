using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Columns of <see cref="SumChange"/>.</summary>
public static class ChangeSum
{
    /// <summary>Σ (after − before)².</summary>
    public const int Change = 0;

    /// <summary>Σ before².</summary>
    public const int Before = 1;

    /// <summary>Columns.</summary>
    public const int Count = 2;
}

/// <summary>Stage 1 of how far a vector moved, and how long it was. One index per lane; followed by <see cref="SumPartials"/>.</summary>
public struct SumChange : IKernel
{
    /// <summary>(P) float; in.</summary>
    public View<float> Before;

    /// <summary>(P) float; in.</summary>
    public View<float> After;

    /// <summary>(Lanes, <see cref="ChangeSum.Count"/>) double; out.</summary>
    public View<double> Partials;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        double change = 0, before = 0;
        for (long i = lane; i < Before.Length; i += Reduction.Lanes)
        {
            double was = Before[i], difference = After[i] - was;
            change += difference * difference;
            before += was * was;
        }

        Partials[lane * ChangeSum.Count + ChangeSum.Change] = change;
        Partials[lane * ChangeSum.Count + ChangeSum.Before] = before;
    }
}
