using System.Numerics;
using Arena.Kernels.Common;
using Arena.Kernels.Random;

namespace Arena.Kernels.Device;

/// <summary>Every arithmetic operation that simulations use, in the forms that a device or its compiler might compute in another way.</summary>
/// <remarks>
/// Not part of any game: run on two devices over the same numbers, it must give the same bits (any NaN equals any other). Each case stands for something that
/// was seen to go wrong, or could: fused multiply-adds, folded constants, signs of zero, subnormal numbers, division and shifts of negative numbers.
/// </remarks>
public struct ArithmeticProbe : IKernel
{
    /// <summary>What the float results are, in order.</summary>
    public static IReadOnlyList<string> FloatCases { get; } =
    [
        "x*y + z", "x*y - z", "z - x*y", "x*x + y*y", "(x + c) + d", "(x - c) - d", "(x * c) * d", "zero - x", "x + zero", "-x",
        "x / y", "1 / x", "sqrt |x|", "floor x", "min(x, y)", "max(x, y)", "clamp(x, y, z)", "x * 0.5 + y * 0.25", "(x - y) * 0.1", "int to float",
    ];

    /// <summary>What the integer results are, in order.</summary>
    public static IReadOnlyList<string> IntCases { get; } =
    [
        "a / 32 toward zero", "a >> 5, unsigned", "a / b", "a % b", "a << b", "a >> b, signed", "a * b", "high word of a * b", "bits set in a", "leading zeros of a",
        "a rotated by b", "float to int", "x < y", "x == y", "random word", "min(a, b)",
    ];

    /// <summary>(count) float.</summary>
    public View<float> X;

    /// <summary>(count) float.</summary>
    public View<float> Y;

    /// <summary>(count) float.</summary>
    public View<float> Z;

    /// <summary>(count) int.</summary>
    public View<int> A;

    /// <summary>(count) int, at least 1.</summary>
    public View<int> B;

    /// <summary>(count, FloatCases) float; out.</summary>
    public View<float> Floats;

    /// <summary>(count, IntCases) int; out.</summary>
    public View<int> Ints;

    /// <summary>A number that no compiler knows.</summary>
    public float C;

    /// <summary>Another.</summary>
    public float D;

    /// <summary>0, hidden from the compiler.</summary>
    public float Zero;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        float x = X[index], y = Y[index], z = Z[index];
        WriteFloats(Floats.Slice((long)index * 20, 20), x, y, z, A[index]);
        WriteInts(Ints.Slice((long)index * 16, 16), A[index], B[index], x, y);
    }

    private readonly void WriteFloats(View<float> to, float x, float y, float z, int a)
    {
        to[0] = x * y + z;
        to[1] = x * y - z;
        to[2] = z - x * y;
        to[3] = x * x + y * y;
        to[4] = x + C + D;
        to[5] = x - C - D;
        to[6] = x * C * D;
        to[7] = Zero - x;
        to[8] = x + Zero;
        to[9] = -x;
        to[10] = x / y;
        to[11] = 1f / x;
        to[12] = Scalar.Sqrt(Scalar.Abs(x));
        to[13] = MathF.Floor(x);
        to[14] = Scalar.Min(x, y);
        to[15] = Scalar.Max(x, y);
        to[16] = Scalar.Clamp(x, y, z);
        to[17] = x * 0.5f + y * 0.25f;
        to[18] = (x - y) * 0.1f;
        to[19] = a;
    }

    private static void WriteInts(View<int> to, int a, int b, float x, float y)
    {
        to[0] = Scalar.DivTowardZero(a, 5);
        to[1] = (int)((uint)a >> 5);
        to[2] = a / b;
        to[3] = a % b;
        to[4] = a << (b & 31);
        to[5] = a >> (b & 31);
        to[6] = a * b;
        to[7] = (int)(((ulong)(uint)a * (uint)b) >> 32);
        to[8] = BitOperations.PopCount((uint)a);
        to[9] = BitOperations.LeadingZeroCount((uint)a);
        to[10] = (int)(((uint)a << (b & 31)) | ((uint)a >> ((32 - b) & 31)));
        to[11] = x > -1e9f && x < 1e9f ? (int)x : 0;
        to[12] = x < y ? 1 : 0;
        to[13] = x == y ? 1 : 0;
        to[14] = (int)Philox.Draw((ulong)(uint)a, (uint)b, 3, 4, 5, 6).X;
        to[15] = Scalar.Min(a, b);
    }
}
