namespace Arena.Validation.Creature;

/// <summary>Shape of a body.</summary>
public enum ModelShape
{
    /// <summary>A segment along the body's x axis, with round caps.</summary>
    Capsule,

    /// <summary>A ball.</summary>
    Sphere,

    /// <summary>A cuboid.</summary>
    Box,
}

/// <summary>One rigid part; everything in its own frame, whose origin is its centre of mass.</summary>
public sealed record BodyModel
{
    /// <summary>Unique name.</summary>
    public required string Id { get; init; }

    /// <summary>Capsule, sphere or box.</summary>
    public required ModelShape Shape { get; init; }

    /// <summary>Half sizes of a box; of a capsule (half the segment's length, 0, 0); m.</summary>
    public required Vec3 Half { get; init; }

    /// <summary>Radius of capsule or sphere, 0 for a box; m.</summary>
    public required double Radius { get; init; }

    /// <summary>kg.</summary>
    public required double Mass { get; init; }

    /// <summary>Principal moments, the floor for joints included; kg·m².</summary>
    public required Vec3 Inertia { get; init; }

    /// <summary>Centre of mass in the rest pose; m.</summary>
    public required Vec3 Rest { get; init; }

    /// <summary>Axes in the rest pose.</summary>
    public required Mat3 RestTurn { get; init; }

    /// <summary>Coulomb's coefficient.</summary>
    public required double Friction { get; init; }

    /// <summary>Share of the approach speed that a bounce gives back.</summary>
    public required double Restitution { get; init; }

    /// <summary>Contact and load are observed.</summary>
    public required bool Foot { get; init; }

    /// <summary>Ground contact ends the episode.</summary>
    public required bool Fatal { get; init; }

    /// <summary>Where it can touch the ground, in order; each with <see cref="Radius"/>.</summary>
    public required Vec3[] Points { get; init; }

    /// <summary>What it adds to the length of a leg: a capsule end point to end point, a sphere its diameter, a box its longest side; m.</summary>
    public double SegmentLength => Shape == ModelShape.Sphere ? 2 * Radius : 2 * Half.Largest;
}

/// <summary>One joint.</summary>
public sealed record JointModel
{
    /// <summary>Body nearer the torso.</summary>
    public required int Parent { get; init; }

    /// <summary>Body farther from it.</summary>
    public required int Child { get; init; }

    /// <summary>Anchor in the parent's frame; m.</summary>
    public required Vec3 ParentAnchor { get; init; }

    /// <summary>Anchor in the child's frame; m.</summary>
    public required Vec3 ChildAnchor { get; init; }

    /// <summary>Joint axes in the parent's frame.</summary>
    public required Mat3 ParentTurn { get; init; }

    /// <summary>Joint axes in the child's frame.</summary>
    public required Mat3 ChildTurn { get; init; }

    /// <summary>Lower limits of twist, lift, swing as joint coordinates 2 sin(θ/2).</summary>
    public required Vec3 Low { get; init; }

    /// <summary>Upper limits.</summary>
    public required Vec3 High { get; init; }

    /// <summary>Which of the three axes can move.</summary>
    public required bool[] Free { get; init; }

    /// <summary>Whether its free axes have a motor.</summary>
    public required bool Driven { get; init; }

    /// <summary>Largest torque; N·m.</summary>
    public required double Torque { get; init; }

    /// <summary>Torque per error below the largest; N·m/rad.</summary>
    public required double Stiffness { get; init; }

    /// <summary>Share of the relative rotation speed removed per second; 1/s.</summary>
    public required double Damping { get; init; }
}

/// <summary>A creature as the rules need it, computed from its file in double precision.</summary>
public sealed record CreatureModel
{
    /// <summary>Name in the file.</summary>
    public required string Name { get; init; }

    /// <summary>Moves in the x-z plane only.</summary>
    public required bool Planar { get; init; }

    /// <summary>Body 0 is the torso.</summary>
    public required IReadOnlyList<BodyModel> Bodies { get; init; }

    /// <summary>In file order.</summary>
    public required IReadOnlyList<JointModel> Joints { get; init; }

    /// <summary>Total mass; kg.</summary>
    public double Mass => Bodies.Sum(body => body.Mass);

    /// <summary>Free axes, D.</summary>
    public int FreeAxes => Joints.Sum(joint => joint.Free.Count(free => free));

    /// <summary>Actions, A: the free axes with a motor.</summary>
    public int Actions => Joints.Where(joint => joint.Driven).Sum(joint => joint.Free.Count(free => free));

    /// <summary>Indices of the bodies marked as feet.</summary>
    public IReadOnlyList<int> Feet => [.. Enumerable.Range(0, Bodies.Count).Where(body => Bodies[body].Foot)];
}
