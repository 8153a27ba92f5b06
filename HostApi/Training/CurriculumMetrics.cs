using Arena.HostApi.Metrics;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Training;

/// <summary>The metrics that a curriculum's conditions may name: what an evaluation measures, and means over the episodes that ended in the last update.</summary>
public static class CurriculumMetrics
{
    /// <summary>Metric: index of the present stage.</summary>
    public const string Stage = "curriculum/stage";

    /// <summary>Metric: part of its ramp.</summary>
    public const string Level = "curriculum/level";

    private const string Elo = "ladder/elo";

    /// <summary>Their names, as in metrics.jsonl.</summary>
    /// <param name="spec">The game.</param>
    /// <param name="opponents">Who is played against in evaluations.</param>
    public static IReadOnlyList<string> Names(EnvironmentSpec spec, IReadOnlyList<string> opponents) =>
    [
        .. opponents.SelectMany(opponent => new[] { MetricRegistry.EvaluationScore.With(opponent), MetricRegistry.EvaluationLower.With(opponent) }),
        .. spec.Statistics.Select(EpisodeMeans.NameOf),
        .. spec.Sides == 2 ? new[] { Elo } : [],
    ];

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
