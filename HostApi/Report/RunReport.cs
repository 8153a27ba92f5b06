using System.Text;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.SelfPlay;
using Arena.HostApi.Training;
using Arena.HostApi.Viewer;

namespace Arena.HostApi.Report;

/// <summary>report.html of a run: curves, final table, ladder, machine, commit, command, settings. One file that loads nothing else.</summary>
/// <remarks>It is made of the run's own files, so it can be made again whenever one of them changes.</remarks>
internal static class RunReport
{
    /// <summary>Its name in a run directory.</summary>
    internal const string FileName = "report.html";

    private static readonly (string Key, string Name)[] Facts =
    [
        ("started", "started"), ("finished", "finished"), ("exitReason", "ended"), ("commit", "commit"), ("version", "version"), ("device", "device"),
        ("instructionSet", "instruction set"), ("threads", "threads"), ("system", "system"), ("dotnet", "runtime"), ("seed", "seed"), ("startedFrom", "began with"), ("resumedFrom", "resumed from update"),
    ];

    /// <summary>Writes it into the run directory.</summary>
    /// <exception cref="IOException">the disk is full; a report of before is as it was.</exception>
    internal static void Write(string run)
    {
        string html = Html(run);
        using ResultFile file = ResultFile.Open(Path.Join(run, FileName))!;
        file.Commit(html);
    }

    /// <summary>The whole document.</summary>
    internal static string Html(string run)
    {
        JsonElement? about = RunFiles.ReadJson(Path.Join(run, RunDirectory.RunName)), config = RunFiles.ReadJson(Path.Join(run, RunConfig.FileName));
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run)));
        string game = config is { } known && known.TryGetProperty("game", out JsonElement played) ? played.GetString() ?? "" : "";
        StringBuilder html = HtmlPage.Begin(name, $"Training of {game}.");
        if (FinalResult.Read(RunFiles.ReadJson(Path.Join(run, FinalResult.FileName))) is { } final) AppendFinal(html, final);
        AppendCurves(html, run);
        if (RunFiles.ReadJson(Path.Join(run, LadderFile.FileName)) is { } ladder) AppendLadder(html, ladder);
        if (about is { } facts) AppendFacts(html, facts);
        if (config is { } settings) html.Append($"<h2>Settings</h2><details><summary>config.json</summary><pre>{HtmlPage.Escape(JsonSerializer.Serialize(settings, Readable))}</pre></details>");
        return HtmlPage.End(html);
    }

    private static JsonSerializerOptions Readable { get; } = new() { WriteIndented = true };

    private static void AppendFinal(StringBuilder html, FinalResult final)
    {
        html.Append($"<h2>Result</h2><p class=\"muted\">{HtmlPage.Escape(final.Title)}</p>");
        HtmlPage.Table(html, final.Columns, final.Cells.Select(row => row.AsEnumerable()));
    }

    private static void AppendLadder(StringBuilder html, JsonElement ladder)
    {
        html.Append("<h2>Ladder</h2><p class=\"muted\">Elo by the Bradley-Terry model; the random player stands at 0; ± one standard error.</p>");
        HtmlPage.Table(html, ["player", "Elo", "±", "games"], ladder.GetProperty("ratings").EnumerateArray().Select(rating => new[]
        {
            Name(Cell(rating.GetProperty("player"))), Bound(rating) + Rounded(rating.GetProperty("elo")), Rounded(rating.GetProperty("error")), Cell(rating.GetProperty("games")),
        }.AsEnumerable()));
    }

    // Snapshots are named by their agent-steps.
    private static string Name(string player) => long.TryParse(player, out long steps) ? Numbers.Text($"after {steps:N0} agent-steps") : player;

    // One who never lost has no rating, only a bound of it.
    private static string Bound(JsonElement rating) => rating.GetProperty("bound").GetString() switch { "atleast" => "≥ ", "atmost" => "≤ ", _ => "" };

    private static string Rounded(JsonElement value) => value.ValueKind == JsonValueKind.Number ? Numbers.Text($"{value.GetDouble():0}") : "–";

    private static void AppendCurves(StringBuilder html, string run)
    {
        IReadOnlyList<Curve> curves = CurveReader.Read(run);
        html.Append("<h2>Curves</h2>");
        string charts = string.Concat(CurveGroups.All.Select(group => SvgChart.Draw(group, curves)));
        html.Append(charts.Length == 0 ? "<p class=\"muted\">No update was finished.</p>" : $"<div id=\"charts\">{charts}</div>");
    }

    private static void AppendFacts(StringBuilder html, JsonElement about)
    {
        html.Append("<h2>Where and how</h2>");
        HtmlPage.Table(html, null, Facts.Where(fact => about.TryGetProperty(fact.Key, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            .Select(fact => new[] { fact.Name, Cell(about.GetProperty(fact.Key)) }.AsEnumerable()));
        if (about.TryGetProperty("commandLine", out JsonElement words))
            html.Append($"<h2>Command</h2><pre>{HtmlPage.Escape(string.Join(' ', words.EnumerateArray().Select(Cell)))}</pre>");
    }

    private static string Cell(JsonElement value) => value.ToString();
}
