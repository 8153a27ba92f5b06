using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What a hero sees, from the columns by their names and the rule book's tables: the plain way, unit by unit.</summary>
internal sealed class SeenSlowly(StateColumns state, int env, bool[] walls, int limit)
{
    private static readonly string[] Timers = ["q", "w", "e"];

    private readonly double[] position = state["position"].ReadMatch(env), hp = state["hp"].ReadMatch(env), level = state["level"].ReadMatch(env);
    private readonly double[] mana = state["mana"].ReadMatch(env), stun = state["stun"].ReadMatch(env), slow = state["slow"].ReadMatch(env), haste = state["haste"].ReadMatch(env);

    /// <summary>Whether to forget that side 1 sees the map turned: a planted bug.</summary>
    internal bool Unturned { get; init; }

    /// <summary>Whether of equally far units the higher rank comes first: another one.</summary>
    internal bool TiesTurned { get; init; }

    internal byte[] Grid(int slot)
    {
        var row = new byte[510];
        if (hp[slot] > 0)
        {
            for (int y = 0; y < 128; y++)
                for (int x = 0; x < 128; x++)
                    if (walls[128 * y + x] && At(slot, y, x) is { } k) row[4 * k] = 1;
            for (int other = 0; other < 226; other++)
                if (hp[other] > 0 && At(slot, Y(other) / 256, X(other) / 256) is { } k) Cell(slot, other).CopyTo(row, 4 * k);
        }

        Self(slot).CopyTo(row, 484);
        return row;
    }

    internal byte[] Entities(int slot)
    {
        var row = new byte[218];
        if (hp[slot] > 0)
        {
            int flip = (int)state["flip"].ReadMatch(env)[0] ^ (TiesTurned ? 255 : 0);
            IEnumerable<int> near = Enumerable.Range(0, 226).Where(other => other != slot && hp[other] > 0
                && Math.Max(Math.Abs(Y(other) / 256 - Y(slot) / 256), Math.Abs(X(other) / 256 - X(slot) / 256)) <= 10);
            int at = 0;
            foreach (int other in near.OrderBy(other => Math.Abs(Y(other) - Y(slot)) + Math.Abs(X(other) - X(slot))).ThenBy(other => other ^ flip).Take(16))
            {
                Record(slot, other).CopyTo(row, at);
                at += 12;
            }
        }

        Self(slot).CopyTo(row, 192);
        return row;
    }

    private int Y(int slot) => (int)((uint)position[slot] >> 16);

    private int X(int slot) => (int)((uint)position[slot] & 0xFFFF);

    // The number of a cell in the window, or null.
    private int? At(int slot, int y, int x)
    {
        int turn = slot % 2 == 0 || Unturned ? 1 : -1, row = 5 + turn * (y - Y(slot) / 256), column = 5 + turn * (x - X(slot) / 256);
        return row is >= 0 and < 11 && column is >= 0 and < 11 ? 11 * row + column : null;
    }

    private byte[] Cell(int slot, int other)
    {
        bool own = other % 2 == slot % 2;
        if (other < 10)
        {
            (int health, int full, _) = Hero(other);
            return [(byte)((own ? 6 : 11) + other / 2), (byte)(255 * (int)hp[other] / health), (byte)(255 * (int)mana[other] / full), (byte)(255 * (int)level[other] / 30)];
        }

        if (other < 130) return [(byte)(own ? 3 : 4), (byte)(255 * (int)hp[other] / 450), 0, 0];
        if (other < 202) return [5, (byte)(255 * (int)hp[other] / 500), 0, 0];
        (int most, int tier, _) = Tower(other);
        return [2, (byte)(255 * (int)hp[other] / most), (byte)(own ? 0 : Open(other) ? 255 : 128), (byte)(51 * tier)];
    }

    private byte[] Record(int slot, int other)
    {
        int team = other is >= 130 and < 202 ? 2 : other % 2, turn = slot % 2 == 0 || Unturned ? 1 : -1;
        bool hero = other < 10, structure = other >= 202;
        (int most, int full, int damage) = hero ? Hero(other) : structure ? (Tower(other).Hp, 1, Tower(other).Damage) : (other < 130 ? 450 : 500, 1, 22);
        return
        [
            (byte)(hero ? 1 : other < 130 ? 2 : other < 202 ? 3 : other < 224 ? 4 : 5),
            (byte)(team == 2 ? 3 : team == slot % 2 ? 1 : 2),
            (byte)(128 + turn * (Y(other) - Y(slot)) / 32),
            (byte)(128 + turn * (X(other) - X(slot)) / 32),
            (byte)(255 * (int)hp[other] / most),
            (byte)(hero ? 255 * (int)mana[other] / full : 0),
            (byte)(hero ? 255 * (int)level[other] / 30 : structure ? 51 * Tower(other).Tier : 0),
            (byte)(hero ? other / 2 + 1 : 0),
            (byte)Math.Min(255, 4 * stun[other]),
            (byte)((slow[other] > 0 ? 85 : 0) + (hero && haste[other] > 0 ? 170 : 0)),
            (byte)Math.Min(255, damage / 4),
            (byte)(team != slot % 2 && (!structure || Open(other)) ? 255 : 0),
        ];
    }

    private byte[] Self(int slot)
    {
        (int health, int full, int damage) = Hero(slot);
        bool alive = hp[slot] > 0;
        int y = Y(slot) / 256, x = X(slot) / 256, flags = (int)state["flags"].ReadMatch(env)[slot];
        if (slot % 2 == 1 && !Unturned) (y, x) = (127 - y, 127 - x);
        int speed = !alive || stun[slot] > 0 ? 0 : (slow[slot] > 0, haste[slot] > 0) switch { (true, false) => 64, (false, true) => 255, _ => 128 };
        byte Standing(int side) => (byte)(21 * Enumerable.Range(0, 12).Count(tower => hp[202 + 2 * tower + side] > 0));
        byte Flag(int bit) => (byte)((flags & bit) != 0 ? 255 : 0);
        return
        [
            (byte)(2 * x), (byte)(2 * y), (byte)(255 * (int)level[slot] / 30), (byte)(255 * (int)hp[slot] / health), (byte)(alive ? 255 * (int)mana[slot] / full : 0),
            (byte)(damage / 4), (byte)(alive ? 0 : Math.Clamp((int)state["respawn"].ReadMatch(env)[slot], 1, 255)), (byte)speed,
            (byte)(alive ? Math.Min(255, 4 * stun[slot]) : 0), (byte)(alive ? Math.Min(255, 4 * Math.Max(slow[slot], haste[slot])) : 0),
            .. Timers.Select(name => (byte)(alive ? Math.Min(255, 2 * state[name].ReadMatch(env)[slot]) : 0)),
            (byte)(alive ? 30 * state["attack"].ReadMatch(env)[slot] : 0), (byte)(255 * (int)state["tick"].ReadMatch(env)[0] / limit), Flag(4),
            Standing(slot % 2), .. Enumerable.Range(0, 5).Select(one => (byte)(one == slot / 2 ? 255 : 0)), Flag(8), Flag(16), Standing(1 - slot % 2), Flag(32),
        ];
    }

    private (int Hp, int Mana, int Damage) Hero(int slot)
    {
        int l = (int)level[slot];
        return (slot / 2) switch
        {
            0 => (500 + 100 * l, 250 + 50 * l, 50 + 10 * l),
            1 => (400 + 100 * l, 300 + 65 * l, 50 + 10 * l),
            2 => (400 + 75 * l, 300 + 90 * l, 50 + 10 * l),
            3 => (700 + 150 * l, 200 + 50 * l, 50 + 15 * l),
            _ => (300 + 50 * l, 250 + 50 * l, 50 + 25 * l),
        };
    }

    private static (int Hp, int Tier, int Damage) Tower(int slot) => ((slot - 202) / 2) switch
    {
        < 3 => (1800, 1, 110),
        < 6 => (2000, 2, 175),
        < 9 => (2000, 3, 175),
        < 11 => (2100, 4, 175),
        _ => (4500, 5, 0),
    };

    private bool Open(int slot)
    {
        int index = (slot - 202) / 2, side = slot % 2;
        bool Fallen(int tower) => hp[202 + 2 * tower + side] == 0;
        return index < 3 || (index < 9 ? Fallen(index - 3) : index < 11 ? Fallen(6) || Fallen(7) || Fallen(8) : Fallen(9) && Fallen(10));
    }
}
