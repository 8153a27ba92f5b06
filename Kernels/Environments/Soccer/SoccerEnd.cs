using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Steps 7 and 8: goals, the clock, and what comes after.</summary>
public static class SoccerEnd
{
    /// <summary>After <see cref="SoccerBall"/>: counts a goal, moves the clock, decides whether the episode ends, stores the ball.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<int> score = a.State.Score.Of(tick.Env);
        if (tick.Goal != 0)
        {
            int side = tick.Goal > 0 ? 0 : 1;
            score[side] += 1;
            a.State.Statistics[tick.Env, SoccerStatistic.Goals + side] += 1f;
        }

        int clock = a.State.Tick[tick.Env, 0] + 1;
        a.State.Tick[tick.Env, 0] = clock;
        int limit = EpisodeClock.Limit(a.Parameters.MaxTicks, a.Parameters.Desync, a.Parameters.MatchOffset + tick.Env, a.State.Episode[tick.Env, 0]);
        bool fullTime = clock >= a.Parameters.MaxTicks && a.Parameters.ClockTerminates != 0;
        bool decided = a.Parameters.GoalsToWin != 0 && Scalar.Max(score[0], score[1]) >= a.Parameters.GoalsToWin;
        tick.Terminated = fullTime || decided ? 1 : 0;
        tick.Truncated = tick.Terminated == 0 && clock >= limit ? 1 : 0;
        StoreBall(tick, a);
    }

    /// <summary>After the results: keeps the last observation of a truncated match, then starts what comes next.</summary>
    public static void Continue(ref SoccerTick tick, in SoccerArguments a)
    {
        if (tick.Truncated != 0)
        {
            SoccerReset.FindNearest(tick.Env, a);
            int agents = 2 * a.Parameters.TeamSize;
            for (int agent = 0; agent < agents; agent++) SoccerObserve.Write(tick.Env, agent, a, a.Views.FinalObservations);
        }

        if (tick.Terminated + tick.Truncated != 0) SoccerReset.BeginEpisode(tick.Env, a.State.Episode[tick.Env, 0] + 1, a);
        else if (tick.Goal != 0) KickOff(tick, a);
        SoccerReset.FindNearest(tick.Env, a);
    }

    // Formation, ball near the centre; nobody has touched it.
    private static void KickOff(in SoccerTick tick, in SoccerArguments a)
    {
        SoccerReset.Formation(tick.Env, a);
        UInt4 words = Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + tick.Env), (uint)a.State.Episode[tick.Env, 0],
            (uint)(a.State.Tick[tick.Env, 0] - 1), 0, SoccerPurpose.KickOff);
        float sign = tick.Goal > 0 ? -1f : 1f; // the conceding side's frame
        SoccerReset.PlaceBall(tick.Env, a,
            SoccerConstants.Jitter * Philox.Symmetric(words.X) * sign, SoccerConstants.Jitter * Philox.Symmetric(words.Y) * sign);
    }

    private static void StoreBall(in SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<float> ball = a.State.Ball.Of(tick.Env);
        MatchSlots<float> history = a.State.BallHistory.Of(tick.Env);
        int entry = (a.State.Tick[tick.Env, 0] & (SoccerConstants.HistoryLength - 1)) * SoccerConstants.BodyFloats;
        history[entry] = ball[0] = tick.BallX;
        history[entry + 1] = ball[1] = tick.BallY;
        history[entry + 2] = ball[2] = tick.BallVelocityX;
        history[entry + 3] = ball[3] = tick.BallVelocityY;
    }
}
