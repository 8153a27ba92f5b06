using System.Text;
using Arena.HostApi.Cli;
using Arena.HostApi.Report;

namespace Arena.HostApi.Sweeps;

/// <summary>What a sweep has found: a table by score, the front of score against time, and how the winner did on other seeds.</summary>
internal sealed class SweepReport
{
    /// <summary>Its names in a sweep directory.</summary>
    internal const string FileName = "report.html", ResultsName = "results.json";

    private const int TerminalRows = 10;
    private readonly SweepPlan plan;
    private readonly TrialState[] trials;
    private readonly TrialState[] confirmed;
    private readonly HashSet<(int Trial, int Rung)> front;

    private SweepReport(SweepPlan plan, IReadOnlyList<TrialState> states)
    {
        this.plan = plan;
        trials = [.. states.Where(state => state is { ConfirmSeed: null, Results.Count: > 0 }).OrderBy(state => state.Failed).ThenByDescending(state => state.Results.Count).ThenByDescending(state => state.Results[^1].Lower).ThenBy(state => state.Number)];
        confirmed = [.. states.Where(state => state is { ConfirmSeed: not null, Results.Count: > 0 })];
        front = Front(trials);
    }

    /// <summary>"trial 7", or "the defaults" for trial 0.</summary>
    internal static string Name(int trial) => trial == 0 ? "the defaults" : Numbers.Text($"trial {trial}");

    /// <summary>Of what is on the disk.</summary>
    internal static SweepReport Of(SweepDirectory sweep) => new(sweep.Plan, sweep.States());

    /// <summary>Writes report.html and results.json.</summary>
    /// <exception cref="IOException">the disk is full; those of before are as they were.</exception>
    internal static void Write(SweepDirectory sweep)
    {
        SweepReport report = Of(sweep);
        using ResultFile page = ResultFile.Open(Path.Join(sweep.Path, FileName))!, results = ResultFile.Open(Path.Join(sweep.Path, ResultsName))!;
        page.Commit(report.Html(sweep.Path));
        results.Commit(report.Json());
    }

    /// <summary>Results that no other one equals or beats in score in as little time: trial and rung.</summary>
    internal static HashSet<(int Trial, int Rung)> Front(IEnumerable<TrialState> trials)
    {
        var found = new HashSet<(int, int)>();
        double best = double.NegativeInfinity;
        foreach ((int trial, int rung, RungResult result) in Points(trials).OrderBy(point => point.Result.Seconds).ThenByDescending(point => point.Result.Lower).ThenBy(point => point.Trial))
        {
            if (result.Lower <= best) continue;
            best = result.Lower;
            found.Add((trial, rung));
        }

        return found;
    }

    /// <summary>Why no trial has a score; null where one has.</summary>
    internal string? Failure => trials.Any(trial => Points([trial]).Any()) ? null
        : trials.Length == 0 ? "None has ended."
        : Numbers.Text($"All {trials.Length} failed; {Name(trials[0].Number)}: {trials[0].Results[^1].Failure}");

    /// <summary>The best trials, and the runs that confirm.</summary>
    internal void WriteTables(Terminal terminal)
    {
        terminal.Output.WriteLine();
        var table = new ResultTable(
            Numbers.Text($"Held-out scores of {trials.Length} trials{(trials.Length > TerminalRows ? $", the best {TerminalRows}" : "")}; * = no other result is as good in as little time"),
            ["trial", "score", "lower bound", "agent-steps", "s", "", .. plan.Space.Names.Select(Short)]);
        foreach (TrialState trial in trials.Take(TerminalRows)) table.Add(Row(trial));
        table.Write(terminal);
        if (confirmed.Length == 0) return;
        var again = new ResultTable("Trained again on other seeds (mean ± standard error of the scores)", "", "score", "lower bound", "runs");
        foreach (string[] row in Confirmations()) again.Add(row);
        again.Write(terminal);
    }

    private static IEnumerable<(int Trial, int Rung, RungResult Result)> Points(IEnumerable<TrialState> trials) =>
        trials.SelectMany(trial => trial.Results.Select((result, rung) => (trial.Number, rung, result))).Where(point => point.result.Failure is null);

    private static string Short(string name) => name[(name.LastIndexOf('.') + 1)..];

    private string[] Row(TrialState trial)
    {
        RungResult last = trial.Results[^1];
        string mark = Enumerable.Range(0, trial.Results.Count).Any(rung => front.Contains((trial.Number, rung))) ? "*" : "";
        string[] figures = trial.Failed
            ? ["failed", "–", "–", Numbers.Text($"{last.Seconds:0}")]
            : [Numbers.Text($"{last.Value:0.000}"), Numbers.Text($"{last.Lower:0.000}"), Numbers.Text($"{last.AgentSteps:N0}"), Numbers.Text($"{last.Seconds:0}")];
        return [Name(trial.Number), .. figures, mark, .. plan.Space.Values(plan.Seed, trial.Number).Select(value => value.Length == 0 ? "–" : value)];
    }

    private IEnumerable<string[]> Confirmations() => confirmed.GroupBy(run => run.Number).OrderByDescending(runs => runs.Key).Select(runs =>
    {
        double[] scores = [.. runs.Where(run => !run.Failed).Select(run => run.Results[0].Value)], lowers = [.. runs.Where(run => !run.Failed).Select(run => run.Results[0].Lower)];
        if (scores.Length == 0) return [Name(runs.Key), "failed", "–", Numbers.Text($"{runs.Count()}")];
        double mean = scores.Average(), squares = scores.Sum(score => (score - mean) * (score - mean));
        string error = scores.Length > 1 ? Numbers.Text($"{Math.Sqrt(squares / (scores.Length - 1) / scores.Length):0.000}") : "–"; // one score says nothing of how they vary
        return new[] { Name(runs.Key), Numbers.Text($"{mean:0.000} ± {error}"), Numbers.Text($"{lowers.Average():0.000}"), Numbers.Text($"{scores.Length}{(scores.Length < runs.Count() ? $" of {runs.Count()}" : "")}") };
    });

    private string Json() => JsonText.Of(writer =>
    {
        writer.WriteString("game", plan.Game.Name);
        writer.WriteStartArray("trials");
        foreach (TrialState trial in trials.Concat(confirmed))
        {
            writer.WriteStartObject();
            writer.WriteNumber("trial", trial.Number);
            if (trial.ConfirmSeed is { } seed) writer.WriteNumber("confirmSeed", seed);
            writer.WriteStartObject("values");
            foreach ((string name, string value) in plan.Space.Names.Zip(plan.Space.Values(plan.Seed, trial.Number))) writer.WriteString(name, value);
            writer.WriteEndObject();
            writer.WriteStartArray("results");
            for (int rung = 0; rung < trial.Results.Count; rung++)
            {
                RungResult result = trial.Results[rung];
                writer.WriteStartObject();
                writer.WriteDouble("score", result.Value);
                writer.WriteDouble("lower", result.Lower);
                writer.WriteDouble("seconds", result.Seconds);
                writer.WriteNumber("agentSteps", result.AgentSteps);
                writer.WriteString("failure", result.Failure);
                writer.WriteBoolean("onFront", trial.ConfirmSeed is null && front.Contains((trial.Number, rung)));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private string Html(string path)
    {
        StringBuilder html = HtmlPage.Begin(Path.GetFileName(Path.GetFullPath(path)), $"Sweep of {plan.Game.Name}: which settings train best, by held-out scores.");
        html.Append("<h2>Score against time</h2>").Append(FrontChart.Draw(trials, front));
        html.Append("<h2>Trials</h2><p class=\"muted\">Score and lower bound: means over the built-in opponents (games with one side: of the score); s: wall time of the training; * no other result is as good in as little time.</p>");
        HtmlPage.Table(html, ["trial", "score", "lower bound", "agent-steps", "s", "", .. plan.Space.Names], trials.Select(trial => Row(trial).AsEnumerable()));
        TrialState[] failed = [.. trials.Where(trial => trial.Failed)];
        if (failed.Length > 0)
        {
            html.Append("<h2>Failed</h2>");
            HtmlPage.Table(html, ["trial", "why"], failed.Select(trial => new[] { Name(trial.Number), trial.Results[^1].Failure! }.AsEnumerable()));
        }

        if (confirmed.Length > 0)
        {
            html.Append("<h2>Trained again on other seeds</h2><p class=\"muted\">Mean ± standard error of the scores. The winner was chosen for its score on one seed, which flatters it; these runs do not.</p>");
            HtmlPage.Table(html, ["", "score", "lower bound", "runs"], Confirmations().Select(row => row.AsEnumerable()));
        }

        html.Append($"<h2>Plan</h2><details><summary>{SweepPlan.FileName}</summary><pre>{HtmlPage.Escape(plan.Json())}</pre></details>");
        return HtmlPage.End(html);
    }
}
