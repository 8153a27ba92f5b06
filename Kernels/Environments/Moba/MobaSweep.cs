using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>A way of a unit over the map, cell by cell: nothing jumps over walls or units, or cuts the corner of a wall.</summary>
public static class MobaSweep
{
    /// <summary>Where a unit at <paramref name="from"/> comes that wants to go (rows, columns) units: the last free point on the way, or −1 if it is blocked at once.</summary>
    /// <param name="match">Match.</param>
    /// <param name="slot">Who; its own cell counts as empty.</param>
    /// <param name="from">Position.</param>
    /// <param name="rows">Units down.</param>
    /// <param name="columns">Units right.</param>
    /// <param name="units">Whether other units are in the way.</param>
    /// <param name="a">Arguments.</param>
    public static int Run(in MobaMatch match, int slot, uint from, int rows, int columns, bool units, in MobaArguments a)
    {
        int longest = Scalar.Max(MobaMatch.Size(rows), MobaMatch.Size(columns));
        int steps = Scalar.Max(1, (int)((uint)(longest + 255) >> 8));
        int fromY = (int)(from >> 16), fromX = (int)(from & 0xFFFF), cell = MobaMatch.CellOf(from), reached = -1;
        for (int step = 1; step <= steps; step++)
        {
            int y = fromY + (steps == 1 ? rows : rows * step / steps), x = fromX + (steps == 1 ? columns : columns * step / steps);
            int next = (int)(((uint)y >> 8) * Side + ((uint)x >> 8));
            if (next != cell && !IsOpen(match, slot, cell, next, units, a)) return reached;
            cell = next;
            reached = y << 16 | x;
        }

        return reached;
    }

    /// <summary>Whether a unit may step from a cell to one of its neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOpen(in MobaMatch match, int slot, int cell, int next, bool units, in MobaArguments a)
    {
        if (MobaMatch.IsWall(a, next)) return false;
        if (units)
        {
            int inIt = match.Grid[next];
            if (inIt != Nobody && inIt != slot) return false;
        }

        int changed = cell ^ next;
        if ((changed & 127) == 0 || changed < Side) return true;
        return !MobaMatch.IsWall(a, (cell & ~127) | (next & 127)) && !MobaMatch.IsWall(a, (next & ~127) | (cell & 127));
    }
}
