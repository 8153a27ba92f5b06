using System.Text.Json;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>Results of <c>arena eval</c> as tables and as JSON.</summary>
internal static class EvalOutput
{
    internal static void WriteTables(Terminal terminal, GameRequest request, EvaluationPlan plan, IReadOnlyList<PairingResult> results)
    {
        WriteHeader(terminal, request, plan, Numbers.Text($"{results[0].Games.Games} games per pairing ({results[0].Games.Pairs} seeds, each played from both sides)"));
        WriteStrengths(terminal, "Strengths (win 1, draw 1/2; 95 % intervals by Wilson)", results);
        if (results.Count > 4)
        {
            terminal.Output.WriteLine("Name a player with --policy or --a, and opponents with --against, to see the statistics of their games.");
            return;
        }

        foreach (PairingResult result in results) WriteStatistics(terminal, result);
    }

    /// <summary>One line per pairing: score with its interval, games won, drawn and lost, goals.</summary>
    internal static void WriteStrengths(Terminal terminal, string title, IReadOnlyList<PairingResult> results)
    {
        var table = new ResultTable(title, "player", "against", "score", "won", "drawn", "lost", "goals for", "against")
        {
            RightAligned = column => column > 1,
        };
        foreach (PairingResult result in results)
        {
            StatisticEstimate? goals = result.Statistics.FirstOrDefault(statistic => statistic.Info is { Name: "goals", PerSide: true });
            table.Add(result.Player, result.Opponent, Numbers.ShareText(result.Games.Score), Numbers.Text($"{result.Games.Wins}"), Numbers.Text($"{result.Games.Draws}"),
                Numbers.Text($"{result.Games.Losses}"), goals is null ? "–" : Numbers.MeanText(goals.Player.Interval), goals is null ? "–" : Numbers.MeanText(goals.Opponent!.Interval));
        }

        table.Write(terminal);
    }

    private static void WriteStatistics(Terminal terminal, PairingResult result)
    {
        var statistics = new ResultTable($"{result.Player} against {result.Opponent}, per game (mean ± 95 %)", "statistic", result.Player, result.Opponent, "match", "unit")
        {
            RightAligned = column => column is > 0 and < 4,
        };
        foreach (StatisticEstimate statistic in result.Statistics)
        {
            string player = Numbers.MeanText(statistic.Player.Interval);
            if (statistic.Opponent is null) statistics.Add(statistic.Info.Name, "", "", player, statistic.Info.Unit);
            else statistics.Add(statistic.Info.Name, player, Numbers.MeanText(statistic.Opponent.Interval), "", statistic.Info.Unit);
        }

        statistics.Write(terminal);
    }

    internal static void WriteTables(Terminal terminal, GameRequest request, EvaluationPlan plan, IReadOnlyList<SoloResult> results)
    {
        WriteHeader(terminal, request, plan, Numbers.Text($"{plan.Games} {Episodes(request)} each, on the same seeds"));
        string[] statistics = [.. results[0].Statistics.Select(statistic => statistic.Info.Name)];
        var table = new ResultTable("Scores (mean ± 95 %)", ["player", "score", "of the script", .. statistics]);
        foreach (SoloResult result in results)
            table.Add([result.Player, Numbers.MeanText(result.Score.Interval), double.IsNaN(result.RatioToBaseline) ? "–" : Numbers.Text($"{100 * result.RatioToBaseline:0.0} %"),
                .. result.Statistics.Select(statistic => statistic.IsShare ? Numbers.ShareText(statistic.Interval) : Numbers.MeanText(statistic.Interval))]);
        table.Write(terminal);
        foreach (SoloResult result in results) WriteDiverged(terminal.Output, result);
    }

    /// <summary>Which episodes diverged; nothing for a game that cannot.</summary>
    internal static void WriteDiverged(TextWriter output, SoloResult result)
    {
        if (result.Diverged is not { } diverged) return;
        foreach (string line in DivergenceText.Lines(diverged.Count, diverged)) output.WriteLine(line.StartsWith(' ') ? line : $"{result.Player}: {line}");
    }

    private static string Episodes(GameRequest request) =>
        request.Game.Describe(request.Options) is { EpisodesOf: EpisodeOwner.Agent, AgentsPerMatch: > 1 } ? "lives" : "episodes";

    internal static string Json(GameRequest request, EvaluationPlan plan, IReadOnlyList<PairingResult> results) => JsonText.Of(writer =>
    {
        WriteHeader(writer, request, plan);
        writer.WriteStartArray("pairings");
        foreach (PairingResult result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("player", result.Player);
            writer.WriteString("opponent", result.Opponent);
            writer.WriteNumber("games", result.Games.Games);
            writer.WriteNumber("wins", result.Games.Wins);
            writer.WriteNumber("draws", result.Games.Draws);
            writer.WriteNumber("losses", result.Games.Losses);
            writer.WriteInterval("score", result.Games.Score);
            writer.WriteInterval("pairScore", result.Games.PairScore);
            WriteStatistics(writer, result.Statistics);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    internal static string Json(GameRequest request, EvaluationPlan plan, IReadOnlyList<SoloResult> results) => JsonText.Of(writer =>
    {
        WriteHeader(writer, request, plan);
        writer.WriteStartArray("players");
        foreach (SoloResult result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("player", result.Player);
            writer.WriteInterval("score", result.Score.Interval);
            writer.WriteDouble("ratioToBaseline", result.RatioToBaseline);
            WriteStatistics(writer, result.Statistics);
            WriteDiverged(writer, result.Diverged);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static void WriteDiverged(Utf8JsonWriter writer, IReadOnlyList<Divergence>? diverged)
    {
        if (diverged is null) return;
        writer.WriteStartObject("diverged");
        writer.WriteNumber("count", diverged.Count);
        writer.WriteStartArray("first");
        foreach (Divergence one in diverged.Take(DivergenceText.Listed))
        {
            writer.WriteStartObject();
            writer.WriteNumber("match", one.Match);
            writer.WriteNumber("episode", one.Episode);
            writer.WriteNumber("tick", one.Tick);
            writer.WriteString("cause", one.Cause);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteHeader(Terminal terminal, GameRequest request, EvaluationPlan plan, string amount)
    {
        terminal.Output.WriteLine($"{request.Game.Name}, {request.ShownChanges}, seed {plan.Seed}: {amount}");
        terminal.Output.WriteLine();
    }

    private static void WriteHeader(Utf8JsonWriter writer, GameRequest request, EvaluationPlan plan)
    {
        writer.WriteString("game", request.Game.Name);
        writer.WriteString("options", request.Changes);
        writer.WriteNumber("seed", plan.Seed);
    }

    private static void WriteStatistics(Utf8JsonWriter writer, IReadOnlyList<StatisticEstimate> statistics)
    {
        writer.WriteStartArray("statistics");
        foreach (StatisticEstimate statistic in statistics)
        {
            writer.WriteStartObject();
            writer.WriteString("name", statistic.Info.Name);
            writer.WriteString("unit", statistic.Info.Unit);
            writer.WriteInterval("player", statistic.Interval);
            if (statistic.Opponent is not null) writer.WriteInterval("opponent", statistic.Opponent.Interval);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
