using System.Numerics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>The 16 nearest units as records, in place of a window.</summary>
/// <remarks>
/// Kernels have no arrays, so the row itself is what is sorted: while units are looked at, the first three bytes of record i hold the key of the
/// i-th nearest so far, distance·256 + rank. Then every key becomes its record, in place.
/// </remarks>
public static class MobaObserveEntities
{
    /// <summary>Writes the records of living hero <paramref name="slot"/>.</summary>
    public static void Write(in MobaMatch match, int slot, View<byte> bytes)
    {
        for (int at = 0; at < MobaView.Records * MobaView.RecordBytes; at++) bytes[at] = 0;
        int count = Sort(match, slot, bytes);
        for (int record = 0; record < count; record++)
            WriteRecord(match, slot, (Key(bytes, record) & 255) ^ match.Flip, bytes.Slice(record * MobaView.RecordBytes, MobaView.RecordBytes));
    }

    private static int Sort(in MobaMatch match, int slot, View<byte> bytes)
    {
        uint position = match.Position[slot];
        int centre = MobaMatch.CellOf(position), y = centre >> 7, x = centre & 127, count = 0;
        int left = Scalar.Max(0, x - MobaView.RecordRadius), width = Scalar.Min(MobaConstants.Side - 1, x + MobaView.RecordRadius) - left + 1;
        int bottom = Scalar.Min(MobaConstants.Side - 1, y + MobaView.RecordRadius);
        for (int row = Scalar.Max(0, y - MobaView.RecordRadius); row <= bottom; row++)
        {
            uint units = MobaObserve.UnitBits(match, row, left, width);
            while (units != 0)
            {
                int other = match.Grid[(row << 7) + left + BitOperations.TrailingZeroCount(units)];
                units &= units - 1;
                if (other != slot) count = Insert(bytes, count, MobaMatch.Distance(position, match.Position[other]) << 8 | (other ^ match.Flip));
            }
        }

        return count;
    }

    // Farther ones move back by one record, the farthest of too many falls off.
    private static int Insert(View<byte> bytes, int count, int key)
    {
        int at = count;
        if (count == MobaView.Records)
        {
            if (key > Key(bytes, count - 1)) return count;
            at = count - 1;
        }

        while (at > 0 && Key(bytes, at - 1) > key)
        {
            SetKey(bytes, at, Key(bytes, at - 1));
            at--;
        }

        SetKey(bytes, at, key);
        return Scalar.Min(MobaView.Records, count + 1);
    }

    private static int Key(View<byte> bytes, int record)
    {
        int at = record * MobaView.RecordBytes;
        return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16;
    }

    private static void SetKey(View<byte> bytes, int record, int key)
    {
        int at = record * MobaView.RecordBytes;
        bytes[at] = (byte)key;
        bytes[at + 1] = (byte)(key >> 8);
        bytes[at + 2] = (byte)(key >> 16);
    }

    private static void WriteRecord(in MobaMatch match, int slot, int other, View<byte> record)
    {
        int side = slot & 1, team = MobaMatch.TeamOf(other), turn = side == 0 ? 1 : -1;
        uint from = match.Position[slot], to = match.Position[other];
        int structure = MobaStats.IsStructure(other) ? 1 : 0, slow = match.Slow[other] != 0 ? 85 : 0, haste = 0;
        record[0] = (byte)Kind(other);
        record[1] = (byte)(team == MobaConstants.NeutralTeam ? 3 : team == side ? 1 : 2);
        record[2] = (byte)(128 + Scalar.DivTowardZero(turn * ((int)(to >> 16) - (int)(from >> 16)), 5));
        record[3] = (byte)(128 + Scalar.DivTowardZero(turn * ((int)(to & 0xFFFF) - (int)(from & 0xFFFF)), 5));
        record[4] = (byte)(255 * match.Hp[other] / MobaStats.MaxHp(match, other));
        record[5] = 0;
        record[6] = (byte)(structure != 0 ? 51 * MobaStats.TierOf(other) : 0);
        record[7] = 0;
        if (MobaStats.IsHero(other))
        {
            int level = match.Level[other];
            record[5] = (byte)(255 * match.Mana[other] / MobaStats.HeroMana(other >> 1, level));
            record[6] = (byte)(255 * level / MobaConstants.MaxLevel);
            record[7] = (byte)((other >> 1) + 1);
            haste = match.Haste[other] != 0 ? 170 : 0;
        }

        record[8] = (byte)Scalar.Min(255, 4 * match.Stun[other]);
        record[9] = (byte)(slow + haste);
        record[10] = (byte)Scalar.Min(255, MobaStats.Damage(match, other) >> 2);
        record[11] = (byte)(team != side && (structure == 0 || MobaObserve.IsOpen(match, other)) ? 255 : 0);
    }

    // 1 hero, 2 creep, 3 neutral, 4 tower, 5 ancient.
    private static int Kind(int slot)
    {
        if (slot < MobaConstants.FirstNeutral) return MobaStats.IsHero(slot) ? 1 : 2;
        if (!MobaStats.IsStructure(slot)) return 3;
        return MobaStats.TierOf(slot) == 5 ? 5 : 4;
    }
}
