using System.Text.Json;
using Arena.Kernels.Random;
using Arena.Policy.SelfPlay;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>A pool together with made-up matches that play by its rules, and checks of the protocol after every update.</summary>
internal sealed class PoolLife
{
    private const int Matches = 20;
    private const int LongestGame = 5; // updates

    private readonly uint seed;
    private readonly PoolEntry?[] opponents = new PoolEntry?[Matches]; // of the running game
    private readonly int[] slots = [.. Enumerable.Repeat(-1, Matches)];
    private readonly int[] left = new int[Matches];

    internal PoolLife(int seed) => (this.seed, Pool) = ((uint)seed, new OpponentPool(Config(seed), 3));

    private PoolLife(PoolLife other, OpponentPool pool)
    {
        (seed, Pool) = (other.seed, pool);
        other.slots.CopyTo(slots, 0);
        other.left.CopyTo(left, 0);
        for (int match = 0; match < Matches; match++) opponents[match] = slots[match] < 0 ? null : pool.SlotEntry(slots[match]);
    }

    internal OpponentPool Pool { get; private set; }

    /// <summary>The planted bug: slots are overwritten as if nobody played them.</summary>
    internal bool PretendsThatSlotsAreEmpty { get; init; }

    /// <summary>The same life with a pool that was saved and loaded.</summary>
    internal PoolLife Restored()
    {
        Dictionary<int, float[]> weights = Pool.Entries.ToDictionary(entry => entry.Id, entry => entry.Weights.ToArray());
        return new PoolLife(this, PoolState.Read(Pool.Config, Pool.Parameters, JsonDocument.Parse(OpponentPoolTests.Json(Pool)).RootElement, id => weights[id]));
    }

    internal void Update(int update)
    {
        for (int match = 0; match < Matches; match++)
            if (slots[match] >= 0 && --left[match] == 0)
            {
                Pool.Report(slots[match], Die(update, match, 3) * 0.5, 1);
                (slots[match], opponents[match]) = (-1, null);
            }

        if (Die(update, 100, 3) == 0) Pool.Admit(update, 10 * update, [update, 1, 2], Die(update, 101, 4) == 0 ? double.NaN : Die(update, 102, 900));
        if (Die(update, 103, 20) == 0) Pool.Promote(update, 10 * update, [update, 7, 2], Die(update, 104, 900) / 7.0);
        int[] playing = [.. Enumerable.Range(0, Pool.Config.Slots).Select(slot => PretendsThatSlotsAreEmpty ? 0 : slots.Count(used => used == slot))];
        PoolEntry?[] before = [.. playing.Select((_, slot) => Pool.SlotEntry(slot))];
        int[] changed = Pool.AssignSlots(seed, update, playing).ToArray();
        Check(before, changed);
        Start(update);
    }

    private void Check(PoolEntry?[] before, int[] changed)
    {
        for (int match = 0; match < Matches; match++)
            if (slots[match] >= 0) Assert.Same(opponents[match], Pool.SlotEntry(slots[match]));
        PoolEntry[] seated = [.. Enumerable.Range(0, before.Length).Select(Pool.SlotEntry).OfType<PoolEntry>()];
        Assert.Equal(seated.Length, seated.Distinct().Count());
        Assert.Empty(seated.Except(Pool.Entries));
        for (int slot = 0; slot < before.Length; slot++)
        {
            PoolEntry? now = Pool.SlotEntry(slot);
            Assert.Equal(now is not null && now != before[slot], changed.Contains(slot));
            Assert.Equal(now is not null && !Pool.SlotRetiring(slot), Pool.SlotWeight(slot) > 0);
        }

        if (seated.Length > 1) Assert.Contains(Enumerable.Range(0, before.Length), slot => Pool.SlotWeight(slot) > 0);
        Assert.True(Pool.Entries.Count <= Pool.Config.MaxEntries);
        Pool.Verify();
    }

    // New games draw among the open slots.
    private void Start(int update)
    {
        int[] open = [.. Enumerable.Range(0, Pool.Config.Slots).Where(slot => Pool.SlotWeight(slot) > 0)];
        for (int match = 0; match < Matches && open.Length > 0; match++)
        {
            if (slots[match] >= 0 || Die(update, 200 + match, 2) == 0) continue;
            slots[match] = open[Die(update, 300 + match, open.Length)];
            opponents[match] = Pool.SlotEntry(slots[match]);
            left[match] = 1 + Die(update, 400 + match, LongestGame);
        }
    }

    private static OpponentPoolConfig Config(int seed) => new()
    {
        Slots = 1 + (seed & 3),
        MaxEntries = 8 + (seed >> 2 & 7),
        Choice = (OpponentChoice)((seed >> 5 & 255) % 3),
        RenewEveryUpdates = 1 + (seed >> 8 & 7),
    };

    private int Die(int update, int what, int sides) => Philox.Below(Philox.Block(new UInt4((uint)update, (uint)what, 0, 0), seed, 77).X, sides);
}
