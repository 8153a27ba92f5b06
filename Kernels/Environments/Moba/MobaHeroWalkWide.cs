using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Phases 5a and 5b of a hero that walks by its own velocity, beside <see cref="MobaWalk"/>: walls are one bit of <see cref="MobaTableViews.Ways"/>.</summary>
internal static class MobaHeroWalkWide
{
    /// <summary>Phase 5a.</summary>
    public static void Propose(in MobaMatch match, int slot, in MobaClaimHash claims, in MobaArguments a)
    {
        int move = match.Scratch.Move[slot];
        if (match.Scratch.Force[slot] != 0 || (match.Scratch.Was[slot] & MobaWas.Died) != 0 || move >> MobaMove.KindShift != MobaMove.Velocity)
        {
            MobaWalk.Propose<OwnedAtomics, MobaClaimHash>(match, slot, claims, a);
            return;
        }

        uint own = match.Position[slot];
        int wish = Sweep(match, own, Rows(move), Columns(move), a), cell = MobaMatch.CellOf((uint)wish);
        match.Scratch.Second[slot] = MobaWalk.Stays;
        match.Scratch.Wish[slot] = wish;
        match.Scratch.Claimed[slot] = wish < 0 ? MobaWalk.Stays : cell == MobaMatch.CellOf(own) ? MobaWalk.InOwnCell : cell;
        if (match.Scratch.Claimed[slot] < 0) return;
        claims.Claim<OwnedAtomics>(cell, match.Priority(match.TieHash(slot), slot) + MobaClaim.FirstRound);
        MobaWalkWide.FetchBits(match, slot, MobaMatch.CellOf(own));
        MobaWalkWide.FetchBits(match, slot, cell);
    }

    /// <summary>Phase 5b.</summary>
    public static void Retry(in MobaMatch match, int slot, in MobaClaimHash claims, in MobaArguments a)
    {
        int move = match.Scratch.Move[slot], claimed = match.Scratch.Claimed[slot];
        if (match.Scratch.Force[slot] != 0 || (match.Scratch.Was[slot] & MobaWas.Died) != 0 || move >> MobaMove.KindShift != MobaMove.Velocity || claimed == MobaWalk.InOwnCell) return;
        uint hash = match.TieHash(slot);
        int priority = match.Priority(hash, slot);
        if (claimed >= 0 && claims.Of(claimed) == priority + MobaClaim.FirstRound) return;
        int wish = Slide(match, match.Position[slot], Rows(move), Columns(move), MobaMatch.Hand(hash), claims, a);
        if (wish < 0) return;
        int cell = MobaMatch.CellOf((uint)wish);
        bool own = cell == MobaMatch.CellOf(match.Position[slot]);
        match.Scratch.Wish[slot] = wish;
        match.Scratch.Second[slot] = own ? MobaWalk.InOwnCell : cell;
        if (!own) claims.Claim<OwnedAtomics>(cell, priority);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Rows(int move) => ((move >> MobaMove.VelocityShift) & ((1 << MobaMove.VelocityShift) - 1)) - MobaMove.VelocityBias;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Columns(int move) => (move & ((1 << MobaMove.VelocityShift) - 1)) - MobaMove.VelocityBias;

    private static int Slide(in MobaMatch match, uint own, int rows, int columns, int hand, in MobaClaimHash claims, in MobaArguments a)
    {
        if (rows == 0 || columns == 0) return -1;
        int sizeY = MobaMatch.Size(rows), sizeX = MobaMatch.Size(columns);
        bool vertical = sizeY > sizeX || (sizeY == sizeX && hand == 0);
        for (int tries = 0; tries < 2; tries++, vertical = !vertical)
        {
            int wish = Sweep(match, own, vertical ? rows : 0, vertical ? 0 : columns, a), cell = MobaMatch.CellOf((uint)wish);
            if (wish >= 0 && (cell == MobaMatch.CellOf(own) || claims.Of(cell) >= 0)) return wish;
        }

        return -1;
    }

    // As MobaSweep.Run among units. A straight way never comes back to the cell where it began.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Sweep(in MobaMatch match, uint from, int rows, int columns, in MobaArguments a)
    {
        int longest = Scalar.Max(MobaMatch.Size(rows), MobaMatch.Size(columns)), fromY = (int)(from >> 16), fromX = (int)(from & 0xFFFF);
        if (longest <= 256) return Reach(match, MobaMatch.CellOf(from), fromY + rows, fromX + columns, a);
        int steps = (longest + 255) >> 8, cell = MobaMatch.CellOf(from), reached = -1;
        for (int step = 1; step <= steps; step++)
        {
            int wish = Reach(match, cell, fromY + rows * step / steps, fromX + columns * step / steps, a);
            if (wish < 0) return reached;
            reached = wish;
            cell = MobaMatch.CellOf((uint)wish);
        }

        return reached;
    }

    // The point itself, if it is in the cell or in a neighbour that is open; else −1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Reach(in MobaMatch match, int cell, int y, int x, in MobaArguments a)
    {
        int next = (int)(((uint)y >> 8) * Side + ((uint)x >> 8)), wish = y << 16 | x;
        if (next == cell) return wish;
        int at = 3 * ((next >> 7) - (cell >> 7) + 1) + (next & (Side - 1)) - (cell & (Side - 1)) + 1;
        return MobaWalkWide.IsOpen(match, a.Tables.Ways[cell], (int)((MobaDecide.Directions >> (4 * at)) & 15), next) ? wish : -1;
    }
}
