using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Training;

/// <summary>final.json of a run: the games that ended its training, as numbers for programs and for whoever shows them again.</summary>
/// <param name="Title">What was played.</param>
/// <param name="Undecided">What an undecided game is called; empty in games of one side.</param>
/// <param name="Results">One per opponent; one alone in games of one side.</param>
internal sealed record FinalResult(string Title, string Undecided, IReadOnlyList<FinalResult.Row> Results)
{
    /// <summary>Its name in a run directory.</summary>
    internal const string FileName = "final.json";

    /// <summary>Of pairings.</summary>
    internal static FinalResult Of(string title, string undecided, IEnumerable<PairingResult> results) =>
        new(title, undecided, [.. results.Select(result => new Row(result.Opponent, result.Games.Score) { Won = result.Games.Wins, Undecided = result.Games.Draws, Lost = result.Games.Losses })]);

    /// <summary>Of a game of one side.</summary>
    internal static FinalResult Of(string title, SoloResult result) => new(title, "", [new Row(null, result.Score.Interval) { OfTheScript = result.RatioToBaseline }]);

    /// <summary>What final.json of a run says; null where there is none, or one of another form.</summary>
    internal static FinalResult? Read(JsonElement? file)
    {
        if (file is not { } final || !final.TryGetProperty("results", out JsonElement results)) return null;
        double Number(JsonElement row, string name) => row.TryGetProperty(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetDouble() : double.NaN;
        Interval Score(JsonElement score) => new(Number(score, "value"), Number(score, "lower"), Number(score, "upper"), score.GetProperty("count").GetInt64());
        return new FinalResult(final.GetProperty("title").GetString()!, final.GetProperty("undecided").GetString()!, [.. results.EnumerateArray().Select(row =>
            new Row(row.TryGetProperty("against", out JsonElement against) ? against.GetString() : null, Score(row.GetProperty("score")))
            {
                Won = Number(row, "won"), Undecided = Number(row, "undecided"), Lost = Number(row, "lost"), OfTheScript = Number(row, "ofTheScript"),
            })]);
    }

    /// <summary>Writes it into a run directory.</summary>
    /// <exception cref="IOException">the disk is full.</exception>
    internal void Write(string run)
    {
        using ResultFile file = ResultFile.Open(Path.Join(run, FileName))!;
        file.Commit(JsonText.Of(writer =>
        {
            writer.WriteString("title", Title);
            writer.WriteString("undecided", Undecided);
            writer.WriteStartArray("results");
            foreach (Row row in Results) row.Write(writer);
            writer.WriteEndArray();
        }));
    }

    /// <summary>Headers of the same as a table for people.</summary>
    internal IReadOnlyList<string> Columns => Results.Any(row => row.Against is not null) ? ["against", "score", "won", Undecided, "lost"] : ["score", "95 % interval", "of the script"];

    /// <summary>Its cells, one per column.</summary>
    internal IEnumerable<IReadOnlyList<string>> Cells => Results.Select(row => row.Against is { } against
        ? new[] { against, Numbers.ShareText(row.Score), Numbers.Value(row.Won), Numbers.Value(row.Undecided), Numbers.Value(row.Lost) }
        : [Numbers.Text($"{row.Score.Value:0.000}"), Numbers.Text($"{row.Score.Lower:0.000} to {row.Score.Upper:0.000}"), double.IsNaN(row.OfTheScript) ? "–" : Numbers.Text($"{100 * row.OfTheScript:0.0} %")]);

    /// <summary>One opponent, or none.</summary>
    /// <param name="Against">Its name.</param>
    /// <param name="Score">The score and its interval of 95 %: a share of the games where there is an opponent, the game's own score otherwise.</param>
    internal sealed record Row(string? Against, Interval Score)
    {
        /// <summary>Games won.</summary>
        internal double Won { get; init; }

        /// <summary>Games that ended undecided.</summary>
        internal double Undecided { get; init; }

        /// <summary>Games lost.</summary>
        internal double Lost { get; init; }

        /// <summary>The score by the script's, where there is no opponent; NaN where that says nothing.</summary>
        internal double OfTheScript { get; init; } = double.NaN;

        /// <summary>Writes it; numbers that are undefined are null.</summary>
        internal void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            if (Against is not null) writer.WriteString("against", Against);
            writer.WriteInterval("score", Score);
            if (Against is null)
            {
                writer.WriteDouble("ofTheScript", OfTheScript);
            }
            else
            {
                writer.WriteDouble("won", Won);
                writer.WriteDouble("undecided", Undecided);
                writer.WriteDouble("lost", Lost);
            }

            writer.WriteEndObject();
        }
    }
}
