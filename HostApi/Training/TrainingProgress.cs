using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Training;

/// <summary>Mean of one reward component over the episodes that ended lately.</summary>
/// <param name="Name">Name of the component, or of the statistic that stands for it.</param>
/// <param name="PerEpisode">Mean of its sum over an episode; NaN before the first episode ended.</param>
public sealed record RewardMean(string Name, double PerEpisode);

/// <summary>The latest measurement against one opponent.</summary>
/// <param name="Opponent">Whom the policy played.</param>
/// <param name="Score">As in <see cref="EvaluationScore.Score"/>.</param>
/// <param name="IsShare">As in <see cref="EvaluationScore.IsShare"/>.</param>
/// <param name="BestLower">Lower bound of the best policy so far; NaN before there is one.</param>
public sealed record EvaluationProgress(string Opponent, Interval Score, bool IsShare, double BestLower)
{
    /// <summary>As in <see cref="EvaluationScore.Script"/>.</summary>
    public double Script { get; init; } = double.NaN;

    /// <summary>Whose score it is, or against whom: "policy" where nobody is played against.</summary>
    public string Name => IsShare ? Opponent : "policy";
}

/// <summary>Where a training run stands, in plain numbers; NaN where something is not known yet.</summary>
public sealed record TrainingProgress
{
    /// <summary>Name of the game.</summary>
    public required string Game { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Its folder.</summary>
    public string Run { get; init; } = "";

    /// <summary>Updates made.</summary>
    public long Update { get; init; }

    /// <summary>Agent-steps made.</summary>
    public long AgentSteps { get; init; }

    /// <summary>Agent-steps planned; 0 = no end planned.</summary>
    public long PlannedAgentSteps { get; init; }

    /// <summary>Wall time since the run began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Agent-steps/s over the last updates.</summary>
    public double StepsPerSecondNow { get; init; } = double.NaN;

    /// <summary>Agent-steps/s since the run began.</summary>
    public double StepsPerSecondMean { get; init; } = double.NaN;

    /// <summary>Agent-steps/s of wall time, evaluations included, since the run has warmed up; NaN before.</summary>
    public double StepsPerSecondWarm { get; init; } = double.NaN;

    /// <summary>Share of wall time spent in the environment, 0..1.</summary>
    public double EnvironmentShare { get; init; } = double.NaN;

    /// <summary>Share spent in forward passes while collecting, 0..1.</summary>
    public double InferenceShare { get; init; } = double.NaN;

    /// <summary>Share spent learning, 0..1.</summary>
    public double LearningShare { get; init; } = double.NaN;

    /// <summary>Share spent in evaluation games, 0..1.</summary>
    public double EvaluationShare { get; init; } = double.NaN;

    /// <summary>Episodes ended.</summary>
    public long Episodes { get; init; }

    /// <summary>Mean length of the episodes that ended lately; ticks.</summary>
    public double EpisodeLength { get; init; } = double.NaN;

    /// <summary>Reward by component, the largest first.</summary>
    public IReadOnlyList<RewardMean> Rewards { get; init; } = [];

    /// <summary>Mean entropy of the policy; nat.</summary>
    public double Entropy { get; init; } = double.NaN;

    /// <summary>Entropy of a policy that chooses evenly among all of its discrete choices; NaN for continuous actions; nat.</summary>
    public double LargestEntropy { get; init; } = double.NaN;

    /// <summary>Mean σ of the actions; NaN for discrete ones.</summary>
    public double Std { get; init; } = double.NaN;

    /// <summary>Distance between old and new policy of the last update; nat.</summary>
    public double Kl { get; init; } = double.NaN;

    /// <summary>Share of rows whose probability ratio was clipped, 0..1.</summary>
    public double ClipShare { get; init; } = double.NaN;

    /// <summary>Share of optimiser steps whose gradient was scaled down, 0..1.</summary>
    public double GradientClippedShare { get; init; } = double.NaN;

    /// <summary>1 − Var(R − V)/Var(R).</summary>
    public double ExplainedVariance { get; init; } = double.NaN;

    /// <summary>Mean value loss.</summary>
    public double ValueLoss { get; init; } = double.NaN;

    /// <summary>η.</summary>
    public double LearningRate { get; init; } = double.NaN;

    /// <summary>Rating of the present policy; random = 0.</summary>
    public double Elo { get; init; } = double.NaN;

    /// <summary>Its standard error.</summary>
    public double EloError { get; init; } = double.NaN;

    /// <summary>Past policies in the pool.</summary>
    public double PoolSize { get; init; } = double.NaN;

    /// <summary>Points per game against the pool, 0..1.</summary>
    public double PoolScore { get; init; } = double.NaN;

    /// <summary>Mean age of the pool opponents played; updates.</summary>
    public double OpponentAge { get; init; } = double.NaN;

    /// <summary>Stage of the curriculum, from 0.</summary>
    public double CurriculumStage { get; init; } = double.NaN;

    /// <summary>The latest evaluation, one entry per opponent; empty before the first.</summary>
    public IReadOnlyList<EvaluationProgress> Evaluations { get; init; } = [];

    /// <summary>Agent-steps behind the latest evaluation.</summary>
    public long EvaluatedAt { get; init; }

    /// <summary>Agent-steps behind the best policy so far.</summary>
    public long BestAt { get; init; }

    /// <summary>What the user should know beyond what <see cref="TrainingWarnings"/> sees in these numbers.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Memory of the process; bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Share of the plan that is done, 0..1; NaN without a plan.</summary>
    public double ShareDone => PlannedAgentSteps > 0 ? Math.Min(1, (double)AgentSteps / PlannedAgentSteps) : double.NaN;

    /// <summary>Time left at the rate since the run has warmed up; null where it cannot be told.</summary>
    public TimeSpan? TimeLeft => PlannedAgentSteps > 0 && StepsPerSecondWarm > 0 && double.IsFinite(StepsPerSecondWarm)
        ? TimeSpan.FromSeconds(Math.Max(0, PlannedAgentSteps - AgentSteps) / StepsPerSecondWarm)
        : null;
}
