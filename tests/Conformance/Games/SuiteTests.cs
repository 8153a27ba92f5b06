using Arena.Conformance.Support;
using Arena.HostApi.Cli;
using Arena.Kernels.Environments;
using Arena.Validation.Conformance;
using OwnGame;

namespace Arena.Conformance.Games;

/// <summary>The checks as one call, for a test project of one's own and for <c>validate</c>.</summary>
public class SuiteTests
{
    [Fact]
    public void The_sample_passes_every_check_that_is_about_it()
    {
        IReadOnlyList<ConformanceResult> results = ConformanceSuite.Run(new ConformanceCase(new TagGame(), new TagOptions()));
        Assert.All(results, result => Assert.Null(result.Problem));
        Assert.Equal(ConformanceSuite.All.Where(check => check != ConformanceSuite.Entities), results.Select(result => result.Check)); // tag has no entities
    }

    [Theory]
    [InlineData("not written", "observations differ")] // as an index that is off by one leaves an element
    [InlineData("out of range", "share of time left")]
    [InlineData("not repeatable", "rewards differ")]
    public void A_planted_bug_is_a_result_that_says_where(string bug, string where)
    {
        var game = new SabotagedGame(bug);
        ConformanceResult[] failed = [.. ConformanceSuite.Run(new ConformanceCase(game, game.DefaultOptions)).Where(result => result.Failed)];
        Assert.Contains(failed, result => result.Problem!.Contains(where, StringComparison.Ordinal) && result.Problem.Contains("tick", StringComparison.Ordinal));
    }

    [Fact]
    public void An_index_that_a_checked_build_refuses_is_a_result_with_its_place()
    {
        var game = new SabotagedGame("outside a buffer"); // throws as such a build does
        IReadOnlyList<ConformanceResult> results = ConformanceSuite.Run(new ConformanceCase(game, game.DefaultOptions));
        Assert.Contains(results, result => result.Failed && result.Problem!.Contains("index 6 of a view with 6 elements", StringComparison.Ordinal) && result.Problem.Contains("It was in", StringComparison.Ordinal) && result.Problem.Contains("(Sabotage.cs:", StringComparison.Ordinal));
    }

    [Fact]
    public void What_never_came_up_is_said_and_is_no_failure()
    {
        ConformanceResult[] unseen = [.. ConformanceSuite.Run(new ConformanceCase(new TagGame(), new TagOptions()) { Ticks = 1 }).Where(result => result.Problem is not null)];
        Assert.Contains(unseen, result => result.Check == ConformanceSuite.Desync);
        Assert.All(unseen, result => Assert.False(result.Failed, result.Problem));
    }

    [Fact]
    public void Every_check_is_in_the_list_once() =>
        Assert.Equal(
            typeof(ConformanceSuite).GetProperties().Where(property => property.PropertyType == typeof(ConformanceCheck)).Select(property => property.GetValue(null)!).ToHashSet(),
            ConformanceSuite.All.ToHashSet<object>());

    [Fact]
    public void Validate_checks_a_game_without_a_reference()
    {
        Registry.Add<TagGame>();
        var output = new StringWriter();
        Assert.Equal(ExitCode.Success, CommandLine.Run(["validate", "tag", "--envs", "8"], output, output));
        foreach (ConformanceCheck check in ConformanceSuite.All.Where(check => check != ConformanceSuite.Entities))
            Assert.Matches($"(?m)^{check.Name} +passed", output.ToString());
        Assert.Contains("'tag' has no reference", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Passed.", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, CommandLine.Run(["validate", "tag", "--drive", "random"], output, output));
    }
}
