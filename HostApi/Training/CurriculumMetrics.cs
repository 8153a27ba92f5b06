using Arena.HostApi.Metrics;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Training;

/// <summary>The metrics that a curriculum's conditions may name: what an evaluation measures, means over the episodes that ended in the last update, and means over the stage's own.</summary>
public static class CurriculumMetrics
{
    /// <summary>Metric: index of the present stage.</summary>
    public const string Stage = "curriculum/stage";

    /// <summary>Metric: part of its ramp.</summary>
    public const string Level = "curriculum/level";

    /// <summary>Metric: finished episodes of the present stage that count.</summary>
    public const string Episodes = "curriculum/episodes";

    private const string Elo = "ladder/elo";

    /// <summary>Their names, as in metrics.jsonl.</summary>
    /// <param name="spec">The game.</param>
    /// <param name="opponents">Who is played against in evaluations.</param>
    public static IReadOnlyList<string> Names(EnvironmentSpec spec, IReadOnlyList<string> opponents) =>
    [
        .. opponents.SelectMany(opponent => new[] { MetricRegistry.EvaluationScore.With(opponent), MetricRegistry.EvaluationLower.With(opponent) }),
        .. spec.Statistics.Select(EpisodeMeans.NameOf),
        .. spec.Sides == 2 ? new[] { Elo } : [],
        .. spec.Statistics.Where(statistic => !EpisodeMeans.IsReward(statistic)).Select(statistic => MetricRegistry.OfStage.With(statistic.Name)),
    ];

    /// <summary>Whether a metric is a mean over a stage's own episodes.</summary>
    public static bool IsOfStage(string name) => MetricRegistry.OfStage.Matches(name);

    /// <summary>Value of one of them after an evaluation; NaN where it is undefined.</summary>
    public static double Value(TrainingSession session, string name)
    {
        foreach (EvaluationScore score in session.Scores)
        {
            if (name == MetricRegistry.EvaluationScore.With(score.Opponent)) return score.Score.Value;
            if (name == MetricRegistry.EvaluationLower.With(score.Opponent)) return score.Score.Lower;
        }

        return name == Elo ? session.Strength?.Rating.Elo ?? double.NaN : session.Episodes.Mean(name);
    }
}
