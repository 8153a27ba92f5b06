using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>The players of a match as lanes of 512-bit registers, one or two, between the phases of a tick. Lanes beyond the last agent hold nothing.</summary>
/// <remarks>Where a phase chooses between two results lane by lane, it writes the comparison of the plain rule and both of its results.</remarks>
internal readonly unsafe struct SoccerLanes512
{
    /// <summary>Lanes of a register.</summary>
    internal const int Count = 16;

    private const int Stride = 2 * Count; // between two quantities

    /// <summary>Floats of scratch, at a multiple of 64 bytes.</summary>
    internal const int ScratchFloats = 10 * Stride;

    private readonly float* start;

    internal SoccerLanes512(float* scratch) => start = scratch;

    /// <summary>Where players were at the start of the tick; m.</summary>
    internal float* StartX => start;

    /// <summary>m.</summary>
    internal float* StartY => start + Stride;

    /// <summary>Where they are; m.</summary>
    internal float* X => start + 2 * Stride;

    /// <summary>m.</summary>
    internal float* Y => start + 3 * Stride;

    /// <summary>m/s.</summary>
    internal float* VelocityX => start + 4 * Stride;

    /// <summary>m/s.</summary>
    internal float* VelocityY => start + 5 * Stride;

    /// <summary>Kick action as it was given, in the player's own frame.</summary>
    internal float* KickX => start + 6 * Stride;

    /// <summary>See <see cref="KickX"/>.</summary>
    internal float* KickY => start + 7 * Stride;

    /// <summary>What a phase needs of single lanes.</summary>
    internal float* Single => start + 8 * Stride;

    /// <summary>See <see cref="Single"/>.</summary>
    internal float* SingleMore => start + 9 * Stride;

    /// <summary>All of them, to hand through rules that do not know lanes.</summary>
    internal View<float> View => new(start, ScratchFloats);

    /// <summary>The lanes of the first <paramref name="agents"/> agents, as bits.</summary>
    internal static uint All(int agents) => (1u << agents) - 1;

    /// <summary>Lanes of a comparison as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Bits(Vector512<float> lanes) => (uint)lanes.ExtractMostSignificantBits();

    /// <summary>The lanes of a register from bits 0 to 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Where(uint bits)
    {
        Vector512<int> single = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return (~Vector512.Equals(Vector512.Create((int)bits) & single, Vector512<int>.Zero)).AsSingle();
    }

    /// <summary>1 for side A, −1 for side B, in the register whose lane 0 is agent <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> Sign(int first, int teamSize)
    {
        Vector512<int> isSideA = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(teamSize - first));
        return Vector512.ConditionalSelect(isSideA.AsSingle(), Vector512.Create(1f), Vector512.Create(-1f));
    }

    /// <summary>As <see cref="SoccerMotion.Limit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Limit(ref Vector512<float> vx, ref Vector512<float> vy, float max)
    {
        Vector512<float> speedSquared = vx * vx + vy * vy;
        Vector512<float> isSlow = Vector512.LessThanOrEqual(speedSquared, Vector512.Create(max * max));
        Vector512<float> scale = Vector512.Create(max) / Vector512.Sqrt(speedSquared);
        vx = Vector512.ConditionalSelect(isSlow, vx, vx * scale);
        vy = Vector512.ConditionalSelect(isSlow, vy, vy * scale);
    }

    /// <summary>As <see cref="SoccerMotion.KeepInside"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void KeepInside(ref Vector512<float> position, ref Vector512<float> velocity, float bound)
    {
        Vector512<float> high = Vector512.Create(bound), low = Vector512.Create(-bound), zero = Vector512<float>.Zero;
        Vector512<float> isOver = Vector512.GreaterThan(position, high), isUnder = Vector512.LessThan(position, low);
        Vector512<float> atMostZero = Vector512.ConditionalSelect(Vector512.LessThan(velocity, zero), velocity, zero);
        Vector512<float> atLeastZero = Vector512.ConditionalSelect(Vector512.GreaterThan(velocity, zero), velocity, zero);
        velocity = Vector512.ConditionalSelect(isOver, atMostZero, Vector512.ConditionalSelect(isUnder, atLeastZero, velocity));
        position = Vector512.ConditionalSelect(isOver, high, Vector512.ConditionalSelect(isUnder, low, position));
    }

    /// <summary>As <see cref="SoccerAction.InUnitDisc"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void InUnitDisc(ref Vector512<float> x, ref Vector512<float> y)
    {
        x = Clamp(x);
        y = Clamp(y);
        Vector512<float> lengthSquared = x * x + y * y, one = Vector512.Create(1f);
        Vector512<float> isInside = Vector512.LessThanOrEqual(lengthSquared, one);
        Vector512<float> scale = one / Vector512.Sqrt(lengthSquared);
        x = Vector512.ConditionalSelect(isInside, x, x * scale);
        y = Vector512.ConditionalSelect(isInside, y, y * scale);
    }

    // To −1..1, as Scalar.Clamp.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Clamp(Vector512<float> value)
    {
        Vector512<float> high = Vector512.Create(1f), low = Vector512.Create(-1f);
        Vector512<float> atMost = Vector512.ConditionalSelect(Vector512.GreaterThan(value, high), high, value);
        return Vector512.ConditionalSelect(Vector512.LessThan(atMost, low), low, atMost);
    }
}
