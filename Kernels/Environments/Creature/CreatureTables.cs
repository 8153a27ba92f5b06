namespace Arena.Kernels.Environments.Creature;

/// <summary>A body as kernels see it.</summary>
public struct CreatureBody
{
    /// <summary>1/kg.</summary>
    public float InverseMass;

    /// <summary>Principal moments, armature included; kg·m².</summary>
    public float InertiaX, InertiaY, InertiaZ;

    /// <summary>Their inverses.</summary>
    public float InverseX, InverseY, InverseZ;

    /// <summary>μ.</summary>
    public float Friction;

    /// <summary>e.</summary>
    public float Restitution;

    /// <summary>m: no point of the body is farther from its centre.</summary>
    public float Reach;

    /// <summary>Radius of a capsule or sphere; 0 for a box. m.</summary>
    public float Radius;

    /// <summary>Half sides of a box; half length of a capsule in the first. m.</summary>
    public float HalfX, HalfY, HalfZ;

    /// <summary>Rest pose: position (m) and orientation.</summary>
    public float RestX, RestY, RestZ, RestQx, RestQy, RestQz, RestQw;

    /// <summary>A <see cref="SkeletonShape"/>.</summary>
    public int Shape;

    /// <summary>1: contact with the ground ends the episode.</summary>
    public int Fatal;

    /// <summary>Number of the foot, or −1.</summary>
    public int Foot;

    /// <summary>First contact point and how many.</summary>
    public int FirstPoint, PointCount;
}

/// <summary>A joint as kernels see it.</summary>
public struct CreatureJoint
{
    /// <summary>Bodies.</summary>
    public int Parent, Child;

    /// <summary>Anchor in the parent's frame; m.</summary>
    public float ParentX, ParentY, ParentZ;

    /// <summary>Anchor in the child's frame; m.</summary>
    public float ChildX, ChildY, ChildZ;

    /// <summary>Joint frame in the parent's frame.</summary>
    public float ParentQx, ParentQy, ParentQz, ParentQw;

    /// <summary>Joint frame in the child's frame.</summary>
    public float ChildQx, ChildQy, ChildQz, ChildQw;

    /// <summary>Limits, 2 sin(θ/2), of twist, lift and swing.</summary>
    public float LowX, LowY, LowZ, HighX, HighY, HighZ;

    /// <summary>τ_max; N·m.</summary>
    public float Torque;

    /// <summary>1/k; rad/(N·m).</summary>
    public float Compliance;

    /// <summary>ν; 1/s.</summary>
    public float Damping;

    /// <summary>1: the drive holds it at the wanted coordinates.</summary>
    public int Driven;

    /// <summary>Free axes as bits: 1 twist, 2 lift, 4 swing.</summary>
    public int Free;

    /// <summary>Action of its first free axis, or −1.</summary>
    public int FirstAction;
}

/// <summary>A contact point as kernels see it.</summary>
public struct CreaturePoint
{
    /// <summary>In the body's frame; m.</summary>
    public float X, Y, Z;

    /// <summary>m.</summary>
    public float Radius;
}

/// <summary>What the scripted gait does with an action.</summary>
public struct CreatureGait
{
    /// <summary>Share of the limit that the forward swing has, with its sign; 0 = this axis does not swing.</summary>
    public float Swing;

    /// <summary>Share of the limit that the lift has, with its sign.</summary>
    public float Lift;

    /// <summary>0 or ½: half a period apart.</summary>
    public float Phase;
}

/// <summary>A skeleton compiled for kernels: the tables, and their hash.</summary>
public sealed class CreatureTables
{
    internal CreatureTables(SkeletonFile file, CreatureBody[] bodies, CreatureJoint[] joints, CreaturePoint[] points, CreatureGait[] gait, double mass)
    {
        File = file;
        (Bodies, Joints, Points, Gait, Mass) = (bodies, joints, points, gait, mass);
        Layout = CreatureLayout.Of(file, 0);
        Hash = CreatureHash.Of(Bodies, Joints, Points);
    }

    /// <summary>What they were compiled from.</summary>
    public SkeletonFile File { get; }

    /// <summary>(B).</summary>
    public CreatureBody[] Bodies { get; }

    /// <summary>(J), in the order in which they are solved.</summary>
    public CreatureJoint[] Joints { get; }

    /// <summary>Contact points in body order.</summary>
    public CreaturePoint[] Points { get; }

    /// <summary>(A) the scripted gait.</summary>
    public CreatureGait[] Gait { get; }

    /// <summary>Counts, without previous actions.</summary>
    public CreatureLayout Layout { get; }

    /// <summary>Total; kg.</summary>
    public double Mass { get; }

    /// <summary>64-bit hash of the compiled tables: skeletons with the same hash move alike.</summary>
    public ulong Hash { get; }

    /// <summary>The same in 16 hexadecimal digits, as policies and exports carry it.</summary>
    public string HashText => Hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
