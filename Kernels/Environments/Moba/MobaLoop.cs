using System.Runtime.CompilerServices;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>A tick of a whole match on one thread: the phases as loops over the living, with scratch on the stack. The CPU's own loop.</summary>
/// <remarks>
/// The same methods per slot as on a device. What differs: a list of the living instead of all slots, claims in a small hash instead of
/// a table of the map, and scratch that stays in the first-level cache from match to match.
/// </remarks>
internal static unsafe class MobaLoop
{
    /// <summary>One tick of match <paramref name="env"/>.</summary>
    public static void Run(int env, in MobaArguments a)
    {
        Desk desk = default;
        MobaScratch scratch = MobaScratch.Of(new View<int>(desk.Scratch, MobaScratch.Length));
        MobaMatch match = MobaMatch.Of(a, env, scratch);
        var claims = new MobaClaimHash { Places = new View<int>(desk.Places, MobaClaimHash.Size), Claims = new View<int>(desk.Claims, MobaClaimHash.Size) };
        Begin(match, a);
        int living = ListLiving(match, desk.Living);
        var list = new View<byte>(desk.Living, living);
        Status(match, list, a);
        Decide(match, list, a);
        Effect(match, list, a);
        Resolve(match, list, a);
        int walkers = living;
        while (walkers > 0 && list[walkers - 1] >= FirstTower) walkers--;
        list = list.Slice(0, walkers);
        Propose(match, list, claims, a);
        Retry(match, list, claims, a);
        Commit(match, new View<byte>(desk.Living, living), claims, a);
        Results(ref match, a);
        for (int row = 0; row < Heroes; row++) MobaObserve.Finish(match, row, a);
    }

    private static void Begin(in MobaMatch match, in MobaArguments a)
    {
        MobaStatus.BeginMatch(match);
        for (int slot = 0; slot < Heroes; slot++) MobaStatus.BeginHero(match, slot, a);
        if (MobaSpawn.IsTime(match.Tick, WavePeriod))
            for (int slot = FirstCreep; slot < FirstNeutral; slot++) MobaSpawn.Creep<OwnedAtomics>(match, slot, a);
        if (MobaSpawn.IsTime(match.Tick, NeutralPeriod))
            for (int slot = FirstNeutral; slot < FirstTower; slot++) MobaSpawn.Neutral<OwnedAtomics>(match, slot, a);
    }

    private static int ListLiving(in MobaMatch match, byte* living)
    {
        int count = 0;
        for (int slot = 0; slot < Slots; slot++)
        {
            living[count] = (byte)slot;
            if (match.Hp[slot] != 0) count++;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Status(in MobaMatch match, View<byte> living, in MobaArguments a)
    {
        // The dead among the heroes have a timer too.
        for (int slot = 0; slot < Heroes; slot++)
            if (match.Hp[slot] == 0) MobaStatus.Run(match, slot, a);
        for (int i = 0; i < living.Length; i++) MobaStatus.Run(match, living[i], a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Decide(in MobaMatch match, View<byte> living, in MobaArguments a)
    {
        for (int i = 0; i < living.Length; i++) MobaDecide.Run(match, living[i], a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Effect(in MobaMatch match, View<byte> living, in MobaArguments a)
    {
        for (int i = 0; i < living.Length; i++) MobaEffect.Run<OwnedAtomics>(match, living[i], a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Resolve(in MobaMatch match, View<byte> living, in MobaArguments a)
    {
        for (int i = 0; i < living.Length; i++) MobaResolve.Run<OwnedAtomics>(match, living[i], a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Propose(in MobaMatch match, View<byte> living, in MobaClaimHash claims, in MobaArguments a)
    {
        for (int i = 0; i < living.Length; i++) MobaWalk.Propose<OwnedAtomics, MobaClaimHash>(match, living[i], claims, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Retry(in MobaMatch match, View<byte> living, in MobaClaimHash claims, in MobaArguments a)
    {
        for (int i = 0; i < living.Length; i++) MobaWalk.Retry<OwnedAtomics, MobaClaimHash>(match, living[i], claims, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Commit(in MobaMatch match, View<byte> living, in MobaClaimHash claims, in MobaArguments a)
    {
        for (int i = 0; i < living.Length; i++) MobaWalk.Commit<OwnedAtomics, MobaClaimHash>(match, living[i], claims, a);
        for (int slot = 0; slot < Heroes; slot++) MobaSpawn.Return<OwnedAtomics>(match, slot, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Results(ref MobaMatch match, in MobaArguments a)
    {
        for (int slot = 0; slot < Heroes; slot++) MobaScore.Levels(match, slot, a);
        for (int slot = 0; slot < Heroes; slot++) MobaScore.Rewards(match, slot, a);
        MobaScore.End(match, a);
        match.ReadClock(a);
        for (int slot = 0; slot < Heroes; slot++) MobaScore.Finish(match, slot, a);
        if (match.Scratch.Match[MobaScratch.Ended] == MobaEnd.None) return;
        MobaBegin.Clear(match.Env, match.Episode + 1, 0, 1, a);
        match.ReadClock(a);
        for (int slot = 0; slot < Heroes; slot++) MobaBegin.Place<OwnedAtomics>(match, slot, a);
    }

    private struct Desk
    {
        public fixed int Scratch[MobaScratch.Length];
        public fixed int Places[MobaClaimHash.Size];
        public fixed int Claims[MobaClaimHash.Size];
        public fixed byte Living[PaddedSlots];
    }
}
