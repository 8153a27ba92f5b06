using Arena.Kernels;
using Arena.Kernels.Learning;

namespace Arena.Policy.SelfPlay;

/// <summary>Which matches may meet the pool, and in which slot.</summary>
internal static class HomeSlots
{
    /// <summary>(E) slot per match, −1 for matches that never meet the pool.</summary>
    /// <remarks>
    /// Of the matches that do not meet the random opponent for good, every so-manieth has a home, evenly over their global numbers;
    /// homes go round over the slots. So a rank that owns a part of the matches gives them the same homes.
    /// </remarks>
    /// <param name="envs">E.</param>
    /// <param name="matchOffset">Global number of match 0.</param>
    /// <param name="shareUnits">Share of matches against the random opponent, in 1/<see cref="AssignOpponents.WholeShare"/>.</param>
    /// <param name="pool">Fraction of all matches, and slots.</param>
    /// <exception cref="UsageException">the shares add up to more than 1.</exception>
    internal static int[] Of(int envs, int matchOffset, int shareUnits, OpponentPoolConfig pool)
    {
        int poolUnits = (int)Math.Round(pool.Fraction * AssignOpponents.WholeShare), free = AssignOpponents.WholeShare - shareUnits;
        if (poolUnits > free)
            throw new UsageException(
                $"--pool-fraction is {pool.Fraction} and --opponent-share {(double)shareUnits / AssignOpponents.WholeShare:0.###}; together they are at most 1. Lower one of them.");
        var homes = new int[envs];
        for (int env = 0; env < envs; env++)
        {
            long match = (long)matchOffset + env;
            long ordinal = match - (match * shareUnits >> 16); // among the matches without the random opponent
            bool random = AssignOpponents.HasOpponent((int)match, shareUnits);
            bool pooled = !random && free > 0 && (ordinal + 1) * poolUnits / free != ordinal * poolUnits / free;
            homes[env] = pooled ? (int)(ordinal * poolUnits / free % pool.Slots) : -1;
        }

        return homes;
    }
}
