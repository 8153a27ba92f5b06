using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>What moves a creature in an experiment.</summary>
public enum Engine
{
    /// <summary>The double-precision reference.</summary>
    Reference,
}

/// <summary>An experiment: one creature, started from any pose and moved tick by tick.</summary>
internal abstract class Mover(string skeleton) : IDisposable
{
    public CreatureModel Model { get; } = ModelReader.Read(skeleton);

    /// <summary>Pose and velocities; set it to start.</summary>
    public abstract World State { get; set; }

    /// <summary>One tick; (A) actions, or null for zeros.</summary>
    public abstract void Tick(float[]? actions = null);

    public static Mover Create(Engine engine, string skeleton, double gravity = 9.81, bool ground = true, int substeps = 8, bool pinned = false) => engine switch
    {
        _ => new ReferenceMover(skeleton, new PhysicsSettings { Gravity = gravity, Ground = ground ? new FlatGround() : null, Substeps = substeps }, pinned),
    };

    public virtual void Dispose()
    {
    }
}

internal sealed class ReferenceMover : Mover
{
    private readonly PhysicsSettings settings;
    private Vec3[] wanted;

    /// <param name="skeleton">Text of the file.</param>
    /// <param name="settings">How to move it.</param>
    /// <param name="pinned">The torso neither moves nor turns.</param>
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
        Vec3?[] targets = [.. wanted.Select((target, joint) => Model.Joints[joint].Driven ? target : (Vec3?)null)];
        Traces.Clear();
        for (int substep = 0; substep < settings.Substeps; substep++) Traces.Add(Solver.Substep(State, targets, null, settings));
    }
}
