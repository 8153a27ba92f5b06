using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>What touches of this tick have changed so far.</summary>
/// <param name="Last">Last touch.</param>
/// <param name="Statistics">Statistics of the episode.</param>
/// <param name="Won">(2k) players who touched after the other side.</param>
internal sealed record Touching(LastTouch Last, ImmutableArray<double> Statistics, ImmutableArray<bool> Won)
{
    /// <summary>The same with <paramref name="amount"/> more of a statistic.</summary>
    public Touching Count(int statistic, int side, double amount = 1) =>
        this with { Statistics = Statistics.SetItem(statistic + side, Statistics[statistic + side] + amount) };
}

/// <summary>Touches: streaks, passes, interceptions, dribbles; and ties.</summary>
internal static class TouchRules
{
    /// <summary>Player <paramref name="agent"/> becomes the last touch, with the ball at <paramref name="place"/>.</summary>
    public static Touching By(Pitch pitch, int agent, Vector place, Touching before, Margins margins)
    {
        int side = pitch.SideOf(agent);
        LastTouch last = before.Last;
        bool anybody = last.Agent != SoccerConstants.Nobody;
        Touching now = before;
        if (anybody && pitch.SideOf(last.Agent) != side) now = now with { Won = now.Won.SetItem(agent, true) };

        LastTouch touch = last.Agent == agent
            ? last with { Streak = last.Streak + 1, Place = place }
            : new LastTouch(agent, 1, false, place, 0);

        if (anybody && last.Agent != agent)
        {
            double distance = (place - last.Place).Length;
            margins.Threshold(distance - SoccerConstants.PassMinDistance, margins.Hair + 4 * margins.BallPosition, "a pass of just about 1 m");
            if (distance >= SoccerConstants.PassMinDistance)
                now = pitch.SideOf(last.Agent) == side
                    ? now.Count(SoccerStatistic.Passes, side).Count(SoccerStatistic.PassLength, side, distance)
                    : now.Count(SoccerStatistic.Interceptions, side);
        }

        if (touch is { Dribbled: false, Streak: >= SoccerConstants.DribbleMinTouches, Way: >= SoccerConstants.DribbleMinWay })
        {
            now = now.Count(SoccerStatistic.Dribbles, side);
            touch = touch with { Dribbled = true };
        }

        return now with { Last = touch };
    }

    /// <summary>
    /// Who wins a tie: across sides the side that did not touch last (nobody without a last touch), within a side the
    /// lowest index.
    /// </summary>
    /// <param name="pitch">Sizes.</param>
    /// <param name="tied">At least one agent, ascending.</param>
    /// <param name="lastAgent">Who touched last, or nobody.</param>
    public static int Winner(Pitch pitch, IReadOnlyList<int> tied, int lastAgent)
    {
        bool acrossSides = tied.Select(pitch.SideOf).Distinct().Count() == 2;
        if (!acrossSides) return tied[0];
        if (lastAgent == SoccerConstants.Nobody) return SoccerConstants.Nobody;
        return tied.First(agent => pitch.SideOf(agent) != pitch.SideOf(lastAgent));
    }
}
