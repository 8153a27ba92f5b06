using System.Numerics;
using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>Where things stand in an observation row.</summary>
public static class MobaView
{
    /// <summary>Rows and columns of the window, and how far it reaches.</summary>
    public const int Side = 11, Radius = 5;

    /// <summary>Bytes of a cell: tile, health, mana, level.</summary>
    public const int CellBytes = 4;

    /// <summary>Bytes about oneself, the last of either layout.</summary>
    public const int SelfBytes = 26;

    /// <summary>Records of units, bytes of one, and how far they reach.</summary>
    public const int Records = 16, RecordBytes = 12, RecordRadius = 10;

    /// <summary>Tiles: 0 floor, wall, structure, own creep, enemy creep, neutral, own heroes by class, enemy heroes by class.</summary>
    public const int Wall = 1, Structure = 2, OwnCreep = 3, EnemyCreep = 4, Neutral = 5, OwnHero = 6, EnemyHero = 11, Tiles = 16;
}

/// <summary>Phase 8: observations. The window of a hero never leaves the map, since nobody stands within six cells of its edge.</summary>
public static class MobaObserve
{
    /// <summary><c>RowActive</c> and the observation of agent row <paramref name="row"/> 0…9 of the match.</summary>
    public static void Finish(in MobaMatch match, int row, in MobaArguments a)
    {
        WriteActive(match, row, a);
        Write(match, row, a.Views.ByteObservations, a);
    }

    /// <summary>Whether the row's next action counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteActive(in MobaMatch match, int row, in MobaArguments a) =>
        a.Views.RowActive[match.FirstRow + row] = (byte)(match.Hp[MobaMatch.SlotOf(row)] != 0 ? 1 : 0);

    /// <summary>The observation of agent row <paramref name="row"/> 0…9 into its row of <paramref name="target"/> (N, O).</summary>
    public static void Write(in MobaMatch match, int row, View<byte> target, in MobaArguments a)
    {
        int slot = MobaMatch.SlotOf(row), length = a.Parameters.ObservationLength;
        View<byte> bytes = target.Slice((long)(match.FirstRow + row) * length, length);
        if (match.Hp[slot] == 0) Clear(bytes, length - MobaView.SelfBytes);
        else if (a.Parameters.Entities != 0) MobaObserveEntities.Write(match, slot, bytes);
        else WriteWindow(match, slot, bytes, a);
        WriteSelf(match, slot, bytes.Slice(length - MobaView.SelfBytes, MobaView.SelfBytes), Standing(match, slot & 1), Standing(match, 1 - (slot & 1)), a);
    }

    /// <summary>The 26 bytes about oneself, with the structures of either side that stand.</summary>
    public static void WriteSelf(in MobaMatch match, int slot, View<byte> self, int standing, int enemyStanding, in MobaArguments a)
    {
        int kind = slot >> 1, side = slot & 1, hp = match.Hp[slot], level = match.Level[slot], flags = match.Flags[slot];
        int cell = MobaMatch.CellOf(match.Position[slot]);
        if (side != 0) cell = MobaConstants.LastCell - cell;
        self[0] = (byte)((cell & 127) << 1);
        self[1] = (byte)((cell >> 7) << 1);
        self[2] = (byte)(255 * level / MobaConstants.MaxLevel);
        self[3] = (byte)(255 * hp / MobaStats.HeroHp(kind, level));
        self[4] = (byte)(hp == 0 ? 0 : 255 * match.Mana[slot] / MobaStats.HeroMana(kind, level));
        self[5] = (byte)(MobaStats.HeroDamage(kind, level) >> 2);
        self[6] = (byte)(hp != 0 ? 0 : Scalar.Max(1, Scalar.Min(255, match.Respawn[slot])));
        for (int at = 7; at < 14; at++) self[at] = 0;
        if (hp != 0) WriteTimers(match, slot, self);
        self[14] = (byte)(255 * match.Tick / a.Parameters.EpisodeLimit);
        self[15] = (byte)((flags & MobaFlag.Hit) != 0 ? 255 : 0);
        self[16] = (byte)(21 * standing);
        for (int one = 0; one < MobaClass.Count; one++) self[17 + one] = (byte)(one == kind ? 255 : 0);
        self[22] = (byte)((flags & MobaFlag.Died) != 0 ? 255 : 0);
        self[23] = (byte)((flags & MobaFlag.Gained) != 0 ? 255 : 0);
        self[24] = (byte)(21 * enemyStanding);
        self[25] = (byte)((flags & MobaFlag.Fell) != 0 ? 255 : 0);
    }

    /// <summary>Towers and ancient of a side that stand.</summary>
    public static int Standing(in MobaMatch match, int side)
    {
        int standing = 0;
        for (int slot = MobaConstants.FirstTower + side; slot < MobaConstants.Slots; slot += 2)
            if (match.Hp[slot] != 0) standing++;
        return standing;
    }

    /// <summary>Whether a structure that stands can be damaged, by the hp as it is now.</summary>
    public static bool IsOpen(in MobaMatch match, int slot)
    {
        int tower = (slot - MobaConstants.FirstTower) >> 1, first = MobaConstants.FirstTower + (slot & 1);
        if (tower < 3) return true;
        if (tower < 9) return match.Hp[slot - 6] == 0;
        return tower < MobaConstants.Ancient
            ? match.Hp[first + 12] == 0 || match.Hp[first + 14] == 0 || match.Hp[first + 16] == 0
            : match.Hp[first + 18] == 0 && match.Hp[first + 20] == 0;
    }

    /// <summary>The four bytes of a cell with a unit, the tile in the lowest, as a hero of <paramref name="side"/> sees it.</summary>
    public static uint CellOf(in MobaMatch match, int slot, int side)
    {
        int hp = match.Hp[slot], own = (slot & 1) == side ? 1 : 0;
        if (MobaStats.IsHero(slot))
        {
            int kind = slot >> 1, level = match.Level[slot];
            int tile = (own != 0 ? MobaView.OwnHero : MobaView.EnemyHero) + kind;
            int mana = 255 * match.Mana[slot] / MobaStats.HeroMana(kind, level);
            return Word(tile, 255 * hp / MobaStats.HeroHp(kind, level), mana, 255 * level / MobaConstants.MaxLevel);
        }

        int health = 255 * hp / MobaStats.UnitHp(slot);
        if (MobaStats.IsStructure(slot))
            return Word(MobaView.Structure, health, own != 0 ? 0 : IsOpen(match, slot) ? 255 : 128, 51 * MobaStats.TierOf(slot));
        return Word(slot >= MobaConstants.FirstNeutral ? MobaView.Neutral : own != 0 ? MobaView.OwnCreep : MobaView.EnemyCreep, health, 0, 0);
    }

    /// <summary><paramref name="count"/> bits, at most 32, of row <paramref name="y"/> of a map of bits from column <paramref name="x"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(View<int> map, int first, int y, int x, int count)
    {
        int word = first + (y << 2) + (x >> 5), shift = x & 31;
        uint bits = (uint)map[word] >> shift;
        if (shift + count > 32) bits |= (uint)map[word + 1] << (32 - shift);
        return bits & (uint.MaxValue >> (32 - count));
    }

    /// <summary>The same of all units, whatever their team.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint UnitBits(in MobaMatch match, int y, int x, int count) =>
        Bits(match.Occupied, 0, y, x, count) | Bits(match.Occupied, MobaConstants.BitWords, y, x, count) | Bits(match.Occupied, 2 * MobaConstants.BitWords, y, x, count);

    // First the walls of a row, then its units over them.
    private static void WriteWindow(in MobaMatch match, int slot, View<byte> bytes, in MobaArguments a)
    {
        int side = slot & 1, centre = MobaMatch.CellOf(match.Position[slot]), left = (centre & 127) - MobaView.Radius;
        for (int row = 0; row < MobaView.Side; row++)
        {
            int y = (centre >> 7) + (side == 0 ? row - MobaView.Radius : MobaView.Radius - row);
            uint walls = Bits(a.Tables.Walls, 0, y, left, MobaView.Side), units = UnitBits(match, y, left, MobaView.Side);
            for (int column = 0; column < MobaView.Side; column++)
                Put(bytes, row, column, (walls >> (side == 0 ? column : MobaView.Side - 1 - column)) & 1);
            while (units != 0)
            {
                int column = BitOperations.TrailingZeroCount(units);
                units &= units - 1;
                uint cell = CellOf(match, match.Grid[(y << 7) + left + column], side);
                Put(bytes, row, side == 0 ? column : MobaView.Side - 1 - column, cell);
            }
        }
    }

    // Byte by byte: rows of 510 bytes are not aligned.
    private static void Put(View<byte> bytes, int row, int column, uint cell)
    {
        int at = (row * MobaView.Side + column) << 2;
        bytes[at] = (byte)cell;
        bytes[at + 1] = (byte)(cell >> 8);
        bytes[at + 2] = (byte)(cell >> 16);
        bytes[at + 3] = (byte)(cell >> 24);
    }

    private static void WriteTimers(in MobaMatch match, int slot, View<byte> self)
    {
        int stun = match.Stun[slot], slow = match.Slow[slot], haste = match.Haste[slot];
        self[7] = (byte)(stun != 0 ? 0 : slow != 0 == (haste != 0) ? 128 : slow != 0 ? 64 : 255);
        self[8] = (byte)Scalar.Min(255, 4 * stun);
        self[9] = (byte)Scalar.Min(255, 4 * Scalar.Max(slow, haste));
        self[10] = (byte)Scalar.Min(255, 2 * match.Q[slot]);
        self[11] = (byte)Scalar.Min(255, 2 * match.W[slot]);
        self[12] = (byte)Scalar.Min(255, 2 * match.E[slot]);
        self[13] = (byte)(30 * match.Attack[slot]);
    }

    private static uint Word(int tile, int health, int mana, int level) => (uint)(tile | health << 8 | mana << 16 | level << 24);

    private static void Clear(View<byte> bytes, int count)
    {
        for (int at = 0; at < count; at++) bytes[at] = 0;
    }
}

/// <summary>State to observation rows, as after a restored snapshot. One index per row.</summary>
public struct MobaObserveRows : IKernel
{
    /// <summary>Arguments.</summary>
    public MobaArguments Arguments;

    /// <inheritdoc/>
    public void Run(int row)
    {
        int env = row / MobaConstants.Heroes;
        MobaObserve.Write(MobaMatch.Of(Arguments, env), row - env * MobaConstants.Heroes, Arguments.Views.ByteObservations, Arguments);
    }
}
