using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>What the judge allows where rounding grows: no more than the reference shows by itself.</summary>
public class RoundingTests
{
    private const double Unit = 1.0 / (1 << 24);

    [Fact]
    public void A_sliding_foot_multiplies_rounding_in_the_reference_itself()
    {
        // A foot of this ant slides under load in tick 481: each substep turns a difference of its spin into 1.3 times as much to the other side. Kernels and
        // reference are 0.0003 rad/s apart after the first of 16 substeps, 0.08 at the end; each substep by itself agrees.
        const int Tick = 481, LowerLeg = 4;
        var options = new CreatureOptions { NumEnvs = 1, MaxTicks = 300, Desync = true, MatchOffset = 10, Level = 1, Substeps = 16, Smoothing = 0.3f, PreviousActions = 4 };
        Dictionary<string, double[]>[] states = new Dictionary<string, double[]>[Tick + 1];
        float[][] actions = new float[Tick + 1][];
        var plan = new LockstepPlan
        {
            Ticks = Tick + 1,
            Drive = "random",
            Seed = 5,
            AfterStep = (environment, buffers, tick) =>
            {
                states[tick] = environment.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(0));
                actions[tick] = buffers.ContinuousActions!.ToArray();
            },
        };

        LockstepReport report = LockstepCase.MustPass("creature", options, plan, mostSetApart: 0.01);

        Assert.InRange(report.TicksAmplified, 1, 10);
        var match = new CreatureMatch(options, BehaviourTests.Text("ant"), plan.Seed, options.MatchOffset);
        Vec3 Spin(int tick, int reading) => match.Play(CreatureColumns.Read(states[tick - 1], match.Model), actions[tick], reading).Played.World.Bodies[LowerLeg].Spin;
        double Apart(int tick) => Enumerable.Range(1, 16).Max(reading => (Spin(tick, reading) - Spin(tick, 0)).Length);
        double kernels = (CreatureColumns.Read(states[Tick], match.Model).World.Bodies[LowerLeg].Spin - Spin(Tick, 0)).Length;
        Assert.InRange(kernels, 0.05, 0.15);
        Assert.InRange(Apart(Tick), kernels / 6, kernels);
        Assert.InRange(Apart(Tick - 2), 0, 0.1 * Apart(Tick));
    }

    [Fact]
    public void Where_nothing_multiplies_rounding_readings_stay_together()
    {
        // In free flight with motors the last bits of a float stay last bits.
        World[] readings = [.. Enumerable.Range(0, 4).Select(_ => World.AtRest(ModelReader.Read(Bodies.SixLegs())))];
        Vec3?[] wanted = [.. readings[0].Model.Joints.Select(joint => (Vec3?)(joint.High * 0.3))];
        for (int substep = 0; substep < 8; substep++)
        {
            for (int reading = 0; reading < readings.Length; reading++)
            {
                if (reading > 0) LastBits.Disturb(readings[reading], reading, substep);
                Solver.Substep(readings[reading], wanted, null, new PhysicsSettings { Ground = null });
            }
        }

        foreach (World reading in readings[1..])
            Assert.All(reading.Bodies.Zip(readings[0].Bodies), pair => Assert.InRange((pair.First.Spin - pair.Second.Spin).Length, 1e-9, 5e-3));
    }

    [Fact]
    public void A_reading_moves_every_float_by_about_its_last_bit_and_always_the_same_way()
    {
        World Moving()
        {
            World world = World.AtRest(ModelReader.Read(Bodies.SixLegs()), raised: 0.1);
            foreach (RigidBody body in world.Bodies) (body.Velocity, body.Spin) = (new Vec3(1, -2, 0.5), new Vec3(3, 0.1, -7));
            return world;
        }

        World exact = Moving(), one = Moving(), again = Moving(), two = Moving(), later = Moving();
        LastBits.Disturb(one, reading: 1, substep: 0);
        LastBits.Disturb(again, reading: 1, substep: 0);
        LastBits.Disturb(two, reading: 2, substep: 0);
        LastBits.Disturb(later, reading: 1, substep: 1);

        Assert.Equal(CreatureColumns.Floats(one), CreatureColumns.Floats(again));
        Assert.NotEqual(CreatureColumns.Floats(one), CreatureColumns.Floats(two));
        Assert.NotEqual(CreatureColumns.Floats(one), CreatureColumns.Floats(later));
        foreach ((RigidBody body, RigidBody moved) in exact.Bodies.Zip(one.Bodies))
        {
            for (int axis = 0; axis < 3; axis++) Assert.InRange(Math.Abs(moved.Place[axis] - body.Place[axis]), 0, Unit * Math.Abs(body.Place[axis]));
            Assert.InRange((moved.Velocity - body.Velocity).Largest, Unit * 1e-3, Unit * body.Velocity.Length);
            Assert.InRange((moved.Spin - body.Spin).Largest, Unit * 1e-3, Unit * body.Spin.Length);
            Assert.InRange((moved.Turn * body.Turn.Transposed).Coordinates().Largest, 0, 8 * Unit);
        }
    }

    [Theory]
    [InlineData(1, 0.9, false, false)] // agrees: nobody asks how much rounding grows
    [InlineData(2.5, 2.4, true, false)]
    [InlineData(2.5, 2.6, true, true)] // a difference beyond what rounding explains is one
    [InlineData(1, 1.1, true, true)]
    [InlineData(0.2, 1.1, true, true)] // and no tick is judged more strictly than usual
    [InlineData(10, 9.9, true, false)]
    public void A_tick_is_widened_by_what_it_multiplies_and_no_more(double growth, double error, bool asked, bool differs)
    {
        int questions = 0;
        ExpectedTick expected = Tick() with { Growth = () => Count(growth) };

        ExpectedTick chosen = Outcomes.Choose(expected, outcome => error <= outcome.Amplification);

        Assert.Equal((asked ? 1 : 0, differs, null), (questions, error > chosen.Amplification, chosen.NearBoundary));

        double Count(double answer)
        {
            questions++;
            return answer;
        }
    }

    [Fact]
    public void A_tick_that_multiplies_more_is_counted_apart_and_other_readings_are_widened_too()
    {
        ExpectedTick wild = Tick() with { Growth = () => 10.1 };
        Assert.Equal(Outcomes.Grown, Outcomes.Choose(wild, _ => false).NearBoundary);
        ExpectedTick within = Outcomes.Choose(wild, outcome => outcome.Amplification == 10);
        Assert.Equal((10.0, null), (within.Amplification, within.NearBoundary));

        ExpectedTick other = Tick() with { Terminated = true }, either = Tick() with { Growth = () => 3, Alternatives = [other] };
        ExpectedTick chosen = Outcomes.Choose(either, outcome => outcome.Terminated && outcome.Amplification == 3);
        Assert.Equal((true, 3.0), (chosen.Terminated, chosen.Amplification));
    }

    [Theory]
    [InlineData("legs=2,segments=1,plan=pairs,seed=11")]
    [InlineData("legs=8,segments=1,plan=pairs,seed=11")]
    public void A_starting_pose_that_rounding_makes_another_is_taken_from_the_kernels_and_from_nobody_else(string code)
    {
        var options = new CreatureOptions { Skeleton = "generated:" + code };
        CreatureTables tables = Skeletons.Compiled(options.Skeleton);
        float[] pose = SettledPose.Of(tables, options);
        World own = StartRules.Settle(SkeletonWriter.Write(Skeletons.Find(options.Skeleton)), options.Substeps);

        // Balancing, the two part by more than a tick may, and by no more than a few millimetres.
        World expected = StartingPose.Of(options, tables, pose);
        Assert.Equal(new Vec3(pose[7], pose[8], pose[9]), expected.Bodies[1].Place);
        Assert.InRange(own.Bodies.Zip(expected.Bodies, (a, b) => (a.Place - b.Place).Length).Max(), 5e-6, 3e-3);

        // A pose that the kernels do not come to, by one last bit.
        float[] moved = [.. pose];
        moved[8] = MathF.BitIncrement(moved[8]);
        Assert.Equal(own.Bodies[1].Place, StartingPose.Of(options, tables, moved).Bodies[1].Place);
    }

    [Fact]
    public void A_starting_pose_by_wrong_rules_is_not_taken()
    {
        var options = new CreatureOptions { Skeleton = "generated:legs=2,segments=1,plan=pairs,seed=11" };
        CreatureTables wrong = SkeletonCompiler.Compile(Skeletons.Find(options.Skeleton) with { Friction = 0.1 });
        float[] pose = SettledPose.Of(wrong, options);

        World own = StartRules.Settle(SkeletonWriter.Write(Skeletons.Find(options.Skeleton)), options.Substeps);

        Assert.Equal(own.Bodies[1].Place, StartingPose.Of(options, wrong, pose).Bodies[1].Place);
    }

    [Fact]
    public void Settling_of_other_creatures_ends_in_the_reference_s_own_pose()
    {
        foreach (string skeleton in BuiltinSkeletons.Names)
        {
            var options = new CreatureOptions { Skeleton = skeleton };
            World own = StartRules.Settle(BehaviourTests.Text(skeleton), options.Substeps);
            Assert.Equal(CreatureColumns.Floats(own), CreatureColumns.Floats(StartingPose.Of(options)));
        }
    }

    [Fact]
    public void What_cannot_stand_begins_in_its_raised_rest_pose_on_both_sides()
    {
        // One leg, on the left.
        const string Text = """
            { "format": "creature-1", "name": "one-leg",
              "bodies": [
                { "id": "torso", "shape": "box", "center": [0,0,0.30], "half": [0.30,0.15,0.06] },
                { "id": "leg", "shape": "capsule", "from": [0,0.15,0.30], "to": [0,0.4,0.025], "radius": 0.025, "foot": true } ],
              "joints": [ { "parent": "torso", "child": "leg", "at": [0,0.15,0.30], "type": "hinge", "axis": "lift", "range": [-50,50] } ] }
            """;
        var options = new CreatureOptions { Skeleton = Text };
        World own = StartRules.Settle(options.Skeleton, options.Substeps);
        float[] pose = SettledPose.Of(Skeletons.Compiled(options.Skeleton), options);

        Assert.Equal(0.305, own.Bodies[0].Place.Z, 1e-9);
        Assert.Equal(0.305f, pose[2]);
        Assert.Equal(CreatureColumns.Floats(own), CreatureColumns.Floats(StartingPose.Of(options)));
    }

    private static ExpectedTick Tick() => new()
    {
        State = new Dictionary<string, ExpectedValues>(),
        Observations = ExpectedValues.Exact(),
        Rewards = ExpectedValues.Exact(),
        RewardParts = ExpectedValues.Exact(),
        RowActive = [true],
        Errors = [0],
    };
}
