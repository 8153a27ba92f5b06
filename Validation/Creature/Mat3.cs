namespace Arena.Validation.Creature;

/// <summary>A 3×3 matrix by its columns: a rotation (columns = the turned axes) or an inertia.</summary>
/// <remarks>The kernels turn bodies with quaternions; this file is the other way to say the same.</remarks>
public readonly record struct Mat3(Vec3 X, Vec3 Y, Vec3 Z)
{
    /// <summary>No rotation.</summary>
    public static Mat3 Identity => new(new(1, 0, 0), new(0, 1, 0), new(0, 0, 1));

    /// <summary>Applied to a vector.</summary>
    public static Vec3 operator *(Mat3 m, Vec3 v) => m.X * v.X + m.Y * v.Y + m.Z * v.Z;

    /// <summary>One after the other: first <paramref name="b"/>, then <paramref name="a"/>.</summary>
    public static Mat3 operator *(Mat3 a, Mat3 b) => new(a * b.X, a * b.Y, a * b.Z);

    /// <summary>The transpose applied to a vector: into the frame of a rotation.</summary>
    public Vec3 Into(Vec3 v) => new(X.Dot(v), Y.Dot(v), Z.Dot(v));

    /// <summary>The transpose: of a rotation, its inverse.</summary>
    public Mat3 Transposed => new(new(X.X, Y.X, Z.X), new(X.Y, Y.Y, Z.Y), new(X.Z, Y.Z, Z.Z));

    /// <summary>R·diag(d)·Rᵀ: principal values in world axes.</summary>
    public Mat3 Principal(Vec3 d)
    {
        Mat3 back = Transposed;
        return this * new Mat3(
            new(back.X.X * d.X, back.X.Y * d.Y, back.X.Z * d.Z),
            new(back.Y.X * d.X, back.Y.Y * d.Y, back.Y.Z * d.Z),
            new(back.Z.X * d.X, back.Z.Y * d.Y, back.Z.Z * d.Z));
    }

    /// <summary>Rotation by <paramref name="angle"/> rad about z.</summary>
    public static Mat3 AboutZ(double angle) => new(new(Math.Cos(angle), Math.Sin(angle), 0), new(-Math.Sin(angle), Math.Cos(angle), 0), new(0, 0, 1));

    /// <summary>
    /// The rotation of the quaternion (a/2, 1) scaled to length 1: about a by 2·atan(|a|/2). With the Gibbs vector g = a/2:
    /// I + 2/(1 + g²)·([g] + [g]²).
    /// </summary>
    public static Mat3 Turn(Vec3 a)
    {
        Vec3 g = a * 0.5;
        double k = 2 / (1 + g.Squared);
        Vec3 Turned(Vec3 v) => v + (g.Cross(v) + g.Cross(g.Cross(v))) * k;
        return new Mat3(Turned(Identity.X), Turned(Identity.Y), Turned(Identity.Z));
    }

    /// <summary>The rotation of a quaternion; its length need not be 1.</summary>
    public static Mat3 FromQuaternion(Vec3 vector, double w)
    {
        double squared = vector.Squared + w * w;
        Vec3 Turned(Vec3 v) => v + (vector.Cross(v) * w + vector.Cross(vector.Cross(v))) * (2 / squared);
        return new Mat3(Turned(Identity.X), Turned(Identity.Y), Turned(Identity.Z));
    }

    /// <summary>The quaternion with w ≥ 0, from the largest of its four squares (Shepperd 1978).</summary>
    public (Vec3 Vector, double W) Quaternion()
    {
        double ww = 1 + X.X + Y.Y + Z.Z, xx = 1 + X.X - Y.Y - Z.Z, yy = 1 - X.X + Y.Y - Z.Z, zz = 1 - X.X - Y.Y + Z.Z;
        double largest = Math.Max(Math.Max(ww, xx), Math.Max(yy, zz));
        Vec3 skew = new(Y.Z - Z.Y, Z.X - X.Z, X.Y - Y.X);
        double xy = X.Y + Y.X, yz = Y.Z + Z.Y, zx = Z.X + X.Z;
        (Vec3 v, double w) = largest == ww ? (skew, ww)
            : largest == xx ? (new Vec3(xx, xy, zx), skew.X)
            : largest == yy ? (new Vec3(xy, yy, yz), skew.Y)
            : (new Vec3(zx, yz, zz), skew.Z);
        double scale = (w < 0 ? -1 : 1) / Math.Sqrt(v.Squared + w * w);
        return (v * scale, w * scale);
    }

    /// <summary>Joint coordinates of this relative rotation: 2 sin(θ/2) along its axis, θ in 0..180°.</summary>
    public Vec3 Coordinates() => Quaternion().Vector * 2;

    /// <summary>The relative rotation with coordinates <paramref name="u"/>.</summary>
    public static Mat3 FromCoordinates(Vec3 u) => FromQuaternion(u * 0.5, Math.Sqrt(Math.Max(0, 1 - u.Squared / 4)));

    /// <inheritdoc/>
    public override string ToString() => $"[{X} {Y} {Z}]";
}
