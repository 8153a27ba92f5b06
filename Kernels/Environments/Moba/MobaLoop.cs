using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>A tick of a whole match on one thread, with scratch on the stack. The CPU's own loop.</summary>
/// <remarks>
/// The same rules as on a device, and for what is rare the same methods. What differs: sets of slots, so that only units with something to do are
/// visited (<see cref="MobaDesk"/>), claims in a small hash instead of a table of the map, and scratch that stays in the first-level cache from match to match.
/// </remarks>
internal static unsafe class MobaLoop
{
    /// <summary>Parts of a tick for a profile.</summary>
    internal static IReadOnlyList<string> Parts { get; } =
        ["begin", "status", "decide", "effects", "resolve", "propose", "second chance", "commit, respawn", "results, reset", "observe"];

    /// <summary>One tick of match <paramref name="env"/>.</summary>
    [SkipLocalsInit]
    public static void Run<TClock>(int env, in MobaArguments a, ref TClock clock)
        where TClock : struct, IPhaseClock
    {
        byte* memory = stackalloc byte[MobaDesk.Bytes]; // not cleared: whoever reads a part has written it in this tick
        MobaDesk* desk = MobaDesk.At(memory);
        MobaMatch match = MobaMatch.Of(a, env, MobaScratch.Of(new View<int>(desk->Scratch, MobaScratch.Length)));
        var claims = new MobaClaimHash { Places = new View<int>(desk->Places, MobaClaimHash.Size), Claims = new View<int>(desk->Claims, MobaClaimHash.Size) };
        MobaDesk.Clear(desk->Places, MobaClaimHash.Size);
        MobaDesk.Clear(desk->Scratch + MobaScratch.FirstSum, MobaScratch.EndOfSums - MobaScratch.FirstSum);
        Begin(match, desk, a);
        bool more = MobaFetch.Wanted(env + 1, a);
        if (more) MobaFetch.Units(env + 1, a);
        clock.Mark(0);
        MobaStatusWide.Run(match, desk, a);
        clock.Mark(1);
        MobaDecideWide.Run(match, desk, a);
        clock.Mark(2);
        if (more) MobaFetch.OfHeroes(env + 1, a);
        Effect(match, a);
        clock.Mark(3);
        Resolve(match, a);
        clock.Mark(4);
        Vector256<ulong> living = MobaDesk.Living(match);
        MobaWalkWide.Propose(match, desk, living, claims, a);
        clock.Mark(5);
        MobaWalkWide.Retry(match, desk, claims, a);
        clock.Mark(6);
        MobaWalkWide.Commit(match, desk, living, claims, a);
        if (more) MobaFetch.Map(env + 1, a);
        for (int slot = 0; slot < Heroes; slot++) MobaSpawn.Return<OwnedAtomics>(match, slot, a);
        clock.Mark(7);
        Results(ref match, a);
        clock.Mark(8);
        MobaObserveWide.WriteMatch(match, desk, a);
        if (more) MobaFetch.Rows(env + 1, a);
        clock.Mark(9);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Begin(in MobaMatch match, MobaDesk* desk, in MobaArguments a)
    {
        MobaStatus.BeginMatch(match);
        for (int slot = 0; slot < Heroes; slot++) MobaStatus.BeginHero(match, slot, a);
        if (MobaSpawn.IsTime(match.Tick, WavePeriod))
            for (int slot = FirstCreep; slot < FirstNeutral; slot++) MobaSpawn.Creep<OwnedAtomics>(match, slot, a);
        if (MobaSpawn.IsTime(match.Tick, NeutralPeriod))
            for (int slot = FirstNeutral; slot < FirstTower; slot++) MobaSpawn.Neutral<OwnedAtomics>(match, slot, a);
        MobaDesk.ReadUnits(desk, match);
        MobaDesk.SortTargets(desk, match.Scratch.Match[MobaScratch.Vulnerable]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Effect(in MobaMatch match, in MobaArguments a)
    {
        Vector256<ulong> acting = MobaDesk.Where(match.Scratch.Act.Pointer);
        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = acting.GetElement(word); bits != 0; bits &= bits - 1)
                MobaEffect.Run<OwnedAtomics>(match, 64 * word + BitOperations.TrailingZeroCount(bits), a);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Resolve(in MobaMatch match, in MobaArguments a)
    {
        Vector256<ulong> touched = MobaDesk.Where(match.Scratch.Damage.Pointer) | MobaDesk.Where(match.Scratch.Heal.Pointer)
            | MobaDesk.Where(match.Scratch.StunIn.Pointer) | MobaDesk.Where(match.Scratch.SlowIn.Pointer);
        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = touched.GetElement(word); bits != 0; bits &= bits - 1)
                MobaResolve.Run<OwnedAtomics>(match, 64 * word + BitOperations.TrailingZeroCount(bits), a);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Results(ref MobaMatch match, in MobaArguments a)
    {
        for (int slot = 0; slot < Heroes; slot++) MobaScore.Levels(match, slot, a);
        if (IsQuiet(match, a)) WriteNoRewards(match, a);
        else for (int slot = 0; slot < Heroes; slot++) MobaScore.Rewards(match, slot, a);
        MobaScore.End(match, a);
        match.ReadClock(a);
        for (int slot = 0; slot < Heroes; slot++) MobaScore.Finish(match, slot, a);
        if (match.Scratch.Match[MobaScratch.Ended] == MobaEnd.None) return;
        MobaBegin.Clear(match.Env, match.Episode + 1, 0, 1, a);
        match.ReadClock(a);
        for (int slot = 0; slot < Heroes; slot++) MobaBegin.Place<OwnedAtomics>(match, slot, a);
    }

    // Whether nobody earned anything in this tick.
    private static bool IsQuiet(in MobaMatch match, in MobaArguments a)
    {
        const int Lower = FirstTower + 2 * Ancient;
        if (a.Parameters.DistanceWeight != 0 || match.Scratch.Match[MobaScratch.Fallen] != 0 || match.Hp[Lower] == 0 || match.Hp[Lower + 1] == 0) return false;
        int earned = 0;
        for (int slot = 0; slot < Heroes; slot++) earned |= match.Scratch.XpGain[slot] | match.Scratch.Felled[slot] | (match.Scratch.Was[slot] & MobaWas.Died);
        return earned == 0;
    }

    private static void WriteNoRewards(in MobaMatch match, in MobaArguments a)
    {
        a.Views.Rewards.Slice(match.FirstRow, Heroes).AsSpan().Clear();
        if (a.Views.RewardParts.Length > 0) a.Views.RewardParts.Slice((long)match.FirstRow * MobaReward.Count, Heroes * MobaReward.Count).AsSpan().Clear();
    }
}
