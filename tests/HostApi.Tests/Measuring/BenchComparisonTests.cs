using Arena.HostApi.Cli;
using Arena.HostApi.Measuring;
using Arena.Kernels;

namespace Arena.HostApi.Tests.Measuring;

/// <summary>What <c>bench --against</c> starts, reads and prints; nothing is started here.</summary>
public sealed class BenchComparisonTests
{
    [Fact]
    public void The_other_one_gets_the_same_words_and_those_of_against()
    {
        string[] mine = BenchComparison.Mine(["--threads", "2", "bench", "--against", "--threads 1", "soccer", "--json", "--desync", "--pairs=9", "--out", "file"], "soccer");
        Assert.Equal("bench soccer --threads 2 --desync --seconds 0.5 --training=false", string.Join(' ', mine));
        Assert.Equal("bench soccer --desync --seconds 0.5 --training=false --threads 1", string.Join(' ', BenchComparison.Others(mine, "--threads 1")));
        Assert.Equal("bench soccer --threads 2 --seconds 0.5 --training --desync=false", string.Join(' ', BenchComparison.Others(mine, "--training --desync=false")));
        Assert.Equal(mine, BenchComparison.Others(mine, null)); // another build of the same
        Assert.Equal("bench soccer --seconds 3 --training", string.Join(' ', BenchComparison.Mine(["bench", "soccer", "--seconds", "3", "--training"], "soccer")));
    }

    [Theory]
    [InlineData("bench soccer --against=", "Required argument missing for option: '--against'.")]
    [InlineData("bench soccer --against threads", "--against is 'threads'; expected are options of this command in one pair of quotation marks, as in --against \"--threads 1\".")]
    [InlineData("bench soccer --against --json", "--against holds --json, which says how to measure")]
    [InlineData("bench soccer --against --threds=1", "--against cannot be measured: Unknown option '--threds=1' for 'arena bench soccer'")]
    [InlineData("bench soccer --against --threads=many", "--against cannot be measured: --threads is 'many'; allowed are whole numbers 0..1024.")]
    [InlineData("bench soccer --against --threads=1 --pairs 5", "--pairs is '5'; allowed are whole numbers 6..1000.")]
    [InlineData("bench soccer --against-build nowhere/arena.dll", "--against-build is 'nowhere/arena.dll', and there is no such file; expected is the path of another build's arena.dll.")]
    public void A_bad_comparison_is_one_paragraph(string line, string expected)
    {
        var error = new StringWriter();
        Assert.Equal(ExitCode.Usage, CommandLine.Run(line.Split(' '), TextWriter.Null, error));
        Assert.Equal(1, error.ToString().Count(c => c == '\n'));
        Assert.Contains(expected, error.ToString());
    }

    [Fact]
    public void Rates_are_read_from_this_build_and_from_an_older_one()
    {
        const string rows = """ "rows": [{ "workload": "random play", "threads": 1, "agentStepsPerSecond": 4 }, { "workload": "random play", "threads": 2, "agentStepsPerSecond": 6 }] """;
        IReadOnlyDictionary<string, double> present = BenchChild.Rates(
            $$""" { {{rows}}, "training": [{ "threads": 2, "inference": { "agentStepsPerSecond": 3 }, "training": { "agentStepsPerSecond": 1 } }] } """);
        Assert.Equal(4, present.Count);
        Assert.Equal((4, 6, 3, 1), (present["random play, 1 core"], present["random play"], present["inference"], present["training"]));
        IReadOnlyDictionary<string, double> older = BenchChild.Rates($$""" { {{rows}}, "training": { "agentStepsPerSecond": 2 } } """);
        Assert.Equal((3, 2), (older.Count, older["training"]));
        // One number of threads is the most there is: two programs on different numbers of cores have that figure in common.
        Assert.Equal(["random play"], BenchChild.Rates(""" { "rows": [{ "workload": "random play", "threads": 1, "agentStepsPerSecond": 4 }] } """).Keys);
        foreach (string bad in new[] { "", "{}", """ { "rows": [{}] } """, """ { "rows": 3 } """ }) Assert.Throws<UsageException>(() => BenchChild.Rates(bad));
    }

    [Fact]
    public void The_table_fits_a_hundred_columns_and_says_what_was_found()
    {
        double[] faster = [1.1, 1.09, 1.12, 1.11, 1.08, 1.1], none = [1.1, 0.9, 1, 1, 1.05, 0.95];
        IReadOnlyList<ComparedRate> compared = [new("everybody chasing", 110.5e6, 100e6, faster), new("training", 1.9e6, 2e6, none)];
        foreach (bool rich in new[] { false, true })
        {
            var output = new StringWriter();
            BenchComparison.Write(new Terminal { Output = output, Error = TextWriter.Null, IsTerminal = rich }, "arena bench soccer", "arena bench soccer --threads 1", compared);
            string text = System.Text.RegularExpressions.Regex.Replace(output.ToString(), "\e\\[[0-9;]*m", "");
            Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
            Assert.Matches("everybody chasing .* 1.100 \\(1.080 to 1.120\\) .* faster", text);
            Assert.Matches("training .* 1.000 \\(0.900 to 1.100\\) .* no difference shown", text);
        }
    }
}
