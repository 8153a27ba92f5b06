using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 2 of a whole match on one thread: the same decisions as <see cref="MobaDecide"/>, without a visit to units that have none to make.</summary>
/// <remarks>
/// A neutral that stands at its camp with no target and no hero in sight, and a tower without a target that does not think, would only write
/// what is there already. Who they are is known for 64 slots at a time. Whom others see is asked of <see cref="MobaDesk"/>.
/// </remarks>
internal static unsafe class MobaDecideWide
{
    private const int Lanes = 64, FirstBlock = FirstNeutral & ~(Lanes - 1); // neutrals are in the words 2 and 3 of a set

    // Of a period p, in row t mod p: the slots that think.
    private static readonly ulong[] Thinkers = ThinkersOf(ThinkPeriod), ThinkingTowers = ThinkersOf(TowerThinkPeriod);

    // The camps' cells, per slot; what is there for other slots does not count.
    private static readonly byte[] CampY = CampsOf(7), CampX = CampsOf(0);

    /// <summary>All decisions; needs the sets of <see cref="MobaSet"/>.</summary>
    public static void Run(in MobaMatch match, MobaDesk* desk, in MobaArguments a)
    {
        Vector256<ulong> acts = MobaDesk.Get(desk, MobaSet.Acts), idle = MobaDesk.Where(match.Target.Pointer, Nobody);
        for (ulong heroes = acts.GetElement(0) & (1uL << FirstCreep) - 1; heroes != 0; heroes &= heroes - 1)
            Hero(match, desk, BitOperations.TrailingZeroCount(heroes), a);
        for (ulong stunned = MobaDesk.Set(desk, MobaSet.Live)[0] & ~acts.GetElement(0) & (1uL << FirstCreep) - 1; stunned != 0; stunned &= stunned - 1)
            match.Scratch.Move[BitOperations.TrailingZeroCount(stunned)] = 0; // it holds the action
        Vector256<ulong> creeps = acts & MobaSet.Creeps, thinkers = Row(Thinkers, match.Tick, ThinkPeriod);
        Search(match, desk, creeps & thinkers, a);
        Vector256<ulong> others = Vector256.AndNot(creeps, thinkers);
        Hold(match, desk, Vector256.AndNot(others, idle), a);
        March(match, desk, others & idle, a);
        Neutrals(match, desk, acts & MobaSet.Neutrals, idle, thinkers, a);
        Towers(match, desk, acts & MobaSet.Towers, idle);
    }

    private static void Hero(in MobaMatch match, MobaDesk* desk, int slot, in MobaArguments a)
    {
        int side = slot & 1, target = MobaHero.TargetsOf(match, slot) switch
        {
            0 => Nobody,
            MobaFilter.Any => MobaDesk.Nearest(desk, match, slot, Reach, MobaSet.Any + side),
            _ => MobaDesk.Nearest(desk, match, slot, Reach, MobaSet.HeroesAndTowers + side),
        };
        MobaHero.Act(match, slot, target, new Beside { Desk = desk }, a);
    }

    // Creeps that think.
    private static void Search(in MobaMatch match, MobaDesk* desk, Vector256<ulong> creeps, in MobaArguments a)
    {
        for (int word = 0; word < 3; word++)
        {
            for (ulong bits = creeps.GetElement(word); bits != 0; bits &= bits - 1)
            {
                int slot = Lanes * word + BitOperations.TrailingZeroCount(bits);
                MobaDecide.Follow(match, slot, MobaDesk.Nearest(desk, match, slot, CreepVision, MobaSet.NoNeutrals + (slot & 1)), a);
                MobaWalkWide.Fetch(match, desk, slot);
            }
        }
    }

    // Creeps with a stored target.
    private static void Hold(in MobaMatch match, MobaDesk* desk, Vector256<ulong> creeps, in MobaArguments a)
    {
        for (int word = 0; word < 3; word++)
        {
            for (ulong bits = creeps.GetElement(word); bits != 0; bits &= bits - 1)
            {
                int slot = Lanes * word + BitOperations.TrailingZeroCount(bits);
                MobaDecide.Follow(match, slot, MobaDecide.Valid(match, slot, CreepVision), a);
                MobaWalkWide.Fetch(match, desk, slot);
            }
        }
    }

    // Creeps without one.
    private static void March(in MobaMatch match, MobaDesk* desk, Vector256<ulong> creeps, in MobaArguments a)
    {
        for (int word = 0; word < 3; word++)
        {
            for (ulong bits = creeps.GetElement(word); bits != 0; bits &= bits - 1)
            {
                int slot = Lanes * word + BitOperations.TrailingZeroCount(bits);
                MobaDecide.Follow(match, slot, Nobody, a);
                MobaWalkWide.Fetch(match, desk, slot);
            }
        }
    }

    private static void Neutrals(in MobaMatch match, MobaDesk* desk, Vector256<ulong> neutrals, Vector256<ulong> idle, Vector256<ulong> thinkers, in MobaArguments a)
    {
        Vector512<byte> seen0 = default, seen1 = default, sight = Vector512.Create((byte)(2 * NeutralVision));
        Vector512<byte> y0 = Vector512.Load(desk->Y + FirstBlock), x0 = Vector512.Load(desk->X + FirstBlock);
        Vector512<byte> y1 = Vector512.Load(desk->Y + FirstBlock + Lanes), x1 = Vector512.Load(desk->X + FirstBlock + Lanes);
        for (ulong heroes = MobaDesk.Set(desk, MobaSet.Live)[0] & (1uL << FirstCreep) - 1; heroes != 0; heroes &= heroes - 1)
        {
            int hero = BitOperations.TrailingZeroCount(heroes);
            Vector512<byte> top = Vector512.Create((byte)(desk->Y[hero] - NeutralVision)), left = Vector512.Create((byte)(desk->X[hero] - NeutralVision));
            seen0 |= Vector512.LessThanOrEqual(y0 - top, sight) & Vector512.LessThanOrEqual(x0 - left, sight);
            seen1 |= Vector512.LessThanOrEqual(y1 - top, sight) & Vector512.LessThanOrEqual(x1 - left, sight);
        }

        Vector256<ulong> near = Vector256.Create(0, 0, seen0.ExtractMostSignificantBits(), seen1.ExtractMostSignificantBits());
        Vector256<ulong> home = Vector256.Create(0, 0, AtHome(y0, x0, FirstBlock), AtHome(y1, x1, FirstBlock + Lanes));
        Vector256<ulong> busy = Vector256.AndNot(neutrals, idle & home) | (neutrals & thinkers & near);
        for (int word = FirstNeutral / Lanes; word < MobaDesk.Words; word++)
        {
            for (ulong bits = busy.GetElement(word); bits != 0; bits &= bits - 1)
                MobaDecide.Neutral(match, Lanes * word + BitOperations.TrailingZeroCount(bits), a);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AtHome(Vector512<byte> y, Vector512<byte> x, int at)
    {
        Vector512<byte> home = Vector512.Create((byte)NeutralHome), span = home + home;
        Vector512<byte> top = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(CampY), (nuint)at) - home;
        Vector512<byte> left = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(CampX), (nuint)at) - home;
        return (Vector512.LessThanOrEqual(y - top, span) & Vector512.LessThanOrEqual(x - left, span)).ExtractMostSignificantBits();
    }

    private static void Towers(in MobaMatch match, MobaDesk* desk, Vector256<ulong> towers, Vector256<ulong> idle)
    {
        const int Word = FirstTower / Lanes;
        Vector256<ulong> ready = MobaDesk.Where(match.Attack.Pointer, 0), thinkers = Row(ThinkingTowers, match.Tick, TowerThinkPeriod);
        ulong ancients = 3uL << (FirstTower + 2 * Ancient - Lanes * Word);
        for (ulong bits = (Vector256.AndNot(towers, idle) | (towers & ready & thinkers)).GetElement(Word) & ~ancients; bits != 0; bits &= bits - 1)
        {
            int at = BitOperations.TrailingZeroCount(bits), slot = Lanes * Word + at;
            int target = match.Target[slot] == Nobody ? Nobody : MobaDecide.Valid(match, slot, Reach);
            bool isReady = match.Attack[slot] == 0;
            if (isReady && target == Nobody && ((thinkers.GetElement(Word) >> at) & 1) != 0) target = MobaDesk.Nearest(desk, match, slot, Reach, MobaSet.NoNeutrals + (slot & 1));
            MobaDecide.Shoot(match, slot, isReady, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Row(ulong[] table, int tick, int period) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(table), (nuint)(MobaDesk.Words * (int)((uint)tick % (uint)period)));

    private static ulong[] ThinkersOf(int period)
    {
        var table = new ulong[period * MobaDesk.Words];
        for (int tick = 0; tick < period; tick++)
            for (int slot = 0; slot < Slots; slot++)
                if ((tick + (slot >> 1)) % period == 0) table[tick * MobaDesk.Words + slot / Lanes] |= 1uL << (slot % Lanes);
        return table;
    }

    private static byte[] CampsOf(int shift)
    {
        var table = new byte[MobaDesk.Words * Lanes];
        for (int slot = FirstNeutral; slot < FirstTower; slot++)
            table[slot] = (byte)((MobaLayout.Camp(2 * ((slot - FirstNeutral) >> 3) + (slot & 1)) >> shift) & (Side - 1));
        return table;
    }

    private struct Beside : IMobaBeside
    {
        internal MobaDesk* Desk;

        public readonly bool AnyHostile(in MobaMatch match, int slot, bool towers) =>
            MobaDesk.Any(Desk, slot, MobaHero.BesideRadius, (towers ? MobaSet.Any : MobaSet.NoTowers) + (slot & 1));
    }
}
