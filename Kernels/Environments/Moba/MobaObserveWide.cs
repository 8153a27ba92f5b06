using System.Numerics;
using System.Runtime.Intrinsics;
using Arena.Kernels.Device;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>The observations of a whole match on one thread: the same bytes as <see cref="MobaObserve"/> writes, in the CPU's own loop.</summary>
/// <remarks>
/// A row of the window is eleven cells of four bytes: its walls become two overlapping stores of eight cells, and units go over them with one
/// store each. What several heroes see is worked out once.
/// </remarks>
internal static unsafe class MobaObserveWide
{
    private const int CellBytes = MobaView.CellBytes, RowBytes = MobaView.Side * CellBytes, SecondStore = 3 * CellBytes;

    /// <summary>RowActive and observations of all rows of a match.</summary>
    public static void WriteMatch(in MobaMatch match, in MobaArguments a)
    {
        uint* heroes = stackalloc uint[Heroes];
        for (int slot = 0; slot < Heroes; slot++) heroes[slot] = match.Hp[slot] == 0 ? 0 : MobaObserve.CellOf(match, slot, slot & 1);
        int standing0 = MobaObserve.Standing(match, 0), standing1 = MobaObserve.Standing(match, 1), length = a.Parameters.ObservationLength;
        for (int row = 0; row < Heroes; row++)
        {
            MobaObserve.WriteActive(match, row, a);
            int slot = MobaMatch.SlotOf(row);
            View<byte> bytes = a.Views.ByteObservations.Slice((long)(match.FirstRow + row) * length, length);
            if (match.Hp[slot] == 0) bytes.AsSpan()[..(length - MobaView.SelfBytes)].Clear();
            else if (a.Parameters.Entities != 0) MobaObserveEntities.Write(match, slot, bytes);
            else WriteWindow(match, slot, bytes.Pointer, heroes, a);
            (int own, int enemy) = (slot & 1) == 0 ? (standing0, standing1) : (standing1, standing0);
            MobaObserve.WriteSelf(match, slot, bytes.Slice(length - MobaView.SelfBytes, MobaView.SelfBytes), own, enemy, a);
        }
    }

    private static void WriteWindow(in MobaMatch match, int slot, byte* bytes, uint* heroes, in MobaArguments a)
    {
        int side = slot & 1, centre = MobaMatch.CellOf(match.Position[slot]), left = (centre & 127) - MobaView.Radius;
        int y = (centre >> 7) + (side == 0 ? -MobaView.Radius : MobaView.Radius), down = side == 0 ? 1 : -1;
        // Lane i of the first store is column i, of the second column 3 + i; side 1 sees the columns from right to left.
        Vector256<int> one = Vector256.Create(1);
        Vector256<int> first = side == 0 ? Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128) : Vector256.Create(1024, 512, 256, 128, 64, 32, 16, 8);
        Vector256<int> second = side == 0 ? Vector256.Create(8, 16, 32, 64, 128, 256, 512, 1024) : Vector256.Create(128, 64, 32, 16, 8, 4, 2, 1);
        for (int row = 0; row < MobaView.Side; row++, y += down, bytes += RowBytes)
        {
            var walls = Vector256.Create((int)MobaObserve.Bits(a.Tables.Walls, 0, y, left, MobaView.Side));
            (Vector256.Equals(walls & first, first) & one).AsByte().Store(bytes);
            (Vector256.Equals(walls & second, second) & one).AsByte().Store(bytes + SecondStore);
            for (uint units = MobaObserve.UnitBits(match, y, left, MobaView.Side); units != 0; units &= units - 1)
            {
                int column = BitOperations.TrailingZeroCount(units);
                int other = match.Grid[(y << 7) + left + column];
                *(uint*)(bytes + CellBytes * (side == 0 ? column : MobaView.Side - 1 - column)) = CellOf(match, other, side, heroes);
            }
        }
    }

    // As MobaObserve.CellOf; the divisors of creeps and neutrals are constants here, which a compiler turns into products.
    private static uint CellOf(in MobaMatch match, int slot, int side, uint* heroes)
    {
        bool own = (slot & 1) == side;
        if (slot < FirstCreep) return heroes[slot] + (own ? 0u : MobaView.EnemyHero - MobaView.OwnHero);
        uint hp = match.Hp[slot];
        if (slot < FirstNeutral) return (own ? (uint)MobaView.OwnCreep : MobaView.EnemyCreep) | 255 * hp / 450 << 8;
        return slot < FirstTower ? MobaView.Neutral | 255 * hp / 500 << 8 : MobaObserve.CellOf(match, slot, side);
    }
}
