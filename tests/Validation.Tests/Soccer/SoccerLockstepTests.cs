using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Tests.Soccer;

/// <summary>The soccer kernels beside their reference, one tick at a time.</summary>
public class SoccerLockstepTests
{
    private const double MostSetApart = 0.01;

    private static readonly SoccerOptions Small = new() { NumEnvs = 12, MaxTicks = 120, Desync = true, MatchOffset = 3 };

    public static TheoryData<int, string> SizesAndDrives
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach (int size in new[] { 1, 2, 3, 5, 11 })
                foreach (string drive in new[] { "mixed", "random", "scripted:chase" }) cases.Add(size, drive);
            return cases;
        }
    }

    public static TheoryData<string> Variants => [.. Options.Keys];

    private static Dictionary<string, SoccerOptions> Options { get; } = new()
    {
        ["average"] = Small.With(physics => physics with { KickRule = KickRule.Average, KickDeadZone = 0 }),
        ["sum"] = Small.With(physics => physics with { KickRule = KickRule.Sum, KickDeadZone = 0 }),
        ["discrete"] = Small with { Actions = SoccerActions.Discrete },
        ["entities"] = Small with { Observation = SoccerObservation.Entities },
        ["end on goal"] = Small with { EndOnGoal = true, RandomStart = 1 },
        ["goals to win"] = Small with { GoalsToWin = 2, RandomStart = 0.5f },
        ["random start"] = Small with { RandomStart = 0.5f, Difficulty = 0.7f, MaxTicks = 40 },
        ["independent jitter"] = Small with { Jitter = SoccerJitter.Independent, MaxTicks = 30 },
        ["terminate"] = Small with { Clock = ClockEnd.Terminate },
        ["individual credit"] = Small with { Credit = SoccerCredit.Individual, Rewards = AllRewards },
        ["not zero-sum"] = Small with { ZeroSum = false, Rewards = AllRewards },
        ["win"] = Small with { Rewards = AllRewards, MaxTicks = 50, RandomStart = 1 },
        ["other sizes"] = Small with { Physics = new SoccerPhysics { HalfLength = 6.3f, HalfWidth = 4.1f, GoalHalfWidth = 2.2f, PlayerRadius = 0.4f, BallRadius = 0.11f } },
        ["fast and bouncy"] = Small.With(physics => physics with { TimeStepSeconds = 0.2f, BallRestitution = 1, PlayerRestitution = 1, BallMaxSpeed = 20, KickMaxSpeed = 15 }),
    };

    private static SoccerRewards AllRewards => new() { Win = 2, Touch = 0.5f, Exertion = 0.03f };

    [Theory]
    [MemberData(nameof(SizesAndDrives))]
    public void Kernels_agree_for_every_team_size(int teamSize, string drive) =>
        LockstepCase.MustPass(
            "soccer",
            Small with { TeamSize = teamSize, NumEnvs = TestSize.Of(6, 24), RandomStart = 0.3f },
            new LockstepPlan { Ticks = TestSize.Of(teamSize > 5 ? 120 : 250, 2000), Drive = drive },
            MostSetApart);

    [Theory]
    [MemberData(nameof(Variants))]
    public void Kernels_agree_with_every_option(string variant) =>
        LockstepCase.MustPass("soccer", Options[variant], new LockstepPlan { Ticks = TestSize.Of(150, 2000), Seed = 5 }, MostSetApart);

    [Theory]
    [InlineData("player", 9, 1e-3f, "player[2].y")]
    [InlineData("player", 2, 1e-3f, "player[0].velocityX")]
    [InlineData("ball", 3, 1e-3f, "ball.velocityY")]
    [InlineData("ballHistory", 4, 1e-2f, "ballHistory[1].x")]
    [InlineData("score", 1, 1f, "score[1]")]
    [InlineData("nearest", 0, 1f, "nearest[0]")]
    [InlineData("touch", 1, 1f, "touch.streak")]
    [InlineData("touchPlace", 2, 1e-2f, "touchPlace.way")]
    [InlineData("tick", 0, 1f, "tick")]
    [InlineData("statistics", SoccerStatistic.Touches, 1f, "statistics[4]")]
    public void A_planted_bug_is_caught_and_named(string column, int slot, float amount, string element)
    {
        var plan = new LockstepPlan
        {
            Ticks = 30,
            Drive = "random,scripted:weak",
            Seed = 7,
            AfterStep = (environment, _, tick) =>
            {
                if (tick == 20) LockstepCase.Corrupt(environment, column, env: 1, slot, amount);
            },
        };

        Difference? found = LockstepCase.Run("soccer", new SoccerOptions { NumEnvs = 3 }, plan).First;

        Assert.Equal((20, 1, element), (found?.Tick, found?.Match, found?.Element));
        Assert.Contains("arena validate soccer --seed 7 --ticks 21 --envs 3 --drive random,scripted:weak", found!.ToString());
    }
}
