using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>What moves a creature in an experiment.</summary>
public enum Engine
{
    /// <summary>The double-precision reference.</summary>
    Reference,

    /// <summary>The kernels, in 32-bit floats.</summary>
    Kernel,
}

/// <summary>An experiment: one creature, started from any pose and moved tick by tick.</summary>
internal abstract class Mover(string skeleton) : IDisposable
{
    public CreatureModel Model { get; } = ModelReader.Read(skeleton);

    /// <summary>Pose and velocities; set it to start.</summary>
    public abstract World State { get; set; }

    /// <summary>One tick; (A) actions, or null for zeros.</summary>
    public abstract void Tick(float[]? actions = null);

    /// <param name="engine">Who moves it.</param>
    /// <param name="skeleton">Text of the file.</param>
    /// <param name="gravity">m/s².</param>
    /// <param name="ground">Flat ground, or nothing below.</param>
    /// <param name="substeps">Of a tick.</param>
    /// <param name="pinned">The torso neither moves nor turns.</param>
    public static Mover Create(Engine engine, string skeleton, double gravity = 9.81, bool ground = true, int substeps = 8, bool pinned = false) =>
        engine == Engine.Kernel
            ? new KernelMover(skeleton, gravity, ground, substeps, pinned)
            : new ReferenceMover(skeleton, new PhysicsSettings { Gravity = gravity, Ground = ground ? new FlatGround() : null, Substeps = substeps }, pinned);

    public virtual void Dispose()
    {
    }
}

/// <summary>The reference as a mover.</summary>
internal sealed class ReferenceMover : Mover
{
    private readonly PhysicsSettings settings;
    private Vec3[] wanted;

    public ReferenceMover(string skeleton, PhysicsSettings settings, bool pinned = false)
        : base(skeleton)
    {
        this.settings = settings;
        State = World.AtRest(Model);
        wanted = new Vec3[Model.Joints.Count];
        if (pinned) State.Bodies[0] = new RigidBody { InverseMass = 0, InverseInertia = default, Place = State.Bodies[0].Place, Turn = State.Bodies[0].Turn };
    }

    public override World State { get; set; }

    /// <summary>Substeps of the last tick.</summary>
    public List<SubstepTrace> Traces { get; } = [];

    public override void Tick(float[]? actions = null)
    {
        (double[] clean, _) = ActionRules.Clean(actions ?? new float[Model.Actions]);
        wanted = ActionRules.Targets(State, clean, wanted, 1);
        Traces.Clear();
        for (int substep = 0; substep < settings.Substeps; substep++)
            Traces.Add(Solver.Substep(State, ActionRules.Driven(Model, wanted), null, settings));
    }
}

/// <summary>The kernels as a mover: one match whose bodies are read from and written to its state.</summary>
internal sealed class KernelMover : Mover
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
    private readonly CreatureEnvironment environment;
    private readonly StepBuffers buffers;

    public KernelMover(string skeleton, double gravity, bool ground, int substeps, bool pinned)
        : base(skeleton)
    {
        var options = new CreatureOptions
        {
            NumEnvs = 1,
            Gravity = (float)gravity,
            Ground = ground ? CreatureGround.Flat : CreatureGround.None,
            Substeps = substeps,
            MaxTicks = 1 << 20,
        };
        // A file needs a motor; joints that shall have none lose theirs in the tables.
        string armed = skeleton.Replace("\"driven\": false", "\"driven\": true", StringComparison.Ordinal);
        options = options with { Skeleton = armed };
        CreatureTables tables = SkeletonCompiler.Compile(Skeletons.Find(armed));
        for (int joint = 0; joint < tables.Joints.Length; joint++)
            if (!Model.Joints[joint].Driven) tables.Joints[joint].Driven = 0;
        // A body of no inverse mass still falls, so that the pinned one is very heavy instead, cannot turn, and stands on the ground.
        if (pinned)
        {
            ref CreatureBody torso = ref tables.Bodies[0];
            torso.InverseMass = 1e-9f;
            (torso.InverseX, torso.InverseY, torso.InverseZ) = (0, 0, 0);
        }

        environment = new CreatureEnvironment(device, options, Registry.Find("creature").Describe(options), tables, null);
        buffers = new StepBuffers(device, environment.Spec, 1);
        environment.Reset(1, buffers.Views);
        State = World.AtRest(Model);
    }

    public override World State
    {
        get
        {
            Dictionary<string, double[]> columns = environment.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(0));
            return CreatureColumns.Read(columns, Model).World;
        }

        set
        {
            StateColumn column = environment.State["body"];
            var bytes = new byte[column.BytesPerMatch];
            double[] floats = CreatureColumns.Floats(value);
            for (int i = 0; i < floats.Length; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * sizeof(float)), (float)floats[i]);
            column.WriteMatch(0, bytes);
        }
    }

    public override void Tick(float[]? actions = null)
    {
        buffers.ContinuousActions?.Write(actions ?? new float[environment.Spec.Action.Continuous.Count]);
        int episode = Episode;
        environment.Step(buffers.Views);
        Assert.Equal(episode, Episode);
    }

    public override void Dispose()
    {
        buffers.Dispose();
        environment.Dispose();
        device.Dispose();
    }

    private int Episode => (int)environment.State["episode"].ReadMatch(0)[0];
}
