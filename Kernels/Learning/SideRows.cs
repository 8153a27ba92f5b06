using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Where the rows of one side lie among all agent rows: row r of the side is agent r mod (A/Sides) of that side in match r / (A/Sides).</summary>
public struct SideRows
{
    /// <summary>A.</summary>
    public int AgentsPerMatch;

    /// <summary>A / Sides.</summary>
    public int AgentsPerSide;

    /// <summary>First agent of the side.</summary>
    public int FirstAgent;

    /// <summary>The agent row, 0..N-1, of the side's row <paramref name="row"/>.</summary>
    public readonly int AgentRow(int row) => row / AgentsPerSide * AgentsPerMatch + FirstAgent + row % AgentsPerSide;
}

/// <summary>Copies what one side sees to adjacent rows, so that its network works on them alone. One index per row of the side.</summary>
public struct GatherSide : IKernel
{
    /// <summary>Whose rows.</summary>
    public SideRows Side;

    /// <summary>(N, O) float, or empty; in.</summary>
    public View<float> Observations;

    /// <summary>(N, O) byte, or empty; in.</summary>
    public View<byte> ByteObservations;

    /// <summary>(N) byte, 1 = first slot of an episode; in.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(N, MaskWords) bits, or empty; in.</summary>
    public View<uint> ActionMasks;

    /// <summary>(N / Sides, O) float, or empty; out.</summary>
    public View<float> SideObservations;

    /// <summary>(N / Sides, O) byte, or empty; out.</summary>
    public View<byte> SideByteObservations;

    /// <summary>(N / Sides) byte; out.</summary>
    public View<byte> SideEpisodeStart;

    /// <summary>(N / Sides, MaskWords) bits, or empty; out.</summary>
    public View<uint> SideMasks;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>Words of a mask row; 0 without masks.</summary>
    public int MaskWords;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        int from = Side.AgentRow(row);
        if (Observations.Length > 0)
            for (int element = 0; element < ObservationLength; element++)
                SideObservations[(long)row * ObservationLength + element] = Observations[(long)from * ObservationLength + element];
        if (ByteObservations.Length > 0)
            for (int element = 0; element < ObservationLength; element++)
                SideByteObservations[(long)row * ObservationLength + element] = ByteObservations[(long)from * ObservationLength + element];
        SideEpisodeStart[row] = EpisodeStart[from];
        for (int word = 0; word < MaskWords; word++)
            SideMasks[(long)row * MaskWords + word] = ActionMasks[(long)from * MaskWords + word];
    }
}

/// <summary>Puts the actions of one side where the environment reads them; rows of other sides stay. One index per row of the side.</summary>
public struct ScatterSide : IKernel
{
    /// <summary>Whose rows.</summary>
    public SideRows Side;

    /// <summary>(N / Sides, A_c) float, or empty; in.</summary>
    public View<float> SideContinuous;

    /// <summary>(N / Sides, H) int, or empty; in.</summary>
    public View<int> SideDiscrete;

    /// <summary>(N, A_c) float; out.</summary>
    public View<float> Continuous;

    /// <summary>(N, H) int; out.</summary>
    public View<int> Discrete;

    /// <summary>A_c.</summary>
    public int Components;

    /// <summary>H.</summary>
    public int Heads;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        int to = Side.AgentRow(row);
        for (int component = 0; component < Components; component++)
            Continuous[(long)to * Components + component] = SideContinuous[(long)row * Components + component];
        for (int head = 0; head < Heads; head++)
            Discrete[(long)to * Heads + head] = SideDiscrete[(long)row * Heads + head];
    }
}
