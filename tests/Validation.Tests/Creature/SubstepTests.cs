using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;
using Xunit.Abstractions;

namespace Arena.Validation.Tests.Creature;

/// <summary>One substep of the kernels beside one of the reference, from the kernels' own states in random play. Nothing is set apart.</summary>
public class SubstepTests(ITestOutputHelper output)
{
    // Four times the largest seen in a million substeps of all creatures; m, 1, m/s, rad/s.
    private const double Place = 2e-6, Turn = 3.5e-6, Velocity = 6e-4, Spin = 2.5e-3;

    // Of contact points and motors: those that the two sides read differently.
    private const double MostFlips = 1e-3;

    public static TheoryData<string> Creatures => [.. BuiltinSkeletons.Names, .. CreatureLockstepTests.GeneratedCodes.Take(TestSize.Of(2, 25)).Select(code => SkeletonGenerator.Prefix + code)];

    [Theory]
    [MemberData(nameof(Creatures))]
    public void A_substep_agrees(string skeleton)
    {
        using var play = new Substeps(new CreatureOptions { Skeleton = skeleton, NumEnvs = TestSize.Of(2, 16), MaxTicks = 300 });
        for (int tick = 0; tick < TestSize.Of(25, 310); tick++) play.Tick();

        string measured = FormattableString.Invariant(
            $"{skeleton}, {play.Count:N0} substeps: place {play.Place:E1} m, orientation {play.Turn:E1}, velocity {play.Velocity:E1} m/s, spin {play.Spin:E1} rad/s, {play.ContactFlips} of {play.Contacts} contacts and {play.MotorFlips} of {play.Motors} motors read differently");
        output.WriteLine(measured);
        Assert.True(play.Place <= Place && play.Turn <= Turn && play.Velocity <= Velocity && play.Spin <= Spin, measured);
        Assert.True(play.Contacts > play.Count / 10 && play.Motors > 0, measured);
        // A handful of substeps has no share.
        Assert.True(play.ContactFlips <= MostFlips * play.Points + 1 && play.MotorFlips <= MostFlips * play.Drives + 1, measured);
    }

    [Theory]
    [InlineData("friction")]
    [InlineData("torque")]
    [InlineData("inertia")]
    public void A_planted_bug_shows_in_a_substep(string bug)
    {
        using var play = new Substeps(new CreatureOptions { NumEnvs = 2, MaxTicks = 300 }, tables =>
        {
            if (bug == "friction") tables.Bodies[2].Friction *= 0.9f;
            if (bug == "torque") tables.Joints[1].Torque *= 0.97f;
            if (bug == "inertia") tables.Bodies[0].InverseY *= 1.02f;
        });
        for (int tick = 0; tick < 25; tick++) play.Tick();
        Assert.True(play.Place > Place || play.Turn > Turn || play.Velocity > Velocity || play.Spin > Spin, $"a wrong {bug} was not noticed");
    }

    /// <summary>Matches of the kernels, and a twin in which the substeps of each tick are taken one by one.</summary>
    private sealed class Substeps : IDisposable
    {
        private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
        private readonly CreatureEnvironment environment, twin;
        private readonly StepBuffers buffers;
        private readonly DeviceBuffer<byte> controllers;
        private readonly CreatureModel model;
        private readonly PhysicsSettings settings = new();

        public Substeps(CreatureOptions options, Action<CreatureTables>? change = null)
        {
            SkeletonFile file = Skeletons.Find(options.Skeleton);
            CreatureTables tables = SkeletonCompiler.Compile(file);
            change?.Invoke(tables);
            model = ModelReader.Read(SkeletonWriter.Write(file));
            EnvironmentSpec spec = new CreatureGame().Describe(options);
            environment = new CreatureEnvironment(device, options, spec, tables, null);
            twin = new CreatureEnvironment(device, options, spec, tables, null);
            buffers = new StepBuffers(device, spec, options.NumEnvs);
            controllers = device.Allocate<byte>(options.NumEnvs, "controllers");
            controllers.View.AsSpan().Fill(1); // random
            twin.Reset(9, buffers.Views);
            environment.Reset(9, buffers.Views);
        }

        public int Count { get; private set; }

        public double Place { get; private set; }

        public double Turn { get; private set; }

        public double Velocity { get; private set; }

        public double Spin { get; private set; }

        public int Points { get; private set; }

        public int Contacts { get; private set; }

        public int ContactFlips { get; private set; }

        public int Drives { get; private set; }

        public int Motors { get; private set; }

        public int MotorFlips { get; private set; }

        public void Tick()
        {
            environment.Act(controllers.View, buffers.Views);
            CreatureArguments arguments = twin.Arguments(buffers.Views);
            for (int env = 0; env < environment.NumEnvs; env++)
            {
                Copy(env);
                var tick = new CreatureTick { Env = env };
                CreatureAction.Run(ref tick, arguments);
                Dictionary<string, double[]> state = twin.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(env));
                Vec3?[] wanted = ActionRules.Driven(model, CreatureColumns.Read(state, model).Wanted);
                for (int substep = 0; substep < settings.Substeps; substep++)
                {
                    World world = CreatureColumns.Read(state, model).World;
                    CreatureSolver.Run(ref tick, arguments);
                    SubstepTrace trace = Solver.Substep(world, wanted, null, settings);
                    state["body"] = twin.State["body"].ReadMatch(env);
                    Compare(world, CreatureColumns.Read(state, model).World);
                    Count++;
                    Flags(trace, arguments, env);
                }
            }

            environment.Step(buffers.Views);
        }

        public void Dispose()
        {
            controllers.Dispose();
            buffers.Dispose();
            twin.Dispose();
            environment.Dispose();
            device.Dispose();
        }

        private void Copy(int env)
        {
            foreach (StateColumn column in environment.State.All)
            {
                var bytes = new byte[column.BytesPerMatch];
                column.ReadMatch(env, bytes);
                twin.State[column.Name].WriteMatch(env, bytes);
            }
        }

        private void Compare(World expected, World actual)
        {
            foreach ((RigidBody a, RigidBody b) in expected.Bodies.Zip(actual.Bodies))
            {
                Place = Math.Max(Place, (a.Place - b.Place).Largest);
                Turn = Math.Max(Turn, (a.Turn * b.Turn.Transposed).Coordinates().Largest / 2);
                Velocity = Math.Max(Velocity, (a.Velocity - b.Velocity).Largest);
                Spin = Math.Max(Spin, (a.Spin - b.Spin).Largest);
            }
        }

        // Which points touch, which motors are at their bound.
        private void Flags(SubstepTrace trace, in CreatureArguments a, int env)
        {
            MatchSlots<float> scratch = a.Scratch.Of(env);
            int contacts = CreatureScratch.Contacts(a.Parameters.Layout), joints = CreatureScratch.Joints(a.Parameters.Layout);
            HashSet<(int, int)> touching = [.. trace.Contacts.Where(contact => contact.Normal > 0).Select(contact => (contact.Body, contact.Point))];
            for (int body = 0; body < model.Bodies.Count; body++)
            {
                CreatureBody table = twin.Tables.Bodies[body];
                for (int point = 0; point < table.PointCount; point++)
                {
                    float push = scratch[contacts + (table.FirstPoint + point) * CreatureScratch.ContactFloats + CreatureScratch.Lambda];
                    Assert.True(push >= 0f, $"the ground pulls with {push}");
                    bool touches = push > 0f;
                    Points++;
                    if (touches) Contacts++;
                    if (touches != touching.Contains((body, point))) ContactFlips++;
                }
            }

            for (int joint = 0; joint < model.Joints.Count; joint++)
            {
                double most = model.Joints[joint].Torque * (1 - 1e-6);
                bool bound = scratch[joints + joint] >= most;
                Drives++;
                if (bound) Motors++;
                if (bound != trace.Torque[joint] >= most) MotorFlips++;
            }
        }
    }
}
