using System.Text.RegularExpressions;
using Arena.Conformance.Support;
using Arena.Kernels.Environments;
using Arena.Tests.KernelScan;
using OwnGame;

namespace Arena.Conformance.Games;

/// <summary>The sample: a program with a game of its own, and the recipe that describes it.</summary>
public partial class OwnGameTests
{
    public static TheoryData<string> KernelNames => [.. KernelTypes.Of(typeof(TagGame).Assembly).Select(type => type.ToString())];

    [Fact]
    public void The_samples_demo_runs_and_its_players_are_of_different_strength()
    {
        var output = new StringWriter();
        Demo.Run(output);
        string[] lines = output.ToString().Split(Environment.NewLine);
        string random = Assert.Single(lines, line => RandomVersusGreedy().IsMatch(line));
        string greedy = Assert.Single(lines, line => GreedyVersusRandom().IsMatch(line));
        Assert.True(Percent(random) < Percent(greedy), output.ToString());
        Assert.Contains(lines, line => line.Contains('C', StringComparison.Ordinal) && line.Contains('.', StringComparison.Ordinal));
    }

    [Fact]
    public void The_samples_training_loop_writes_a_policy_that_plays()
    {
        string folder = Directory.CreateTempSubdirectory("own-learn-").FullName, path = Path.Join(folder, "tag.safetensors");
        try
        {
            var output = new StringWriter();
            Learn.Run(path, agentSteps: 8192, output);
            Assert.Equal(path, Arena.HostApi.Player.FromFile(new TagGame(), new TagOptions(), path).Name);
            Assert.Contains("scripted:greedy in held-out games", output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_page_about_training_shows_the_samples_loop()
    {
        string[] source = [.. File.ReadLines(Repository.At("samples/OwnGame/Learn.cs")).Select(line => line.Trim())];
        string shown = File.ReadAllText(Repository.At("docs/training.md")).Split("```csharp")[1].Split("```")[0];
        Assert.All(shown.Split('\n').Select(line => line.Trim()), line => Assert.Contains(line, source));
    }

    [Fact]
    public void The_samples_game_is_judged_by_every_conformance_test()
    {
        Assert.IsType<TagGame>(Registry.Find("tag"));
        Assert.Contains(Cases.All, row => (string)row[0] == "tag");
        Assert.DoesNotContain(typeof(IGame).Assembly.GetTypes(), type => type.Namespace == typeof(TagGame).Namespace);
    }

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void The_samples_kernels_contain_nothing_a_gpu_gets_wrong(string name)
    {
        IReadOnlyList<Finding> findings = KernelScanner.Scan(typeof(TagGame).Assembly.GetType(name, throwOnError: true)!);
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
    }

    [Fact]
    public void The_recipe_lists_the_samples_files_and_every_file_it_names_exists()
    {
        string recipe = File.ReadAllText(Repository.At("docs/adding-an-environment.md"));
        foreach (string file in Directory.GetFiles(Repository.At("samples/OwnGame"), "*.cs"))
            Assert.Contains($"({Path.Join("../samples/OwnGame", Path.GetFileName(file)).Replace('\\', '/')})", recipe, StringComparison.Ordinal);
        string[] links = [.. Link().Matches(recipe).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Repository.At(Path.Join("docs", link))), $"docs/adding-an-environment.md points at {link}, which does not exist"));
    }

    [Theory]
    [InlineData("corridor", "Corridor")]
    [InlineData("snake", "Snake")]
    [InlineData("soccer", "Soccer")]
    public void The_recipe_counts_files_as_they_are(string game, string folder)
    {
        string row = File.ReadLines(Repository.At("docs/adding-an-environment.md")).Single(line => line.StartsWith($"| {game} |", StringComparison.Ordinal));
        int Files(string room) => Directory.GetFiles(Repository.At(room), "*.cs").Length;
        Assert.Contains($"| {Files($"Kernels/Environments/{folder}")} and `README.md`; reference {Files($"Validation/{folder}")} |", row, StringComparison.Ordinal);
    }

    private static int Percent(string line) => int.Parse(Number().Match(line).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^random +scripted:greedy ")]
    private static partial Regex RandomVersusGreedy();

    [GeneratedRegex(@"^scripted:greedy +random ")]
    private static partial Regex GreedyVersusRandom();

    [GeneratedRegex(@"(\d+) ?%")]
    private static partial Regex Number();

    [GeneratedRegex(@"\]\((\.\./[^)#]+)\)")]
    private static partial Regex Link();
}
