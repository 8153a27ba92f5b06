using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Which finished episodes played a curriculum's present stage, and what they were like.</summary>
/// <remarks>
/// What a match plays next is assigned after an update and read where an episode begins. So for every match the update in which its running episode began says
/// whether that one counts: it was assigned since the stage began, and not to rehearse. All of it follows from the records that an update reads anyway.
/// </remarks>
internal sealed class StageEpisodes
{
    private const long None = -1;
    private const string BeganKey = "curriculum/began", FinishedKey = "curriculum/finished";

    private readonly StageBlocks blocks;
    private readonly int matchOffset;
    private readonly bool desync;
    private readonly long[] began;   // block in which the owner's running episode began; None: it does not count
    private readonly int[] finished; // episodes of the owner
    private bool own;                // the episodes that begin play the stage, ...
    private uint share;              // ... but for this share of 2³², who rehearse

    /// <summary>Before the first stage.</summary>
    /// <param name="metrics">Names of the statistics: "stage/success".</param>
    /// <param name="longest">Per statistic the episodes that a condition asks for at most.</param>
    /// <param name="owners">Matches, or rows where episodes are an agent's own.</param>
    /// <param name="matchOffset">Global number of match 0.</param>
    /// <param name="desync">First episodes are cut: they do not count.</param>
    /// <param name="shard">The part that has these matches.</param>
    internal StageEpisodes(IReadOnlyList<string> metrics, int[] longest, int owners, int matchOffset, bool desync, Shard shard)
    {
        (Metrics, this.matchOffset, this.desync) = (metrics, matchOffset, desync);
        blocks = new StageBlocks(longest, shard);
        (began, finished) = (new long[owners], new int[owners]);
        Array.Fill(began, None);
    }

    /// <summary>Names of the statistics.</summary>
    internal IReadOnlyList<string> Metrics { get; }

    /// <summary>Episodes of the stage that count so far.</summary>
    internal long Count => blocks.Episodes;

    /// <summary>Key of the draws that decide who rehearses.</summary>
    internal ulong Seed { get; set; }

    /// <summary>Mean over the latest episodes; NaN while there are fewer.</summary>
    internal double Mean(string metric, int episodes)
    {
        for (int i = 0; i < Metrics.Count; i++)
            if (Metrics[i] == metric) return blocks.Mean(i, episodes);
        return double.NaN;
    }

    /// <summary>A stage begins: no episode counts that has been assigned before.</summary>
    internal void Begin()
    {
        blocks.Clear();
        Array.Fill(began, None);
        own = false;
    }

    /// <summary>What episodes play that begin from now on.</summary>
    /// <param name="stage">The stage; false: what came before it, while no slot is free.</param>
    /// <param name="rehearse">Share that rehearses, in 1/2³².</param>
    /// <param name="running">False before a reset, with which all matches begin.</param>
    internal void Assigned(bool stage, uint rehearse, bool running)
    {
        (own, share) = (stage, rehearse);
        if (running || desync) return;
        for (int owner = 0; owner < began.Length; owner++) began[owner] = Next(owner, 0);
    }

    /// <summary>An owner has finished episodes in the running update.</summary>
    /// <param name="owner">Match, or row.</param>
    /// <param name="number">Its episodes so far.</param>
    /// <param name="values">(Metrics) statistics of the last of them, NaN where undefined; those before it have left none.</param>
    internal void Ended(int owner, int number, ReadOnlySpan<double> values)
    {
        bool several = number - finished[owner] > 1;
        if (several)
        {
            if (began[owner] != None) blocks.End(began[owner], default);
            began[owner] = Next(owner, finished[owner] + 1); // all that begin in an update play the same
        }

        if (began[owner] != None) blocks.End(began[owner], values);
        began[owner] = Next(owner, finished[owner] + 1);
        finished[owner] = number;
    }

    /// <summary>Ends the update; all shards at the same time, before the next assignment.</summary>
    internal void Close() => blocks.Close();

    /// <summary>What all shards have in common.</summary>
    internal StageEpisodesState Save() => new() { Own = own, Share = share, Blocks = blocks.Save() };

    /// <summary>What is the matches' own.</summary>
    internal void Save(SavedTensors world)
    {
        world.Write<long>(BeganKey, began);
        world.Write<int>(FinishedKey, finished);
    }

    /// <summary>Whether a state can be of these statistics.</summary>
    internal bool Fits(StageEpisodesState state) => blocks.Fits(state.Blocks);

    /// <summary>Restores what <see cref="Save()"/> kept.</summary>
    internal void Load(StageEpisodesState state)
    {
        (own, share) = (state.Own, state.Share);
        blocks.Load(state.Blocks);
    }

    /// <summary>Restores what <see cref="Save(SavedTensors)"/> kept.</summary>
    internal void Load(SavedTensors world)
    {
        world.Read<long>(BeganKey, began);
        world.Read<int>(FinishedKey, finished);
        foreach (long block in began)
            if (block != None && (block < blocks.First || block > blocks.Current)) throw SavedState.Mismatch($"'{BeganKey}' names block {block} of {blocks.First} to {blocks.Current}");
    }

    private long Next(int owner, int episode)
    {
        if (!own || (share > 0 && AssignVariants.Rehearses(Seed, matchOffset + owner, (ulong)episode, share, out _))) return None;
        blocks.Begin();
        return blocks.Current;
    }
}

/// <summary>What the finished episodes of a stage were like, as it is saved.</summary>
public sealed record StageEpisodesState
{
    /// <summary>Whether the episodes that begin play the stage.</summary>
    public required bool Own { get; init; }

    /// <summary>Share of them that rehearses, in 1/2³².</summary>
    public required uint Share { get; init; }

    /// <summary>Their sums.</summary>
    public required StageBlocksState Blocks { get; init; }
}
