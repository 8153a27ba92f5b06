using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>The solver against what mechanics says, by pencil.</summary>
public class PhysicsTests
{
    private const double G = 9.81, Substep = 1.0 / 400;

    public static TheoryData<Engine> Engines => [.. Enum.GetValues<Engine>()];

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_free_fall_is_the_semi_implicit_sum(Engine engine)
    {
        using Mover mover = Mover.Create(engine, Bodies.Block(0.5), ground: false);
        double start = mover.State.Bodies[0].Place.Z;

        for (int tick = 0; tick < 50; tick++) mover.Tick();

        // After N substeps: g·h²·N(N + 1)/2.
        Assert.Equal(start - G * Substep * Substep * 400 * 401 / 2, mover.State.Bodies[0].Place.Z, 1e-4);
        Assert.Equal(-G, mover.State.Bodies[0].Velocity.Z, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_pendulum_keeps_its_period_and_most_of_its_swing(Engine engine)
    {
        (double period8, double loss8) = Swing(engine, 8);
        (double period16, double loss16) = Swing(engine, 16);

        // Capsule: cylinder of length 1 and its caps, about the hinge at one end.
        double volume = Math.PI * 0.03 * 0.03, caps = volume * 0.03 * 4 / 3, mass = 0.7;
        double cylinder = mass * volume / (volume + caps), cap = mass * caps / (volume + caps);
        double side = cylinder * (1.0 / 12 + 0.03 * 0.03 / 4) + cap * (2 * 0.03 * 0.03 / 5 + 0.25 + 3 * 0.03 / 8);
        double expected = 2 * Math.PI * Math.Sqrt((side + mass * 0.25) / (mass * G * 0.5)) * (1 + 0.01 / 16);

        Assert.InRange(period8 / expected, 0.995, 1.005);
        Assert.InRange(period16 / expected, 0.995, 1.005);
        Assert.InRange(loss8, 0, 0.04);
        Assert.True(loss16 < loss8, $"{loss16} with 16 substeps, {loss8} with 8");
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_block_slides_its_distance_and_stops(Engine engine)
    {
        using Mover mover = Mover.Create(engine, Bodies.Block(0.5));
        for (int tick = 0; tick < 50; tick++) mover.Tick();
        World moving = mover.State;
        foreach (RigidBody body in moving.Bodies) body.Velocity = new Vec3(2, 0, 0);
        mover.State = moving;
        double start = moving.Bodies[0].Place.X;

        for (int tick = 0; tick < 50; tick++) mover.Tick();

        Assert.InRange((mover.State.Bodies[0].Place.X - start) / (4 / (2 * 0.5 * G)), 0.99, 1.01);
        Assert.True(mover.State.Bodies[0].Velocity.Length < 1e-3, $"{mover.State.Bodies[0].Velocity.Length} m/s");
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(0.6)]
    public void A_block_on_a_slope_stays_or_slides_by_its_friction(double slope)
    {
        var mover = new ReferenceMover(Bodies.Block(0.5), new PhysicsSettings { Ground = new SlopingGround(slope) });
        // Turned to lie on the slope: x along it. About +y by −atan(slope).
        var along = new Vec3(1, 0, slope).Unit;
        var turn = new Mat3(along, new Vec3(0, 1, 0), along.Cross(new Vec3(0, 1, 0)));
        foreach (RigidBody body in mover.State.Bodies) (body.Place, body.Turn) = (turn * body.Place, turn);
        for (int tick = 0; tick < 10; tick++) mover.Tick();
        Vec3 start = mover.State.Bodies[0].Place;
        double startSpeed = mover.State.Bodies[0].Velocity.Dot(along);

        for (int tick = 0; tick < 50; tick++) mover.Tick();

        double gained = startSpeed - mover.State.Bodies[0].Velocity.Dot(along);
        double angle = Math.Atan(slope);
        // One pass per substep leaves a creep of 2 to 6 mm/s, by the block's shape; a block without friction would be 1.8 m down.
        if (slope < 0.5) Assert.True((mover.State.Bodies[0].Place - start).Length < 3e-3, $"slid {(mover.State.Bodies[0].Place - start).Length} m");
        else Assert.InRange(gained / (G * (Math.Sin(angle) - 0.5 * Math.Cos(angle))), 0.97, 1.03);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_ball_bounces_by_its_restitution(Engine engine)
    {
        using Mover mover = Mover.Create(engine, Bodies.Sphere(0.5));
        World raised = mover.State;
        foreach (RigidBody body in raised.Bodies) body.Place += new Vec3(0, 0, 1);
        mover.State = raised;

        bool rising = false;
        double top = 0;
        for (int tick = 0; tick < 60; tick++)
        {
            mover.Tick();
            double speed = mover.State.Bodies[0].Velocity.Z;
            rising |= speed > 0.5;
            if (rising) top = Math.Max(top, mover.State.Bodies[0].Place.Z - 0.1);
        }

        Assert.InRange(top, 0.25 * 0.95, 0.25 * 1.05);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Nothing_inside_changes_the_momentum(Engine engine)
    {
        using Mover mover = Mover.Create(engine, Bodies.Chain(driven: true), gravity: 0, ground: false);
        var random = new Random(3);
        var actions = new float[mover.Model.Actions];

        double worst = 0;
        for (int tick = 0; tick < TestSize.Of(200, 1000); tick++)
        {
            if (tick % 5 == 0) actions = [.. actions.Select(_ => (float)(2 * random.NextDouble() - 1))];
            mover.Tick(actions);
            worst = Math.Max(worst, Mechanics.Momentum(mover.State).Length);
        }

        Assert.True(worst <= 1e-3 * mover.Model.Mass, $"{worst} kg·m/s");
        Assert.True(Mechanics.Energy(mover.State, 0) > 0, "the motors moved nothing");
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_passive_chain_keeps_its_angular_momentum(Engine engine)
    {
        double Drift(int substeps)
        {
            using Mover mover = Spinning(engine, substeps, gravity: 0, fraction: 0.2);
            Vec3 start = Mechanics.AngularMomentum(mover.State);
            for (int tick = 0; tick < 50; tick++) mover.Tick();
            return (Mechanics.AngularMomentum(mover.State) - start).Length / start.Length;
        }

        double coarse = Drift(8), fine = Drift(16);
        Assert.True(coarse <= 1e-3, $"{coarse:E2}");
        Assert.True(fine <= coarse + 1e-5, $"{fine:E2} with half the step, {coarse:E2}");
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_passive_chain_gains_no_energy(Engine engine)
    {
        foreach (bool ground in new[] { false, true })
        {
            double gravity = ground ? G : 0;
            using Mover mover = Spinning(engine, 8, gravity, fraction: 1, ground);
            double start = Mechanics.Energy(mover.State, gravity), most = start;
            for (int tick = 0; tick < TestSize.Of(150, 500); tick++)
            {
                mover.Tick();
                most = Math.Max(most, Mechanics.Energy(mover.State, gravity));
            }

            Assert.True(most <= 1.01 * start, $"{most} J of {start} J at first, {(ground ? "with ground" : "in space")}");
        }
    }

    // The whole chain turns as one and moves along: velocities that the joints agree with.
    private static Mover Spinning(Engine engine, int substeps, double gravity, double fraction, bool ground = false)
    {
        Mover mover = Mover.Create(engine, Bodies.Chain(driven: false), gravity, ground, substeps);
        World world = mover.State;
        Vec3 center = Mechanics.Center(world);
        Vec3 spin = new Vec3(0.5, 1.5, 2) * fraction;
        foreach (RigidBody body in world.Bodies)
        {
            body.Spin = spin;
            body.Velocity = new Vec3(0.3, 0.2, 0.1) + spin.Cross(body.Place - center);
        }

        mover.State = world;
        return mover;
    }

    // Period and loss of amplitude per period of a swing of 0.1 rad.
    private static (double Period, double Loss) Swing(Engine engine, int substeps)
    {
        using Mover mover = Mover.Create(engine, Bodies.Pendulum(), substeps: substeps, pinned: true);
        World world = mover.State;
        var hinge = new Vec3(0, 1, 1.35);
        Mat3 turn = Mat3.FromQuaternion(new Vec3(0, Math.Sin(0.05), 0), Math.Cos(0.05));
        RigidBody bob = world.Bodies[1];
        bob.Place = hinge + turn * (bob.Place - hinge);
        bob.Turn = turn * bob.Turn;
        mover.State = world;

        // Of the capsule's axis, which points down at rest.
        double Angle() => Math.Atan2(-mover.State.Bodies[1].Turn.X.X, -mover.State.Bodies[1].Turn.X.Z);
        List<double> angles = [Angle()], crossings = [], extremes = [];
        while (crossings.Count < 10)
        {
            mover.Tick();
            angles.Add(Angle());
            int tick = angles.Count - 1;
            double now = angles[tick], before = angles[tick - 1];
            if (now * before < 0) crossings.Add((tick - now / (now - before)) / 50);
            if (tick < 2 || (now - before) * (before - angles[tick - 2]) >= 0) continue;
            // The top of the parabola through three ticks.
            double slope = (now - angles[tick - 2]) / 2, bend = now - 2 * before + angles[tick - 2];
            extremes.Add(Math.Abs(before - slope * slope / (2 * bend)));
        }

        // Four periods lie between nine crossings, and between nine extremes.
        return ((crossings[8] - crossings[0]) / 4, 1 - Math.Pow(extremes[8] / extremes[0], 1.0 / 4));
    }
}

/// <summary>Sums over a creature's parts.</summary>
internal static class Mechanics
{
    public static Vec3 Center(World world) =>
        world.Bodies.Aggregate(Vec3.Zero, (sum, body) => sum + body.Place / body.InverseMass) / world.Bodies.Sum(body => 1 / body.InverseMass);

    public static Vec3 Momentum(World world) => world.Bodies.Aggregate(Vec3.Zero, (sum, body) => sum + body.Velocity / body.InverseMass);

    public static Vec3 AngularMomentum(World world)
    {
        Vec3 center = Center(world);
        return world.Bodies.Aggregate(Vec3.Zero, (sum, body) => sum + body.SpinMomentum + (body.Place - center).Cross(body.Velocity) / body.InverseMass);
    }

    public static double Energy(World world, double gravity) =>
        world.Bodies.Sum(body => body.KineticEnergy + gravity * body.Place.Z / body.InverseMass);
}
