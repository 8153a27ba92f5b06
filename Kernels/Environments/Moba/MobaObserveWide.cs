using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>The observations of a whole match on one thread: the same bytes as <see cref="MobaObserve"/> writes, in the CPU's own loop.</summary>
/// <remarks>
/// A row of the window is eleven cells of four bytes: one store of sixteen cells of wall and floor, of which the next row, or in the end the
/// bytes about oneself, overwrites five. Then units go over them with one store each. Who is in a window is asked of <see cref="MobaDesk"/>,
/// and what a unit looks like is worked out once for each side, however many see it.
/// </remarks>
internal static unsafe class MobaObserveWide
{
    private const int CellBytes = MobaView.CellBytes, RowBytes = MobaView.Side * CellBytes, Lanes = 64;

    /// <summary>RowActive and observations of all rows of a match.</summary>
    [SkipLocalsInit]
    public static void WriteMatch(in MobaMatch match, MobaDesk* desk, in MobaArguments a)
    {
        MobaDesk.ReadUnits(desk, match);
        ulong* seen = stackalloc ulong[Heroes * MobaDesk.Words];
        uint* looks = stackalloc uint[2 * Slots];
        if (a.Parameters.Entities == 0) Look(match, desk, seen, looks);
        int length = a.Parameters.ObservationLength, standing0 = Standing(desk, 0), standing1 = Standing(desk, 1);
        for (int row = 0; row < Heroes; row++)
        {
            MobaObserve.WriteActive(match, row, a);
            int slot = MobaMatch.SlotOf(row);
            View<byte> bytes = a.Views.ByteObservations.Slice((long)(match.FirstRow + row) * length, length);
            if (match.Hp[slot] == 0) bytes.AsSpan()[..(length - MobaView.SelfBytes)].Clear();
            else if (a.Parameters.Entities != 0) MobaObserveEntities.Write(match, slot, bytes);
            else
            {
                WriteFloor(desk, slot, bytes.Pointer, a);
                WriteUnits(desk, slot, bytes.Pointer, seen + MobaDesk.Words * slot, looks + Slots * (slot & 1));
            }

            (int own, int enemy) = (slot & 1) == 0 ? (standing0, standing1) : (standing1, standing0);
            MobaObserve.WriteSelf(match, slot, bytes.Slice(length - MobaView.SelfBytes, MobaView.SelfBytes), own, enemy, a);
        }
    }

    private static int Standing(MobaDesk* desk, int side)
    {
        Vector256<ulong> towers = MobaDesk.Get(desk, MobaSet.Live) & MobaSet.Towers & MobaSet.OfSide(side);
        return BitOperations.PopCount(towers.GetElement(FirstTower / Lanes));
    }

    // Who is in whose window, and for both sides what the cell of everybody in one looks like.
    private static void Look(in MobaMatch match, MobaDesk* desk, ulong* seen, uint* looks)
    {
        Vector256<ulong> live = MobaDesk.Get(desk, MobaSet.Live), any = default;
        var span = Vector512.Create((byte)(2 * MobaView.Radius));
        for (ulong heroes = live.GetElement(0) & (1uL << FirstCreep) - 1; heroes != 0; heroes &= heroes - 1)
        {
            int hero = BitOperations.TrailingZeroCount(heroes);
            Vector512<byte> top = Vector512.Create((byte)(desk->Y[hero] - MobaView.Radius)), left = Vector512.Create((byte)(desk->X[hero] - MobaView.Radius));
            Vector256<ulong> near = live & Vector256.Create(
                MobaDesk.Near(desk, 0, top, left, span), MobaDesk.Near(desk, Lanes, top, left, span),
                MobaDesk.Near(desk, 2 * Lanes, top, left, span), MobaDesk.Near(desk, 3 * Lanes, top, left, span));
            near.Store(seen + MobaDesk.Words * hero);
            any |= near;
        }

        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = any.GetElement(word); bits != 0; bits &= bits - 1)
            {
                int slot = Lanes * word + BitOperations.TrailingZeroCount(bits), side = slot & 1;
                uint own = CellOf(match, slot, out uint enemy);
                looks[Slots * side + slot] = own;
                looks[Slots * (1 - side) + slot] = enemy;
            }
        }
    }

    // As MobaObserve.CellOf, for its own side and for the other one; the divisors of creeps and neutrals are constants here, which a compiler turns into products.
    private static uint CellOf(in MobaMatch match, int slot, out uint enemy)
    {
        uint hp = match.Hp[slot];
        if (slot >= FirstCreep && slot < FirstNeutral)
        {
            uint health = 255 * hp / 450 << 8;
            enemy = MobaView.EnemyCreep | health;
            return MobaView.OwnCreep | health;
        }

        uint own = slot >= FirstNeutral && slot < FirstTower ? MobaView.Neutral | 255 * hp / 500 << 8 : MobaObserve.CellOf(match, slot, slot & 1);
        enemy = slot < FirstCreep ? own + (MobaView.EnemyHero - MobaView.OwnHero) : slot < FirstTower ? own : MobaObserve.CellOf(match, slot, 1 - (slot & 1));
        return own;
    }

    // Side 1 sees the rows from bottom to top and the columns from right to left.
    private static void WriteFloor(MobaDesk* desk, int slot, byte* bytes, in MobaArguments a)
    {
        int side = slot & 1, corner = (desk->Y[slot] + (side == 0 ? -MobaView.Radius : MobaView.Radius)) * Side + desk->X[slot] - MobaView.Radius;
        int shift = corner & 7, down = side == 0 ? Side / 8 : -Side / 8;
        byte* walls = (byte*)a.Tables.Walls.Pointer + (corner >> 3);
        Vector512<int> one = Vector512.Create(1);
        Vector512<int> columns = side == 0
            ? Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 0, 0, 0, 0, 0)
            : Vector512.Create(1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0);
        columns <<= shift;
        for (int row = 0; row < MobaView.Side; row++, walls += down, bytes += RowBytes)
        {
            var bits = Vector512.Create(Unsafe.ReadUnaligned<int>(walls)) & columns;
            Vector512.AndNot(one, Vector512.Equals(bits, Vector512<int>.Zero)).AsByte().Store(bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteUnits(MobaDesk* desk, int slot, byte* bytes, ulong* seen, uint* looks)
    {
        int turn = (slot & 1) == 0 ? CellBytes : -CellBytes;
        byte* centre = bytes + CellBytes * (MobaView.Radius * MobaView.Side + MobaView.Radius) - turn * (desk->Y[slot] * MobaView.Side + desk->X[slot]);
        for (int word = 0; word < MobaDesk.Words; word++)
        {
            for (ulong bits = seen[word]; bits != 0; bits &= bits - 1)
            {
                int other = Lanes * word + BitOperations.TrailingZeroCount(bits);
                *(uint*)(centre + turn * (desk->Y[other] * MobaView.Side + desk->X[other])) = looks[other];
            }
        }
    }
}
