using System.Runtime.CompilerServices;

namespace Arena.Kernels.Common;

/// <summary>Two floats: a point or a vector of the plane.</summary>
public readonly struct Float2(float x, float y)
{
    /// <summary>First component.</summary>
    public readonly float X = x;

    /// <summary>Second component.</summary>
    public readonly float Y = y;

    /// <summary>Sum, component by component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float2 operator +(Float2 a, Float2 b) => new(a.X + b.X, a.Y + b.Y);

    /// <summary>Difference, component by component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float2 operator -(Float2 a, Float2 b) => new(a.X - b.X, a.Y - b.Y);

    /// <summary>Scaled by a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float2 operator *(Float2 a, float factor) => new(a.X * factor, a.Y * factor);

    /// <summary>a · b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(Float2 a, Float2 b) => a.X * b.X + a.Y * b.Y;

    /// <summary>Squared length.</summary>
    public float LengthSquared
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => X * X + Y * Y;
    }

    /// <summary>Length.</summary>
    public float Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MathF.Sqrt(X * X + Y * Y);
    }
}
