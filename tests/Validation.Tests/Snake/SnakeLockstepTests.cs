using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Snake;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Validation.Tests.Snake;

/// <summary>Kernels against the reference: every state column and every output after every tick, exactly.</summary>
public class SnakeLockstepTests
{
    // So crowded that every cause of death and every failed spawn is common.
    private static readonly SnakeOptions Crowded = new() { NumEnvs = 4, Width = 12, Height = 9, Snakes = 10, Food = 8, MaxLength = 16, MatchOffset = 40 };

    public static TheoryData<string> Presets => [.. Registry.Find("snake").Presets.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Kernels_agree_with_the_reference_in_every_preset(string preset)
    {
        GameOptions options = Registry.Find("snake").Presets.Single(known => known.Name == preset).Options;
        LockstepCase.MustPass("snake", options with { NumEnvs = 3, Desync = true, MatchOffset = 5 }, new LockstepPlan { Ticks = TestSize.Of(60, 2000) }, 0);
    }

    [Fact]
    public void Kernels_agree_with_the_reference_in_the_default_arena() =>
        LockstepCase.MustPass("snake", new SnakeOptions { NumEnvs = 1 }, new LockstepPlan { Ticks = TestSize.Of(6, 400), Drive = "scripted:greedy" }, 0);

    [Theory]
    [InlineData("random")]
    [InlineData("scripted:greedy")]
    [InlineData("stress")]
    [InlineData("mixed")]
    public void Kernels_agree_in_a_crowd_whoever_plays(string drive) =>
        LockstepCase.MustPass("snake", Crowded, new LockstepPlan { Ticks = TestSize.Of(300, 10_000), Drive = drive, Seed = 9 }, 0);

    [Fact]
    public void Kernels_agree_in_classic_arenas_until_they_are_full()
    {
        var options = new SnakeOptions { NumEnvs = 2, Mode = SnakeMode.Classic, Width = 8, Height = 8, Snakes = 1, Food = 1, Corpse = false };
        LockstepCase.MustPass("snake", options, new LockstepPlan { Ticks = TestSize.Of(400, 20_000), Drive = "scripted:greedy" }, 0);
    }

    [Fact]
    public void Kernels_agree_under_any_options() =>
        Prop.ForAll(AnyOptions.ToArbitrary(), options =>
            LockstepCase.MustPass("snake", options, new LockstepPlan { Ticks = 40, Drive = options.Corpse ? "mixed" : "stress", Seed = (ulong)options.Food }, 0))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(TestSize.Of(25, 1000)));

    [Theory]
    [InlineData("grid", 300)]
    [InlineData("steps", 3)]
    [InlineData("head", 4)]
    [InlineData("tail", 4)]
    [InlineData("headIndex", 2)]
    [InlineData("length", 1)]
    [InlineData("pending", 1)]
    [InlineData("heading", 4)]
    [InlineData("status", 0)]
    [InlineData("lifeTicks", 1)]
    [InlineData("eatenFood", 2)]
    [InlineData("eatenCorpse", 2)]
    [InlineData("maxLength", 2)]
    [InlineData("hunger", 9)]
    [InlineData("tick", 0)]
    [InlineData("episode", 0)]
    [InlineData("foodPresent", 0)]
    [InlineData("totals", 12)]
    public void A_wrong_state_column_is_caught_at_once(string column, int slot)
    {
        var plan = new LockstepPlan
        {
            Ticks = 30,
            Seed = 7,
            AfterStep = (environment, _, tick) =>
            {
                if (tick == 11) LockstepCase.Flip(environment.State[column], env: 2, slot);
            },
        };

        LockstepReport report = LockstepCase.Run("snake", Crowded, plan);

        Difference found = Assert.IsType<Difference>(report.First);
        Assert.Equal((column, 42, 11), (found.Column, found.Match, found.Tick));
    }

    [Theory]
    [InlineData("terminated")]
    [InlineData("truncated")]
    [InlineData("episodeStart")]
    [InlineData("rowActive")]
    [InlineData("errors")]
    [InlineData("episodesFinished")]
    [InlineData("episodeStatistics")]
    [InlineData("rewards")]
    [InlineData("rewardParts")]
    [InlineData("observations")]
    [InlineData("finalObservations")]
    public void A_wrong_output_of_one_agent_is_caught_at_once(string buffer)
    {
        var plan = new LockstepPlan
        {
            Ticks = 20,
            Drive = "random",
            AfterStep = (environment, buffers, tick) =>
            {
                if (tick == 5) LockstepCase.Spoil(buffer, environment.Spec, buffers, agent: 3);
            },
        };

        LockstepReport report = LockstepCase.Run("snake", Crowded, plan);

        Assert.Equal((buffer, 5), (report.First?.Column, report.First?.Tick));
        Assert.StartsWith($"{buffer}[agent 3]", report.First!.Element, StringComparison.Ordinal);
    }

    private static Gen<SnakeOptions> AnyOptions =>
        from width in Gen.Choose(8, 30)
        from height in Gen.Choose(8, 20)
        from snakes in Gen.Choose(1, 24)
        from food in Gen.Choose(1, 16)
        from vision in Gen.Choose(1, 5)
        from ring in Gen.Elements(8, 16, 64, 1024)
        from start in Gen.Choose(2, 8)
        from corpse in Gen.Elements(true, false)
        from rotate in Gen.Elements(true, false)
        from limit in Gen.Elements(0, 0, 7, 30)
        select new SnakeOptions
        {
            NumEnvs = 3,
            Width = width,
            Height = height,
            Snakes = snakes,
            Food = food,
            Vision = vision,
            MaxLength = ring,
            StartLength = start,
            Corpse = corpse,
            Rotate = rotate,
            LifeLimit = limit,
            Desync = true,
            MatchOffset = width,
            Rewards = new SnakeRewards { Living = 0.01f, Turning = -0.003f },
        };
}
