using Arena.Kernels.Environments.Creature;

namespace Arena.Validation.Creature;

/// <summary>A place or direction in the ground plane.</summary>
public readonly record struct Flat(double X, double Y)
{
    /// <summary>Sum.</summary>
    public static Flat operator +(Flat a, Flat b) => new(a.X + b.X, a.Y + b.Y);

    /// <summary>Difference.</summary>
    public static Flat operator -(Flat a, Flat b) => new(a.X - b.X, a.Y - b.Y);

    /// <summary>Multiple.</summary>
    public static Flat operator *(Flat a, double k) => new(a.X * k, a.Y * k);

    /// <summary>Length.</summary>
    public double Length => Math.Sqrt(X * X + Y * Y);

    /// <summary>Scalar product.</summary>
    public double Dot(Flat b) => X * b.X + Y * b.Y;

    /// <summary>Turned to the left by <paramref name="angle"/> rad.</summary>
    public Flat Turned(double angle) => new(X * Math.Cos(angle) - Y * Math.Sin(angle), X * Math.Sin(angle) + Y * Math.Cos(angle));

    /// <summary>The ground part of <paramref name="v"/>.</summary>
    public static Flat Of(Vec3 v) => new(v.X, v.Y);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"({X:G9}, {Y:G9})");
}

/// <summary>Everything one match holds between two ticks.</summary>
public sealed record Snapshot
{
    /// <summary>Pose and velocities.</summary>
    public required World World { get; init; }

    /// <summary>The moving origin, in steps of 4 m.</summary>
    public required (int X, int Y) Origin { get; init; }

    /// <summary>Commanded direction (task run) or point to reach.</summary>
    public required Flat Goal { get; init; }

    /// <summary>Where the ball is to go.</summary>
    public required Flat Gate { get; init; }

    /// <summary>Commanded speed; m/s.</summary>
    public required double Command { get; init; }

    /// <summary>Task of the episode.</summary>
    public required CreatureTask Task { get; init; }

    /// <summary>Its level.</summary>
    public required int Level { get; init; }

    /// <summary>Torso to point, torso to ball, ball to gate after the last tick; m.</summary>
    public required double[] Distances { get; init; }

    /// <summary>(joints) wanted coordinates.</summary>
    public required Vec3[] Wanted { get; init; }

    /// <summary>(K, A) last actions, newest first.</summary>
    public required double[][] Actions { get; init; }

    /// <summary>(F, 2) contact and load.</summary>
    public required double[] Feet { get; init; }

    /// <summary>Unit vector.</summary>
    public required Flat Heading { get; init; }

    /// <summary>Which table of bumps.</summary>
    public required int Bumps { get; init; }

    /// <summary>Ticks since the episode began.</summary>
    public required int Tick { get; init; }

    /// <summary>Episodes before this one.</summary>
    public required int Episode { get; init; }

    /// <summary>Raw statistics of the episode.</summary>
    public required double[] Statistics { get; init; }

    /// <summary>Of a state that begins an episode: how far the creature was turned; rad. It settles the sign of its quaternions.</summary>
    public double StartYaw { get; init; }

    /// <summary>The ball's column where the task has no ball: zero, but it moves with the origin as everything does.</summary>
    public double[] IdleBall { get; init; } = new double[CreatureConstants.BodyFloats];

    /// <summary>The torso.</summary>
    public RigidBody Torso => World.Bodies[0];

    /// <summary>The torso's place over the ground.</summary>
    public Flat Root => Flat.Of(Torso.Place);

    /// <summary>Creature axes (x forward, z up) as the torso carries them.</summary>
    public Mat3 RootFrame => Torso.Turn * World.Model.Bodies[0].RestTurn.Transposed;

    /// <summary>A copy whose parts can be changed without changing this one.</summary>
    public Snapshot Copy() => this with
    {
        World = World.Copy(),
        Distances = [.. Distances],
        Statistics = [.. Statistics],
        Feet = [.. Feet],
    };
}
