namespace Arena.Policy.SelfPlay;

/// <summary>What one slot holds.</summary>
/// <param name="Entry">The frozen policy; null where there is none yet.</param>
/// <param name="Retiring">No new game may begin against it; its running games go on.</param>
/// <param name="Weight">Share of new games, relative to the other slots; 0 where empty or retiring.</param>
internal readonly record struct PoolSlot(PoolEntry? Entry, bool Retiring, double Weight);

/// <summary>Which entries are at hand, and how one makes room for another without an opponent changing in the middle of a game.</summary>
/// <remarks>
/// A drawn entry takes an empty slot, or a retiring one that no match plays any more. At most half of the slots retire at
/// a time, so that games against the pool never dry up; the others wait their turn and are played on meanwhile. Allocates nothing after construction.
/// </remarks>
internal sealed class PoolSlots
{
    private readonly PoolSlot[] slots;
    private readonly PoolEntry?[] wanted; // who was drawn, by slot of the list
    private readonly double[] wantedWeights;
    private readonly int[] changed;

    internal PoolSlots(int count)
    {
        slots = new PoolSlot[count];
        wanted = new PoolEntry?[count];
        wantedWeights = new double[count];
        changed = new int[count];
    }

    /// <summary>Entries drawn last.</summary>
    internal int WantedCount { get; private set; }

    internal int Count => slots.Length;

    internal ref PoolSlot this[int slot] => ref slots[slot];

    internal (PoolEntry Entry, double Weight) Wanted(int i) => (wanted[i]!, wantedWeights[i]);

    internal void ClearWanted() => WantedCount = 0;

    /// <summary>Adds to those drawn; more than there are slots are left out.</summary>
    internal void Want(PoolEntry entry, double weight)
    {
        if (WantedCount == slots.Length) return;
        wanted[WantedCount] = entry;
        wantedWeights[WantedCount++] = weight;
    }

    internal bool Holds(PoolEntry entry)
    {
        foreach (PoolSlot slot in slots)
            if (slot.Entry == entry) return true;
        return false;
    }

    /// <summary>Seats those drawn as far as there is room; the slots that got another entry.</summary>
    /// <param name="matches">(Slots) running matches per slot.</param>
    internal ReadOnlySpan<int> Seat(ReadOnlySpan<int> matches)
    {
        Refresh();
        int changes = 0;
        for (int i = 0; i < WantedCount; i++)
        {
            if (Holds(wanted[i]!)) continue;
            int free = FreeSlot(matches);
            if (free < 0) break; // the rest wait
            slots[free] = new PoolSlot(wanted[i], Retiring: false, wantedWeights[i]);
            changed[changes++] = free;
        }

        Retire(matches);
        changed.AsSpan(0, changes).Sort();
        return changed.AsSpan(0, changes);
    }

    // Those drawn again are open, whatever they were before.
    private void Refresh()
    {
        for (int slot = 0; slot < slots.Length; slot++)
        {
            int at = slots[slot].Entry is { } entry ? Array.IndexOf(wanted, entry, 0, WantedCount) : -1;
            if (at >= 0) slots[slot] = new PoolSlot(slots[slot].Entry, Retiring: false, wantedWeights[at]);
        }
    }

    private int FreeSlot(ReadOnlySpan<int> matches)
    {
        for (int slot = 0; slot < slots.Length; slot++)
            if (slots[slot].Entry is null || (slots[slot].Retiring && matches[slot] == 0)) return slot;
        return -1;
    }

    // A slot that ran dry and that nobody waits for is empty; then others retire, as many as may.
    private void Retire(ReadOnlySpan<int> matches)
    {
        int retiring = 0;
        for (int slot = 0; slot < slots.Length; slot++)
        {
            if (slots[slot].Retiring && matches[slot] == 0) slots[slot] = default;
            if (slots[slot].Retiring) retiring++;
        }

        int most = Math.Max(1, slots.Length / 2);
        for (int slot = 0; slot < slots.Length && retiring < most; slot++)
        {
            if (slots[slot].Entry is not { } entry || slots[slot].Retiring || IsWanted(entry)) continue;
            slots[slot] = new PoolSlot(entry, Retiring: true, 0);
            retiring++;
        }
    }

    private bool IsWanted(PoolEntry entry) => Array.IndexOf(wanted, entry, 0, WantedCount) >= 0;
}
