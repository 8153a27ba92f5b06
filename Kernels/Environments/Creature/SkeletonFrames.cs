namespace Arena.Kernels.Environments.Creature;

/// <summary>Three orthogonal unit vectors in creature coordinates: the axes of a body or joint in the rest pose.</summary>
internal readonly record struct SkeletonFrame(Double3 X, Double3 Y, Double3 Z)
{
    private const double NearlyParallel = 1e-3;

    internal static SkeletonFrame Upright { get; } = new(new(1, 0, 0), new(0, 1, 0), new(0, 0, 1));

    /// <summary>The frame of a body: a capsule's first axis runs from 'from' to 'to', its second is level.</summary>
    internal static SkeletonFrame Of(SkeletonBody body)
    {
        if (body.Shape != SkeletonShape.Capsule) return Upright;
        Double3 x = Unit(body.To - body.From);
        Double3 level = Double3.Cross(Upright.Z, x);
        Double3 y = level.Length < NearlyParallel ? Unit(Without(Upright.Y, x)) : Unit(level);
        return new(x, y, Double3.Cross(x, y));
    }

    /// <summary>The frame of a joint: the child's, or for an axis of its own one whose third axis is that.</summary>
    internal static SkeletonFrame Of(SkeletonJoint joint, SkeletonFrame child)
    {
        if (joint.Type == SkeletonJointType.Ball || joint.NamedAxis is not null) return child;
        Double3 z = Unit(joint.Axis);
        Double3 x = default;
        foreach (Double3 candidate in (Double3[])[child.X, Upright.X, Upright.Y])
        {
            x = Without(candidate, z);
            if (x.Length >= NearlyParallel) break;
        }

        x = Unit(x);
        return new(x, Double3.Cross(z, x), z);
    }

    /// <summary>A point's or vector's coordinates in this frame.</summary>
    internal Double3 Local(Double3 v) => new(Double3.Dot(v, X), Double3.Dot(v, Y), Double3.Dot(v, Z));

    /// <summary>This frame's axes in the coordinates of <paramref name="other"/>.</summary>
    internal SkeletonFrame In(SkeletonFrame other) => new(other.Local(X), other.Local(Y), other.Local(Z));

    /// <summary>The rotation from the coordinate axes to this frame, as x, y, z, w with w ≥ 0.</summary>
    /// <remarks>The matrix has X, Y, Z as columns; divides by the largest component (Shepperd 1978).</remarks>
    internal (double X, double Y, double Z, double W) Quaternion()
    {
        double x2 = 1 + X.X - Y.Y - Z.Z, y2 = 1 - X.X + Y.Y - Z.Z, z2 = 1 - X.X - Y.Y + Z.Z, w2 = 1 + X.X + Y.Y + Z.Z;
        double largest = Math.Max(Math.Max(x2, y2), Math.Max(z2, w2)), divisor = 2 * Math.Sqrt(largest);
        double yx = X.Y + Y.X, zx = Z.X + X.Z, zy = Y.Z + Z.Y, wx = Y.Z - Z.Y, wy = Z.X - X.Z, wz = X.Y - Y.X;
        (double x, double y, double z, double w) =
            largest == w2 ? (wx, wy, wz, w2) : largest == x2 ? (x2, yx, zx, wx) : largest == y2 ? (yx, y2, zy, wy) : (zx, zy, z2, wz);
        double sign = w < 0 ? -1 : 1;
        return (sign * x / divisor, sign * y / divisor, sign * z / divisor, sign * w / divisor);
    }

    private static Double3 Unit(Double3 v) => v * (1 / v.Length);

    private static Double3 Without(Double3 v, Double3 unit) => v - unit * Double3.Dot(v, unit);
}
