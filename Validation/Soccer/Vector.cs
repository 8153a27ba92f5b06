namespace Arena.Validation.Soccer;

/// <summary>A point or a vector of the plane, in double precision.</summary>
public readonly record struct Vector(double X, double Y)
{
    /// <summary>(0, 0).</summary>
    public static Vector Zero { get; }

    /// <summary>Length.</summary>
    public double Length => Math.Sqrt(X * X + Y * Y);

    /// <summary>Squared length.</summary>
    public double LengthSquared => X * X + Y * Y;

    /// <summary>Sum.</summary>
    public static Vector operator +(Vector a, Vector b) => new(a.X + b.X, a.Y + b.Y);

    /// <summary>Difference.</summary>
    public static Vector operator -(Vector a, Vector b) => new(a.X - b.X, a.Y - b.Y);

    /// <summary>Rotated by 180°.</summary>
    public static Vector operator -(Vector a) => new(-a.X, -a.Y);

    /// <summary>Scaled.</summary>
    public static Vector operator *(Vector a, double factor) => new(a.X * factor, a.Y * factor);

    /// <summary>Scaled down.</summary>
    public static Vector operator /(Vector a, double divisor) => new(a.X / divisor, a.Y / divisor);

    /// <summary>a · b.</summary>
    public static double Dot(Vector a, Vector b) => a.X * b.X + a.Y * b.Y;

    /// <summary>This vector, scaled to length <paramref name="most"/> if it is longer.</summary>
    public Vector LimitedTo(double most) => Length > most ? this * (most / Length) : this;
}
