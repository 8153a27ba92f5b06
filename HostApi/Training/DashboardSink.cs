using Arena.HostApi.Metrics;

namespace Arena.HostApi.Training;

/// <summary>Feeds a dashboard from samples: the latest value of every metric, and rates and shares over time.</summary>
/// <remarks>Every sample is taken note of; numbers for a frame are made only when one is due.</remarks>
internal sealed class DashboardSink : IMetricSink
{
    private const double RateWindowSeconds = 5;
    private const double WarmUpSeconds = 2; // of this process: its first updates wait for the compiler
    private static readonly string[] Parts = ["environment", "inference", "learn", "evaluate"];

    private readonly Dashboard dashboard;
    private readonly TrainingProgress start;
    private readonly Dictionary<string, double> latest = []; // in the order of first appearance
    private readonly Queue<(double Seconds, long AgentSteps)> recent = new();
    private readonly double[] partSeconds = new double[Parts.Length];
    private readonly Dictionary<string, double> largest = []; // size of every reward, at its largest
    private double trainingSeconds; // without evaluation
    private (double Seconds, long AgentSteps)? warm; // where the first updates were over
    private double seconds;
    private long update;
    private long agentSteps;
    private volatile IReadOnlyList<string> warnings = [];
    private volatile EvaluationState evaluation = new([], 0, 0);

    /// <summary>Shows on <paramref name="dashboard"/>.</summary>
    /// <param name="dashboard">Not disposed of here.</param>
    /// <param name="start">Game, seed, folder, plan, and what was made before: updates, agent-steps, time; everything else is filled in.</param>
    internal DashboardSink(Dashboard dashboard, TrainingProgress start)
    {
        (this.dashboard, this.start) = (dashboard, start);
        (update, agentSteps) = (start.Update, start.AgentSteps);
        seconds = start.Elapsed.TotalSeconds;
        recent.Enqueue((0, agentSteps));
    }

    /// <summary>The scores that are shown from here on; may be called on any thread.</summary>
    /// <param name="scores">One per opponent, with the best so far.</param>
    /// <param name="at">Agent-steps behind them.</param>
    /// <param name="bestAt">Agent-steps behind the best.</param>
    internal void Evaluated(IReadOnlyList<EvaluationProgress> scores, long at, long bestAt) => evaluation = new EvaluationState(scores, at, bestAt);

    /// <summary>What the user should know beside the numbers, from here on; may be called on any thread.</summary>
    internal IReadOnlyList<string> Warnings
    {
        set => warnings = value;
    }

    /// <inheritdoc/>
    public void Write(MetricSample sample)
    {
        for (int i = 0; i < sample.Count; i++)
        {
            (string name, double value) = (sample[i].Name, sample[i].Value);
            latest[name] = value;
            if (MetricRegistry.Reward.Matches(name)) largest[name] = Math.Max(largest.GetValueOrDefault(name), Math.Abs(value));
        }

        for (int part = 0; part < Parts.Length; part++) partSeconds[part] += (sample.Seconds - seconds) * Latest($"speed/share_{Parts[part]}");
        trainingSeconds += (sample.AgentSteps - agentSteps) / Latest("speed/agent_steps_per_second");
        (update, agentSteps, seconds) = (sample.Update + 1, sample.AgentSteps, sample.Seconds);
        if (seconds - start.Elapsed.TotalSeconds >= WarmUpSeconds) warm ??= (seconds, agentSteps);
        recent.Enqueue((trainingSeconds, agentSteps));
        while (recent.Count > 2 && trainingSeconds - recent.Peek().Seconds > RateWindowSeconds) recent.Dequeue();
        if (dashboard.IsDue) dashboard.Show(Progress());
    }

    /// <inheritdoc/>
    public void Finish() => dashboard.Finish(Progress());

    private TrainingProgress Progress()
    {
        EvaluationState scores = evaluation;
        double here = seconds - start.Elapsed.TotalSeconds; // in this process
        return start with
        {
            Update = update,
            AgentSteps = agentSteps,
            Elapsed = TimeSpan.FromSeconds(seconds),
            StepsPerSecondNow = RecentRate(),
            StepsPerSecondMean = (agentSteps - start.AgentSteps) / trainingSeconds,
            StepsPerSecondWarm = warm is { } from && seconds > from.Seconds ? (agentSteps - from.AgentSteps) / (seconds - from.Seconds) : double.NaN,
            EnvironmentShare = partSeconds[0] / here,
            InferenceShare = partSeconds[1] / here,
            LearningShare = partSeconds[2] / here,
            EvaluationShare = partSeconds[3] / here,
            Episodes = (long)latest.GetValueOrDefault("progress/episodes"),
            EpisodeLength = Latest("episode/length"),
            Rewards = [.. latest.Where(metric => metric.Key == "episode/return").Concat(latest.Where(metric => largest.GetValueOrDefault(metric.Key) > 0).OrderByDescending(metric => largest[metric.Key]))
                .Select(metric => new RewardMean(metric.Key[(metric.Key.IndexOf('/') + 1)..], metric.Value))],
            Entropy = Latest("policy/entropy"),
            Std = Latest("policy/std"),
            Kl = Latest("ppo/kl"),
            ClipShare = Latest("ppo/clip_share"),
            GradientClippedShare = Latest("gradient/clipped_share"),
            ExplainedVariance = Latest("value/explained_variance"),
            ValueLoss = Latest("loss/value"),
            LearningRate = Latest("optimizer/learning_rate"),
            Elo = Latest("ladder/elo"),
            EloError = Latest("ladder/elo_error"),
            PoolSize = Latest("selfplay/pool_size"),
            PoolScore = Latest("selfplay/pool_score"),
            OpponentAge = Latest("selfplay/opponent_age"),
            CurriculumStage = Latest("curriculum/stage"),
            Evaluations = scores.Scores,
            EvaluatedAt = scores.At,
            BestAt = scores.BestAt,
            Warnings = warnings,
            MemoryBytes = Environment.WorkingSet,
        };
    }

    private double Latest(string name) => latest.GetValueOrDefault(name, double.NaN);

    // Over the last seconds of training, so that an evaluation does not look like a slow learner.
    private double RecentRate()
    {
        (double from, long steps) = recent.Peek();
        return trainingSeconds > from ? (agentSteps - steps) / (trainingSeconds - from) : double.NaN;
    }

    private sealed record EvaluationState(IReadOnlyList<EvaluationProgress> Scores, long At, long BestAt);
}
