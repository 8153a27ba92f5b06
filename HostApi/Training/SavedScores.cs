using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Evaluation scores in a checkpoint: a count, then a few values each.</summary>
internal static class SavedScores
{
    private const int MaxScores = 10_000;

    internal static void Write(SavedValues values, string name, IReadOnlyList<EvaluationScore> scores)
    {
        values.Write($"{name}/count", (long)scores.Count);
        for (int i = 0; i < scores.Count; i++)
        {
            EvaluationScore score = scores[i];
            values.Write($"{name}/{i}/opponent", score.Opponent);
            values.Write($"{name}/{i}/value", score.Score.Value);
            values.Write($"{name}/{i}/lower", score.Score.Lower);
            values.Write($"{name}/{i}/upper", score.Score.Upper);
            values.Write($"{name}/{i}/games", score.Score.Count);
            values.Write($"{name}/{i}/isShare", score.IsShare);
            values.Write($"{name}/{i}/margin", score.Margin);
            if (double.IsFinite(score.Script)) values.Write($"{name}/{i}/script", score.Script);
        }
    }

    internal static IReadOnlyList<EvaluationScore> Read(SavedValues values, string name)
    {
        var scores = new EvaluationScore[values.ReadLong($"{name}/count", 0, MaxScores)];
        for (int i = 0; i < scores.Length; i++)
        {
            var score = new Interval(
                values.ReadDouble($"{name}/{i}/value"), values.ReadDouble($"{name}/{i}/lower"), values.ReadDouble($"{name}/{i}/upper"), values.ReadLong($"{name}/{i}/games"));
            scores[i] = new EvaluationScore(values.ReadText($"{name}/{i}/opponent"), score, values.ReadFlag($"{name}/{i}/isShare"))
            {
                Margin = values.ReadDouble($"{name}/{i}/margin"),
                Script = values.Has($"{name}/{i}/script") ? values.ReadDouble($"{name}/{i}/script") : double.NaN,
            };
        }

        return scores;
    }
}
