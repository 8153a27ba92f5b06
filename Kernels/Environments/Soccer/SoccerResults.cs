using System.Numerics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Step 9: rewards, end flags and statistics of a tick.</summary>
public static class SoccerResults
{
    /// <summary>After <see cref="SoccerEnd.Run"/>, before the next episode overwrites the state.</summary>
    public static void Run(ref SoccerTick tick, in SoccerArguments a)
    {
        WriteRewards(tick, a);
        WriteFlags(tick, a);
        Account(tick, a);
    }

    /// <summary>Statistics of every tick, and of an episode that ends.</summary>
    internal static void Account(in SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<float> statistics = a.State.Statistics.Of(tick.Env);
        if (tick.LastTouch != SoccerConstants.Nobody)
            statistics[SoccerStatistic.Possession + (tick.LastTouch < a.Parameters.TeamSize ? 0 : 1)] += 1f;
        statistics[SoccerStatistic.Ticks] += 1f;
        float along = (tick.BallX + a.Parameters.HalfLength) / (2f * a.Parameters.HalfLength);
        int bin = Scalar.Min((int)(along * SoccerConstants.BallBins), SoccerConstants.BallBins - 1);
        statistics[SoccerStatistic.BallBins + Scalar.Max(bin, 0)] += 1f;
        if (tick.Terminated + tick.Truncated == 0) return;

        statistics[SoccerStatistic.Winner] = Winner(tick.Env, a);
        for (int i = 0; i < SoccerStatistic.Count; i++) a.Views.EpisodeStatistics[tick.Env * SoccerStatistic.Count + i] = statistics[i];
        a.Views.EpisodesFinished[tick.Env] += 1;
    }

    /// <summary>
    /// How much closer to side B's goal than to side A's the ball is, −1..1: (distance to A's goal centre − distance to B's) / (2·HalfLength).
    /// Side B's potential is the negative.
    /// </summary>
    public static float Potential(float ballX, float ballY, float halfLength)
    {
        float fromA = new Float2(ballX + halfLength, ballY).Length;
        float fromB = new Float2(ballX - halfLength, ballY).Length;
        return (fromA - fromB) / (2f * halfLength);
    }

    /// <summary>1 when side A leads, −1 when side B does.</summary>
    internal static float Winner(int env, in SoccerArguments a)
    {
        int lead = a.State.Score[env, 0] - a.State.Score[env, 1];
        return lead > 0 ? 1f : lead < 0 ? -1f : 0f;
    }

    /// <summary>
    /// Team credit ½(own mean − other mean). Goal, win and progress are the same for all players of a side and opposite
    /// for the other: the credited value is the side's own, except without zero-sum, where it is too.
    /// </summary>
    internal static void WriteRewards(in SoccerTick tick, in SoccerArguments a)
    {
        MatchSlots<float> statistics = a.State.Statistics.Of(tick.Env);
        ref readonly SoccerParameters p = ref a.Parameters;
        float goal = p.GoalWeight * tick.Goal;
        float win = tick.Terminated + tick.Truncated != 0 ? p.WinWeight * Winner(tick.Env, a) : 0f;
        float progress = p.BallProgressWeight == 0f ? 0f
            : p.BallProgressWeight * (Potential(tick.BallX, tick.BallY, p.HalfLength) - Potential(tick.StartBallX, tick.StartBallY, p.HalfLength));
        float exertionA = 0f, exertionB = 0f;
        float meanTouchA = MeanTouch(tick.FirstTouches, 0, p.TeamSize), meanTouchB = MeanTouch(tick.FirstTouches, p.TeamSize, p.TeamSize);
        int firstRow = tick.Env * 2 * p.TeamSize;
        int nearestA = a.State.Nearest[tick.Env, 0], nearestB = p.TeamSize + a.State.Nearest[tick.Env, 1];
        for (int agent = 0; agent < 2 * p.TeamSize; agent++)
        {
            bool sideA = agent < p.TeamSize;
            float sign = sideA ? 1f : -1f;
            float touch = tick.FirstTouches == 0 || p.TouchWeight == 0f ? 0f
                : p.TouchWeight * Credit(tick.FirstTouches >> agent & 1, sideA ? meanTouchA : meanTouchB, sideA ? meanTouchB : meanTouchA, p);
            float approach = agent == nearestA || agent == nearestB
                ? p.ApproachBallWeight * (sideA ? tick.ApproachA : tick.ApproachB) : 0f;
            float exertion = p.ExertionWeight == 0f ? 0f : p.ExertionWeight * Exertion(tick, a, agent);
            a.Views.Rewards[firstRow + agent] = goal * sign + win * sign + progress * sign + touch + approach + exertion;
            if (a.Views.RewardParts.Length > 0) WriteParts(a.Views.RewardParts, firstRow + agent, goal * sign, win * sign, progress * sign, touch, approach, exertion);
            if (sideA) exertionA += exertion;
            else exertionB += exertion;
        }

        float share = 1f / p.TeamSize; // of a player in his side's mean
        AddBoth(statistics, SoccerReward.Goal, goal, -goal);
        AddBoth(statistics, SoccerReward.Win, win, -win);
        AddBoth(statistics, SoccerReward.BallProgress, progress, -progress);
        AddBoth(statistics, SoccerReward.Touch, p.TouchWeight * MeanCredit(meanTouchA, meanTouchB, p), p.TouchWeight * MeanCredit(meanTouchB, meanTouchA, p));
        AddBoth(statistics, SoccerReward.ApproachBall, p.ApproachBallWeight * tick.ApproachA * share, p.ApproachBallWeight * tick.ApproachB * share);
        AddBoth(statistics, SoccerReward.Exertion, exertionA * share, exertionB * share);
    }

    /// <summary>Counts a component for both sides.</summary>
    internal static void AddBoth(MatchSlots<float> statistics, int component, float sideA, float sideB)
    {
        statistics[SoccerStatistic.Rewards + 2 * component] += sideA;
        statistics[SoccerStatistic.Rewards + 2 * component + 1] += sideB;
    }

    private static float MeanTouch(uint touches, int firstAgent, int teamSize) =>
        (float)BitOperations.PopCount(touches >> firstAgent & ((1u << teamSize) - 1)) / teamSize;

    private static float Credit(uint own, float ownMean, float otherMean, in SoccerParameters p) =>
        MeanCredit(p.IndividualCredit != 0 ? (int)own : ownMean, otherMean, p);

    private static float MeanCredit(float own, float otherMean, in SoccerParameters p) => p.ZeroSum != 0 ? 0.5f * (own - otherMean) : own;

    // −|move|²: moves are clamped and scaled, so this is −1..0. The move vector is read again: only with a weight.
    private static float Exertion(in SoccerTick tick, in SoccerArguments a, int agent)
    {
        SoccerTick copy = tick;
        return -SoccerAction.Move(ref copy, a, agent).LengthSquared;
    }

    private static void WriteParts(View<float> parts, int row, float goal, float win, float progress, float touch, float approach, float exertion)
    {
        int at = row * SoccerReward.Count;
        parts[at + SoccerReward.Goal] = goal;
        parts[at + SoccerReward.Win] = win;
        parts[at + SoccerReward.BallProgress] = progress;
        parts[at + SoccerReward.Touch] = touch;
        parts[at + SoccerReward.ApproachBall] = approach;
        parts[at + SoccerReward.Exertion] = exertion;
    }

    private static void WriteFlags(in SoccerTick tick, in SoccerArguments a)
    {
        int firstRow = tick.Env * 2 * a.Parameters.TeamSize;
        byte ended = (byte)(tick.Terminated + tick.Truncated);
        for (int row = firstRow; row < firstRow + 2 * a.Parameters.TeamSize; row++)
        {
            a.Views.Terminated[row] = (byte)tick.Terminated;
            a.Views.Truncated[row] = (byte)tick.Truncated;
            a.Views.EpisodeStart[row] = ended;
            a.Views.RowActive[row] = 1;
        }
    }
}
