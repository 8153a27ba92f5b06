using Arena.Kernels.Environments.Creature;
using Arena.Kernels.Random;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>Actions, observations, rewards, tasks, guard and ball of the reference, by hand.</summary>
public class RuleTests
{
    private static readonly float[] Still = new float[8];

    [Fact]
    public void Actions_are_shares_of_the_limits()
    {
        CreatureModel model = ModelReader.Read(BehaviourTests.Text("six-legs"));
        World world = World.AtRest(model);
        (double[] clean, int bad) = ActionRules.Clean([1f, -0.5f, 3f, float.NaN, float.PositiveInfinity, -7f, .. new float[30]]);

        Vec3[] targets = ActionRules.Targets(world, clean, new Vec3[12], 1);

        Assert.Equal(2, bad);
        // Twist +30°, lift half of −55°, swing +45°; then 0, 0, −45°.
        Near(new Vec3(2 * Math.Sin(Math.PI / 12), -Math.Sin(27.5 * Math.PI / 180), 2 * Math.Sin(Math.PI / 8)), targets[0], 1e-12);
        Near(new Vec3(0, 0, -2 * Math.Sin(Math.PI / 8)), targets[1], 1e-12);
        Near(targets[0] * 0.25, ActionRules.Targets(world, clean, new Vec3[12], 0.25)[0], 1e-12);
    }

    [Fact]
    public void An_observation_is_what_the_table_says()
    {
        Snapshot state = Start(new CreatureOptions { Task = CreatureTask.Target, Level = 1 });
        // Turned to the left by 90°, moving ahead and rising, spinning about the vertical; a point 3 m ahead and 4 m to the right.
        World world = state.World;
        Mat3 left = Mat3.AboutZ(Math.PI / 2);
        foreach (RigidBody body in world.Bodies)
        {
            (body.Place, body.Turn) = (left * World.AtRest(world.Model).Bodies[Array.IndexOf(world.Bodies, body)].Place, left * world.Model.Bodies[Array.IndexOf(world.Bodies, body)].RestTurn);
            (body.Velocity, body.Spin) = (new Vec3(0, 1, 0.5), new Vec3(0, 0, 2));
        }

        state = state with { Heading = new Flat(0, 1), Goal = state.Root + new Flat(4, 3), Actions = [[.. Enumerable.Range(1, 8).Select(i => i / 10.0)], new double[8]] };

        double[] row = ObservationRules.Row(state, new FlatGround(), 2);

        double[] first = [1, 0, 0, 1, 0.5, 0, 0.25, 0, 0, 0.4, 0, 1, 0, 0.6, -0.8, 0.5, 0];
        for (int i = 0; i < first.Length; i++) Assert.Equal(first[i], row[i], 1e-9);
        Assert.Equal(74, row.Length);
        Assert.All(row[17..33], entry => Assert.Equal(0, entry, 1e-9)); // coordinates and rates: it turns as one
        Assert.Equal(0.8, row[41 + 7], 1e-12);
        Assert.All(row[57..], entry => Assert.Equal(0, entry));
    }

    [Fact]
    public void Rewards_are_what_the_table_says()
    {
        Snapshot before = Start(new CreatureOptions()) with { Goal = new Flat(1, 0), Command = 1, Tick = 5 };
        Snapshot after = before.Copy();
        after.Torso.Place += new Vec3(0.012, 0.5, 0);
        after.Torso.Turn = Mat3.FromQuaternion(new Vec3(0, Math.Sin(0.1), 0), Math.Cos(0.1)) * before.World.Model.Bodies[0].RestTurn;
        double h = 1.0 / 400, weight = before.World.Model.Mass * 9.81;
        var hard = new SubstepTrace(8);
        hard.Contacts.Add(new ContactTrace(2, 1, -1, 3 * weight * h * h, 0, 0));
        hard.Torque[0] = before.World.Model.Joints[0].Torque;
        List<SubstepTrace> traces = [hard, .. Enumerable.Range(0, 7).Select(_ => new SubstepTrace(8))];
        double[] actions = [0.5, .. new double[7]];

        double[] raw = RewardRules.Raw(new TickFacts(before, after, actions, traces, [0, 0, 0], false, false), new PhysicsSettings());

        Assert.Equal(0.6, raw[CreatureReward.Velocity], 1e-9); // 12 mm in 20 ms
        Assert.Equal(0, raw[CreatureReward.Fall]);
        Assert.Equal(1, raw[CreatureReward.Alive]);
        Assert.Equal(1.0 / 64, raw[CreatureReward.Exertion], 1e-12);
        Assert.Equal(Math.Pow(before.World.Model.Joints[0].Torque, 2) / 8, raw[CreatureReward.Torque2], 1e-9);
        Assert.Equal(4, raw[CreatureReward.Impact], 1e-9); // (3 − 1)²
        Assert.Equal(9 * weight * weight / 8, raw[CreatureReward.Impact2], 1e-6);
        Assert.Equal(0.25 / 8, raw[CreatureReward.Smooth], 1e-12);
        Assert.Equal(1 - Math.Cos(0.2), raw[CreatureReward.Upright], 1e-12);
    }

    [Fact]
    public void Speed_counts_up_to_half_a_metre_per_second_above_the_command_and_down_to_minus_one()
    {
        double Velocity(double metres)
        {
            Snapshot before = Start(new CreatureOptions()) with { Goal = new Flat(0, 1), Command = 1.2 };
            Snapshot after = before.Copy();
            after.Torso.Place += new Vec3(0, metres, 0);
            return RewardRules.Raw(new TickFacts(before, after, new double[8], [new SubstepTrace(8)], [0, 0, 0], false, false), new PhysicsSettings())[CreatureReward.Velocity];
        }

        Assert.Equal(1.7, Velocity(0.1), 1e-12);
        Assert.Equal(-1, Velocity(-0.1), 1e-12);
    }

    [Fact]
    public void A_reached_point_is_followed_by_another_and_no_progress_jumps()
    {
        CreatureMatch match = Match(new CreatureOptions { Task = CreatureTask.Target, Level = 2 });
        Snapshot state = match.Begin(0);
        state = state with { Goal = state.Root + new Flat(0.3, 0), Distances = [0.3, 0, 0] };

        TickOutcome tick = match.Play(state, Still);

        Assert.Equal(20, tick.Parts[CreatureReward.Reach]);
        Assert.Equal(1, tick.Played.Statistics[CreatureStatistic.Events]);
        double distance = (tick.Next.Goal - tick.Next.Root).Length;
        Assert.InRange(distance, 2, 6);
        Assert.Equal(distance, tick.Next.Distances[0], 1e-12);
        Assert.InRange(match.Play(tick.Next, Still).Parts[CreatureReward.Progress], -0.5, 0.5);
    }

    [Fact]
    public void The_clock_truncates_and_a_fall_terminates()
    {
        CreatureMatch match = Match(new CreatureOptions { MaxTicks = 10 });
        Snapshot last = match.Begin(3) with { Tick = 9 };
        Snapshot fallen = last.Copy();
        Mat3 over = Mat3.FromQuaternion(new Vec3(1, 0, 0), 0); // on its back
        foreach (RigidBody body in fallen.World.Bodies)
            (body.Place, body.Turn) = (over * body.Place + new Vec3(0, 0, fallen.Torso.Place.Z + 0.055), over * body.Turn);

        TickOutcome late = match.Play(last, Still), fell = match.Play(fallen with { Tick = 9 }, Still);

        Assert.Equal((false, true, 4), (late.Terminated, late.Truncated, late.Next.Episode));
        Assert.Equal((true, false, 4), (fell.Terminated, fell.Truncated, fell.Next.Episode));
        Assert.Equal((-5, 0), (fell.Parts[CreatureReward.Fall], fell.Parts[CreatureReward.Alive]));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e6)]
    public void The_guard_resets_a_poisoned_creature(double poison)
    {
        CreatureMatch match = Match(new CreatureOptions());
        foreach (int field in new[] { 0, 1, 2 })
        {
            Snapshot state = match.Begin(0);
            RigidBody body = state.World.Bodies[3];
            if (field == 0) body.Place = body.Place with { Y = poison };
            if (field == 1) body.Velocity = body.Velocity with { Y = poison };
            if (field == 2) body.Spin = body.Spin with { Y = poison };

            TickOutcome tick = match.Play(state, Still);

            Assert.True(tick.Terminated);
            Assert.NotEqual(CreatureGuard.None, (int)tick.Played.Statistics[CreatureStatistic.Diverged]);
            Assert.Equal(1, tick.Next.Episode);
            Assert.Equal(-5, tick.Parts.Sum());
        }
    }

    [Fact]
    public void The_origin_follows_and_changes_nothing()
    {
        CreatureMatch match = Match(new CreatureOptions { Task = CreatureTask.Dribble });
        Snapshot near = match.Begin(0), far = near.Copy();
        foreach (RigidBody body in far.World.Bodies.Append(far.World.Ball!)) body.Place += new Vec3(4.5, -4.5, 0);
        far = far with { Gate = near.Gate + new Flat(4.5, -4.5) };

        TickOutcome one = match.Play(near, Still), two = match.Play(far, Still);

        Assert.Equal((1, -1), two.Next.Origin);
        var by = new Vec3(0.5, -0.5, 0);
        foreach ((RigidBody a, RigidBody b) in one.Next.World.Bodies.Zip(two.Next.World.Bodies)) Near(a.Place, b.Place - by, 1e-9);
        Assert.All(match.Observe(one.Next).Zip(match.Observe(two.Next)), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void A_rolling_ball_keeps_its_direction()
    {
        CreatureModel model = ModelReader.Read(Bodies.Block(0.5));
        World world = World.AtRest(model);
        world.Ball = Solver.NewBall(new Vec3(3, 0, Solver.BallRadius));
        world.Ball.Velocity = new Vec3(1.2, 1.6, 0);
        world.Ball.Spin = new Vec3(-1.6, 1.2, 0) / Solver.BallRadius;

        for (int substep = 0; substep < 400; substep++) Solver.Substep(world, null, null, new PhysicsSettings());

        Vec3 moved = world.Ball.Place - new Vec3(3, 0, Solver.BallRadius);
        Assert.Equal(4.0 / 3, moved.Y / moved.X, 1e-3);
        Assert.InRange(world.Ball.Velocity.Length / (2 * Math.Exp(-0.3)), 0.98, 1.02);
        Assert.Equal(0, moved.Z, 1e-3);
    }

    [Fact]
    public void A_push_moves_the_ball_along_the_normal()
    {
        World world = World.AtRest(ModelReader.Read(Bodies.Block(0.5)));
        // A box's face at x = 0.2 runs into the ball at 1 m/s.
        world.Ball = Solver.NewBall(new Vec3(0.2 + Solver.BallRadius + 0.0005, 0, 0.02));
        foreach (RigidBody body in world.Bodies) body.Velocity = new Vec3(1, 0, 0);
        var settings = new PhysicsSettings { Gravity = 0, Ground = null };

        for (int substep = 0; substep < 8; substep++) Solver.Substep(world, null, null, settings);

        Assert.InRange(world.Ball.Velocity.X, 1.0, 1.6);
        Assert.True(Math.Abs(world.Ball.Velocity.Y) < 1e-9 && Math.Abs(world.Ball.Velocity.Z) < 1e-9, world.Ball.Velocity.ToString());
    }

    [Fact]
    public void Bumps_are_bilinear_and_repeat()
    {
        var heights = new double[BumpTable.Side * BumpTable.Side];
        heights[2 * BumpTable.Side + 5] = 0.04; // the corner at x = 1.25, y = 0.5
        var table = new BumpTable(heights);

        (double height, double slopeX, double slopeY) = table.At(1.0 + 0.15, 0.5 + 0.05);
        Assert.Equal(0.04 * 0.6 * 0.8, height, 1e-12);
        Assert.Equal(0.04 * 0.8 / 0.25, slopeX, 1e-12);
        Assert.Equal(-0.04 * 0.6 / 0.25, slopeY, 1e-12);
        Assert.Equal(table.At(1.15, 0.55).Height, table.At(1.15 - 16, 0.55 + 32).Height, 1e-12);
        Assert.Equal(table.At(1.15, 0.55).Height, new BumpyGround(table, (1, 0)).At(1.15 - 4, 0.55).Height, 1e-12);
        Assert.Equal(0.04, table.HighestAround(new Vec3(0.3, 0.5, 0)));
        Assert.Equal(0, table.HighestAround(new Vec3(0.2, 0.5, 0)));
    }

    [Fact]
    public void Every_table_of_bumps_is_gentle_and_used()
    {
        float[] shares = CreatureBumps.Make();
        for (int table = 0; table < CreatureBumps.Tables; table++)
        {
            const int Size = BumpTable.Side * BumpTable.Side;
            double[] highest = [.. shares.Skip(table * Size).Take(Size).Select(share => share * 0.08)];
            var bumps = new BumpTable(highest);
            Assert.InRange(highest.Max(), 0.04, 0.08);
            for (int cell = 0; cell < Size; cell++)
            {
                // Slopes are largest at a cell's corners.
                foreach (double inside in new[] { 1e-9, BumpTable.Cell - 1e-9 })
                {
                    (_, double slopeX, double slopeY) = bumps.At(cell % BumpTable.Side * BumpTable.Cell + inside, cell / BumpTable.Side * BumpTable.Cell + inside);
                    Assert.True(Math.Sqrt(slopeX * slopeX + slopeY * slopeY) <= 0.5);
                }
            }
        }
    }

    [Fact]
    public void Tasks_lie_where_their_levels_allow()
    {
        for (int episode = 0; episode < 200; episode++)
        {
            foreach (int level in new[] { 0, 1, 3 })
            {
                Snapshot target = Match(new CreatureOptions { Task = CreatureTask.Target, Level = level }).Begin(episode);
                Assert.InRange((target.Goal - target.Root).Length, 2 - 1e-9, 2 + 2 * level + 1e-6);
                if (level == 0) Assert.True((target.Goal - target.Root).Dot(target.Heading) >= 2 * Math.Cos(Math.PI / 4) - 1e-6);
                Snapshot dribble = Match(new CreatureOptions { Task = CreatureTask.Dribble, Level = level }).Begin(episode);
                Flat ball = Flat.Of(dribble.World.Ball!.Place);
                Assert.InRange((ball - dribble.Root).Length, 1, 2);
                Assert.Equal(3 + level, (dribble.Gate - ball).Length, 1e-6);
            }
        }
    }

    private static CreatureMatch Match(CreatureOptions options) => new(options, BehaviourTests.Text("ant"), seed: 4, match: 2);

    private static Snapshot Start(CreatureOptions options) => Match(options).Begin(0);

    private static void Near(Vec3 expected, Vec3 actual, double tolerance) => Assert.True((expected - actual).Length <= tolerance, $"{actual} instead of {expected}");
}
