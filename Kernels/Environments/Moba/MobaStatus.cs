using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phases 0 and 1: what a tick begins with. A unit that appears now is alive in this tick.</summary>
public static class MobaStatus
{
    private const int NoOp = 3 | 3 << 3;

    /// <summary>Phase 0 of one slot: clean scratch, checked actions, units that appear; slot 0 also finds the towers that can be hit.</summary>
    public static void Begin<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        match.Scratch.Was[slot] = 0;
        if (slot == 0) BeginMatch(match);
        if (slot < FirstCreep) BeginHero(match, slot, a);
        else if (slot < FirstNeutral)
        {
            if (MobaSpawn.IsTime(match.Tick, WavePeriod)) MobaSpawn.Creep<TAtomics>(match, slot, a);
        }
        else if (slot < FirstTower && MobaSpawn.IsTime(match.Tick, NeutralPeriod)) MobaSpawn.Neutral<TAtomics>(match, slot, a);
    }

    /// <summary>What is one number per match.</summary>
    public static void BeginMatch(in MobaMatch match)
    {
        match.Scratch.Match[MobaScratch.Vulnerable] = match.Vulnerable();
        match.Scratch.Match[MobaScratch.Fallen] = 0;
        match.Scratch.Match[MobaScratch.Ended] = MobaEnd.None;
    }

    /// <summary>A hero's sums, and its action as bits in <see cref="MobaScratch.Move"/>: a bad one is the no-op, that of the dead is not read.</summary>
    public static void BeginHero(in MobaMatch match, int slot, in MobaArguments a)
    {
        match.Scratch.XpGain[slot] = 0;
        match.Scratch.Felled[slot] = 0;
        if (match.Hp[slot] == 0) return;
        int row = match.FirstRow + MobaMatch.RowOf(slot), at = row * Heads;
        uint vertical = (uint)a.Views.DiscreteActions[at], horizontal = (uint)a.Views.DiscreteActions[at + 1], targets = (uint)a.Views.DiscreteActions[at + 2];
        uint q = (uint)a.Views.DiscreteActions[at + 3], w = (uint)a.Views.DiscreteActions[at + 4], e = (uint)a.Views.DiscreteActions[at + 5];
        if (vertical < VelocityChoices && horizontal < VelocityChoices && targets < TargetChoices && (q | w | e) < PressChoices)
        {
            match.Scratch.Move[slot] = (int)(vertical | horizontal << 3 | targets << 6 | q << 8 | w << 9 | e << 10);
            return;
        }

        match.Scratch.Move[slot] = NoOp;
        match.Counters[slot * MobaCounter.Count + MobaCounter.Invalid] += 1;
        a.Views.Errors[row] |= ErrorCode.ActionOutOfRange;
    }

    /// <summary>Phase 1 of one slot: what it was at the start of the tick; timers run; heroes regain hp and mana.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in MobaMatch match, int slot, in MobaArguments a)
    {
        if (slot < FirstCreep && a.Parameters.DistanceWeight != 0) match.Scratch.StartDistance[slot] = MobaScore.StructureDistance(match, slot);
        if (match.Hp[slot] == 0)
        {
            if (slot < FirstCreep && match.Respawn[slot] != 0) match.Respawn[slot] -= 1;
            return;
        }

        match.Scratch.Damage[slot] = 0;
        match.Scratch.Heal[slot] = 0;
        match.Scratch.StunIn[slot] = 0;
        match.Scratch.SlowIn[slot] = 0;
        match.Scratch.Force[slot] = 0;
        match.Scratch.Credit[slot] = 0;
        match.Scratch.Act[slot] = MobaAct.Nothing;
        int stun = match.Stun[slot], slow = match.Slow[slot], attack = match.Attack[slot], was = MobaWas.Alive;
        if (stun != 0)
        {
            was |= MobaWas.Stunned;
            match.Stun[slot] = (byte)(stun - 1);
        }

        if (slow != 0)
        {
            was |= MobaWas.Slow;
            match.Slow[slot] = (byte)(slow - 1);
        }

        if (attack != 0) match.Attack[slot] = (byte)(attack - 1);
        if (slot < FirstCreep) was |= RunHero(match, slot);
        match.Scratch.Was[slot] = was;
    }

    /// <summary>Whether a hero is inside its own fountain's block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsHome(int cell, int side)
    {
        int own = side == 0 ? cell : LastCell - cell;
        int rows = (own >> 7) - (MobaLayout.FountainCell >> 7), columns = (own & 127) - (MobaLayout.FountainCell & 127);
        return (uint)(rows + FountainRadius) <= 2 * FountainRadius && (uint)(columns + FountainRadius) <= 2 * FountainRadius;
    }

    /// <summary>Timers, hp and mana of a living hero; <see cref="MobaWas.Haste"/> if it was hasted.</summary>
    public static int RunHero(in MobaMatch match, int slot)
    {
        int haste = match.Haste[slot], q = match.Q[slot], w = match.W[slot], e = match.E[slot];
        if (q != 0) match.Q[slot] = (byte)(q - 1);
        if (w != 0) match.W[slot] = (byte)(w - 1);
        if (e != 0) match.E[slot] = (byte)(e - 1);
        bool home = IsHome(MobaMatch.CellOf(match.Position[slot]), slot & 1);
        int heroClass = (slot >> 1), level = match.Level[slot];
        match.Hp[slot] = (ushort)Scalar.Min(MobaStats.HeroHp(heroClass, level), match.Hp[slot] + (home ? 27 : 2));
        match.Mana[slot] = (ushort)Scalar.Min(MobaStats.HeroMana(heroClass, level), match.Mana[slot] + (home ? 17 : 2));
        if (haste == 0) return 0;
        match.Haste[slot] = (byte)(haste - 1);
        return MobaWas.Haste;
    }
}
