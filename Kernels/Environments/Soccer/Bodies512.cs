using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Up to 16 bodies, an even number, as they lie in memory: x, y, velocity x, y; four bodies per 512-bit register.</summary>
/// <remarks>
/// The last register is whole or half full. Halves are loaded and stored as halves: a masked store still covers the next match's first players,
/// whose load would wait until it is through.
/// </remarks>
internal readonly unsafe struct Bodies512
{
    private const int PerRegister = 4;
    private const byte LowerHalves = 0b01_00_01_00, UpperHalves = 0b11_10_11_10; // of two registers, by 128 bits

    private readonly Vector512<float> first, second, third, fourth;

    private Bodies512(Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth)
    {
        this.first = first;
        this.second = second;
        this.third = third;
        this.fourth = fourth;
    }

    /// <summary>One lane per body; m.</summary>
    internal (Vector512<float> X, Vector512<float> Y) Places
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Split(Vector512.Create(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29));
    }

    /// <summary>One lane per body; m/s.</summary>
    internal (Vector512<float> X, Vector512<float> Y) Velocities
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Split(Vector512.Create(2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31));
    }

    /// <summary>The first <paramref name="count"/> bodies from <paramref name="source"/> on, at most 16; the rest is 0. Reads nothing beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Bodies512 Load(float* source, int count) =>
        new(Load(source, count, 0), Load(source, count, 1), Load(source, count, 2), Load(source, count, 3));

    /// <summary>Bodies from one lane each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Bodies512 Of(Vector512<float> x, Vector512<float> y, Vector512<float> velocityX, Vector512<float> velocityY)
    {
        Vector512<int> low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), high = low + Vector512.Create(8);
        Vector512<long> even = Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11), odd = even + Vector512.Create(4L);
        Vector512<double> places = Avx512F.PermuteVar16x32x2(x, low, y).AsDouble(), morePlaces = Avx512F.PermuteVar16x32x2(x, high, y).AsDouble();
        Vector512<double> velocities = Avx512F.PermuteVar16x32x2(velocityX, low, velocityY).AsDouble();
        Vector512<double> moreVelocities = Avx512F.PermuteVar16x32x2(velocityX, high, velocityY).AsDouble();
        return new(
            Avx512F.PermuteVar8x64x2(places, even, velocities).AsSingle(), Avx512F.PermuteVar8x64x2(places, odd, velocities).AsSingle(),
            Avx512F.PermuteVar8x64x2(morePlaces, even, moreVelocities).AsSingle(), Avx512F.PermuteVar8x64x2(morePlaces, odd, moreVelocities).AsSingle());
    }

    /// <summary>Writes the first <paramref name="count"/> bodies, at most 16, and nothing beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Store(float* destination, int count)
    {
        Store(first, destination, count, 0);
        Store(second, destination, count, 1);
        Store(third, destination, count, 2);
        Store(fourth, destination, count, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(float* source, int count, int register)
    {
        int floats = (count - register * PerRegister) * SoccerConstants.BodyFloats;
        source += register * Vector512<float>.Count;
        if (floats >= Vector512<float>.Count) return Vector512.Load(source);
        return floats > 0 ? Vector256.Load(source).ToVector512() : Vector512<float>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> bodies, float* destination, int count, int register)
    {
        int floats = (count - register * PerRegister) * SoccerConstants.BodyFloats;
        destination += register * Vector512<float>.Count;
        if (floats >= Vector512<float>.Count) bodies.Store(destination);
        else if (floats > 0) bodies.GetLower().Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector512<float> X, Vector512<float> Y) Split(Vector512<int> lanes)
    {
        Vector512<float> firstEight = Avx512F.PermuteVar16x32x2(first, lanes, second), lastEight = Avx512F.PermuteVar16x32x2(third, lanes, fourth);
        return (Avx512F.Shuffle4x128(firstEight, lastEight, LowerHalves), Avx512F.Shuffle4x128(firstEight, lastEight, UpperHalves));
    }
}
