using Arena.Policy.Distributed;

namespace Arena.HostApi.Training;

/// <summary>Finished episodes of a curriculum's stage in blocks, one per update in which they began, over all shards.</summary>
/// <remarks>
/// A block counts once all episodes that began in it, and in all blocks before it, have ended. Of the episodes that end first after a stage has begun, most are short:
/// failures where a fall ends them, successes where success does. Counted in the order in which they began, an episode of any length counts alike. That delays a
/// decision by one length of an episode at most.
/// </remarks>
internal sealed class StageBlocks
{
    private const int Open = 0, Ended = 1, Fixed = 2; // then per statistic the episodes in which it is defined, then its sums

    private readonly int statistics;
    private readonly int[] longest;
    private readonly Shard shard;
    private readonly List<Block> window = [];  // closed, oldest first: a block is taken out in front, which moves as many references as there are blocks
    private readonly List<Block> pending = []; // not closed; the last one is of the running update
    private readonly Stack<Block> free = [];
    private readonly double[] held; // per statistic: episodes in the window
    private double[] overShards = [];

    /// <summary>With one block, of the update that comes.</summary>
    /// <param name="longest">Per statistic the episodes that are asked for at most.</param>
    /// <param name="shard">The part whose episodes are added here.</param>
    internal StageBlocks(int[] longest, Shard shard)
    {
        (this.longest, this.shard, statistics) = (longest, shard, longest.Length);
        held = new double[statistics];
        pending.Add(Take());
    }

    /// <summary>Number of the block of the running update.</summary>
    internal long Current => First + pending.Count - 1;

    /// <summary>Number of the oldest block that is not closed.</summary>
    internal long First { get; private set; }

    /// <summary>Episodes in all closed blocks since <see cref="Clear"/>.</summary>
    internal long Episodes { get; private set; }

    private int Width => Fixed + 2 * statistics;

    /// <summary>A stage begins: nothing counts yet.</summary>
    internal void Clear()
    {
        First += pending.Count;
        foreach (Block block in pending) free.Push(block);
        foreach (Block block in window) free.Push(block);
        pending.Clear();
        window.Clear();
        Array.Clear(held);
        Episodes = 0;
        pending.Add(Take());
    }

    /// <summary>Episodes begin in the running update.</summary>
    internal void Begin(int episodes = 1) => pending[^1].New[Open] += episodes;

    /// <summary>An episode of a block has ended.</summary>
    /// <param name="block">As <see cref="Current"/> was when it began.</param>
    /// <param name="values">Its statistics, NaN where undefined; empty: it has left none, and does not count.</param>
    internal void End(long block, ReadOnlySpan<double> values)
    {
        double[] sums = pending[(int)(block - First)].New;
        sums[Open]--;
        if (values.IsEmpty) return;
        sums[Ended]++;
        for (int i = 0; i < statistics; i++)
        {
            if (double.IsNaN(values[i])) continue;
            sums[Fixed + i]++;
            sums[Fixed + statistics + i] += values[i];
        }
    }

    /// <summary>Ends the update; all shards at the same time.</summary>
    internal void Close()
    {
        SumOverShards();
        while (pending.Count > 0 && pending[0].Total[Open] == 0)
        {
            Hold(pending[0]);
            pending.RemoveAt(0);
            First++;
        }

        while (window.Count > 0 && Covered(window[0])) Drop();
        pending.Add(Take());
    }

    /// <summary>Mean over the fewest latest closed blocks that hold so many episodes; NaN while there are fewer.</summary>
    internal double Mean(int statistic, int episodes)
    {
        double count = 0, sum = 0;
        for (int at = window.Count - 1; at >= 0 && count < episodes; at--)
        {
            count += window[at].Total[Fixed + statistic];
            sum += window[at].Total[Fixed + statistics + statistic];
        }

        return count >= episodes ? sum / count : double.NaN;
    }

    /// <summary>Everything, between two updates.</summary>
    internal StageBlocksState Save() => new()
    {
        First = First, Episodes = Episodes, Window = [.. window.Select(block => (double[])block.Total.Clone())], Pending = [.. pending.Select(block => (double[])block.Total.Clone())],
    };

    /// <summary>Continues from a state that <see cref="Fits"/>.</summary>
    internal void Load(StageBlocksState state)
    {
        Clear();
        pending.Clear();
        pending.AddRange(state.Pending.Select(Restored));
        foreach (double[] block in state.Window) Hold(Restored(block));
        (First, Episodes) = (state.First, state.Episodes);
    }

    /// <summary>Whether a state is of as many statistics, and can be.</summary>
    internal bool Fits(StageBlocksState state) =>
        state is { First: >= 0, Episodes: >= 0, Pending.Length: > 0 } && state.Window.Concat(state.Pending).All(block => block.Length == Width && block.Take(Fixed + statistics).All(count => count >= 0));

    // Every block of every shard: numbers of episodes are whole, so exact; sums are added in the order of shards.
    private void SumOverShards()
    {
        int length = pending.Count * Width;
        if (overShards.Length < length) overShards = new double[2 * length];
        for (int at = 0; at < pending.Count; at++) pending[at].New.CopyTo(overShards, at * Width);
        shard.Sum(overShards.AsSpan(0, length));
        for (int at = 0; at < pending.Count; at++)
        {
            Array.Clear(pending[at].New);
            for (int i = 0; i < Width; i++) pending[at].Total[i] += overShards[at * Width + i];
        }
    }

    private void Hold(Block block)
    {
        Episodes += (long)block.Total[Ended];
        for (int i = 0; i < statistics; i++) held[i] += block.Total[Fixed + i];
        if (block.Total[Ended] > 0) window.Add(block);
        else free.Push(block);
    }

    // Whether the others hold enough without it.
    private bool Covered(Block oldest)
    {
        for (int i = 0; i < statistics; i++)
            if (held[i] - oldest.Total[Fixed + i] < longest[i]) return false;
        return true;
    }

    private void Drop()
    {
        for (int i = 0; i < statistics; i++) held[i] -= window[0].Total[Fixed + i];
        free.Push(window[0]);
        window.RemoveAt(0);
    }

    private Block Take()
    {
        if (!free.TryPop(out Block? block)) return new Block(new double[Width], new double[Width]);
        Array.Clear(block.Total);
        Array.Clear(block.New);
        return block;
    }

    private Block Restored(double[] total) => new([.. total], new double[Width]);

    /// <summary>Sums over all shards up to the last update, and this shard's in the running one.</summary>
    private sealed record Block(double[] Total, double[] New);
}

/// <summary>Blocks as they are saved.</summary>
public sealed record StageBlocksState
{
    /// <summary>Number of the oldest block that is not closed.</summary>
    public required long First { get; init; }

    /// <summary>Episodes of the stage that count so far.</summary>
    public required long Episodes { get; init; }

    /// <summary>Closed blocks, oldest first: episodes that run, that ended, per statistic those in which it is defined, per statistic its sum.</summary>
    public required double[][] Window { get; init; }

    /// <summary>Blocks that are not closed; the last is of the update that comes.</summary>
    public required double[][] Pending { get; init; }
}
