using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 1 of a whole match on one thread: the timers of 64 units at a time; the same as <see cref="MobaStatus.Run"/> for every slot.</summary>
internal static unsafe class MobaStatusWide
{
    // 232 slots are four blocks of 64, of which the last begins inside the third: all are loaded before any is stored.
    private const int Lanes = 64, LastBlock = PaddedSlots - Lanes;

    /// <summary>Snapshots and timers; fills <see cref="MobaSet.Acts"/>.</summary>
    public static void Run(in MobaMatch match, MobaDesk* desk, in MobaArguments a)
    {
        ushort* hp = match.Hp.Pointer;
        var alive = new Blocks
        {
            A = MobaDesk.NonZero(hp),
            B = MobaDesk.NonZero(hp + Lanes),
            C = MobaDesk.NonZero(hp + 2 * Lanes),
            D = MobaDesk.NonZero(hp + LastBlock),
        };
        Blocks stunned = Count(match.Stun.Pointer, alive), slow = Count(match.Slow.Pointer, alive);
        Count(match.Attack.Pointer, alive);
        int* was = match.Scratch.Was.Pointer;
        Remember(was, alive.A, stunned.A, slow.A);
        Remember(was + Lanes, alive.B, stunned.B, slow.B);
        Remember(was + 2 * Lanes, alive.C, stunned.C, slow.C);
        Remember(was + LastBlock, alive.D, stunned.D, slow.D);
        Vector256<ulong> stopped = Vector256.Create(
            stunned.A.ExtractMostSignificantBits(), stunned.B.ExtractMostSignificantBits(), stunned.C.ExtractMostSignificantBits(),
            stunned.D.ExtractMostSignificantBits() >> (3 * Lanes - LastBlock));
        MobaDesk.Put(desk, MobaSet.Acts, MobaDesk.Get(desk, MobaSet.Live) & ~stopped);
        for (int slot = 0; slot < Heroes; slot++)
        {
            if (a.Parameters.DistanceWeight != 0) match.Scratch.StartDistance[slot] = MobaScore.StructureDistance(match, slot);
            if (match.Hp[slot] != 0) match.Scratch.Was[slot] |= MobaStatus.RunHero(match, slot);
            else if (match.Respawn[slot] != 0) match.Respawn[slot] -= 1;
        }
    }

    // Takes one from the timers of the living that run, and says which did.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Blocks Count(byte* timers, in Blocks alive)
    {
        Vector512<byte> a = Vector512.Load(timers), b = Vector512.Load(timers + Lanes), c = Vector512.Load(timers + 2 * Lanes), d = Vector512.Load(timers + LastBlock);
        var run = new Blocks
        {
            A = alive.A & ~Vector512.Equals(a, Vector512<byte>.Zero),
            B = alive.B & ~Vector512.Equals(b, Vector512<byte>.Zero),
            C = alive.C & ~Vector512.Equals(c, Vector512<byte>.Zero),
            D = alive.D & ~Vector512.Equals(d, Vector512<byte>.Zero),
        };
        (a + run.A).Store(timers); // 255 is −1
        (b + run.B).Store(timers + Lanes);
        (c + run.C).Store(timers + 2 * Lanes);
        (d + run.D).Store(timers + LastBlock);
        return run;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Remember(int* was, Vector512<byte> alive, Vector512<byte> stunned, Vector512<byte> slow)
    {
        Vector512<byte> bits = (alive & Vector512.Create((byte)MobaWas.Alive)) | (stunned & Vector512.Create((byte)MobaWas.Stunned)) | (slow & Vector512.Create((byte)MobaWas.Slow));
        (Vector512<ushort> low, Vector512<ushort> high) = Vector512.Widen(bits);
        (Vector512<uint> first, Vector512<uint> second) = Vector512.Widen(low);
        first.AsInt32().Store(was);
        second.AsInt32().Store(was + 16);
        (first, second) = Vector512.Widen(high);
        first.AsInt32().Store(was + 32);
        second.AsInt32().Store(was + 48);
    }

    private struct Blocks
    {
        internal Vector512<byte> A, B, C, D;
    }
}
