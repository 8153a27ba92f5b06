using System.Text.Json;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>Results of <c>arena eval</c> as tables and as JSON.</summary>
internal static class EvalOutput
{
    internal static void WriteTables(Terminal terminal, GameRequest request, EvaluationPlan plan, IReadOnlyList<PairingResult> results)
    {
        WriteHeader(terminal, request, plan, Numbers.Text($"{results[0].Games.Games} games per pairing ({results[0].Games.Pairs} seed{(results[0].Games.Pairs == 1 ? "" : "s")}, each played from both sides)"));
        UndecidedGames undecided = request.Game.Describe(request.Options).Undecided;
        WriteStrengths(terminal, $"Strengths ({Scoring(undecided)})", undecided, results);
        if (results.Count > 4)
        {
            terminal.Output.WriteLine("Name a player with --policy or --a, and opponents with --against, to see the statistics of their games.");
            return;
        }

        foreach (PairingResult result in results) StatisticRows.Write(terminal, result);
    }

    /// <summary>What a score counts, in words.</summary>
    internal static string Scoring(UndecidedGames undecided) => $"win 1, {undecided.Score}; 95 % intervals by Wilson";

    /// <summary>
    /// One line per pairing: score with its interval, games won, undecided and lost, goals. A terminal that is too narrow gets fewer columns: no player where
    /// there is one alone, then no goals, which the statistics have too.
    /// </summary>
    internal static void WriteStrengths(Terminal terminal, string title, UndecidedGames undecided, IReadOnlyList<PairingResult> results)
    {
        bool several = results.Any(result => result.Player != results[0].Player), goals = results.Any(result => Goals(result) is not null);
        string alone = $"{results[0].Player}: {title}";
        ResultTable[] forms = several
            ? [Strengths(title, undecided, results, player: true, goals), Strengths(title, undecided, results, player: true, goals: false)]
            : [Strengths(title, undecided, results, player: true, goals), Strengths(alone, undecided, results, player: false, goals), Strengths(alone, undecided, results, player: false, goals: false)];
        (forms.FirstOrDefault(form => !terminal.IsTerminal || form.FitsInto(terminal)) ?? forms[^1]).Write(terminal);
    }

    private static ResultTable Strengths(string title, UndecidedGames undecided, IReadOnlyList<PairingResult> results, bool player, bool goals)
    {
        var table = new ResultTable(title, [.. Chosen(player, "player"), "against", "score", "won", undecided.Name, "lost", .. Chosen(goals, "goals for", "against")])
        {
            RightAligned = column => column > (player ? 1 : 0),
        };
        foreach (PairingResult result in results)
        {
            StatisticEstimate? scored = Goals(result);
            table.Add([.. Chosen(player, result.Player), result.Opponent, Numbers.ShareText(result.Games.Score), Numbers.Text($"{result.Games.Wins}"), Numbers.Text($"{result.Games.Draws}"),
                Numbers.Text($"{result.Games.Losses}"), .. Chosen(goals, scored is null ? "–" : Numbers.MeanText(scored.Player.Interval), scored is null ? "–" : Numbers.MeanText(scored.Opponent!.Interval))]);
        }

        return table;
    }

    private static StatisticEstimate? Goals(PairingResult result) => result.Statistics.FirstOrDefault(statistic => statistic.Info is { Name: "goals", PerSide: true });

    private static string[] Chosen(bool chosen, params string[] cells) => chosen ? cells : [];

    internal static void WriteTables(Terminal terminal, GameRequest request, EvaluationPlan plan, IReadOnlyList<SoloResult> results)
    {
        WriteHeader(terminal, request, plan, Numbers.Text($"{plan.Games} {Episodes(request)} each, on the same seeds"));
        var scores = new ResultTable("Scores (mean ± 95 %)", "player", "score", "of the script");
        foreach (SoloResult result in results)
            scores.Add(result.Player, Numbers.MeanText(result.Score.Interval), double.IsNaN(result.RatioToBaseline) ? "–" : Numbers.Text($"{100 * result.RatioToBaseline:0.0} %"));
        scores.Write(terminal);
        StatisticRows.Of(results).Write(terminal);
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
            if (statistic.OpponentInterval is { } rival) writer.WriteInterval("opponent", rival);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
