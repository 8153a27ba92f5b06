namespace Arena.Policy.SelfPlay;

/// <summary>Which entry a full pool loses.</summary>
internal static class PoolEviction
{
    /// <summary>The removable entry that is most like another one.</summary>
    /// <param name="entries">All, oldest first.</param>
    /// <param name="inUse">Whether an entry is in a slot.</param>
    internal static PoolEntry Choose(IReadOnlyList<PoolEntry> entries, Func<PoolEntry, bool> inUse)
    {
        PoolEntry? chosen = null;
        (double Rating, double Age) least = default;
        foreach (PoolEntry entry in entries)
        {
            if (entry.Flags != PoolFlags.None || inUse(entry)) continue;
            (double Rating, double Age) gap = (NearestRating(entries, entry), AgeGap(entries, entry));
            if (chosen is not null && gap.CompareTo(least) >= 0) continue; // ties: the older one goes
            (chosen, least) = (entry, gap);
        }

        return chosen ?? throw new InvalidOperationException("Every entry of the pool is protected; the checked configuration does not allow this.");
    }

    // Unrated entries have no neighbour.
    private static double NearestRating(IReadOnlyList<PoolEntry> entries, PoolEntry entry)
    {
        double nearest = double.PositiveInfinity;
        foreach (PoolEntry other in entries)
            if (other != entry && Math.Abs(other.Rating - entry.Rating) is var gap && gap < nearest) nearest = gap;
        return nearest;
    }

    // Agent-steps between the entries before and after it: what would be left as a hole.
    private static double AgeGap(IReadOnlyList<PoolEntry> entries, PoolEntry entry)
    {
        long before = long.MinValue, after = long.MaxValue;
        foreach (PoolEntry other in entries)
        {
            if (other == entry || !other.IsOpponent) continue;
            if (other.AgentSteps <= entry.AgentSteps && other.AgentSteps > before) before = other.AgentSteps;
            if (other.AgentSteps >= entry.AgentSteps && other.AgentSteps < after) after = other.AgentSteps;
        }

        return before == long.MinValue || after == long.MaxValue ? double.PositiveInfinity : (double)after - before;
    }
}
