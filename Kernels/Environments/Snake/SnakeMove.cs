using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phases 1 to 3: what a snake wants, whether it survives, and what becomes of it. One lane per snake.</summary>
/// <remarks>
/// Claims live in the high bits of a cell's own byte: the window that is copied later has fetched that cache line anyway, and an
/// array of their own would be half as large again as the grid.
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
        int ring = i * a.Parameters.RingLength, mask = a.Parameters.RingLength - 1, headIndex = arena.HeadIndex[i];
        int target = SnakeArena.At(arena.Ring[ring + headIndex], a.Parameters)
            + SnakeArena.StepRow(heading) * a.Parameters.Stride + SnakeArena.StepColumn(heading);
        if (arena.Pending[i] == 0)
        {
            int length = arena.Length[i] - 1;
            uint tail = arena.Ring[ring + ((headIndex - length) & mask)];
            arena.Clear<TAtomics>(SnakeArena.At(tail, a.Parameters), SnakeCell.Mask);
            arena.Length[i] = (ushort)length;
            happened |= SnakeEvent.Vacated;
        }
        else arena.Pending[i] -= 1;

        arena.Claim<TAtomics>(target);
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
        if (cell < 2 << SnakeCell.ClaimShift && code < SnakeCell.Wall)
            happened |= code == SnakeCell.Food ? SnakeEvent.AteFood : code == SnakeCell.Corpse ? SnakeEvent.AteCorpse : 0;
        else if (code == SnakeCell.Wall) happened |= SnakeDeath.Wall;
        else if (cell >= 2 << SnakeCell.ClaimShift || code == SnakeCell.Head) happened |= SnakeDeath.HeadOn;
        else happened |= IsOwn(arena, i, a) ? SnakeDeath.Self : SnakeDeath.Other;
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
            arena.Clear<TAtomics>(arena.Target[i], ~SnakeCell.Mask & 0xFF);
            LeaveCells<TAtomics>(arena, i, a.Parameters.Corpse, a);
        }
    }

    /// <summary>Empties the cells of a body; those with odd k become corpse food when <paramref name="corpse"/> is 1.</summary>
    public static void LeaveCells<TAtomics>(in SnakeArena arena, int i, int corpse, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int length = arena.Length[i];
        for (int k = 0; k < length; k++)
        {
            int at = SnakeArena.At(arena.Segment(i, k, a.Parameters), a.Parameters);
            arena.Clear<TAtomics>(at, SnakeCell.Mask);
            if ((k & corpse) != 0) arena.Set<TAtomics>(at, SnakeCell.Corpse);
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

    // A body moves one cell per segment: a segment d cells away leaves the next d - 1 out of reach.
    private static bool IsOwn(in SnakeArena arena, int i, in SnakeArguments a)
    {
        uint head = arena.Segment(i, 0, a.Parameters);
        int heading = arena.Heading[i];
        uint target = ((uint)((int)(head >> 16) + SnakeArena.StepRow(heading)) << 16) | (uint)((int)(head & 0xFFFF) + SnakeArena.StepColumn(heading));
        int length = arena.Length[i], k = 1;
        while (k < length)
        {
            int distance = SnakeArena.Distance(arena.Segment(i, k, a.Parameters), target);
            if (distance == 0) return true;
            k += distance;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance<TAtomics>(in SnakeArena arena, int i, int happened, in SnakeArguments a)
        where TAtomics : struct, IAtomics
    {
        int ring = i * a.Parameters.RingLength, headIndex = arena.HeadIndex[i], heading = arena.Heading[i];
        uint head = arena.Ring[ring + headIndex];
        int target = arena.Target[i];
        // The head's cell, 5, becomes 4; the target, 0, 1 or 2, becomes 5, and its claim goes. Other lanes may be clearing their
        // claims on the old head's cell, so every change is one that commutes.
        arena.Clear<TAtomics>(SnakeArena.At(head, a.Parameters), SnakeCell.Head ^ SnakeCell.Body);
        arena.Clear<TAtomics>(target, 0xFF ^ SnakeCell.Mask | SnakeCell.Corpse);
        arena.Set<TAtomics>(target, SnakeCell.Head);
        int next = (headIndex + 1) & (a.Parameters.RingLength - 1);
        arena.Ring[ring + next] = head + (uint)(SnakeArena.StepRow(heading) << 16) + (uint)SnakeArena.StepColumn(heading);
        arena.HeadIndex[i] = (ushort)next;
        int length = arena.Length[i] + 1;
        arena.Length[i] = (ushort)length;
        if ((happened & (SnakeEvent.AteFood | SnakeEvent.AteCorpse)) == 0) return;

        arena.Pending[i] = (ushort)Scalar.Min(arena.Pending[i] + 1, a.Parameters.RingLength - length);
        if ((happened & SnakeEvent.AteFood) != 0)
        {
            arena.EatenFood[i] += 1;
            TAtomics.Add(ref arena.FoodPresent[0], -1);
        }
        else arena.EatenCorpse[i] += 1;
    }
}
