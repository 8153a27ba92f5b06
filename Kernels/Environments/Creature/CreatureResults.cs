using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Rewards, end flags and statistics of a tick.</summary>
public static class CreatureResults
{
    private const float ImpactCap = 10f, RunSpeed = 1f; // m/s
    private const int PointsForSuccess = 3;

    /// <summary>After the task and before the next episode overwrites the state.</summary>
    public static void Run(ref CreatureTick tick, in CreatureArguments a)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        int env = tick.Env;
        int clock = a.State.Tick[env, 0] + 1;
        a.State.Tick[env, 0] = clock;
        int limit = EpisodeClock.Limit(p.MaxTicks, p.Desync, p.MatchOffset + env, a.State.Episode[env, 0]);
        tick.Terminated = tick.FatalContact != 0 || tick.Diverged != CreatureGuard.None ? 1 : 0;
        tick.Truncated = tick.Terminated == 0 && clock >= limit ? 1 : 0;
        MatchSlots<float> statistics = a.State.Statistics.Of(env);
        if (tick.Diverged != CreatureGuard.None) Sanitize(statistics);
        a.Views.Rewards[env] = tick.Diverged != CreatureGuard.None ? Diverged(tick, a, statistics) : Sum(tick, a, statistics);
        a.Views.Terminated[env] = (byte)tick.Terminated;
        a.Views.Truncated[env] = (byte)tick.Truncated;
        a.Views.EpisodeStart[env] = (byte)(tick.Terminated + tick.Truncated);
        a.Views.RowActive[env] = 1;
        Count(tick, a, statistics);
        if (tick.Diverged != CreatureGuard.None) DivergenceLog.Record(a.Divergences, env, a.State.Episode[env, 0], clock, tick.Diverged);
        if (tick.Terminated + tick.Truncated == 0) return;
        statistics[CreatureStatistic.Success] = Success(tick, a, statistics);
        statistics[CreatureStatistic.Fell] = tick.Diverged == CreatureGuard.None ? tick.Terminated : 0f;
        statistics[CreatureStatistic.Diverged] = tick.Diverged;
        statistics[CreatureStatistic.Task] = a.State.Task[env, 0];
        statistics[CreatureStatistic.Level] = a.State.Task[env, 1];
        int at = env * CreatureStatistic.Reported;
        for (int i = 0; i < CreatureStatistic.Count; i++) a.Views.EpisodeStatistics[at + i] = statistics[i];
        for (int i = 0; i < CreatureOverlap.Words; i++) a.Views.EpisodeStatistics[at + CreatureStatistic.Overlap + i] = a.Survey.Length > 0 ? a.Survey[env * CreatureOverlap.Words + i] : 0f;
        a.Views.EpisodesFinished[env] += 1;
    }

    // Weighted parts in the order of the components, each written and added once.
    private static float Sum(in CreatureTick tick, in CreatureArguments a, MatchSlots<float> statistics)
    {
        ref readonly CreatureParameters p = ref a.Parameters;
        float motors = p.Layout.Joints * p.Substeps;
        float up = CreatureHeading.Torso(tick.Env, a).Rotate(new Float3(0f, 0f, 1f)).Z;
        float total = 0f;
        Part(ref total, tick, a, statistics, CreatureReward.Velocity, p.Velocity * tick.Velocity);
        Part(ref total, tick, a, statistics, CreatureReward.Progress, p.Progress * tick.Progress);
        Part(ref total, tick, a, statistics, CreatureReward.Reach, p.Reach * tick.Reached);
        Part(ref total, tick, a, statistics, CreatureReward.BallNear, p.BallNear * tick.BallNear);
        Part(ref total, tick, a, statistics, CreatureReward.BallGoal, p.BallGoal * tick.BallGoal);
        Part(ref total, tick, a, statistics, CreatureReward.Goal, p.Goal * tick.Arrived);
        Part(ref total, tick, a, statistics, CreatureReward.Fall, p.Fall * tick.Terminated);
        Part(ref total, tick, a, statistics, CreatureReward.Alive, p.Alive * (1 - tick.Terminated));
        Part(ref total, tick, a, statistics, CreatureReward.Exertion, p.Exertion * (tick.Exertion / motors));
        Part(ref total, tick, a, statistics, CreatureReward.Torque2, p.Torque2 * (tick.Torque2 / p.Substeps));
        Part(ref total, tick, a, statistics, CreatureReward.Impact, p.Impact * Impact(tick.Env, a));
        Part(ref total, tick, a, statistics, CreatureReward.Impact2, p.Impact2 * (tick.Force2 / p.Substeps));
        Part(ref total, tick, a, statistics, CreatureReward.Smooth, p.Smooth * tick.Change);
        Part(ref total, tick, a, statistics, CreatureReward.Upright, p.Upright * (1f - up));
        return total;
    }

    // Nothing of a diverged tick can be rewarded but its end.
    private static float Diverged(in CreatureTick tick, in CreatureArguments a, MatchSlots<float> statistics)
    {
        float total = 0f;
        for (int component = 0; component < CreatureReward.Count; component++)
            Part(ref total, tick, a, statistics, component, component == CreatureReward.Fall ? a.Parameters.Fall : 0f);
        return total;
    }

    private static void Part(ref float total, in CreatureTick tick, in CreatureArguments a, MatchSlots<float> statistics, int component, float value)
    {
        total += value;
        statistics[CreatureStatistic.Rewards + component] += value;
        if (a.Views.RewardParts.Length > 0) a.Views.RewardParts[tick.Env * CreatureReward.Count + component] = value;
    }

    private static float Impact(int env, in CreatureArguments a)
    {
        MatchSlots<float> scratch = a.Scratch.Of(env);
        int contacts = CreatureScratch.Contacts(a.Parameters.Layout);
        float sum = 0f;
        for (int point = 0; point < a.Parameters.Layout.Points; point++)
        {
            float over = Scalar.Max(0f, scratch[contacts + point * CreatureScratch.ContactFloats + CreatureScratch.Largest] * a.Parameters.InverseWeight - 1f);
            sum += over * over;
        }

        return Scalar.Min(sum, ImpactCap);
    }

    private static void Count(in CreatureTick tick, in CreatureArguments a, MatchSlots<float> statistics)
    {
        statistics[CreatureStatistic.Ticks] += 1f;
        statistics[CreatureStatistic.Events] += tick.Reached + tick.Arrived;
        if (tick.Diverged != CreatureGuard.None) return;
        statistics[CreatureStatistic.Energy] += tick.Energy;
        statistics[CreatureStatistic.Way] += tick.Way;
    }

    private static float Success(in CreatureTick tick, in CreatureArguments a, MatchSlots<float> statistics)
    {
        if (tick.Terminated != 0) return 0f;
        int task = a.State.Task[tick.Env, 0];
        float events = statistics[CreatureStatistic.Events];
        bool met = task == (int)CreatureTask.Run ? statistics[CreatureStatistic.Along] >= RunSpeed * a.Parameters.TickTime * statistics[CreatureStatistic.Ticks]
            : task == (int)CreatureTask.Target ? events >= PointsForSuccess : events >= 1f;
        return met ? 1f : 0f;
    }

    private static void Sanitize(MatchSlots<float> statistics)
    {
        for (int i = 0; i < statistics.Length; i++)
            if (!Scalar.IsFinite(statistics[i])) statistics[i] = 0f;
    }
}
