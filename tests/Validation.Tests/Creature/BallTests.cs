using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>A ball that lies in a fixed capsule: it comes out along the normal, on both sides.</summary>
public class BallTests
{
    private const double Depth = 0.002, Along = 0.1, CapsuleRadius = 0.04;

    [Theory]
    [InlineData(Engine.Reference, 0)]
    [InlineData(Engine.Reference, 40)]
    [InlineData(Engine.Reference, 205)]
    [InlineData(Engine.Kernel, 0)]
    [InlineData(Engine.Kernel, 40)]
    [InlineData(Engine.Kernel, 205)]
    public void A_fixed_capsule_pushes_it_along_the_normal(Engine engine, double degrees)
    {
        var normal = new Vec3(0, Math.Cos(degrees * Math.PI / 180), Math.Sin(degrees * Math.PI / 180));
        // Beside the first of five capsules in a row along x, a metre above nothing.
        Vec3 start = new Vec3(Along, 0, 1) + normal * (CapsuleRadius + Solver.BallRadius - Depth);

        (Vec3 moved, Vec3 velocity) = engine == Engine.Reference ? Reference(start) : Kernels(start);

        // Old depth recovers at 0.5 m/s, 1.25 mm per substep; the rest in the next. Then the ball keeps what speed that gave it, less what rolling takes.
        Assert.InRange(moved.Dot(normal), Depth - 1e-6, 0.5 / 50);
        Assert.InRange(velocity.Dot(normal), 0.2, 0.5);
        Assert.True(moved.Across(normal).Length < 1e-6 && velocity.Across(normal).Length < 1e-4, $"moved by {moved}, then at {velocity}");
    }

    [Fact]
    public void A_ball_outside_is_left_alone()
    {
        var start = new Vec3(Along, CapsuleRadius + Solver.BallRadius + 1e-4, 1);
        Assert.Equal((Vec3.Zero, Vec3.Zero), Reference(start));
        Assert.Equal((Vec3.Zero, Vec3.Zero), Kernels(start with { Y = (float)start.Y }));
    }

    private static (Vec3 Moved, Vec3 Velocity) Reference(Vec3 start)
    {
        World world = World.AtRest(ModelReader.Read(Bodies.Chain(driven: false)));
        for (int index = 0; index < world.Bodies.Length; index++)
            world.Bodies[index] = new RigidBody { InverseMass = 0, InverseInertia = default, Place = world.Bodies[index].Place, Turn = world.Bodies[index].Turn };
        world.Ball = Solver.NewBall(start);
        for (int substep = 0; substep < 8; substep++) Solver.Substep(world, null, null, new PhysicsSettings { Gravity = 0, Ground = null });
        return (world.Ball.Place - start, world.Ball.Velocity);
    }

    private static (Vec3 Moved, Vec3 Velocity) Kernels(Vec3 start)
    {
        var options = new CreatureOptions { Skeleton = Bodies.Chain(driven: true), NumEnvs = 1, Task = CreatureTask.Dribble, Gravity = 0, Ground = CreatureGround.None };
        CreatureTables tables = SkeletonCompiler.Compile(Skeletons.Find(options.Skeleton));
        foreach (ref CreatureBody body in tables.Bodies.AsSpan()) (body.InverseMass, body.InverseX, body.InverseY, body.InverseZ) = (1e-9f, 1e-9f, 1e-9f, 1e-9f);
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var environment = new CreatureEnvironment(device, options, new CreatureGame().Describe(options), tables, null);
        using var buffers = new StepBuffers(device, environment.Spec, 1);
        environment.Reset(1, buffers.Views);
        World rest = World.AtRest(ModelReader.Read(options.Skeleton));
        Write("body", [.. CreatureColumns.Floats(rest)]);
        Write("ball", [start.X, start.Y, start.Z, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        double[] before = environment.State["ball"].ReadMatch(0);
        environment.Step(buffers.Views);
        double[] after = environment.State["ball"].ReadMatch(0);
        return (new Vec3(after[0] - before[0], after[1] - before[1], after[2] - before[2]), new Vec3(after[7], after[8], after[9]));

        void Write(string column, double[] values)
        {
            var bytes = new byte[environment.State[column].BytesPerMatch];
            for (int i = 0; i < values.Length; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * sizeof(float)), (float)values[i]);
            environment.State[column].WriteMatch(0, bytes);
        }
    }
}
