using System.Globalization;
using Arena.HostApi.Cli;
using Arena.HostApi.Tests.Checkpoints;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests;

/// <summary>Whole numbers as people write them, wherever one is taken.</summary>
public class WholeNumberTests
{
    [Theory]
    [InlineData("1e6", 1_000_000)]
    [InlineData("2M", 2_000_000)]
    [InlineData("2.02M", 2_020_000)]
    [InlineData("500k", 500_000)]
    [InlineData("1.5K", 1_500)]
    [InlineData("1G", 1_000_000_000)]
    [InlineData("1_000_000", 1_000_000)]
    [InlineData("1,000,000", 1_000_000)]
    [InlineData("-12,345", -12_345)]
    [InlineData("2.5e+3", 2_500)]
    [InlineData("1500e-2", 15)]
    [InlineData("1.0", 1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData(" 7 ", 7)]
    public void Hand_worked(string text, long value)
    {
        Assert.True(WholeNumber.TryParse(text, out decimal read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("1.5")]
    [InlineData("1.0005k")]
    [InlineData("1,5")]
    [InlineData("1,00,000")]
    [InlineData("1,000_000")]
    [InlineData("1,000.5")]
    [InlineData(",000")]
    [InlineData("1.000,000")]
    [InlineData("1e6k")]
    [InlineData("1e99")]
    [InlineData("1e")]
    [InlineData("2 M")]
    [InlineData("2m")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("99999999999999999999999999999999")]
    public void What_is_no_whole_number_is_refused(string text) => Assert.False(WholeNumber.TryParse(text, out _));

    [Fact]
    public void Every_way_to_write_a_number_means_it()
    {
        // A double would not do, which is what reading 1e6 that way comes to.
        static bool Same(long number)
        {
            string[] ways =
            [
                number.ToString(CultureInfo.InvariantCulture), number.ToString("N0", CultureInfo.InvariantCulture), number.ToString("N0", CultureInfo.InvariantCulture).Replace(',', '_'),
                (number / 1000m).ToString(CultureInfo.InvariantCulture) + "k", (number / 1_000_000m).ToString(CultureInfo.InvariantCulture) + "M", (number / 1_000_000_000m).ToString(CultureInfo.InvariantCulture) + "G",
                (number / 100m).ToString(CultureInfo.InvariantCulture) + "e2",
            ];
            return ways.All(way => WholeNumber.TryParse(way, out decimal read) && read == number);
        }

        Prop.ForAll(ArbMap.Default.ArbFor<long>(), Same).Check(Config.QuickThrowOnFailure);
        Assert.True(Same(9_007_199_254_740_993));
        Assert.NotEqual(9_007_199_254_740_993, (long)double.Parse("9007199254740993", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Settings_options_and_files_take_them()
    {
        var plan = new TrainingPlan();
        Assert.Equal(2_020_000, Settings.With(plan, "agentSteps", "2.02M").AgentSteps);
        Assert.Equal(1024, Settings.With(plan, "evaluationGames", "1.024k").EvaluationGames);
        Assert.Contains("--hidden-width is 1e6; allowed are 1..4096", Assert.Throws<UsageException>(() => Settings.With(plan, "hiddenWidth", "1e6")).Message);
        Assert.Contains("--hidden-width is 99999999999; allowed are 1..4096", Assert.Throws<UsageException>(() => Settings.With(plan, "hiddenWidth", "99999999999")).Message);
        Assert.Contains("is '1.5', which is not a whole number", Assert.Throws<UsageException>(() => Settings.With(plan, "hiddenWidth", "1.5")).Message);
        Assert.Equal("defaults", new PausePoint("", 0, 0) == PausePoint.Parse("0") ? "defaults" : "");
        Assert.Equal(1000, PausePoint.Parse("1e3").Update);
        Assert.Equal(40_000_000, CurriculumFile.Parse("""[ { "name": "one", "atMostAgentSteps": 4e7 } ]""", "test")[0].AtMostAgentSteps);
        Runs.Succeed("eval", "corridor", "--games", "0.008k", "--seed", "1e3", "--max-ticks", "1_000");
        Assert.Contains("--games is '1.5'; allowed are whole numbers 1..", Runs.Here("eval", "corridor", "--games", "1.5").Error);
        Assert.Contains("--seed is '-1'; allowed are whole numbers 0..", Runs.Here("eval", "corridor", "--seed", "-1").Error);
        Assert.Contains("--seed is '2e19'; allowed are whole numbers 0..", Runs.Here("eval", "corridor", "--seed", "2e19").Error);
    }
}
