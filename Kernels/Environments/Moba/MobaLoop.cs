using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
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
    /// <summary>Parts of a tick for a profile.</summary>
    internal static IReadOnlyList<string> Parts { get; } =
        ["begin", "status", "decide", "effects", "resolve", "propose", "second chance", "commit, respawn", "results, reset", "observe"];

    /// <summary>One tick of match <paramref name="env"/>.</summary>
    [SkipLocalsInit]
    public static void Run<TClock>(int env, in MobaArguments a, ref TClock clock)
        where TClock : struct, IPhaseClock
    {
        Unsafe.SkipInit(out Desk desk); // whoever is alive clears its own part; only what is below is read before
        new Span<int>(desk.Scratch, PaddedSlots).Clear(); // MobaScratch.Was
        new Span<int>(desk.Places, MobaClaimHash.Size).Clear();
        MobaScratch scratch = MobaScratch.Of(new View<int>(desk.Scratch, MobaScratch.Length));
        MobaMatch match = MobaMatch.Of(a, env, scratch);
        var claims = new MobaClaimHash { Places = new View<int>(desk.Places, MobaClaimHash.Size), Claims = new View<int>(desk.Claims, MobaClaimHash.Size) };
        Begin(match, a);
        var living = new View<byte>(desk.Living, ListLiving(match, desk.Living));
        FetchAhead(env + 1, a);
        FetchCells(match, living);
        clock.Mark(0);
        Status(match, living, a);
        clock.Mark(1);
        Decide(match, living, a);
        clock.Mark(2);
        Effect(match, living, a);
        clock.Mark(3);
        Resolve(match, living, a);
        clock.Mark(4);
        View<byte> walkers = Walkers(living);
        Propose(match, walkers, claims, a);
        clock.Mark(5);
        Retry(match, walkers, claims, a);
        clock.Mark(6);
        Commit(match, living, claims, a);
        clock.Mark(7);
        Results(ref match, a);
        clock.Mark(8);
        MobaObserveWide.WriteMatch(match, a);
        clock.Mark(9);
    }

    // A match is some 160 cache lines that nobody touched for a while: those of the next one are on their way while this one plays.
    private static void FetchAhead(int env, in MobaArguments a)
    {
        if (!Sse.IsSupported || (long)env * Heroes >= a.Views.RowActive.Length) return;
        Fetch(a.State.Hp.ContiguousOf(env));
        Fetch(a.State.Position.ContiguousOf(env));
        Fetch(a.State.Stun.ContiguousOf(env));
        Fetch(a.State.Slow.ContiguousOf(env));
        Fetch(a.State.Attack.ContiguousOf(env));
        Fetch(a.State.Target.ContiguousOf(env));
        Fetch(a.State.Flags.ContiguousOf(env));
        Fetch(a.State.Occupied.ContiguousOf(env));
    }

    // The cells around every unit that may walk: it will look at one of them.
    private static void FetchCells(in MobaMatch match, View<byte> living)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < living.Length; i++)
        {
            byte* cell = match.Grid.Pointer + MobaMatch.CellOf(match.Position[living[i]]);
            Sse.Prefetch0(cell - Side);
            Sse.Prefetch0(cell);
            Sse.Prefetch0(cell + Side);
        }
    }

    private static void Fetch<T>(View<T> view)
        where T : unmanaged
    {
        byte* start = (byte*)view.Pointer, end = (byte*)(view.Pointer + view.Length);
        for (byte* line = start; line < end; line += 64) Sse.Prefetch1(line);
    }

    // Towers are the last of the living.
    private static View<byte> Walkers(View<byte> living)
    {
        long count = living.Length;
        while (count > 0 && living[count - 1] >= FirstTower) count--;
        return living.Slice(0, count);
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
