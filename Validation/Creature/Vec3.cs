namespace Arena.Validation.Creature;

/// <summary>Three doubles: a place, a velocity or a rotation vector.</summary>
public readonly record struct Vec3(double X, double Y, double Z)
{
    /// <summary>(0, 0, 0).</summary>
    public static Vec3 Zero => default;

    /// <summary>Component 0, 1 or 2.</summary>
    public double this[int axis] => axis == 0 ? X : axis == 1 ? Y : Z;

    /// <summary>Sum.</summary>
    public static Vec3 operator +(Vec3 a, Vec3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>Difference.</summary>
    public static Vec3 operator -(Vec3 a, Vec3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>Opposite.</summary>
    public static Vec3 operator -(Vec3 a) => new(-a.X, -a.Y, -a.Z);

    /// <summary>Multiple.</summary>
    public static Vec3 operator *(Vec3 a, double k) => new(a.X * k, a.Y * k, a.Z * k);

    /// <summary>Fraction.</summary>
    public static Vec3 operator /(Vec3 a, double k) => new(a.X / k, a.Y / k, a.Z / k);

    /// <summary>Scalar product.</summary>
    public double Dot(Vec3 b) => X * b.X + Y * b.Y + Z * b.Z;

    /// <summary>Vector product.</summary>
    public Vec3 Cross(Vec3 b) => new(Y * b.Z - Z * b.Y, Z * b.X - X * b.Z, X * b.Y - Y * b.X);

    /// <summary>Squared length.</summary>
    public double Squared => Dot(this);

    /// <summary>Length.</summary>
    public double Length => Math.Sqrt(Squared);

    /// <summary>Direction; the vector must not be zero.</summary>
    public Vec3 Unit => this / Length;

    /// <summary>The part across <paramref name="direction"/>, of length 1.</summary>
    public Vec3 Across(Vec3 direction) => this - direction * Dot(direction);

    /// <summary>The largest component by size.</summary>
    public double Largest => Math.Max(Math.Abs(X), Math.Max(Math.Abs(Y), Math.Abs(Z)));

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"({X:G9}, {Y:G9}, {Z:G9})");

    /// <summary>Whether no component is infinite or NaN.</summary>
    public bool IsFinite => double.IsFinite(X) && double.IsFinite(Y) && double.IsFinite(Z);
}
