using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phases 5 and 6a of a whole match on one thread: the same moves as <see cref="MobaWalk"/>.</summary>
/// <remarks>
/// Units that follow rules take one step to a neighbouring cell or none. Whether it is open is one bit of <see cref="MobaTableViews.Ways"/> and one cell of the
/// map, which is on its way since the unit decided to go there. Who is pulled goes the usual way, and heroes by <see cref="MobaHeroWalkWide"/>.
/// </remarks>
internal static unsafe class MobaWalkWide
{
    private const int Lanes = 64;

    /// <summary>Phase 5a; <paramref name="living"/> are those who did not die in this tick.</summary>
    public static void Propose(in MobaMatch match, MobaDesk* desk, Vector256<ulong> living, in MobaClaimHash claims, in MobaArguments a)
    {
        Vector256<ulong> forced = MobaDesk.Where(match.Scratch.Force.Pointer) & living, others = Vector256.AndNot(living, MobaSet.Heroes);
        for (ulong bits = MobaDesk.Set(desk, MobaSet.Live)[0] & (1uL << FirstCreep) - 1; bits != 0; bits &= bits - 1)
            MobaHeroWalkWide.Propose(match, BitOperations.TrailingZeroCount(bits), claims, a);
        MobaDesk.Put(desk, MobaSet.Pulled, forced & others);
        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = MobaDesk.Set(desk, MobaSet.Pulled)[word]; bits != 0; bits &= bits - 1)
                MobaWalk.Propose<OwnedAtomics, MobaClaimHash>(match, Lanes * word + BitOperations.TrailingZeroCount(bits), claims, a);
        }

        desk->StepperCount = 0;
        Vector256<ulong> steppers = Vector256.AndNot(MobaDesk.Where(match.Scratch.Move.Pointer) & others, forced);
        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = steppers.GetElement(word); bits != 0; bits &= bits - 1)
                Step(match, desk, Lanes * word + BitOperations.TrailingZeroCount(bits), claims, a);
        }
    }

    /// <summary>Phase 5b.</summary>
    public static void Retry(in MobaMatch match, MobaDesk* desk, in MobaClaimHash claims, in MobaArguments a)
    {
        for (ulong bits = MobaDesk.Set(desk, MobaSet.Live)[0] & (1uL << FirstCreep) - 1; bits != 0; bits &= bits - 1)
            MobaHeroWalkWide.Retry(match, BitOperations.TrailingZeroCount(bits), claims, a);
        int count = desk->StepperCount, winners = 0;
        desk->LoserCount = 0;
        for (int i = 0; i < count; i++)
        {
            int slot = desk->Steppers[i], claimed = match.Scratch.Claimed[slot];
            if (claimed >= 0 && claims.Of(claimed) == match.Scratch.Wish[slot] + MobaClaim.FirstRound) desk->Steppers[winners++] = (byte)slot;
            else Sidestep(match, desk, slot, claims, a);
        }

        desk->StepperCount = winners;
    }

    /// <summary>Phase 6a.</summary>
    public static void Commit(in MobaMatch match, MobaDesk* desk, Vector256<ulong> living, in MobaClaimHash claims, in MobaArguments a)
    {
        // Heroes, the pulled, and the dead of this tick.
        Vector256<ulong> live = MobaDesk.Get(desk, MobaSet.Live), usual = (live & MobaSet.Heroes) | MobaDesk.Get(desk, MobaSet.Pulled) | Vector256.AndNot(live, living);
        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = usual.GetElement(word); bits != 0; bits &= bits - 1)
                MobaWalk.Commit<OwnedAtomics, MobaClaimHash>(match, Lanes * word + BitOperations.TrailingZeroCount(bits), claims, a);
        }

        for (int i = 0; i < desk->StepperCount; i++)
        {
            int slot = desk->Steppers[i];
            MobaWalk.Move<OwnedAtomics>(match, slot, match.Scratch.Claimed[slot]);
        }

        for (int i = 0; i < desk->LoserCount; i++)
        {
            int slot = desk->Losers[i], second = match.Scratch.Second[slot];
            if (claims.Of(second) == match.Scratch.Wish[slot]) MobaWalk.Move<OwnedAtomics>(match, slot, second);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(in MobaMatch match, MobaDesk* desk, int slot, in MobaClaimHash claims, in MobaArguments a)
    {
        if (MobaWalk.Rests(match, slot)) return;
        int cell = desk->Y[slot] * Side + desk->X[slot], direction = match.Scratch.Move[slot] & 7;
        int priority = match.Priority(match.TieHash(slot), slot), next = Neighbour(cell, direction);
        match.Scratch.Wish[slot] = priority; // in place of a position, which the cell says
        desk->Steppers[desk->StepperCount++] = (byte)slot;
        bool open = IsOpen(match, a.Tables.Ways[cell], direction, next);
        match.Scratch.Claimed[slot] = open ? next : MobaWalk.Stays;
        if (open) claims.Claim<OwnedAtomics>(next, priority + MobaClaim.FirstRound);
        else FetchRows(match, cell); // it will look beside its way
        FetchBits(match, slot, cell);
        FetchBits(match, slot, next);
    }

    private static void Sidestep(in MobaMatch match, MobaDesk* desk, int slot, in MobaClaimHash claims, in MobaArguments a)
    {
        int cell = desk->Y[slot] * Side + desk->X[slot], direction = match.Scratch.Move[slot] & 7;
        int turn = MobaMatch.Hand(match.TieHash(slot)) == 0 ? 1 : -1, ways = a.Tables.Ways[cell];
        for (int tries = 0; tries < 4; tries++, turn = -turn)
        {
            int beside = (direction + ((tries >> 1) + 1) * turn) & 7, next = Neighbour(cell, beside);
            if (!IsOpen(match, ways, beside, next) || claims.Of(next) < 0) continue;
            claims.Claim<OwnedAtomics>(next, match.Scratch.Wish[slot]);
            match.Scratch.Second[slot] = next;
            desk->Losers[desk->LoserCount++] = (byte)slot;
            return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Neighbour(int cell, int direction) => cell + MobaMatch.StepY(direction) * Side + MobaMatch.StepX(direction);

    /// <summary>Whether a step in a direction, of a cell with these ways, is free of walls and leads to a cell without a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOpen(in MobaMatch match, int ways, int direction, int next) =>
        (((uint)ways >> direction) & 1) != 0 & match.Grid[next] == Nobody;

    /// <summary>Fetches what a unit that follows rules will read and write on the map: its cell, and the one it wants to step to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(in MobaMatch match, MobaDesk* desk, int slot)
    {
        if (!Sse.IsSupported) return;
        byte* cell = match.Grid.Pointer + desk->Y[slot] * Side + desk->X[slot];
        Sse.Prefetch0(cell);
        Sse.Prefetch0(cell + Neighbour(0, match.Scratch.Move[slot] & 7));
    }

    /// <summary>Fetches the map around a cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FetchRows(in MobaMatch match, int cell)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(match.Grid.Pointer + cell - Side);
        Sse.Prefetch0(match.Grid.Pointer + cell);
        Sse.Prefetch0(match.Grid.Pointer + cell + Side);
    }

    /// <summary>Fetches the bits of a cell, which will be written in phase 6a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FetchBits(in MobaMatch match, int slot, int cell)
    {
        if (Sse.IsSupported) Sse.Prefetch0(match.Occupied.Pointer + MobaMatch.TeamOf(slot) * BitWords + (cell >> 5));
    }
}
