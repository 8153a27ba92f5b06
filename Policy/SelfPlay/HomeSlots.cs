using Arena.Kernels;
using Arena.Kernels.Learning;

namespace Arena.Policy.SelfPlay;

/// <summary>Which matches may meet a frozen policy, and in which slot.</summary>
internal static class HomeSlots
{
    /// <summary>(E) slot per match, −1 for matches that never meet a frozen policy; the pool's slots come first, then one per listed policy.</summary>
    /// <remarks>
    /// Of the matches of the share, the list says which belong to its policies. Of the others every so-manieth has a home, evenly over their global numbers;
    /// homes go round over the slots. So a rank that owns a part of the matches gives them the same homes.
    /// </remarks>
    /// <param name="envs">E.</param>
    /// <param name="matchOffset">Global number of match 0.</param>
    /// <param name="shareUnits">Share of matches against listed opponents, in 1/<see cref="AssignOpponents.WholeShare"/>.</param>
    /// <param name="pool">Fraction of all matches, and slots.</param>
    /// <param name="list">The listed opponents; null where nobody is met.</param>
    /// <exception cref="UsageException">the shares add up to more than 1.</exception>
    internal static int[] Of(int envs, int matchOffset, int shareUnits, OpponentPoolConfig pool, OpponentList? list = null)
    {
        int poolUnits = (int)Math.Round(pool.Fraction * AssignOpponents.WholeShare), free = AssignOpponents.WholeShare - shareUnits;
        if (poolUnits > free)
            throw new UsageException(
                $"--pool-fraction is {pool.Fraction} and --opponent-share {(double)shareUnits / AssignOpponents.WholeShare:0.###}; together they are at most 1. Lower one of them.");
        var homes = new int[envs];
        for (int env = 0; env < envs; env++)
        {
            long match = (long)matchOffset + env;
            long shared = match * shareUnits >> 16, ordinal = match - shared; // among the matches with and without a listed opponent
            bool listed = AssignOpponents.HasOpponent((int)match, shareUnits);
            bool pooled = !listed && free > 0 && (ordinal + 1) * poolUnits / free != ordinal * poolUnits / free;
            if (listed && list is { Policies.Count: > 0 } && list.PolicyOf(shared) is var policy and >= 0) homes[env] = pool.Slots + policy;
            else homes[env] = pooled ? (int)(ordinal * poolUnits / free % pool.Slots) : -1;
        }

        return homes;
    }
}
