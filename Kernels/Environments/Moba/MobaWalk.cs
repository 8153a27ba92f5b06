using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phases 5 and 6: who wants to go where, who may, and who goes.</summary>
/// <remarks>
/// Units only enter cells that were empty when phase 5 began, and a cell has one winner, so that two units never swap or share one. Who
/// loses the first round, or finds its way blocked, has one more choice among the cells that nobody won.
/// </remarks>
public static class MobaWalk
{
    /// <summary>In <see cref="MobaScratch.Claimed"/>: stays where it is; changes its place within its own cell.</summary>
    public const int Stays = -1, InOwnCell = -2;

    /// <summary>Phase 5a: the proposal of one slot and its claim.</summary>
    public static void Propose<TAtomics, TClaims>(in MobaMatch match, int slot, in TClaims claims, in MobaArguments a)
        where TAtomics : struct, IAtomics
        where TClaims : struct, IMobaClaims
    {
        match.Scratch.Claimed[slot] = Stays;
        match.Scratch.Second[slot] = Stays;
        if ((match.Scratch.Was[slot] & (MobaWas.Alive | MobaWas.Died)) != MobaWas.Alive) return;
        int force = match.Scratch.Force[slot], move = match.Scratch.Move[slot];
        if ((force | move) == 0) return;
        int wish = force != 0 ? Forced(match, slot, force, a) : Wanted(match, slot, move, a);
        if (wish < 0) return;
        match.Scratch.Wish[slot] = wish;
        int cell = MobaMatch.CellOf((uint)wish);
        if (cell == MobaMatch.CellOf(match.Position[slot]))
        {
            // A force may end before it leaves the cell: all but heroes stay on its centre.
            if (slot < FirstCreep) match.Scratch.Claimed[slot] = InOwnCell;
            return;
        }

        match.Scratch.Claimed[slot] = cell;
        claims.Claim<TAtomics>(cell, match.Priority(match.TieHash(slot), slot) + MobaClaim.FirstRound);
    }

    /// <summary>Phase 5b: who walks and got nothing tries the cells beside its way that nobody won.</summary>
    public static void Retry<TAtomics, TClaims>(in MobaMatch match, int slot, in TClaims claims, in MobaArguments a)
        where TAtomics : struct, IAtomics
        where TClaims : struct, IMobaClaims
    {
        if ((match.Scratch.Was[slot] & (MobaWas.Alive | MobaWas.Died)) != MobaWas.Alive || match.Scratch.Force[slot] != 0) return;
        int move = match.Scratch.Move[slot], kind = move >> MobaMove.KindShift;
        if (kind is not (MobaMove.Velocity or MobaMove.Direction)) return;
        int claimed = match.Scratch.Claimed[slot];
        if (claimed == InOwnCell || (kind == MobaMove.Direction && Rests(match, slot))) return;
        uint hash = match.TieHash(slot);
        int priority = match.Priority(hash, slot);
        if (claimed >= 0 && claims.Of(claimed) == priority + MobaClaim.FirstRound) return;

        int wish = kind == MobaMove.Velocity ? Slide(match, slot, move, MobaMatch.Hand(hash), claims, a) : Sidestep(match, slot, move, MobaMatch.Hand(hash), claims, a);
        if (wish < 0) return;
        match.Scratch.Wish[slot] = wish;
        int cell = MobaMatch.CellOf((uint)wish);
        bool own = cell == MobaMatch.CellOf(match.Position[slot]);
        match.Scratch.Second[slot] = own ? InOwnCell : cell;
        if (!own) claims.Claim<TAtomics>(cell, priority);
    }

    /// <summary>Phase 6a: winners move, the dead leave nothing behind.</summary>
    public static void Commit<TAtomics, TClaims>(in MobaMatch match, int slot, in TClaims claims, in MobaArguments a)
        where TAtomics : struct, IAtomics
        where TClaims : struct, IMobaClaims
    {
        int was = match.Scratch.Was[slot];
        if ((was & MobaWas.Alive) == 0) return;
        if ((was & MobaWas.Died) != 0)
        {
            Bury(match, slot);
            return;
        }

        int claimed = match.Scratch.Claimed[slot], second = match.Scratch.Second[slot];
        if (claimed >= 0 || second >= 0)
        {
            int priority = match.Priority(match.TieHash(slot), slot);
            if (second >= 0 && claims.Of(second) == priority) Move<TAtomics>(match, slot, second);
            else if (second == Stays && claims.Of(claimed) == priority + MobaClaim.FirstRound) Move<TAtomics>(match, slot, claimed);
            else if (second == InOwnCell) match.Position[slot] = (uint)match.Scratch.Wish[slot];
            else CountBlocked(match, slot);
        }
        else if (claimed == InOwnCell || second == InOwnCell) match.Position[slot] = (uint)match.Scratch.Wish[slot];
        else CountBlocked(match, slot);
    }

    /// <summary>After phase 6a: the claims of one slot are forgotten.</summary>
    public static void Release<TClaims>(in MobaMatch match, int slot, in TClaims claims)
        where TClaims : struct, IMobaClaims
    {
        if (match.Scratch.Claimed[slot] >= 0) claims.Release(match.Scratch.Claimed[slot]);
        if (match.Scratch.Second[slot] >= 0) claims.Release(match.Scratch.Second[slot]);
    }

    /// <summary>A unit goes to a cell that it has won.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Move<TAtomics>(in MobaMatch match, int slot, int cell)
        where TAtomics : struct, IAtomics
    {
        MobaScan.Leave<TAtomics>(match, slot, MobaMatch.CellOf(match.Position[slot]));
        match.Position[slot] = slot < FirstCreep ? (uint)match.Scratch.Wish[slot] : MobaMatch.CentreOf(cell, slot & 1);
        MobaScan.Enter<TAtomics>(match, slot, cell);
    }

    private static void Bury(in MobaMatch match, int slot)
    {
        if (slot < FirstCreep)
        {
            MobaSpawn.ClearTimers(match, slot);
            match.Flags[slot] &= 255 - MobaFlag.Hurt;
            return;
        }

        if (slot < FirstTower) match.Position[slot] = 0;
        match.Stun[slot] = 0;
        match.Slow[slot] = 0;
        match.Attack[slot] = 0;
        match.Target[slot] = Nobody;
    }

    private static void CountBlocked(in MobaMatch match, int slot)
    {
        if (slot < FirstCreep && match.Scratch.Force[slot] == 0 && match.Scratch.Move[slot] >> MobaMove.KindShift == MobaMove.Velocity)
            match.Counters[slot * MobaCounter.Count + MobaCounter.Blocked] += 1;
    }

    // Towards the source of the force, or towards the target of a tank that gathers.
    private static int Forced(in MobaMatch match, int slot, int force, in MobaArguments a)
    {
        int source = (255 - (force & 255)) ^ match.Flip;
        uint own = match.Position[slot];
        uint place = match.Position[(source >> 1) == MobaClass.Tank ? match.Scratch.Aim[source] : source];
        int distance = Scalar.Max(1, MobaMatch.Distance(own, place)), units = Scalar.Min(force >> 8, distance);
        int rows = (int)(place >> 16) - (int)(own >> 16), columns = (int)(place & 0xFFFF) - (int)(own & 0xFFFF);
        return MobaSweep.Run(match, slot, own, rows * units / distance, columns * units / distance, units: true, a);
    }

    private static int Wanted(in MobaMatch match, int slot, int move, in MobaArguments a)
    {
        uint own = match.Position[slot];
        int value = move & ((1 << MobaMove.KindShift) - 1);
        switch (move >> MobaMove.KindShift)
        {
            case MobaMove.Velocity:
                return MobaSweep.Run(match, slot, own, (value >> MobaMove.VelocityShift) - MobaMove.VelocityBias,
                    (value & ((1 << MobaMove.VelocityShift) - 1)) - MobaMove.VelocityBias, units: true, a);
            case MobaMove.Direction:
                return Rests(match, slot) ? -1 : Step(match, slot, value, a);
            case MobaMove.Blink:
                return (int)MobaMatch.CentreOf(value, slot & 1);
            default:
                uint other = match.Position[match.Scratch.Aim[slot]];
                int rows = (int)(own >> 16) - (int)(other >> 16), columns = (int)(own & 0xFFFF) - (int)(other & 0xFFFF);
                int distance = Scalar.Max(1, MobaMatch.Size(rows) + MobaMatch.Size(columns));
                return MobaSweep.Run(match, slot, own, rows * value / distance, columns * value / distance, units: true, a);
        }
    }

    /// <summary>A slowed unit that follows rules walks in every second tick.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Rests(in MobaMatch match, int slot) =>
        (match.Scratch.Was[slot] & MobaWas.Slow) != 0 && ((match.Tick + (slot >> 1)) & 1) != 0;

    // One cell, as a position in it; −1 if it is blocked.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(in MobaMatch match, int slot, int direction, in MobaArguments a)
    {
        int cell = MobaMatch.CellOf(match.Position[slot]);
        int next = cell + MobaMatch.StepY(direction) * Side + MobaMatch.StepX(direction);
        return MobaSweep.IsOpen(match, slot, cell, next, units: true, a) ? (int)MobaMatch.CentreOf(next, slot & 1) : -1;
    }

    private static int Slide<TClaims>(in MobaMatch match, int slot, int move, int hand, in TClaims claims, in MobaArguments a)
        where TClaims : struct, IMobaClaims
    {
        int rows = ((move >> MobaMove.VelocityShift) & ((1 << MobaMove.VelocityShift) - 1)) - MobaMove.VelocityBias;
        int columns = (move & ((1 << MobaMove.VelocityShift) - 1)) - MobaMove.VelocityBias;
        if (rows == 0 || columns == 0) return -1;
        int sizeY = MobaMatch.Size(rows), sizeX = MobaMatch.Size(columns);
        bool vertical = sizeY > sizeX || (sizeY == sizeX && hand == 0);
        uint own = match.Position[slot];
        for (int tries = 0; tries < 2; tries++, vertical = !vertical)
        {
            int wish = MobaSweep.Run(match, slot, own, vertical ? rows : 0, vertical ? 0 : columns, units: true, a);
            if (wish >= 0 && IsLeft(match, slot, wish, claims)) return wish;
        }

        return -1;
    }

    private static int Sidestep<TClaims>(in MobaMatch match, int slot, int move, int hand, in TClaims claims, in MobaArguments a)
        where TClaims : struct, IMobaClaims
    {
        int direction = move & 7, turn = hand == 0 ? 1 : -1;
        for (int tries = 0; tries < 4; tries++, turn = -turn)
        {
            int wish = Step(match, slot, (direction + ((tries >> 1) + 1) * turn) & 7, a);
            if (wish >= 0 && IsLeft(match, slot, wish, claims)) return wish;
        }

        return -1;
    }

    // The own cell, or one that nobody won in the first round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLeft<TClaims>(in MobaMatch match, int slot, int wish, in TClaims claims)
        where TClaims : struct, IMobaClaims
    {
        int cell = MobaMatch.CellOf((uint)wish);
        return cell == MobaMatch.CellOf(match.Position[slot]) || claims.Of(cell) >= 0;
    }
}
