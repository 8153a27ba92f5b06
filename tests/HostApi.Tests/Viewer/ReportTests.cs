using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Report;
using Arena.HostApi.Training;
using Arena.HostApi.Viewer;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>report.html.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_training_ends_with_a_report_that_loads_nothing()
    {
        var output = new StringWriter();
        Assert.Equal(0, CommandLine.Run(["train", "corridor", "--runs", folder, "--agent-steps", "4096", "--final-games", "8", "--evaluation-games", "8"], output, output));
        string run = Directory.GetDirectories(folder).Single(), html = File.ReadAllText(Path.Join(run, RunReport.FileName));
        Assert.Contains(RunReport.FileName, output.ToString());
        foreach (string word in new[] { "Entropy", "<path class=\"curve", "commit", "instruction set", "Command", "held-out episodes", "config.json" }) Assert.Contains(word, html);
        foreach (string load in new[] { "src=", "href=", "url(", "@import", "<script src", "fetch(", "import(", "http:", "https:" }) Assert.DoesNotContain(load, html);
        Assert.DoesNotContain("NaN", html.Split("<h2>Settings")[0]);
    }

    [Fact]
    public void The_result_is_numbers_in_its_file_and_words_in_the_report()
    {
        string[] few = ["--runs", folder, "--agent-steps", "512", "--envs", "8", "--final-games", "8", "--evaluation-games", "2"];
        Assert.Equal(0, CommandLine.Run(["train", "corridor", .. few], TextWriter.Null, TextWriter.Null));
        string run = Directory.GetDirectories(folder).Single();
        using JsonDocument final = JsonDocument.Parse(File.ReadAllText(Path.Join(run, FinalResult.FileName)));
        JsonElement row = Assert.Single(final.RootElement.GetProperty("results").EnumerateArray()), score = row.GetProperty("score");
        double value = score.GetProperty("value").GetDouble(), lower = score.GetProperty("lower").GetDouble(), upper = score.GetProperty("upper").GetDouble();
        Assert.True(lower <= value && value <= upper && score.GetProperty("count").GetInt64() == 8);
        Assert.Contains(FormattableString.Invariant($"<td>{value:0.000}</td><td>{lower:0.000} to {upper:0.000}</td>"), File.ReadAllText(Path.Join(run, RunReport.FileName)));

        FinalResult pairings = new("title", "by points", [new FinalResult.Row("scripted:weak", new Interval(0.75, 0.5, 0.875, 8)) { Won = 5, Undecided = 2, Lost = 1 }]);
        pairings.Write(run);
        FinalResult read = FinalResult.Read(RunFiles.ReadJson(Path.Join(run, FinalResult.FileName)))!;
        Assert.Equal(pairings.Results, read.Results);
        Assert.Equal(["against", "score", "won", "by points", "lost"], read.Columns);
        Assert.Equal(["scripted:weak", "75.0 % (50.0 to 87.5)", "5", "2", "1"], read.Cells.Single());
        File.WriteAllText(Path.Join(run, FinalResult.FileName), """{ "title": "of before", "columns": ["score"], "rows": [["0.148 to 0.213"]] }""");
        Assert.Contains("<h2>Curves</h2>", RunReport.Html(run));
    }

    [Fact]
    public void A_run_that_was_stopped_has_a_report_too()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Equal(ExitCode.Cancelled, CommandLine.Run(["train", "corridor", "--runs", folder, "--agent-steps", "40960", "--evaluation-games", "8"], Terminal.Plain(TextWriter.Null, TextWriter.Null), stop.Token));
        Assert.Contains("Ctrl-C or SIGTERM", File.ReadAllText(Path.Join(Directory.GetDirectories(folder).Single(), RunReport.FileName)));
    }

    [Fact]
    public void What_a_run_says_is_shown_as_text_and_the_ladder_when_there_is_one()
    {
        string run = RunFixture.Write(folder, updates: 1000);
        File.WriteAllText(Path.Join(run, "ladder.json"), """{"ratings":[{"player":"1000","elo":412.4,"error":21.6,"bound":"atleast","games":64},{"player":"random","elo":0,"error":null,"bound":"none","games":64}]}""");
        string html = RunReport.Html(run);
        Assert.Contains("a device with &lt;angle&gt; &amp; ampersand", html);
        Assert.Contains("<td>≥ 412</td><td>22</td>", html);
        Assert.Contains("arena train corridor --seed 1", html);
        Assert.Contains("scripted:normal <span class=\"readout\">9.9", html); // the last point of the thinned curve, a mean of its group
        Assert.True(html.Length < 100_000, $"{html.Length}"); // however long the run was
        Assert.Contains("ended", html);
    }

    [Fact]
    public void Thinning_keeps_the_mean_and_a_curve_group_names_its_curves()
    {
        var curve = new Curve("eval/random/score", [.. Enumerable.Range(0, 960).Select(i => ((double)i, (double)(i % 7)))]);
        Curve thin = curve.Thinned(240);
        Assert.Equal(240, thin.Points.Count);
        Assert.Equal(curve.Points.Average(point => point.Value), thin.Points.Average(point => point.Value), 1e-9);
        CurveGroup group = CurveGroups.All[0];
        Assert.True(group.Has("eval/scripted:weak/score") && !group.Has("eval/scripted:weak/score_lower") && !group.Has("eval//score"));
        Assert.Equal("scripted:weak", group.LabelOf("eval/scripted:weak/score"));
    }

    [Fact]
    public void A_share_of_time_is_its_mean_over_the_wall_time_since_the_evaluation_before()
    {
        // Updates of 1, 1 and 2 s, the third with an evaluation that takes 75 % of it; then one without an end.
        Curve Of(string name, params double[] values) => new(name, [.. values.Select((value, i) => (1000.0 * (i + 1), value))]);
        Curve seconds = Of(CurveReader.Time, 1, 2, 4, 5), evaluating = Of("speed/share_evaluate", 0, 0, 0.75, 0);
        Assert.Equal([(3000, 0.375), (4000, 0)], evaluating.PerEvaluation(seconds, evaluating).Points);
        Assert.NotEqual(0.25, evaluating.PerEvaluation(seconds, evaluating).Points[0].Value); // the mean over updates
        Assert.Equal([(3000, (0.8 + 0.6 + 2 * 0.2) / 4), (4000, 0.5)], Of("speed/share_learn", 0.8, 0.6, 0.2, 0.5).PerEvaluation(seconds, evaluating).Points);
    }

    [Fact]
    public void Games_with_one_side_have_a_chart_of_the_policy_and_the_script()
    {
        Curve Of(string name, double value) => new(name, [(1000, value), (2000, value)]);
        Curve[] alone = [Of("eval/scripted:greedy/score", 28.8), Of("eval/scripted:greedy/score_lower", 26.0), Of("eval/scripted:greedy/script_score", 27.1)];
        CurveGroup[] drawn = [.. CurveGroups.All.Where(group => SvgChart.Draw(group, alone).Length > 0)];
        string chart = SvgChart.Draw(Assert.Single(drawn), alone);
        foreach (string words in new[] { "policy <span class=\"readout\">28.8", "policy ≥ <span class=\"readout\">26", "scripted:greedy <span class=\"readout\">27.1" }) Assert.Contains(System.Net.WebUtility.HtmlDecode(words), System.Net.WebUtility.HtmlDecode(chart));
        Assert.Equal("Score against built-in opponents", Assert.Single(CurveGroups.All, group => SvgChart.Draw(group, alone[..1]).Length > 0).Title);
    }

    [Fact]
    public void Rewards_without_weight_are_left_out_and_colours_come_twice_only_dashed()
    {
        Curve[] rewards = [.. Enumerable.Range(0, 21).Select(i => new Curve($"reward/r{i}", [(1000, 0), (2000, i)]))];
        string chart = SvgChart.Draw(CurveGroups.All.Single(group => group.LeavesOutZeros), rewards);
        Assert.DoesNotContain(">r0 ", chart.Replace("</i>", ">"));
        string[] looks = [.. System.Text.RegularExpressions.Regex.Matches(chart, "path class=\"([^\"]*)\"").Select(match => match.Groups[1].Value)];
        Assert.Equal(20, looks.Distinct().Count());
        Assert.Equal(20, looks.Length);
    }

    [Fact]
    public void Every_chart_shows_metrics_that_exist() =>
        Assert.All(CurveGroups.All.SelectMany(group => group.Metrics), name => Assert.Contains(HostApi.Metrics.MetricRegistry.All, metric => metric.Name == name));

    [Fact]
    public void A_line_that_is_still_being_written_does_no_harm()
    {
        string run = RunFixture.Write(folder, updates: 3);
        File.AppendAllText(Path.Join(run, RunDirectory.MetricsName), "{\"update\":3,\"agent_steps\":40");
        Assert.Equal(3, CurveReader.Read(run).First(curve => curve.Name == "ppo/kl").Points.Count);
        Assert.DoesNotContain(CurveReader.Read(run), curve => curve.Name == "value/explained_variance"); // "NaN" in every line
    }
}
