using System.Numerics;
using System.Runtime.CompilerServices;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 3: what the acts of phase 2 do to others. All are sums and maxima, so that everything in a tick is simultaneous.</summary>
/// <remarks>Positions, hit points and levels are those of the start of the tick: who dies in this tick still deals its blow.</remarks>
public static class MobaEffect
{
    /// <summary>Credit of a hero beats that of others, then the larger damage, then the lower rank.</summary>
    public const int HeroCredit = 1 << 30;

    private const int EngageRadius = 4, SmallArea = 2, LargeArea = 3;

    /// <summary>Phase 3 of one slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        if ((match.Scratch.Was[slot] & MobaWas.Alive) == 0) return;
        int act = match.Scratch.Act[slot];
        if (act == MobaAct.Nothing) return;
        if (slot >= FirstCreep) Damage<TAtomics>(match, slot, match.Scratch.Aim[slot], MobaStats.UnitDamage(slot));
        else if (act == MobaAct.Attack) DealOne<TAtomics>(match, slot, MobaStats.HeroDamage((slot >> 1), match.Level[slot]));
        else Skill<TAtomics>(match, slot, act);
    }

    private static void Skill<TAtomics>(in MobaMatch match, int slot, int act)
        where TAtomics : struct, IAtomics
    {
        int level = match.Level[slot], target = match.Scratch.Aim[slot];
        switch ((slot >> 1) * 3 + act - MobaAct.Q)
        {
            case 0: Pull<TAtomics>(match, slot, target, 384 + MobaHero.UnitsOfLevel(level)); break;
            case 1: HealAllies<TAtomics>(match, slot, 350 + 50 * level); break;
            case 2:
                DealOne<TAtomics>(match, slot, 50 + 20 * level);
                Stun<TAtomics>(match, target, 15 + (int)((uint)level >> 1));
                break;
            case 3: DealAround<TAtomics>(match, slot, LargeArea, 100 + 20 * level); break;
            case 4: DealOne<TAtomics>(match, slot, 250 + 50 * level); break;
            case 6: DealOne<TAtomics>(match, slot, 250 + 40 * level); break;
            case 7: DealAround<TAtomics>(match, slot, SmallArea, 100 + 40 * level); break;
            case 8: StunAround<TAtomics>(match, slot, 10 + (int)((uint)level >> 1)); break;
            case 9: DealAround<TAtomics>(match, slot, SmallArea, 25 + 2 * level); break;
            case 10: Heal<TAtomics>(match, slot, slot, 400 + 125 * level); break;
            case 11: Gather<TAtomics>(match, slot, target, 512 + MobaHero.UnitsOfLevel(level)); break;
            case 12: Slow<TAtomics>(match, target, 15); break;
            case 13:
                DealOne<TAtomics>(match, slot, 50 + 20 * level);
                Slow<TAtomics>(match, target, 20 + level);
                break;
            case 14: DealAround<TAtomics>(match, slot, SmallArea, 100 + 20 * level); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Damage<TAtomics>(in MobaMatch match, int slot, int victim, int damage)
        where TAtomics : struct, IAtomics
    {
        TAtomics.Add(ref match.Scratch.Damage[victim], damage);
        TAtomics.Max(ref match.Scratch.Credit[victim], (slot < FirstCreep ? HeroCredit : 0) | damage << 8 | (255 - (slot ^ match.Flip)));
    }

    private static void DealOne<TAtomics>(in MobaMatch match, int slot, int damage)
        where TAtomics : struct, IAtomics
    {
        Damage<TAtomics>(match, slot, match.Scratch.Aim[slot], damage);
        match.Counters[slot * MobaCounter.Count + MobaCounter.Dealt] += damage;
    }

    private static void DealAround<TAtomics>(in MobaMatch match, int slot, int radius, int damage)
        where TAtomics : struct, IAtomics
    {
        MobaScan.Square square = MobaScan.Around(MobaMatch.CellOf(match.Position[slot]), radius);
        int dealt = 0;
        for (int y = square.Top; y <= square.Bottom; y++)
        {
            for (uint bits = MobaScan.HostileRow(match, slot, y, square); bits != 0; bits &= bits - 1)
            {
                int victim = match.Grid[y * Side + square.Left + BitOperations.TrailingZeroCount(bits)];
                if (!MobaScan.IsTargetable(match, victim)) continue;
                Damage<TAtomics>(match, slot, victim, damage);
                dealt += damage;
            }
        }

        match.Counters[slot * MobaCounter.Count + MobaCounter.Dealt] += dealt;
    }

    private static void StunAround<TAtomics>(in MobaMatch match, int slot, int ticks)
        where TAtomics : struct, IAtomics
    {
        MobaScan.Square square = MobaScan.Around(MobaMatch.CellOf(match.Position[slot]), SmallArea);
        for (int y = square.Top; y <= square.Bottom; y++)
        {
            for (uint bits = MobaScan.HostileRow(match, slot, y, square); bits != 0; bits &= bits - 1)
                Stun<TAtomics>(match, match.Grid[y * Side + square.Left + BitOperations.TrailingZeroCount(bits)], ticks);
        }
    }

    // Everybody hostile around the target, but not the target, is pulled to it.
    private static void Gather<TAtomics>(in MobaMatch match, int slot, int target, int units)
        where TAtomics : struct, IAtomics
    {
        MobaScan.Square square = MobaScan.Around(MobaMatch.CellOf(match.Position[target]), EngageRadius);
        for (int y = square.Top; y <= square.Bottom; y++)
        {
            for (uint bits = MobaScan.HostileRow(match, slot, y, square); bits != 0; bits &= bits - 1)
            {
                int pulled = match.Grid[y * Side + square.Left + BitOperations.TrailingZeroCount(bits)];
                if (pulled != target) Pull<TAtomics>(match, slot, pulled, units);
            }
        }
    }

    private static void HealAllies<TAtomics>(in MobaMatch match, int slot, int amount)
        where TAtomics : struct, IAtomics
    {
        for (int hero = slot & 1; hero < Heroes; hero += 2)
        {
            if ((match.Scratch.Was[hero] & MobaWas.Alive) != 0 && MobaMatch.InSquare(match.Position[slot], match.Position[hero], Reach))
                Heal<TAtomics>(match, slot, hero, amount);
        }
    }

    private static void Heal<TAtomics>(in MobaMatch match, int slot, int hero, int amount)
        where TAtomics : struct, IAtomics
    {
        TAtomics.Add(ref match.Scratch.Heal[hero], amount);
        match.Counters[slot * MobaCounter.Count + MobaCounter.Healing] += amount;
    }

    private static void Stun<TAtomics>(in MobaMatch match, int victim, int ticks)
        where TAtomics : struct, IAtomics
    {
        if (victim < FirstTower) TAtomics.Max(ref match.Scratch.StunIn[victim], ticks);
    }

    private static void Slow<TAtomics>(in MobaMatch match, int victim, int ticks)
        where TAtomics : struct, IAtomics
    {
        if (victim < FirstTower) TAtomics.Max(ref match.Scratch.SlowIn[victim], ticks);
    }

    private static void Pull<TAtomics>(in MobaMatch match, int slot, int victim, int units)
        where TAtomics : struct, IAtomics
    {
        if (victim < FirstTower) TAtomics.Max(ref match.Scratch.Force[victim], units << 8 | (255 - (slot ^ match.Flip)));
    }
}
