using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Makes the slot behind the last one of a rollout the first slot of the next. One index per row.</summary>
public struct CarryRows : IKernel
{
    /// <summary>(T + 1, N, O) float, or empty; in and out.</summary>
    public View<float> Observations;

    /// <summary>(T + 1, N, O) byte, or empty; in and out.</summary>
    public View<byte> ByteObservations;

    /// <summary>(T + 1, N, MaskWords) bits, or empty; in and out.</summary>
    public View<uint> ActionMasks;

    /// <summary>(T + 1, N) byte; in and out.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(T + 1, N) byte; in and out.</summary>
    public View<byte> RowActive;

    /// <summary>T·N: rows before the slot to be carried.</summary>
    public long From;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>Words of a mask row.</summary>
    public int MaskWords;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        long source = From + row;
        if (Observations.Length > 0)
            for (int i = 0; i < ObservationLength; i++)
                Observations[(long)row * ObservationLength + i] = Observations[source * ObservationLength + i];
        if (ByteObservations.Length > 0)
            for (int i = 0; i < ObservationLength; i++)
                ByteObservations[(long)row * ObservationLength + i] = ByteObservations[source * ObservationLength + i];
        for (int i = 0; i < MaskWords; i++) ActionMasks[(long)row * MaskWords + i] = ActionMasks[source * MaskWords + i];
        EpisodeStart[row] = EpisodeStart[source];
        RowActive[row] = RowActive[source];
    }
}

/// <summary>Takes the value out of a row of network outputs. One index per row.</summary>
public struct TakeValues : IKernel
{
    /// <summary>(N, L + 1) float; in.</summary>
    public View<float> Outputs;

    /// <summary>(N) float; out.</summary>
    public View<float> Values;

    /// <summary>L + 1.</summary>
    public int OutputLength;

    /// <inheritdoc/>
    public readonly void Run(int row) => Values[row] = Outputs[(long)row * OutputLength + OutputLength - 1];
}
