using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Who touched the ball last: passes, interceptions, dribbles, and the reward for winning the ball.</summary>
public static class SoccerTouch
{
    /// <summary>Agent <paramref name="agent"/> touches the ball at (<paramref name="x"/>, <paramref name="y"/>), m.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a, int agent, float x, float y)
    {
        MatchSlots<int> touch = a.State.Touch.Of(tick.Env);
        MatchSlots<float> place = a.State.TouchPlace.Of(tick.Env);
        MatchSlots<float> statistics = a.State.Statistics.Of(tick.Env);
        int teamSize = a.Parameters.TeamSize;
        int previous = tick.LastTouch;
        int side = agent < teamSize ? 0 : 1;
        if (previous == agent)
        {
            touch[1] += 1;
        }
        else
        {
            touch[1] = 1;
            touch[2] = 0;
            if (previous != SoccerConstants.Nobody) TakeOver(ref tick, statistics, place, agent, side, previous < teamSize ? 0 : 1, x, y);
            place[2] = 0f;
        }

        if (touch[1] >= SoccerConstants.DribbleMinTouches && touch[2] == 0 && place[2] >= SoccerConstants.DribbleMinWay)
        {
            touch[2] = 1;
            statistics[SoccerStatistic.Dribbles + side] += 1f;
        }

        touch[0] = agent;
        place[0] = x;
        place[1] = y;
        tick.LastTouch = agent;
    }

    private static void TakeOver(ref SoccerTick tick, MatchSlots<float> statistics, MatchSlots<float> place, int agent, int side, int previousSide, float x, float y)
    {
        if (previousSide != side) tick.FirstTouches |= 1u << agent;
        float distance = new Float2(x - place[0], y - place[1]).Length;
        if (distance < SoccerConstants.PassMinDistance) return;
        if (previousSide != side)
        {
            statistics[SoccerStatistic.Interceptions + side] += 1f;
            return;
        }

        statistics[SoccerStatistic.Passes + side] += 1f;
        statistics[SoccerStatistic.PassLength + side] += distance;
    }
}
