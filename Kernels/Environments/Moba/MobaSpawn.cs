using Arena.Kernels.Device;
using Arena.Kernels.Random;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Units that appear: creeps and neutrals at the start of a tick, heroes at its end.</summary>
/// <remarks>Units that can appear in one phase look at disjoint lists of cells, so that nobody need claim one.</remarks>
public static class MobaSpawn
{
    /// <summary>Whether creeps, or neutrals, may appear in this tick.</summary>
    public static bool IsTime(int tick, int period) => tick % period < SpawnTries;

    /// <summary>A creep of the wave that is due, if it is dead and has not appeared in this wave.</summary>
    public static void Creep<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        int index = (slot - FirstCreep) >> 1, lane = index / 20, inLane = index - 20 * lane;
        int wave = match.Tick / WavePeriod;
        if (inLane / 5 != (wave & 3)) return;
        if (match.Tick == wave * WavePeriod) match.Flags[slot] = 0;
        if (match.Hp[slot] != 0 || match.Flags[slot] != 0) return;
        int k = inLane % 5;
        int cell = FreeCell(match, slot, a.Tables.SpawnCells[2 * lane], MobaLayout.BlockRadius, k, 5, k == 4 ? 9 : 10, MobaPurpose.CreepSpawn, a);
        if (cell >= 0) Appear<TAtomics>(match, slot, cell, MobaStats.UnitHp(slot));
    }

    /// <summary>A neutral: when its camp returns the living are healed and the dead appear.</summary>
    public static void Neutral<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        if (match.Tick % NeutralPeriod == 0)
        {
            match.Flags[slot] = 0;
            if (match.Hp[slot] != 0) match.Hp[slot] = (ushort)MobaStats.UnitHp(slot);
        }

        if (match.Hp[slot] != 0 || match.Flags[slot] != 0) return;
        int index = (slot - FirstNeutral) >> 1, k = index & 3;
        int cell = FreeCell(match, slot, a.Tables.CampCells[2 * (index >> 2)], MobaLayout.BlockRadius, k, 4, k == 0 ? 13 : 12, MobaPurpose.NeutralSpawn, a);
        if (cell >= 0) Appear<TAtomics>(match, slot, cell, MobaStats.UnitHp(slot));
    }

    /// <summary>Phase 6b: a dead hero whose time is over comes back. One that died in this tick has its time before it.</summary>
    public static void Return<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        if (match.Hp[slot] == 0 && match.Respawn[slot] == 0) Hero<TAtomics>(match, slot, a);
    }

    /// <summary>A hero at its fountain, with full hp and mana; stays dead where no cell of its list is free.</summary>
    public static void Hero<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        int heroClass = (slot >> 1), level = match.Level[slot];
        int cell = FreeCell(match, slot, MobaLayout.FountainCell, FountainRadius, heroClass, MobaClass.Count, 45, MobaPurpose.HeroSpawn, a);
        if (cell < 0) return;
        match.Position[slot] = MobaMatch.CentreOf(cell, slot & 1);
        match.Hp[slot] = (ushort)MobaStats.HeroHp(heroClass, level);
        match.Mana[slot] = (ushort)MobaStats.HeroMana(heroClass, level);
        ClearTimers(match, slot);
        match.Flags[slot] &= 255 - MobaFlag.Hurt;
        MobaScan.Enter<TAtomics>(match, slot, cell);
    }

    /// <summary>No timer of a hero runs but that of its return; no target.</summary>
    public static void ClearTimers(in MobaMatch match, int slot)
    {
        match.Stun[slot] = 0;
        match.Slow[slot] = 0;
        match.Attack[slot] = 0;
        match.Haste[slot] = 0;
        match.Q[slot] = 0;
        match.W[slot] = 0;
        match.E[slot] = 0;
        match.Target[slot] = Nobody;
    }

    // The first empty cell of a list: every step-th cell of a block from first on, counted row by row as the own side sees it, cyclic from a random start.
    private static int FreeCell(in MobaMatch match, int slot, int centre, int radius, int first, int step, int count, uint purpose, in MobaArguments a)
    {
        uint word = Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + match.Env), (uint)match.Episode, (uint)match.Tick, (uint)(slot ^ match.Flip), purpose).X;
        int at = Philox.Below(word, count), side = 2 * radius + 1;
        for (int tries = 0; tries < count; tries++)
        {
            int index = first + step * at, row = index / side;
            int cell = centre + (row - radius) * Side + index - row * side - radius;
            if ((slot & 1) != 0) cell = LastCell - cell;
            if (match.Grid[cell] == Nobody) return cell;
            at = at + 1 == count ? 0 : at + 1;
        }

        return -1;
    }

    private static void Appear<TAtomics>(in MobaMatch match, int slot, int cell, int hp)
        where TAtomics : struct, IAtomics
    {
        match.Position[slot] = MobaMatch.CentreOf(cell, slot & 1);
        match.Hp[slot] = (ushort)hp;
        match.Stun[slot] = 0;
        match.Slow[slot] = 0;
        match.Attack[slot] = 0;
        match.Target[slot] = Nobody;
        match.Flags[slot] = MobaFlag.Spawned;
        MobaScan.Enter<TAtomics>(match, slot, cell);
    }
}
