using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Memory of one tick in the CPU's own loop: scratch, claims, and what is known of all units of a match at once.</summary>
/// <remarks>
/// A set of slots is four words of 64 bits. The cells of all units are two arrays of bytes, so that who stands in a square is known after four
/// comparisons of 64 units each, without a look at the map. Aligned to a cache line by <see cref="At"/>.
/// </remarks>
internal unsafe struct MobaDesk
{
    /// <summary>Words of a set of slots.</summary>
    public const int Words = 4;

    private const int Lanes = 64, LastBlock = PaddedSlots - Lanes; // columns end at 232: the last block overlaps the one before

    /// <summary>Row and column of every living unit's cell.</summary>
    public fixed byte Y[Words * Lanes], X[Words * Lanes];

    /// <summary>(4 words per row of <see cref="MobaSet"/>) sets of slots.</summary>
    public fixed ulong Sets[MobaSet.Count * Words];

    /// <summary>See <see cref="MobaScratch"/>.</summary>
    public fixed int Scratch[MobaScratch.Length];

    /// <summary>See <see cref="MobaClaimHash"/>.</summary>
    public fixed int Places[MobaClaimHash.Size], Claims[MobaClaimHash.Size];

    /// <summary>Slots of units that follow rules and want to step to a neighbouring cell; those of them that wait for the second chance.</summary>
    public fixed byte Steppers[PaddedSlots], Losers[PaddedSlots];

    /// <summary>Numbers of <see cref="Steppers"/>, <see cref="Losers"/>.</summary>
    public int StepperCount, LoserCount;

    /// <summary>Bytes that whoever holds a desk sets aside.</summary>
    public static int Bytes => sizeof(MobaDesk) + Lanes - 1;

    /// <summary>The desk in <paramref name="memory"/>.</summary>
    public static MobaDesk* At(byte* memory) => (MobaDesk*)(memory + (-(long)memory & (Lanes - 1)));

    /// <summary>The four words of a set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* Set(MobaDesk* desk, int set) => desk->Sets + Words * set;

    /// <summary>A set as one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Get(MobaDesk* desk, int set) => Vector256.Load(Set(desk, set));

    /// <summary>Overwrites a set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(MobaDesk* desk, int set, Vector256<ulong> slots) => slots.Store(Set(desk, set));

    /// <summary>Zeroes <paramref name="count"/> numbers, a multiple of 16, 64 bytes at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(int* start, int count)
    {
        for (int* end = start + count; start < end; start += Vector512<int>.Count) Vector512<int>.Zero.Store(start);
    }

    /// <summary>Reads who lives, and where.</summary>
    public static void ReadUnits(MobaDesk* desk, in MobaMatch match)
    {
        uint* position = match.Position.Pointer;
        for (int at = 0; at < LastBlock; at += Lanes) ReadCells(desk, position, at);
        ReadCells(desk, position, LastBlock);
        Put(desk, MobaSet.Live, Living(match));
    }

    /// <summary>Who may hit whom, by who lives and which towers (bit i for slot 202 + i) can be damaged.</summary>
    public static void SortTargets(MobaDesk* desk, int vulnerable)
    {
        Vector256<ulong> live = Get(desk, MobaSet.Live), neutrals = live & MobaSet.Neutrals, units = Vector256.AndNot(live, neutrals);
        Vector256<ulong> closed = Vector256.AndNot(MobaSet.Towers, Vector256.Create(0, 0, 0, (ulong)(uint)vulnerable << (FirstTower & (Lanes - 1))));
        for (int side = 0; side < 2; side++)
        {
            Vector256<ulong> enemies = units & MobaSet.OfSide(1 - side), open = Vector256.AndNot(enemies, closed);
            Put(desk, MobaSet.Any + side, open | neutrals);
            Put(desk, MobaSet.NoNeutrals + side, open);
            Put(desk, MobaSet.HeroesAndTowers + side, Vector256.AndNot(open, MobaSet.Creeps));
            Put(desk, MobaSet.NoTowers + side, Vector256.AndNot(enemies, MobaSet.Towers) | neutrals);
        }
    }

    /// <summary>Who lives now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Living(in MobaMatch match)
    {
        ushort* hp = match.Hp.Pointer;
        return Vector256.Create(
            NonZero(hp).ExtractMostSignificantBits(),
            NonZero(hp + Lanes).ExtractMostSignificantBits(),
            NonZero(hp + 2 * Lanes).ExtractMostSignificantBits(),
            NonZero(hp + LastBlock).ExtractMostSignificantBits() >> (3 * Lanes - LastBlock));
    }

    /// <summary>Lanes of 64 hit points that are above 0, as bytes of 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> NonZero(ushort* hp) =>
        ~Vector512.Equals(Vector512.NarrowWithSaturation(Vector512.Load(hp), Vector512.Load(hp + Lanes / 2)), Vector512<byte>.Zero);

    /// <summary>Slots of a column of bytes that hold <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Where(byte* column, byte value)
    {
        var wanted = Vector512.Create(value);
        return Vector256.Create(
            Vector512.Equals(Vector512.Load(column), wanted).ExtractMostSignificantBits(),
            Vector512.Equals(Vector512.Load(column + Lanes), wanted).ExtractMostSignificantBits(),
            Vector512.Equals(Vector512.Load(column + 2 * Lanes), wanted).ExtractMostSignificantBits(),
            Vector512.Equals(Vector512.Load(column + LastBlock), wanted).ExtractMostSignificantBits() >> (3 * Lanes - LastBlock));
    }

    /// <summary>Slots whose number in scratch is not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Where(int* numbers) =>
        Vector256.Create(Quarter(numbers), Quarter(numbers + Lanes), Quarter(numbers + 2 * Lanes), Half(numbers + 3 * Lanes) | (ulong)Zeros(numbers + 3 * Lanes + 32) << 32);

    /// <summary>64 slots from <paramref name="at"/> on whose cells lie in a square, as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Near(MobaDesk* desk, int at, Vector512<byte> top, Vector512<byte> left, Vector512<byte> span) =>
        (Vector512.LessThanOrEqual(Vector512.Load(desk->Y + at) - top, span) & Vector512.LessThanOrEqual(Vector512.Load(desk->X + at) - left, span)).ExtractMostSignificantBits();

    /// <summary>The nearest (distance, then rank) unit of a set within <paramref name="radius"/> of <paramref name="slot"/>, or 255.</summary>
    public static int Nearest(MobaDesk* desk, in MobaMatch match, int slot, int radius, int set)
    {
        uint own = match.Position[slot], best = uint.MaxValue;
        int flip = match.Flip;
        Vector512<byte> top = Vector512.Create((byte)((own >> 24) - (uint)radius)), left = Vector512.Create((byte)((own >> 8) - (uint)radius)), span = Vector512.Create((byte)(2 * radius));
        Vector256<ulong> found = Vector256.Create(
            Near(desk, 0, top, left, span), Near(desk, Lanes, top, left, span), Near(desk, 2 * Lanes, top, left, span), Near(desk, 3 * Lanes, top, left, span)) & Get(desk, set);
        if (found == Vector256<ulong>.Zero) return Nobody;
        for (int word = 0; word < Words; word++)
        {
            for (ulong bits = found.GetElement(word); bits != 0; bits &= bits - 1)
            {
                int other = Lanes * word + BitOperations.TrailingZeroCount(bits);
                uint key = (uint)MobaMatch.Distance(own, match.Position[other]) << 8 | (uint)(other ^ flip);
                best = key < best ? key : best;
            }
        }

        return (int)(best & 0xFF) ^ flip;
    }

    /// <summary>Whether a unit of a set is within <paramref name="radius"/> of <paramref name="slot"/>.</summary>
    public static bool Any(MobaDesk* desk, int slot, int radius, int set)
    {
        Vector512<byte> top = Vector512.Create((byte)(desk->Y[slot] - radius)), left = Vector512.Create((byte)(desk->X[slot] - radius)), span = Vector512.Create((byte)(2 * radius));
        ulong* wanted = Set(desk, set);
        ulong found = 0;
        for (int word = 0; word < Words; word++) found |= Near(desk, Lanes * word, top, left, span) & wanted[word];
        return found != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadCells(MobaDesk* desk, uint* position, int at)
    {
        Vector512<uint> a = Vector512.Load(position + at), b = Vector512.Load(position + at + 16), c = Vector512.Load(position + at + 32), d = Vector512.Load(position + at + 48);
        Vector512.Narrow(Vector512.Narrow(a >> 24, b >> 24), Vector512.Narrow(c >> 24, d >> 24)).Store(desk->Y + at);
        Vector512.Narrow(Vector512.Narrow(a >> 8, b >> 8), Vector512.Narrow(c >> 8, d >> 8)).Store(desk->X + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Quarter(int* numbers) => Half(numbers) | Half(numbers + 32) << 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Half(int* numbers) => Zeros(numbers) | (ulong)Zeros(numbers + 16) << 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Zeros(int* numbers) => (uint)(~Vector512.Equals(Vector512.Load(numbers), Vector512<int>.Zero)).ExtractMostSignificantBits();
}

/// <summary>Sets of slots that the CPU's own loop knows in a tick, and those that are the same in every tick.</summary>
internal static class MobaSet
{
    /// <summary>Alive at the start of the tick; of them those not stunned.</summary>
    public const int Live = 0, Acts = 1;

    /// <summary>Plus the side of who looks: everybody it may hit; the same without neutrals; heroes and towers only; all but towers.</summary>
    public const int Any = 2, NoNeutrals = 4, HeroesAndTowers = 6, NoTowers = 8;

    /// <summary>Units that follow rules and are pulled by somebody; number of sets.</summary>
    public const int Pulled = 10, Count = 11;

    private const ulong FirstNeutralBits = (1uL << (FirstNeutral & 63)) - 1, FirstTowerBits = (1uL << (FirstTower & 63)) - 1;

    /// <summary>Slots of each kind.</summary>
    public static Vector256<ulong> Heroes => Vector256.Create((1uL << FirstCreep) - 1, 0, 0, 0);

    /// <summary>Slots of each kind.</summary>
    public static Vector256<ulong> Creeps => Vector256.Create(ulong.MaxValue << FirstCreep, ulong.MaxValue, FirstNeutralBits, 0);

    /// <summary>Slots of each kind.</summary>
    public static Vector256<ulong> Neutrals => Vector256.Create(0, 0, ~FirstNeutralBits, FirstTowerBits);

    /// <summary>Slots of each kind.</summary>
    public static Vector256<ulong> Towers => Vector256.Create(0, 0, 0, ((1uL << (Slots & 63)) - 1) & ~FirstTowerBits);

    /// <summary>Even slots for side 0, odd ones for side 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> OfSide(int side) => Vector256.Create(0x5555_5555_5555_5555uL << side);
}
