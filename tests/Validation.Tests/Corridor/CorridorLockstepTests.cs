using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.Validation.Tests.Corridor;

public class CorridorLockstepTests
{
    private static readonly CorridorOptions Small = new() { NumEnvs = 12 };

    public static TheoryData<string> Presets => [.. Registry.Find("corridor").Presets.Select(preset => preset.Name).Prepend("default")];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Kernels_agree_with_the_reference_in_every_preset(string preset)
    {
        IGame game = Registry.Find("corridor");
        GameOptions options = game.Presets.FirstOrDefault(known => known.Name == preset)?.Options ?? game.DefaultOptions;
        LockstepCase.MustPass("corridor", options with { NumEnvs = 24, Desync = true, MatchOffset = 5 }, new LockstepPlan { Ticks = TestSize.Of(150, 2000) }, 0);
    }

    [Fact]
    public void Kernels_agree_where_the_clock_terminates() =>
        LockstepCase.MustPass("corridor", Small with { Clock = ClockEnd.Terminate, Desync = true, MaxTicks = 8 }, new LockstepPlan { Ticks = 100, Seed = 4 }, 0);

    [Theory]
    [InlineData("random")]
    [InlineData("scripted:optimal")]
    [InlineData("stress")]
    public void Kernels_agree_whoever_plays(string drive) =>
        LockstepCase.MustPass("corridor", Small with { Observation = ObservationKind.Byte, Memory = true }, new LockstepPlan { Ticks = 100, Drive = drive, Seed = 9 }, 0);

    [Theory]
    [InlineData("cell")]
    [InlineData("cue")]
    [InlineData("tick")]
    [InlineData("episode")]
    [InlineData("return")]
    public void A_wrong_state_column_is_caught_at_once(string column)
    {
        var plan = new LockstepPlan
        {
            Ticks = 60,
            Seed = 7,
            AfterStep = (environment, _, tick) =>
            {
                if (tick == 11) LockstepCase.Corrupt(environment, column, env: 4, slot: 0, amount: 1);
            },
        };

        LockstepReport report = LockstepCase.Run("corridor", Small with { MatchOffset = 100, MaxTicks = 20 }, plan);

        Difference found = Assert.IsType<Difference>(report.First);
        Assert.Equal((column, 104, 11), (found.Column, found.Match, found.Tick));
        Assert.Equal(1, found.Actual - found.Expected, 1e-6);
        string story = found.ToString();
        Assert.Contains("corridor", story);
        Assert.Contains($"column {column}", story);
        Assert.Contains("after tick 11", story);
        Assert.Contains("seed 7", story);
        Assert.Contains("arena validate corridor --seed 7 --ticks 12 --envs 12 --set matchOffset=100 --set maxTicks=20", story);
    }

    [Theory]
    [InlineData("rewards")]
    [InlineData("rewardParts")]
    [InlineData("observations")]
    [InlineData("terminated")]
    [InlineData("truncated")]
    [InlineData("episodeStart")]
    [InlineData("rowActive")]
    [InlineData("errors")]
    [InlineData("finalObservations")]
    [InlineData("episodeStatistics")]
    [InlineData("episodesFinished")]
    [InlineData("actionMasks")]
    public void A_wrong_output_is_caught_at_once(string buffer)
    {
        var plan = new LockstepPlan { Ticks = 60, Drive = "random", AfterStep = (_, buffers, tick) => Spoil(buffer, buffers, tick) };

        LockstepReport report = LockstepCase.Run("corridor", Small with { Masks = true }, plan);

        Assert.Equal((buffer, 5), (report.First?.Column, report.First?.Tick));
        Assert.StartsWith(buffer, report.First!.Element);
        Assert.Contains("--drive random --set masks=true", report.First.Command);
    }

    [Fact]
    public void The_reproduction_command_reproduces()
    {
        LockstepPlan Plan(int ticks) => new()
        {
            Ticks = ticks,
            AfterStep = (environment, _, tick) =>
            {
                if (tick == 30) LockstepCase.Corrupt(environment, "cell", 2, 0, -1);
            },
        };
        Difference first = LockstepCase.Run("corridor", Small, Plan(200)).First!;

        Assert.Contains("--ticks 31", first.Command);
        Assert.Equal(first, LockstepCase.Run("corridor", Small, Plan(31)).First);
        Assert.True(LockstepCase.Run("corridor", Small, Plan(30)).Passed);
    }

    [Fact]
    public void Results_count_what_was_compared()
    {
        LockstepReport report = LockstepCase.Run("corridor", Small, new LockstepPlan { Ticks = 40 });

        Assert.Equal(12 * 40, report.TicksCompared);
        Assert.Equal(0, report.TicksSetApart);
        // The reset is compared too.
        Assert.Equal(12 * 41 * CorridorConstants.ObservationLength, report.Columns.Single(column => column.Name == "observations").Comparisons);
        Assert.Equal(report.Comparisons, report.Columns.Sum(column => column.Comparisons));
        Assert.All(report.Columns, column => Assert.Equal((0, 0), (column.MaxScaledError, column.Tolerance)));
        Assert.True(report.EpisodesFinished > 0);
    }

    [Fact]
    public void A_game_without_a_reference_and_a_player_who_does_not_exist_are_explained()
    {
        string noReference = Assert.Throws<UsageException>(() => References.Find("chess")).Message;
        string noPlayer = Assert.Throws<UsageException>(() => LockstepCase.Run("corridor", Small, new LockstepPlan { Drive = "scripted:optimul" })).Message;
        string tooMany = Assert.Throws<UsageException>(() => LockstepCase.Run("corridor", Small, new LockstepPlan { Drive = "random,random" })).Message;

        Assert.Contains("'chess' has no reference", noReference);
        Assert.Contains("soccer, corridor", noReference);
        Assert.Contains("Did you mean 'scripted:optimal'?", noPlayer);
        Assert.Contains("names 2 players", tooMany);
    }

    // Breaks an element of match 3 after tick 5, in whichever way its type allows.
    private static void Spoil(string name, StepBuffers buffers, int tick)
    {
        if (tick != 5) return;
        switch (name)
        {
            case "rewards": buffers.Rewards!.View[3] += 0.01f; break;
            case "rewardParts": buffers.RewardParts!.View[6] = float.NaN; break;
            case "observations": buffers.Observations!.View[3 * CorridorConstants.ObservationLength + 2] += 1e-4f; break;
            case "terminated": buffers.Terminated!.View[3] ^= 1; break;
            case "truncated": buffers.Truncated!.View[3] ^= 1; break;
            case "episodeStart": buffers.EpisodeStart!.View[3] ^= 1; break;
            case "rowActive": buffers.RowActive!.View[3] = 0; break;
            case "errors": buffers.Errors!.View[3] |= ErrorCode.StateNotFinite; break;
            case "finalObservations": buffers.FinalObservations!.View[3 * CorridorConstants.ObservationLength] += 1; break;
            case "episodeStatistics": buffers.EpisodeStatistics!.View[9] += 1; break;
            case "episodesFinished": buffers.EpisodesFinished!.View[3]++; break;
            case "actionMasks": buffers.ActionMasks!.View[3] ^= 4; break;
            default: throw new ArgumentException(name);
        }
    }
}
