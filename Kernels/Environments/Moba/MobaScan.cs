using System.Numerics;
using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Which units a search looks at; all of them only at those that can be hit.</summary>
public static class MobaFilter
{
    /// <summary>Everybody hostile.</summary>
    public const int Any = 1;

    /// <summary>Heroes and towers.</summary>
    public const int HeroesAndTowers = 2;

    /// <summary>Everybody hostile but neutrals.</summary>
    public const int NoNeutrals = 3;
}

/// <summary>Searches in squares of cells, row by row over the bits of the occupancy maps.</summary>
/// <remarks>
/// Units stand inside the border only, so that a window cut to it never leaves a row's four words, and an empty row costs two loads.
/// </remarks>
public static class MobaScan
{
    /// <summary>A square of cells, cut to the inside of the map.</summary>
    public struct Square
    {
        /// <summary>First and last row, first column.</summary>
        public int Top, Bottom, Left;

        /// <summary>Mask of the columns, from the first one on.</summary>
        public uint Columns;
    }

    /// <summary>The cells within <paramref name="radius"/> of <paramref name="cell"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Square Around(int cell, int radius)
    {
        int y = cell >> 7, x = cell & 127;
        int left = Scalar.Max(x - radius, FirstInside), right = Scalar.Min(x + radius, LastInside);
        return new Square
        {
            Top = Scalar.Max(y - radius, FirstInside),
            Bottom = Scalar.Min(y + radius, LastInside),
            Left = left,
            Columns = (2u << (right - left)) - 1,
        };
    }

    /// <summary>Who stands in a row of a square: bit i is column Left + i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Row(View<int> occupied, int team, int y, in Square square)
    {
        int word = team * BitWords + y * 4 + (square.Left >> 5);
        ulong bits = (uint)occupied[word] | (ulong)(uint)occupied[word + 1] << 32;
        return (uint)(bits >> (square.Left & 31)) & square.Columns;
    }

    /// <summary>The nearest (distance, then rank) unit hostile to <paramref name="slot"/> that can be hit and passes the filter, or 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nearest(in MobaMatch match, int slot, int radius, int filter) =>
        Nearest(match, slot, radius, filter, match.Scratch.Match[MobaScratch.Vulnerable]);

    /// <summary>The same outside of a tick, with the towers that can be hit as bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Nearest(in MobaMatch match, int slot, int radius, int filter, int vulnerable)
    {
        uint own = match.Position[slot];
        Square square = Around(MobaMatch.CellOf(own), radius);
        int enemy = (slot & 1) ^ 1;
        bool neutrals = filter == MobaFilter.Any;
        uint best = uint.MaxValue;
        for (int y = square.Top; y <= square.Bottom; y++)
        {
            uint bits = Row(match.Occupied, enemy, y, square);
            if (neutrals) bits |= Row(match.Occupied, NeutralTeam, y, square);
            for (; bits != 0; bits &= bits - 1)
            {
                int other = match.Grid[y * Side + square.Left + BitOperations.TrailingZeroCount(bits)];
                if (other >= FirstTower)
                {
                    if (((vulnerable >> (other - FirstTower)) & 1) == 0) continue;
                }
                else if (filter == MobaFilter.HeroesAndTowers && other >= FirstCreep) continue;

                uint key = (uint)MobaMatch.Distance(own, match.Position[other]) << 8 | (uint)(other ^ match.Flip);
                best = key < best ? key : best;
            }
        }

        return best == uint.MaxValue ? Nobody : (int)(best & 0xFF) ^ match.Flip;
    }

    /// <summary>The nearest (distance, then rank) living hero of either team within <paramref name="radius"/>, or 255.</summary>
    public static int NearestHero(in MobaMatch match, int slot, int radius)
    {
        uint own = match.Position[slot], best = uint.MaxValue;
        for (int hero = 0; hero < Heroes; hero++)
        {
            if (match.Hp[hero] == 0 || !MobaMatch.InSquare(own, match.Position[hero], radius)) continue;
            uint key = (uint)MobaMatch.Distance(own, match.Position[hero]) << 8 | (uint)(hero ^ match.Flip);
            best = key < best ? key : best;
        }

        return best == uint.MaxValue ? Nobody : (int)(best & 0xFF) ^ match.Flip;
    }

    /// <summary>Whether a unit hostile to <paramref name="slot"/> that can be hit is within <paramref name="radius"/>; towers count unless told otherwise.</summary>
    public static bool AnyHostile(in MobaMatch match, int slot, int radius, bool towers)
    {
        Square square = Around(MobaMatch.CellOf(match.Position[slot]), radius);
        for (int y = square.Top; y <= square.Bottom; y++)
        {
            for (uint bits = HostileRow(match, slot, y, square); bits != 0; bits &= bits - 1)
            {
                int other = match.Grid[y * Side + square.Left + BitOperations.TrailingZeroCount(bits)];
                if (other < FirstTower || (towers && IsTargetable(match, other))) return true;
            }
        }

        return false;
    }

    /// <summary>Everybody in a row of a square that is hostile to hero <paramref name="slot"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HostileRow(in MobaMatch match, int slot, int y, in Square square) =>
        Row(match.Occupied, (slot & 1) ^ 1, y, square) | Row(match.Occupied, NeutralTeam, y, square);

    /// <summary>Whether a unit that stands on the grid can be hit: a tower only if its turn has come.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTargetable(in MobaMatch match, int slot) =>
        slot < FirstTower || ((match.Scratch.Match[MobaScratch.Vulnerable] >> (slot - FirstTower)) & 1) != 0;

    /// <summary>Puts a unit on the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter<TAtomics>(in MobaMatch match, int slot, int cell)
        where TAtomics : struct, IAtomics
    {
        match.Grid[cell] = (byte)slot;
        TAtomics.Or(ref match.Occupied[MobaMatch.TeamOf(slot) * BitWords + (cell >> 5)], 1 << (cell & 31));
    }

    /// <summary>Takes a unit off the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Leave<TAtomics>(in MobaMatch match, int slot, int cell)
        where TAtomics : struct, IAtomics
    {
        match.Grid[cell] = Nobody;
        TAtomics.And(ref match.Occupied[MobaMatch.TeamOf(slot) * BitWords + (cell >> 5)], ~(1 << (cell & 31)));
    }
}
