using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phases 1 to 3: what a snake wants, whether it survives, and what becomes of it. One lane per snake.</summary>
/// <remarks>
/// Claims live in the cell itself: the window that is copied later needs that cache line anyway. So does the owner of a body: who
/// died by whom, and which cells of a window are one's own, is a comparison instead of a walk along a body.
/// </remarks>
public static class SnakeMove
{
    /// <summary>Phase 1: the new heading, the target cell and its claim; a tail that need not stay leaves its cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Intend<TAtomics>(in SnakeArena arena, int i, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        if (arena.Status[i] != SnakeConstants.Alive)
        {
            arena.Event[i] = 0;
            return;
        }

        int happened = SnakeEvent.Acted;
        int heading = Turn<TAtomics>(arena, i, a, ref happened);
        int target = arena.Head[i] + SnakeArena.Step(heading, a.Parameters);
        if (arena.Pending[i] == 0)
        {
            int length = arena.Length[i] - 1, tail = arena.Tail[i];
            arena.Clear<TAtomics>(tail, SnakeCell.Occupant);
            arena.Tail[i] = tail + SnakeArena.Step(arena.StepTo(i, arena.HeadIndex[i] - length + 1, a.Parameters), a.Parameters);
            arena.Length[i] = (ushort)length;
            happened |= SnakeEvent.Vacated;
        }
        else arena.Pending[i] -= 1;

        arena.Add<TAtomics>(target, 1 << SnakeCell.ClaimShift);
        arena.Target[i] = target;
        arena.Event[i] = happened;
    }

    /// <summary>Phase 2: what the target cell means. Nothing changes but the lane's own event.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Resolve(in SnakeArena arena, int i, in SnakeArguments a)
    {
        int happened = arena.Event[i];
        if (happened == 0) return;
        int cell = arena.Grid[arena.Target[i]];
        int code = cell & SnakeCell.Mask;
        bool shared = (cell & SnakeCell.Claims) >= 2 << SnakeCell.ClaimShift;
        if (!shared && code < SnakeCell.Wall) happened |= code << SnakeEvent.AteFoodShift;
        else if (code == SnakeCell.Wall) happened |= SnakeDeath.Wall;
        else if (shared || code == SnakeCell.Head) happened |= SnakeDeath.HeadOn;
        else happened |= cell >> SnakeCell.OwnerShift == i ? SnakeDeath.Self : SnakeDeath.Other;
        arena.Event[i] = happened;
    }

    /// <summary>Phase 3: survivors move and eat, the dead leave their cells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Commit<TAtomics>(in SnakeArena arena, int i, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int happened = arena.Event[i];
        if (happened == 0) return;
        if ((happened & SnakeEvent.AnyDeath) == 0) Advance<TAtomics>(arena, i, happened, a);
        else
        {
            arena.Clear<TAtomics>(arena.Target[i], SnakeCell.Claims);
            LeaveCells<TAtomics>(arena, i, a.Parameters.Corpse, a);
        }
    }

    /// <summary>Empties the cells of a body; those with odd k become corpse food when <paramref name="corpse"/> is 1.</summary>
    public static void LeaveCells<TAtomics>(in SnakeArena arena, int i, int corpse, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int length = arena.Length[i], headIndex = arena.HeadIndex[i], at = arena.Head[i];
        for (int k = 0; k < length; k++)
        {
            arena.Clear<TAtomics>(at, SnakeCell.Occupant);
            if ((k & corpse) != 0) arena.Add<TAtomics>(at, SnakeCell.Corpse);
            at -= SnakeArena.Step(arena.StepTo(i, headIndex - k, a.Parameters), a.Parameters);
        }

        arena.Status[i] = SnakeConstants.Waiting;
    }

    // 0..3 absolute. A bad action keeps the heading, and so does one against it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Turn<TAtomics>(in SnakeArena arena, int i, in SnakeArguments a, ref int happened)
        where TAtomics : struct, IAtomics
    {
        int heading = arena.Heading[i];
        int row = arena.FirstRow + i;
        uint action = (uint)a.Views.DiscreteActions[row];
        if (action >= SnakeConstants.Directions)
        {
            a.Views.Errors[row] |= ErrorCode.ActionOutOfRange;
            TAtomics.Add(ref arena.Totals[SnakeTotal.BadActions], 1);
            return heading;
        }

        int wanted = (int)action;
        if (a.Parameters.Rotate != 0) wanted = action == 2 ? heading : (heading + (int)action) & 3;
        // Headings differ by 1 or 3 in a turn, by 2 in a reversal. Bits instead of branches: actions are hard to predict.
        int difference = wanted - heading, turned = difference & 1;
        TAtomics.Count(ref arena.Totals[SnakeTotal.Reversals], (difference & 3) >> 1 & ~turned);
        wanted = heading + (difference & -turned);
        arena.Heading[i] = (byte)wanted;
        happened |= turned * SnakeEvent.Turned;
        return wanted;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance<TAtomics>(in SnakeArena arena, int i, int happened, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int next = (arena.HeadIndex[i] + 1) & (a.Parameters.RingLength - 1), target = arena.Target[i];
        // The head's cell, 5, becomes 4; the target, 0, 1 or 2 with its one claim, becomes 5 and owned. Other lanes may be clearing
        // their claims on the old head's cell, or changing a neighbour of either, so every change is one that commutes.
        arena.Add<TAtomics>(arena.Head[i], SnakeCell.Body - SnakeCell.Head);
        int found = (happened & (SnakeEvent.AteFood | SnakeEvent.AteCorpse)) >> SnakeEvent.AteFoodShift;
        arena.Add<TAtomics>(target, (i << SnakeCell.OwnerShift) + SnakeCell.Head - found - (1 << SnakeCell.ClaimShift));
        arena.SetStepTo(i, next, arena.Heading[i], a.Parameters);
        arena.Head[i] = target;
        arena.HeadIndex[i] = (ushort)next;
        int length = arena.Length[i] + 1;
        arena.Length[i] = (ushort)length;
        if (found == 0) return;

        arena.Pending[i] = (ushort)Scalar.Min(arena.Pending[i] + 1, a.Parameters.RingLength - length);
        if ((happened & SnakeEvent.AteFood) != 0)
        {
            arena.EatenFood[i] += 1;
            TAtomics.Add(ref arena.FoodPresent[0], -1);
        }
        else arena.EatenCorpse[i] += 1;
    }
}
