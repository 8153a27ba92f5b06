using System.Runtime.CompilerServices;
using Arena.HostApi.Metrics;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Metrics;

/// <summary>Every logged number has a name, a unit, a healthy range and a first suspect, and the page that says so agrees with the program.</summary>
public class MetricRegistryTests
{
    private const string Begin = "<!-- metrics -->", End = "<!-- end of metrics -->";

    [Fact]
    public void The_page_is_the_registry()
    {
        string path = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "metrics.md"), page = File.ReadAllText(path);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("ARENA_WRITE_DOCS") == "1") File.WriteAllText(path, page[..from] + "\n" + Table() + page[to..]);
        else Assert.True(page[from..to].Trim() == Table().Trim(), "docs/metrics.md differs from MetricRegistry; run this test with ARENA_WRITE_DOCS=1 and look at the change.");
    }

    [Fact]
    public void Names_are_unique_and_everything_is_said()
    {
        Assert.Equal(MetricRegistry.All.Count, MetricRegistry.All.Select(metric => metric.Name).Distinct().Count());
        Assert.All(MetricRegistry.All, metric => Assert.True(metric.Name.Contains('/') && !new[] { metric.Unit, metric.Meaning, metric.Healthy, metric.Suspect }.Contains(""), metric.Name));
        Assert.All(MetricRegistry.All.Where(metric => !metric.IsFamily), metric => Assert.Same(metric, MetricRegistry.Find(metric.Name)));
        Assert.All(MetricRegistry.All.Where(metric => metric.IsFamily), metric => Assert.Same(metric, MetricRegistry.Find(metric.With("any part: 1"))));
    }

    [Theory]
    [InlineData("eval/scripted:normal/score", "eval/<opponent>/score")]
    [InlineData("selfplay/runs/soccer-1/score", "selfplay/<opponent>/score")]
    [InlineData("selfplay/pool_score", "selfplay/pool_score")]
    [InlineData("eval/scripted:normal/score_lower", "eval/<opponent>/score_lower")]
    [InlineData("gradient/norm", "gradient/norm")]
    [InlineData("gradient/norm/encoder.0.weight", "gradient/norm/<tensor>")]
    [InlineData("episode/length", "episode/length")]
    [InlineData("episode/ball_entropy", "episode/<statistic>")]
    public void A_name_finds_its_own_entry(string name, string entry) => Assert.Equal(entry, MetricRegistry.Find(name).Name);

    [Theory]
    [InlineData("ppo/klick", "'ppo/kl'")]
    [InlineData("eval//score", "MetricRegistry")]
    [InlineData("reward/", "MetricRegistry")]
    public void What_is_not_listed_cannot_be_logged(string name, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => new MetricSample(new MetricNames()).Set(name, 1)).Message);

    // R13: values of one update are joined, not overwritten.
    [Fact]
    public void Values_of_one_update_join_by_their_reduction()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<NormalFloat[]>().Filter(list => list.Length > 0), list =>
        {
            double[] values = [.. list.Select(value => value.Get % 1e6)];
            var sample = new MetricSample(new MetricNames());
            foreach (double value in values)
                foreach (string name in new[] { "guard/error_rows", "ppo/kl", "ppo/ratio_max", "ladder/elo" }) sample.Add(name, value);
            double tolerance = 1e-9 * (1 + values.Sum(Math.Abs));
            return Math.Abs(sample.Value("guard/error_rows") - values.Sum()) <= tolerance
                && Math.Abs(sample.Value("ppo/kl") - values.Average()) <= tolerance
                && sample.Value("ppo/ratio_max") == values.Max()
                && sample.Value("ladder/elo") == values[^1];
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void A_sample_keeps_the_order_of_setting_and_starts_anew_when_cleared()
    {
        var names = new MetricNames();
        MetricSample first = new(names), second = new(names);
        first.Set("ppo/kl", 1);
        first.Set("loss/policy", 2);
        first.Set("ppo/kl", 3);
        first.SetKnown("policy/std", double.NaN);
        Assert.Equal(2, first.Count);
        Assert.Equal([("ppo/kl", 3), ("loss/policy", 2)], [first[0], first[1]]);
        Assert.True(double.IsNaN(first.Value("policy/std")));
        first.Clear();
        Assert.Equal(0, first.Count);
        for (int i = 0; i < 600; i++) second.Set($"reward/{i}", i); // more than was reserved
        Assert.Equal(Enumerable.Range(0, 600).Select(i => ($"reward/{i}", (double)i)), Enumerable.Range(0, 600).Select(i => second[i]));
        first.Add("ppo/kl", 7);
        Assert.Equal(("ppo/kl", 7), first[0]);
    }

    private static string Table()
    {
        IEnumerable<string> rows = MetricRegistry.All.Select(metric =>
            $"| `{metric.Name}` | {metric.Unit} | {metric.Reduction.ToString().ToLowerInvariant()} | {Cell(metric.Meaning)} | {Cell(metric.Healthy)} | {Cell(metric.Suspect)} |");
        return "| metric | unit | reduction | what | healthy | first suspect |\n| --- | --- | --- | --- | --- | --- |\n" + string.Join('\n', rows) + "\n";
    }

    private static string Cell(string text) => text.Replace("|", "\\|");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
