using System.Runtime.CompilerServices;

namespace Arena.Kernels.Common;

/// <summary>Three floats: a point or a vector of space.</summary>
public readonly struct Float3(float x, float y, float z)
{
    /// <summary>First component.</summary>
    public readonly float X = x;

    /// <summary>Second component.</summary>
    public readonly float Y = y;

    /// <summary>Third component.</summary>
    public readonly float Z = z;

    /// <summary>Sum, component by component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 operator +(Float3 a, Float3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>Difference, component by component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 operator -(Float3 a, Float3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>The opposite vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 operator -(Float3 a) => new(-a.X, -a.Y, -a.Z);

    /// <summary>Scaled by a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 operator *(Float3 a, float factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    /// <summary>a · b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(Float3 a, Float3 b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    /// <summary>a × b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float3 Cross(Float3 a, Float3 b) => new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

    /// <summary>Squared length.</summary>
    public float LengthSquared
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => X * X + Y * Y + Z * Z;
    }
}

/// <summary>A rotation of space as a unit quaternion (x, y, z, w).</summary>
public readonly struct Rotation(float x, float y, float z, float w)
{
    /// <summary>Vector part: axis times sine of half the angle.</summary>
    public readonly float X = x, Y = y, Z = z;

    /// <summary>Cosine of half the angle.</summary>
    public readonly float W = w;

    /// <summary>The vector part.</summary>
    public Float3 Vector
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(X, Y, Z);
    }

    /// <summary>The rotation back.</summary>
    public Rotation Conjugate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(-X, -Y, -Z, W);
    }

    /// <summary>Squared length; 1 for a rotation.</summary>
    public float LengthSquared
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => X * X + Y * Y + Z * Z + W * W;
    }

    /// <summary>First b, then a (Hamilton's product).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rotation operator *(Rotation a, Rotation b) => new(
        a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
        a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
        a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
        a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);

    /// <summary>The turned vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float3 Rotate(Float3 v)
    {
        Float3 t = Float3.Cross(Vector, v) * 2f;
        return v + t * W + Float3.Cross(Vector, t);
    }

    /// <summary>The vector turned back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float3 RotateBack(Float3 v)
    {
        Float3 t = Float3.Cross(v, Vector) * 2f;
        return v + t * W + Float3.Cross(t, Vector);
    }

    /// <summary>Turned further by the small rotation vector <paramref name="a"/>: normalize(q + ½ (a, 0) q).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Rotation Turned(Float3 a)
    {
        float x = X + 0.5f * (a.X * W + a.Y * Z - a.Z * Y);
        float y = Y + 0.5f * (a.Y * W + a.Z * X - a.X * Z);
        float z = Z + 0.5f * (a.Z * W + a.X * Y - a.Y * X);
        float w = W - 0.5f * (a.X * X + a.Y * Y + a.Z * Z);
        float inverse = 1f / Scalar.Sqrt(x * x + y * y + z * z + w * w);
        return new(x * inverse, y * inverse, z * inverse, w * inverse);
    }
}

/// <summary>Sine and cosine without a library, the same bits on every device.</summary>
public static class Turns
{
    private const float FullTurn = 6.2831855f;

    /// <summary>Sine and cosine of <paramref name="turns"/> full turns, 0 ≤ turns &lt; 1; absolute error at most 3e−7.</summary>
    /// <remarks>Taylor polynomials about the nearest quarter turn: sine to f⁹ (remainder 1.8e−9), cosine to f⁸ (2.5e−8).</remarks>
    /// <returns>X = cosine, Y = sine.</returns>
    public static Float2 CosSin(float turns)
    {
        int quarter = (int)(4f * turns + 0.5f);
        float f = (turns - quarter * 0.25f) * FullTurn;
        float g = f * f;
        float sine = f * (1f + g * (-0.16666667f + g * (8.3333333e-3f + g * (-1.9841270e-4f + g * 2.7557319e-6f))));
        float cosine = 1f + g * (-0.5f + g * (4.1666667e-2f + g * (-1.3888889e-3f + g * 2.4801587e-5f)));
        int q = quarter & 3;
        return q == 0 ? new Float2(cosine, sine) : q == 1 ? new Float2(-sine, cosine) : q == 2 ? new Float2(-cosine, -sine) : new Float2(sine, -cosine);
    }
}
