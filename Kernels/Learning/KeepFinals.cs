using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Puts away what rows saw last before the clock ended their episode, for their values. One index per row; after every step.</summary>
/// <remarks>
/// The environment writes one last observation per row, which the row's next truncation overwrites; a rollout longer than an
/// episode has several. Row n's k-th truncation goes to place n·F + k, so no two rows meet. A row that is truncated more
/// often than F times is counted, and not kept.
/// </remarks>
public struct KeepFinals : IKernel
{
    /// <summary>(N) byte: truncated in this slot; in.</summary>
    public View<byte> Truncated;

    /// <summary>(N, O) float, or empty: last observations as the environment left them; in.</summary>
    public View<float> LastObservations;

    /// <summary>(N, O) byte, or empty; in.</summary>
    public View<byte> LastByteObservations;

    /// <summary>(N, S) float, or empty: the state after the slot, which has seen all but that observation; in.</summary>
    public View<float> States;

    /// <summary>(N, F, O) float, or empty; out.</summary>
    public View<float> FinalObservations;

    /// <summary>(N, F, O) byte, or empty; out.</summary>
    public View<byte> FinalByteObservations;

    /// <summary>(N, F, S) float, or empty; out.</summary>
    public View<float> FinalStates;

    /// <summary>(N, F) int; out.</summary>
    public View<int> FinalSteps;

    /// <summary>(N) int: truncations of the row in this rollout so far; in and out.</summary>
    public View<int> FinalCounts;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>S.</summary>
    public int StateSize;

    /// <summary>F.</summary>
    public int Finals;

    /// <summary>t.</summary>
    public int Slot;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        if (Truncated[row] == 0) return;
        int place = FinalCounts[row];
        FinalCounts[row] = place + 1;
        if (place >= Finals) return;
        long to = (long)row * Finals + place;
        FinalSteps[to] = Slot;
        if (LastObservations.Length > 0)
            for (int i = 0; i < ObservationLength; i++) FinalObservations[to * ObservationLength + i] = LastObservations[(long)row * ObservationLength + i];
        if (LastByteObservations.Length > 0)
            for (int i = 0; i < ObservationLength; i++) FinalByteObservations[to * ObservationLength + i] = LastByteObservations[(long)row * ObservationLength + i];
        for (int i = 0; i < StateSize; i++) FinalStates[to * StateSize + i] = States[(long)row * StateSize + i];
    }
}

/// <summary>Forgets the truncations of the last rollout. One index per row; before the first slot.</summary>
public struct ClearFinals : IKernel
{
    /// <summary>(N, F) int; out.</summary>
    public View<int> FinalSteps;

    /// <summary>(N) int; out.</summary>
    public View<int> FinalCounts;

    /// <summary>F.</summary>
    public int Finals;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        FinalCounts[row] = 0;
        for (int place = 0; place < Finals; place++) FinalSteps[(long)row * Finals + place] = -1;
    }
}
