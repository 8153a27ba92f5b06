using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Which agent rows the frozen policies of a pool may play: the other side of every match that has a home slot.</summary>
/// <remarks>
/// Matches are sorted by slot, so the rows of a slot are adjacent and their number never changes: no count has to be read back before a
/// forward pass. Row r belongs to agent r mod AgentsPerSide of the side that the learner does not play in match Matches[r / AgentsPerSide].
/// </remarks>
public struct PoolRows
{
    /// <summary>(K) int: matches with a home slot, sorted by slot; in.</summary>
    public View<int> Matches;

    /// <summary>(E) int: episodes finished so far; in.</summary>
    public View<int> EpisodesFinished;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>Agents per side, of two.</summary>
    public int AgentsPerSide;

    /// <summary>The match of a row.</summary>
    public readonly int Match(int row) => Matches[row / AgentsPerSide];

    /// <summary>The agent row, 0..N−1, of a row.</summary>
    public readonly int AgentRow(int row)
    {
        int env = Match(row);
        int side = 1 - AssignOpponents.LearnerSide(MatchOffset + env, EpisodesFinished[env]);
        return (env * 2 + side) * AgentsPerSide + row % AgentsPerSide;
    }
}

/// <summary>Copies what the opponents see to adjacent rows. One index per row.</summary>
public struct GatherPool : IKernel
{
    /// <summary>Whose rows.</summary>
    public PoolRows Rows;

    /// <summary>(N, O) float, or empty; in.</summary>
    public View<float> Observations;

    /// <summary>(N, O) byte, or empty; in.</summary>
    public View<byte> ByteObservations;

    /// <summary>(N, MaskWords) bits, or empty; in.</summary>
    public View<uint> ActionMasks;

    /// <summary>(N) byte; in.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(R, O) float, or empty; out.</summary>
    public View<float> PoolObservations;

    /// <summary>(R, O) byte, or empty; out.</summary>
    public View<byte> PoolByteObservations;

    /// <summary>(R, MaskWords) bits, or empty; out.</summary>
    public View<uint> PoolMasks;

    /// <summary>(R) byte; out.</summary>
    public View<byte> PoolEpisodeStart;

    /// <summary>(R) uint: global agent row, for draws; out.</summary>
    public View<uint> RowNumbers;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>Words of a mask row; 0 without masks.</summary>
    public int MaskWords;

    /// <inheritdoc/>
    public readonly void Run(int row)
    {
        int from = Rows.AgentRow(row);
        long source = (long)from * ObservationLength, destination = (long)row * ObservationLength;
        if (Observations.Length > 0)
            for (int i = 0; i < ObservationLength; i++) PoolObservations[destination + i] = Observations[source + i];
        if (ByteObservations.Length > 0)
            for (int i = 0; i < ObservationLength; i++) PoolByteObservations[destination + i] = ByteObservations[source + i];
        for (int word = 0; word < MaskWords; word++) PoolMasks[(long)row * MaskWords + word] = ActionMasks[(long)from * MaskWords + word];
        PoolEpisodeStart[row] = EpisodeStart[from];
        RowNumbers[row] = (uint)(Rows.MatchOffset * 2 * Rows.AgentsPerSide + from);
    }
}

/// <summary>Puts the opponents' actions where the environment reads them, in matches that are played against the pool. One index per row.</summary>
public struct ScatterPool : IKernel
{
    /// <summary>Whose rows.</summary>
    public PoolRows Rows;

    /// <summary>(E) int: an <see cref="OpponentSeat"/>; in.</summary>
    public View<int> Opponents;

    /// <summary>(R, A_c) float, or empty; in.</summary>
    public View<float> PoolContinuous;

    /// <summary>(R, H) int, or empty; in.</summary>
    public View<int> PoolDiscrete;

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
        if (Opponents[Rows.Match(row)] < OpponentSeat.FirstSlot) return;
        int to = Rows.AgentRow(row);
        for (int i = 0; i < Components; i++) Continuous[(long)to * Components + i] = PoolContinuous[(long)row * Components + i];
        for (int i = 0; i < Heads; i++) Discrete[(long)to * Heads + i] = PoolDiscrete[(long)row * Heads + i];
    }
}
