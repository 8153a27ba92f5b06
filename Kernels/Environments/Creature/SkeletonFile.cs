namespace Arena.Kernels.Environments.Creature;

/// <summary>Three doubles: a point (m) or a direction, creature coordinates (x forward, y left, z up, z = 0 the ground).</summary>
public readonly record struct Double3(double X, double Y, double Z)
{
    /// <summary>Squared length.</summary>
    public double LengthSquared => X * X + Y * Y + Z * Z;

    /// <summary>Length.</summary>
    public double Length => Math.Sqrt(LengthSquared);

    /// <summary>Sum.</summary>
    public static Double3 operator +(Double3 a, Double3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>Difference.</summary>
    public static Double3 operator -(Double3 a, Double3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>Scaled by a number.</summary>
    public static Double3 operator *(Double3 a, double factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    /// <summary>a · b.</summary>
    public static double Dot(Double3 a, Double3 b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    /// <summary>a × b.</summary>
    public static Double3 Cross(Double3 a, Double3 b) => new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
}

/// <summary>The shape of a body.</summary>
public enum SkeletonShape
{
    /// <summary>A cylinder with round ends.</summary>
    Capsule,

    /// <summary>A ball.</summary>
    Sphere,

    /// <summary>A box, axis-aligned in the rest pose.</summary>
    Box,
}

/// <summary>How two bodies move against each other.</summary>
public enum SkeletonJointType
{
    /// <summary>About three axes.</summary>
    Ball,

    /// <summary>About one axis.</summary>
    Hinge,
}

/// <summary>The axes of a joint's frame; the order of its coordinates.</summary>
public enum SkeletonAxis
{
    /// <summary>x of the joint's frame: along the child.</summary>
    Twist,

    /// <summary>y of the joint's frame: raises and lowers the child.</summary>
    Lift,

    /// <summary>z of the joint's frame: swings the child to and fro.</summary>
    Swing,
}

/// <summary>Limits of an axis; degrees, Low ≤ 0 ≤ High. (0, 0) locks it.</summary>
public readonly record struct SkeletonLimit(double Low, double High);

/// <summary>A skeleton as a person writes it (format "creature-1"), all in the rest pose; what <see cref="SkeletonReader"/> reads and checks.</summary>
public sealed record SkeletonFile
{
    /// <summary>Lower-case letters, digits, '_' and '-', at most 40.</summary>
    public required string Name { get; init; }

    /// <summary>For bodies without a mass or density of their own; kg/m³, 50..5000.</summary>
    public double Density { get; init; } = 500;

    /// <summary>For bodies without their own; 0..2.</summary>
    public double Friction { get; init; } = 0.9;

    /// <summary>For bodies without their own; 0..0.9.</summary>
    public double Restitution { get; init; }

    /// <summary>Largest torque of a motor as a share of total weight times length of the leg; 0.05..2.</summary>
    public double Strength { get; init; } = 0.4;

    /// <summary>Motion is confined to the x-z plane.</summary>
    public bool Planar { get; init; }

    /// <summary>2..25 bodies, the torso first.</summary>
    public required IReadOnlyList<SkeletonBody> Bodies { get; init; }

    /// <summary>One joint fewer than bodies, parents before children.</summary>
    public required IReadOnlyList<SkeletonJoint> Joints { get; init; }

    /// <summary>Position of the body called <paramref name="id"/>, or −1.</summary>
    public int IndexOf(string id)
    {
        for (int body = 0; body < Bodies.Count; body++)
            if (Bodies[body].Id == id) return body;
        return -1;
    }
}

/// <summary>A body of a skeleton.</summary>
public sealed record SkeletonBody
{
    /// <summary>Unique name.</summary>
    public required string Id { get; init; }

    /// <summary>Which of the measures below count.</summary>
    public required SkeletonShape Shape { get; init; }

    /// <summary>One end of a capsule; m.</summary>
    public Double3 From { get; init; }

    /// <summary>The other end of a capsule; m.</summary>
    public Double3 To { get; init; }

    /// <summary>Centre of a sphere or box; m.</summary>
    public Double3 Center { get; init; }

    /// <summary>Half sides of a box; m.</summary>
    public Double3 Half { get; init; }

    /// <summary>Radius of a capsule or sphere; m.</summary>
    public double Radius { get; init; }

    /// <summary>kg, or null: by density.</summary>
    public double? Mass { get; init; }

    /// <summary>kg/m³, or null: the skeleton's.</summary>
    public double? Density { get; init; }

    /// <summary>0..2, or null: the skeleton's.</summary>
    public double? Friction { get; init; }

    /// <summary>0..0.9, or null: the skeleton's.</summary>
    public double? Restitution { get; init; }

    /// <summary>Contact and load are observed.</summary>
    public bool Foot { get; init; }

    /// <summary>Contact with the ground ends the episode; null: the torso's does, no other's.</summary>
    public bool? Fatal { get; init; }

    /// <summary>Centre of mass in the rest pose; m.</summary>
    public Double3 Middle => Shape == SkeletonShape.Capsule ? (From + To) * 0.5 : Center;
}

/// <summary>A joint of a skeleton.</summary>
public sealed record SkeletonJoint
{
    /// <summary>Id of the body nearer to the torso.</summary>
    public required string Parent { get; init; }

    /// <summary>Id of the other body.</summary>
    public required string Child { get; init; }

    /// <summary>Anchor point; m.</summary>
    public required Double3 At { get; init; }

    /// <summary>Ball or hinge.</summary>
    public required SkeletonJointType Type { get; init; }

    /// <summary>Of a ball joint.</summary>
    public SkeletonLimit Twist { get; init; }

    /// <summary>Of a ball joint.</summary>
    public SkeletonLimit Lift { get; init; }

    /// <summary>Of a ball joint.</summary>
    public SkeletonLimit Swing { get; init; }

    /// <summary>Of a hinge.</summary>
    public SkeletonLimit Range { get; init; }

    /// <summary>Of a hinge with a named axis.</summary>
    public SkeletonAxis? NamedAxis { get; init; }

    /// <summary>Of a hinge with an axis of its own; any length but 0.</summary>
    public Double3 Axis { get; init; }

    /// <summary>Largest torque; N·m, or null: the motor rule.</summary>
    public double? Torque { get; init; }

    /// <summary>N·m/rad, or null: full torque at 0.3 rad.</summary>
    public double? Stiffness { get; init; }

    /// <summary>Rate at which relative rotation is removed; 1/s, or null: 40.</summary>
    public double? Damping { get; init; }

    /// <summary>Whether its free axes take actions.</summary>
    public bool Driven { get; init; } = true;

    /// <summary>The joint's limits by axis of its frame (twist, lift, swing); a hinge with an axis of its own turns about the third.</summary>
    public SkeletonLimit LimitOf(SkeletonAxis axis) =>
        Type == SkeletonJointType.Hinge ? (NamedAxis ?? SkeletonAxis.Swing) == axis ? Range : default
        : axis == SkeletonAxis.Twist ? Twist : axis == SkeletonAxis.Lift ? Lift : Swing;

    /// <summary>Whether the joint turns about the axis.</summary>
    public bool IsFree(SkeletonAxis axis) => LimitOf(axis) is not { Low: 0, High: 0 };
}
