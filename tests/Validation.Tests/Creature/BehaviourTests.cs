using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;
using Xunit.Abstractions;

namespace Arena.Validation.Tests.Creature;

/// <summary>What must hold for every creature: standing still, and thrown about by its own motors.</summary>
public class BehaviourTests(ITestOutputHelper output)
{
    public static TheoryData<Engine, string> Creatures
    {
        get
        {
            var cases = new TheoryData<Engine, string>();
            foreach (Engine engine in Enum.GetValues<Engine>())
                foreach (string name in new[] { "six-legs", "ant", "hopper" }) cases.Add(engine, name);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Creatures))]
    public void At_rest_it_stands(Engine engine, string name)
    {
        using Mover mover = Mover.Create(engine, Text(name));
        for (int tick = 0; tick < 100; tick++) mover.Tick();
        Vec3 start = mover.State.Bodies[0].Place;
        double penetration = 0, separation = 0, speed = 0;
        for (int tick = 0; tick < 400; tick++)
        {
            mover.Tick();
            World world = mover.State;
            penetration = Math.Max(penetration, Penetration(world));
            separation = Math.Max(separation, world.Model.Joints.Max(world.Separation));
            speed = Math.Max(speed, world.Bodies.Max(body => body.Velocity.Length));
        }

        double drift = (mover.State.Bodies[0].Place - start).Length;
        string measured = FormattableString.Invariant($"penetration {penetration * 1000:F3} mm, separation {separation * 1000:F3} mm, drift {drift * 1000:F2} mm, speed {speed:F4} m/s");
        // The hopper's straight column of four trembles in place: 0.11 m/s, within a tenth of a millimetre.
        double fastest = name == "hopper" ? 0.25 : 0.02;
        Assert.True(penetration <= 0.5e-3 && separation <= 2e-3 && drift <= 5e-3 && speed < fastest, measured);
    }

    [Theory]
    [MemberData(nameof(Creatures))]
    public void Thrashing_it_stays_whole(Engine engine, string name)
    {
        using Mover mover = Mover.Create(engine, Lasting(name));
        var random = new Random(11);
        var actions = new float[mover.Model.Actions];
        int ticks = TestSize.Of(300, 100_000), limited = 0;
        double penetration = 0, separation = 0, sum = 0, outside = 0;
        for (int tick = 0; tick < ticks; tick++)
        {
            if (tick % 5 == 0) actions = [.. actions.Select(_ => (float)(2 * random.NextDouble() - 1))];
            mover.Tick(actions);
            World world = mover.State;
            penetration = Math.Max(penetration, Penetration(world));
            double widest = world.Model.Joints.Max(world.Separation);
            separation = Math.Max(separation, widest);
            sum += world.Model.Joints.Average(world.Separation);
            outside = Math.Max(outside, world.Model.Joints.Max(joint => Beyond(world, joint)));
            limited += world.Model.Joints.Count(joint => Beyond(world, joint) > 0.05);
            Assert.Equal(CreatureGuard.None, GuardRules.Check(world));
        }

        double share = (double)limited / ticks / mover.Model.Joints.Count;
        string measured = FormattableString.Invariant(
            $"penetration {penetration * 1000:F1} mm, separation mean {sum / ticks * 1000:F2} mm, max {separation * 1000:F1} mm, {share:P2} of joint-ticks beyond the limits by 0.05, most {outside:F3}");
        output.WriteLine($"{engine}, {name}, {ticks:N0} ticks, diverged 0: {measured}");
        Assert.True(penetration <= 0.020 && sum / ticks <= 0.005 && separation <= 0.040 && share <= 0.01, measured);
    }

    [Theory]
    [InlineData("six-legs")]
    [InlineData("ant")]
    [InlineData("hopper")]
    public void Contacts_push_and_rub_no_more_than_they_may(string name)
    {
        using var mover = new ReferenceMover(Text(name), new PhysicsSettings());
        var random = new Random(12);
        int contacts = 0;
        for (int tick = 0; tick < TestSize.Of(100, 10_000); tick++)
        {
            mover.Tick([.. Enumerable.Range(0, mover.Model.Actions).Select(_ => (float)(2 * random.NextDouble() - 1))]);
            foreach (ContactTrace contact in mover.Traces.SelectMany(trace => trace.Contacts))
            {
                Assert.True(contact.Normal >= 0 && contact.Tangential <= contact.Bound * (1 + 1e-12), contact.ToString());
                contacts++;
            }
        }

        Assert.True(contacts > 100);
    }

    internal static string Text(string name) => SkeletonWriter.Write(Skeletons.Find(name));

    // Falling over ends nothing.
    private static string Lasting(string name)
    {
        SkeletonFile file = Skeletons.Find(name);
        return SkeletonWriter.Write(file with { Bodies = [.. file.Bodies.Select(body => body with { Fatal = false })] });
    }

    // How deep the lowest contact point lies in flat ground; m.
    private static double Penetration(World world) => world.Bodies.Zip(world.Model.Bodies, (body, model) =>
        model.Points.Max(point => model.Radius - body.PointAt(point).Z)).Max();

    private static double Beyond(World world, JointModel joint)
    {
        Vec3 u = world.Relative(joint).Coordinates();
        return Enumerable.Range(0, 3).Max(axis => Math.Max(joint.Low[axis] - u[axis], u[axis] - joint.High[axis]));
    }
}
