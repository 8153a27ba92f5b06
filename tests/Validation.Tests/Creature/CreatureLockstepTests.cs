using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Xunit.Abstractions;

namespace Arena.Validation.Tests.Creature;

/// <summary>The creature kernels beside their reference, one tick at a time.</summary>
public class CreatureLockstepTests(ITestOutputHelper output)
{
    // Few: half a percent on bumps, where edges of cells are met, a tenth elsewhere.
    private const double MostSetApart = 0.01;

    // Ticks that multiply rounding themselves, and would differ at the usual tolerance: a third of a percent with 16 substeps, a tenth of that elsewhere.
    private const double MostAmplified = 0.01;

    private static readonly CreatureOptions Small = new() { NumEnvs = 4, MaxTicks = 40, Desync = true, MatchOffset = 3, Level = 1 };

    public static TheoryData<string> Variants => [.. Options.Keys];

    private static Dictionary<string, (CreatureOptions Options, string Drive)> Options { get; } = new()
    {
        ["ant"] = (Small, "mixed"),
        ["six-legs"] = (Small with { Skeleton = "six-legs" }, "random"),
        ["hopper"] = (Small with { Skeleton = "hopper" }, "random"),
        ["torque"] = (Small with { Actions = CreatureActions.Torque }, "random"),
        ["hopper, torque"] = (Small with { Skeleton = "hopper", Actions = CreatureActions.Torque }, "random"),
        ["sixteen substeps, smooth"] = (Small with { Substeps = 16, Smoothing = 0.3f, PreviousActions = 4 }, "random"),
        ["target on bumps"] = (Small with { Task = CreatureTask.Target, Ground = CreatureGround.Bumpy, Level = 3, PreviousActions = 0 }, "stress"),
        ["dribble on bumps"] = (Small with { Skeleton = "six-legs", Task = CreatureTask.Dribble, Ground = CreatureGround.Bumpy, Level = 2, Substeps = 10 }, "scripted:gait"),
        ["hopper dribbles"] = (Small with { Skeleton = "hopper", Task = CreatureTask.Dribble, Level = 0 }, "random"),
        ["generated"] = (Small with { Skeleton = "generated:legs=6,segments=2,plan=pairs,seed=7" }, "random"),
        ["generated ring"] = (Small with { Skeleton = "generated:legs=5,segments=3,plan=ring,seed=3" }, "random"),
        ["generated, four around"] = (Small with { Skeleton = "generated:legs=4,segments=2,plan=ring,seed=5" }, "random"),
        ["published rewards"] = (Small with { Rewards = CreatureRewards.Gae }, "random"),
        ["no ground, no weight"] = (Small with { Ground = CreatureGround.None, Gravity = 0 }, "random"),
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Kernels_agree(string variant)
    {
        (CreatureOptions options, string drive) = Options[variant];
        MustPass(
            variant,
            options with { NumEnvs = TestSize.Of(4, 16), MaxTicks = TestSize.Of(40, 300) },
            new LockstepPlan { Ticks = TestSize.Of(50, 6000), Drive = drive, Seed = 5 },
            MostSetApart);
    }

    public static TheoryData<string> Generated => [.. GeneratedCodes];

    internal static string[] GeneratedCodes { get; } =
    [
        "legs=6,segments=1,plan=ring,seed=11", "legs=8,segments=3,plan=ring,seed=11", "legs=4,segments=1,plan=pairs,seed=11", "legs=4,segments=2,plan=pairs,seed=11",
        "legs=4,segments=3,plan=pairs,seed=11", "legs=6,segments=1,plan=pairs,seed=11", "legs=6,segments=2,plan=pairs,seed=11", "legs=6,segments=3,plan=pairs,seed=12",
        "legs=6,segments=2,plan=pairs,seed=7", "legs=8,segments=2,plan=pairs,seed=11", "legs=3,segments=1,plan=ring,seed=11", "legs=3,segments=2,plan=ring,seed=11",
        "legs=4,segments=1,plan=ring,seed=11", "legs=4,segments=3,plan=ring,seed=11", "legs=5,segments=1,plan=ring,seed=11", "legs=5,segments=2,plan=ring,seed=11",
        "legs=6,segments=2,plan=ring,seed=11", "legs=7,segments=1,plan=ring,seed=11", "legs=7,segments=3,plan=ring,seed=11", "legs=8,segments=2,plan=ring,seed=11",
        "legs=2,segments=1,plan=pairs,seed=11", "legs=2,segments=2,plan=pairs,seed=11", "legs=2,segments=3,plan=pairs,seed=11", "legs=2,segments=3,plan=pairs,seed=1",
        "legs=8,segments=1,plan=pairs,seed=11",
    ];

    // With the built-in creatures above, more than a million states at full size.
    [Theory]
    [MemberData(nameof(Generated))]
    public void Kernels_agree_about_generated_creatures(string code) => MustPass(
        code,
        Small with { Skeleton = "generated:" + code, NumEnvs = TestSize.Of(2, 16), MaxTicks = TestSize.Of(20, 300) },
        new LockstepPlan { Ticks = TestSize.Of(10, 2600), Drive = "random", Seed = 6 },
        TestSize.Full ? MostSetApart : 0.1); // one of twenty is no share

    private void MustPass(string name, CreatureOptions options, LockstepPlan plan, double mostSetApart)
    {
        LockstepReport report = LockstepCase.MustPass("creature", options, plan, mostSetApart);
        long ticks = report.TicksCompared + report.TicksSetApart;
        string reasons = string.Join("; ", report.Reasons.Select(reason => $"{reason.Key}: {reason.Value}"));
        output.WriteLine(FormattableString.Invariant($"{name}, {ticks:N0} match-ticks: {report.TicksAmplified} widened, {report.TicksSetApart} set apart ({reasons})"));
        if (TestSize.Full) Assert.True(report.TicksAmplified <= MostAmplified * ticks, $"{report.TicksAmplified} of {ticks} match-ticks compared with a wider tolerance");
    }

    [Theory]
    [InlineData("ant")]
    [InlineData("six-legs")]
    public void Kernels_agree_about_a_ball_among_legs(string skeleton)
    {
        using var beside = new Beside(new CreatureOptions { Skeleton = skeleton, Task = CreatureTask.Dribble });
        var random = new Random(7);
        Dictionary<string, int> reasons = [];
        int touched = 0, ticks = TestSize.Of(60, 5000);
        for (int tick = 0; tick < ticks; tick++)
        {
            if (tick % 6 == 0)
            {
                double angle = 2 * Math.PI * random.NextDouble();
                beside.Set("ball", 0, (float)(beside.Get("body", 0) + 0.45 * Math.Cos(angle)));
                beside.Set("ball", 1, (float)(beside.Get("body", 1) + 0.45 * Math.Sin(angle)));
                beside.Set("ball", 2, 0.3f);
                beside.Set("ball", CreatureConstants.Velocity, -2 * (float)Math.Cos(angle));
                beside.Set("ball", CreatureConstants.Velocity + 1, -2 * (float)Math.Sin(angle));
            }

            double speed = beside.Get("ball", CreatureConstants.Velocity);
            FoundDifference? found = beside.Step([.. Enumerable.Range(0, beside.Environment.Spec.Action.Continuous.Count).Select(_ => (float)(2 * random.NextDouble() - 1))]);
            Assert.True(found is null, $"tick {tick}: {found}");
            if (beside.Expected!.NearBoundary is { } reason) reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            if (Math.Abs(beside.Get("ball", CreatureConstants.Velocity) - speed) > 0.3) touched++;
        }

        Assert.True(touched > ticks / 20, $"the ball was touched {touched} times");
        Assert.True(beside.SetApart <= 0.1 * ticks, $"{beside.SetApart} of {ticks} ticks set apart: {string.Join("; ", reasons)}");
    }

    [Theory]
    [InlineData(CreatureTask.Target)]
    [InlineData(CreatureTask.Dribble)]
    public void Kernels_agree_when_goals_are_reached(CreatureTask task)
    {
        using var beside = new Beside(new CreatureOptions { Task = task, Level = 2 });
        for (int tick = 0; tick < 12; tick++)
        {
            // The point is put beside the torso, the gate beside the ball.
            string at = task == CreatureTask.Target ? "body" : "ball";
            int goal = task == CreatureTask.Target ? 0 : 2;
            if (tick % 3 == 1)
                for (int axis = 0; axis < 2; axis++) beside.Set("goal", goal + axis, (float)beside.Get(at, axis) + 0.2f);
            double x = beside.Get("goal", goal);
            FoundDifference? found = beside.Step(new float[8]);
            Assert.True(found is null, $"tick {tick}: {found}");
            Assert.Equal(tick % 3 == 1, x != beside.Get("goal", goal));
        }

        Assert.Equal(4, beside.Get("statistics", CreatureStatistic.Events));
    }

    [Theory]
    [InlineData(CreatureTask.Run)]
    [InlineData(CreatureTask.Target)]
    [InlineData(CreatureTask.Dribble)]
    public void Kernels_agree_when_the_origin_moves(CreatureTask task)
    {
        using var beside = new Beside(new CreatureOptions { Task = task });
        for (int body = 0; body < 9; body++) Shift("body", body * CreatureConstants.BodyFloats);
        if (task == CreatureTask.Dribble) Shift("ball", 0);
        if (task != CreatureTask.Run) Shift("goal", task == CreatureTask.Target ? 0 : 2);

        FoundDifference? found = beside.Step(new float[8]);

        Assert.True(found is null, found?.ToString());
        Assert.Equal((1, -1), (beside.Get("origin", 0), beside.Get("origin", 1)));
        Assert.InRange(beside.Get("body", 0), 0.4, 0.6);

        void Shift(string column, int slot)
        {
            beside.Set(column, slot, (float)beside.Get(column, slot) + 4.5f);
            beside.Set(column, slot + 1, (float)beside.Get(column, slot + 1) - 4.5f);
        }
    }

    [Theory]
    [InlineData("body", 0, 1e6f)]
    [InlineData("body", 5, float.NaN)]
    [InlineData("body", 7, float.PositiveInfinity)]
    [InlineData("body", 12, 1e6f)]
    [InlineData("body", 13 + 2, 40f)]
    public void Both_sides_reset_what_diverged(string column, int slot, float poison)
    {
        using var beside = new Beside(new CreatureOptions());
        for (int tick = 0; tick < 3; tick++) Assert.Null(beside.Step(new float[8]));
        beside.Set(column, slot, poison);

        FoundDifference? found = beside.Step(new float[8]);

        Assert.True(found is null or { Column: "episodeStatistics" }, found?.ToString());
        Assert.True(beside.Expected!.Terminated);
        Assert.Equal(1, beside.Get("episode", 0));
        Assert.Null(beside.Step(new float[8]));
    }

    [Theory]
    [InlineData("body", 13 * 2 + 1, 1e-4f, "body[28]")]
    [InlineData("body", 13 + 4, 1e-3f, "body[17]")]
    [InlineData("body", 8, 0.02f, "body[8]")]
    [InlineData("body", 12, 0.2f, "body[12]")]
    [InlineData("origin", 0, 1f, "origin.x")]
    [InlineData("goal", 1, 1e-3f, "goal.y")]
    [InlineData("command", 0, 1e-3f, "command")]
    [InlineData("wanted", 5, 1e-3f, "wanted")]
    [InlineData("actions", 3, 1e-3f, "actions")]
    [InlineData("feet", 2, 1f, "feet")]
    [InlineData("feet", 3, 0.01f, "feet")]
    [InlineData("heading", 0, 1e-2f, "heading.x")]
    [InlineData("tick", 0, 1f, "tick")]
    [InlineData("statistics", CreatureStatistic.Way, 1e-2f, "statistics")]
    public void A_planted_bug_in_the_state_is_caught(string column, int slot, float amount, string element)
    {
        var plan = new LockstepPlan
        {
            Ticks = 8,
            Drive = "random",
            Seed = 7,
            AfterStep = (environment, _, tick) =>
            {
                if (tick == 5) LockstepCase.Corrupt(environment, column, env: 1, slot, amount);
            },
        };

        Difference? found = LockstepCase.Run("creature", new CreatureOptions { NumEnvs = 2 }, plan).First;

        Assert.Equal((5, 1, column), (found?.Tick, found?.Match, found?.Column));
        Assert.True(element.StartsWith(column, StringComparison.Ordinal), found!.Element);
    }

    public static TheoryData<string> Bugs => [.. PlantedBugs.Keys];

    private static Dictionary<string, Action<CreatureTables>> PlantedBugs { get; } = new()
    {
        ["friction"] = tables => tables.Bodies[2].Friction *= 0.9f,
        ["restitution"] = tables => tables.Bodies[2].Restitution = 0.3f,
        ["mass"] = tables => tables.Bodies[1].InverseMass *= 1.01f,
        ["inertia"] = tables => tables.Bodies[0].InverseY *= 1.01f,
        ["anchor"] = tables => tables.Joints[3].ParentY += 0.001f,
        ["limit"] = tables => tables.Joints[0].HighZ *= 0.99f,
        ["largest torque"] = tables => tables.Joints[1].Torque *= 0.97f,
        ["stiffness"] = tables => tables.Joints[2].Compliance *= 1.03f,
        ["damping"] = tables => tables.Joints[0].Damping *= 0.95f,
        ["radius"] = tables => tables.Points[^1].Radius += 0.0005f,
        ["order of joints"] = tables => (tables.Joints[0], tables.Joints[2]) = (tables.Joints[2], tables.Joints[0]),
    };

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_in_the_tables_is_caught(string bug) =>
        Assert.True(Notices(new CreatureOptions(), PlantedBugs[bug]), $"a wrong {bug} was not noticed");

    // Where rounding is multiplied most, so that a tick may be compared more widely or not at all.
    [Theory]
    [InlineData("mass")]
    [InlineData("inertia")]
    [InlineData("largest torque")]
    [InlineData("stiffness")]
    [InlineData("damping")]
    public void A_planted_bug_is_caught_where_rounding_grows(string bug)
    {
        Assert.True(Notices(new CreatureOptions { Skeleton = "hopper" }, PlantedBugs[bug]), $"a wrong {bug} of a hopper was not noticed");
        Assert.True(Notices(new CreatureOptions { Substeps = 16 }, PlantedBugs[bug]), $"a wrong {bug} was not noticed in 16 substeps");
    }

    private static bool Notices(CreatureOptions options, Action<CreatureTables> bug)
    {
        using var right = new Beside(options);
        using var wrong = new Beside(options, bug);
        var random = new Random(3);
        for (int tick = 0; tick < 60; tick++)
        {
            float[] actions = [.. Enumerable.Range(0, right.Environment.Spec.Action.Continuous.Count).Select(_ => (float)(2 * random.NextDouble() - 1))];
            Assert.Null(right.Step(actions));
            if (wrong.Step(actions) is not null) return true;
        }

        return false;
    }
}
