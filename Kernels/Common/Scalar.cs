using System.Runtime.CompilerServices;

namespace Arena.Kernels.Common;

/// <summary>Scalar functions that give the same bits on every device.</summary>
/// <remarks>
/// The library's minimum and maximum treat NaN and signed zeros differently on CPU and GPU; these are plain comparisons.
/// Only correctly rounded operations occur (+ − · / √).
/// </remarks>
public static class Scalar
{
    /// <summary>a if a &lt; b, else b (b when either is NaN).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => a < b ? a : b;

    /// <summary>a if a &gt; b, else b (b when either is NaN).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => a > b ? a : b;

    /// <summary>The smaller of two integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Min(int a, int b) => a < b ? a : b;

    /// <summary>The larger of two integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Max(int a, int b) => a > b ? a : b;

    /// <summary>value held within [low, high]; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Clamp(float value, float low, float high)
    {
        float atMost = value > high ? high : value;
        return atMost < low ? low : atMost;
    }

    /// <summary>|value|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Abs(float value) => MathF.Abs(value);

    /// <summary>√value, correctly rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float value) => MathF.Sqrt(value);

    /// <summary>Neither NaN nor infinite: x − x is 0 for finite x alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsFinite(float value) => value - value == 0f;

    /// <summary>value / 2^shift rounded toward zero, for signed values (a GPU compiler turns '/' into a shift that rounds down).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DivTowardZero(int value, int shift) => (value + ((value >> 31) & ((1 << shift) - 1))) >> shift;
}
