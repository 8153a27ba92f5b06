namespace Arena.Validation.Creature;

/// <summary>How the solver runs.</summary>
public sealed record PhysicsSettings
{
    /// <summary>Substeps of one tick.</summary>
    public int Substeps { get; init; } = 8;

    /// <summary>Length of a tick; s.</summary>
    public double Tick { get; init; } = 1.0 / 50;

    /// <summary>Length of a substep; s.</summary>
    public double Step => Tick / Substeps;

    /// <summary>m/s².</summary>
    public double Gravity { get; init; } = 9.81;

    /// <summary>What is below, or null for empty space.</summary>
    public IGround? Ground { get; init; } = new FlatGround();

    /// <summary>True as the rules have it: world inertia once per substep. False: at every use.</summary>
    public bool FrozenInertia { get; init; } = true;

    /// <summary>Drives work (position mode); false: every joint is passive.</summary>
    public bool Motors { get; init; } = true;
}

/// <summary>Ground as a height over a place.</summary>
public interface IGround
{
    /// <summary>Height and upward unit normal at (<paramref name="x"/>, <paramref name="y"/>), in the creature's shifted coordinates; m.</summary>
    (double Height, Vec3 Normal) At(double x, double y);

    /// <summary>How far the place is from an edge at which the normal jumps; m.</summary>
    double ToEdge(double x, double y);
}

/// <summary>z = 0.</summary>
public sealed class FlatGround : IGround
{
    /// <inheritdoc/>
    public (double Height, Vec3 Normal) At(double x, double y) => (0, new Vec3(0, 0, 1));

    /// <inheritdoc/>
    public double ToEdge(double x, double y) => double.PositiveInfinity;
}

/// <summary>A plane through the origin that rises along x.</summary>
/// <param name="Slope">Metres up per metre along x.</param>
public sealed record SlopingGround(double Slope) : IGround
{
    /// <inheritdoc/>
    public (double Height, Vec3 Normal) At(double x, double y) => (Slope * x, new Vec3(-Slope, 0, 1).Unit);

    /// <inheritdoc/>
    public double ToEdge(double x, double y) => double.PositiveInfinity;
}

/// <summary>A creature and, where there is one, a ball.</summary>
public sealed class World
{
    /// <summary>The creature's file.</summary>
    public required CreatureModel Model { get; init; }

    /// <summary>(B) its parts.</summary>
    public required RigidBody[] Bodies { get; init; }

    /// <summary>The ball, or null.</summary>
    public RigidBody? Ball { get; set; }

    /// <summary>The creature at rest, <paramref name="raised"/> m above its rest pose.</summary>
    public static World AtRest(CreatureModel model, double raised = 0) => new()
    {
        Model = model,
        Bodies =
        [
            .. model.Bodies.Select(body => new RigidBody
            {
                InverseMass = 1 / body.Mass,
                InverseInertia = new Vec3(1 / body.Inertia.X, 1 / body.Inertia.Y, 1 / body.Inertia.Z),
                Place = body.Rest + new Vec3(0, 0, raised),
                Turn = body.RestTurn,
            }),
        ],
    };

    /// <summary>A copy with the same state.</summary>
    public World Copy() => new() { Model = Model, Bodies = [.. Bodies.Select(body => body.Copy())], Ball = Ball?.Copy() };

    /// <summary>The child's rotation relative to the parent, in joint axes.</summary>
    public Mat3 Relative(JointModel joint) => ParentAxes(joint).Transposed * (Bodies[joint.Child].Turn * joint.ChildTurn);

    /// <summary>The joint's axes as the parent carries them.</summary>
    public Mat3 ParentAxes(JointModel joint) => Bodies[joint.Parent].Turn * joint.ParentTurn;

    /// <summary>Distance between a joint's two anchors; m.</summary>
    public double Separation(JointModel joint) =>
        (Bodies[joint.Parent].PointAt(joint.ParentAnchor) - Bodies[joint.Child].PointAt(joint.ChildAnchor)).Length;
}
