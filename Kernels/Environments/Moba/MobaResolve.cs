using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phase 4: who lives, who dies, who learns from it.</summary>
public static class MobaResolve
{
    /// <summary>Phase 4 of one slot. A cell whose unit dies is empty from here on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TAtomics>(in MobaMatch match, int slot, in MobaArguments a)
        where TAtomics : struct, IAtomics
    {
        if ((match.Scratch.Was[slot] & MobaWas.Alive) == 0) return;
        int damage = match.Scratch.Damage[slot], heal = match.Scratch.Heal[slot];
        if ((damage | heal) != 0)
        {
            int level = slot < FirstCreep ? match.Level[slot] : 0, hp = match.Hp[slot] + heal - damage;
            if (damage > 0) match.Scratch.Was[slot] |= MobaWas.Hit;
            if (slot < FirstCreep) match.Counters[slot * MobaCounter.Count + MobaCounter.Received] += damage;
            if (hp <= 0)
            {
                Die<TAtomics>(match, slot, level);
                return;
            }

            match.Hp[slot] = (ushort)Scalar.Min(MobaStats.MaxHp(match, slot), hp);
        }

        int stun = match.Scratch.StunIn[slot], slow = match.Scratch.SlowIn[slot];
        if (stun > match.Stun[slot]) match.Stun[slot] = (byte)stun;
        if (slow > match.Slow[slot]) match.Slow[slot] = (byte)slow;
    }

    private static void Die<TAtomics>(in MobaMatch match, int slot, int level)
        where TAtomics : struct, IAtomics
    {
        match.Hp[slot] = 0;
        match.Scratch.Was[slot] |= MobaWas.Died;
        MobaScan.Leave<TAtomics>(match, slot, MobaMatch.CellOf(match.Position[slot]));
        if (slot < FirstCreep)
        {
            match.Respawn[slot] = (ushort)(20 + 4 * level);
            match.Counters[slot * MobaCounter.Count + MobaCounter.Deaths] += 1;
        }
        else if (slot >= FirstTower) TAtomics.Or(ref match.Scratch.Match[MobaScratch.Fallen], 1 << (slot - FirstTower));

        int credit = match.Scratch.Credit[slot];
        if (credit < MobaEffect.HeroCredit) return;
        int killer = (255 - (credit & 255)) ^ match.Flip;
        if (slot >= FirstTower)
        {
            if (MobaStats.TowerOf(slot) == Ancient) return;
            TAtomics.Add(ref match.Counters[killer * MobaCounter.Count + MobaCounter.Towers], 1);
            TAtomics.Add(ref match.Scratch.Felled[killer], 1);
            return;
        }

        int counter = slot < FirstCreep ? MobaCounter.Kills : slot < FirstNeutral ? MobaCounter.Creeps : MobaCounter.Neutrals;
        TAtomics.Add(ref match.Counters[killer * MobaCounter.Count + counter], 1);
        Share<TAtomics>(match, slot, killer);
    }

    // The killer, wherever it is, and the heroes of its team near the place of death; also those who die in this tick.
    private static void Share<TAtomics>(in MobaMatch match, int slot, int killer)
        where TAtomics : struct, IAtomics
    {
        uint place = match.Position[slot];
        int sharers = 0;
        for (int hero = killer & 1; hero < Heroes; hero += 2)
            if (IsSharer(match, hero, killer, place)) sharers++;
        int share = MobaStats.Value(match, slot) / sharers;
        for (int hero = killer & 1; hero < Heroes; hero += 2)
            if (IsSharer(match, hero, killer, place)) TAtomics.Add(ref match.Scratch.XpGain[hero], share);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSharer(in MobaMatch match, int hero, int killer, uint place) =>
        hero == killer || ((match.Scratch.Was[hero] & MobaWas.Alive) != 0 && MobaMatch.Distance(match.Position[hero], place) <= XpRange);
}
