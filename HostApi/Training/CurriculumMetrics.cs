using Arena.Kernels.Environments;

namespace Arena.HostApi.Training;

/// <summary>The metrics that a curriculum's conditions may name: what an evaluation measures, and means over the last finished episodes of training.</summary>
public static class CurriculumMetrics
{
    /// <summary>Metric: index of the present stage.</summary>
    public const string Stage = "curriculum/stage";

    /// <summary>Metric: part of its ramp.</summary>
    public const string Level = "curriculum/level";

    /// <summary>Their names.</summary>
    /// <param name="spec">The game.</param>
    /// <param name="opponents">Who is played against in evaluations.</param>
    public static IReadOnlyList<string> Names(EnvironmentSpec spec, IReadOnlyList<string> opponents) =>
        [.. opponents.SelectMany(opponent => new[] { Score(opponent), Lower(opponent) }), .. spec.Statistics.Select(Episode)];

    /// <summary>Value of one of them after an evaluation; NaN where it is undefined.</summary>
    public static double Value(TrainingSession session, string name)
    {
        foreach (EvaluationScore score in session.Scores)
        {
            if (name == Score(score.Opponent)) return score.Score.Value;
            if (name == Lower(score.Opponent)) return score.Score.Lower;
        }

        return session.EpisodeStatistics().Where(statistic => name == Episode(statistic.Info)).Select(statistic => statistic.Mean).FirstOrDefault(double.NaN);
    }

    private static string Score(string opponent) => $"eval/{opponent}/score";

    private static string Lower(string opponent) => $"eval/{opponent}/lower";

    private static string Episode(StatisticInfo info) => $"episode/{info.Name.Replace(' ', '_')}";
}
