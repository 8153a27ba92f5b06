using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What a skill needs before it works.</summary>
internal enum Need
{
    Nothing,
    Target,
    Unit,     // a target that is no structure
    Beast,    // a creep or neutral as target
    Near,     // somebody in square 2
    NearUnit, // a target, and somebody in square 2 who is no structure
}

/// <summary>One line of the table of skills. Amounts are base + gain·level; radius 0 means the target alone.</summary>
internal sealed record Skill(int Mana, int Timer, Need Needs, int Radius = 0, int Damage = 0, int DamageGain = 0, int Heal = 0, int HealGain = 0, int Pull = 0)
{
    internal int DamageAt(int level) => Damage + DamageGain * level;

    internal int HealAt(int level) => Heal + HealGain * level;

    /// <summary>Units, or 0.</summary>
    internal int PullAt(int level) => Pull == 0 ? 0 : Pull + 256 * level / 10;
}

/// <summary>Numbers and small rules, written down once more from the rule book's text for the tests that judge ticks.</summary>
internal static class RuleBook
{
    /// <summary>By 3·class + key.</summary>
    internal static readonly Skill[] Skills =
    [
        new(100, 15, Need.Unit, Pull: 384), new(100, 50, Need.Nothing, Radius: 5, Heal: 350, HealGain: 50), new(75, 60, Need.Target, Damage: 50, DamageGain: 20),
        new(100, 40, Need.Beast, Radius: 3, Damage: 100, DamageGain: 20), new(150, 60, Need.Target, Damage: 250, DamageGain: 50), new(100, 100, Need.Nothing),
        new(200, 70, Need.Target, Damage: 250, DamageGain: 40), new(100, 40, Need.Near, Radius: 2, Damage: 100, DamageGain: 40), new(75, 50, Need.NearUnit),
        new(5, 5, Need.Near, Radius: 2, Damage: 25, DamageGain: 2), new(100, 70, Need.Nothing, Heal: 400, HealGain: 125), new(50, 40, Need.Target, Pull: 512),
        new(25, 40, Need.Target), new(150, 40, Need.Target, Damage: 50, DamageGain: 20), new(100, 40, Need.Near, Radius: 2, Damage: 100, DamageGain: 20),
    ];

    /// <summary>Numbers of skills that the rules name.</summary>
    internal const int Stun = 2, AssassinBlink = 4, Haste = 5, Freeze = 8, Engage = 11, Retreat = 12, Snare = 13;

    private static readonly int[] HpBase = [500, 400, 400, 700, 300], HpGain = [100, 100, 75, 150, 50], ManaBase = [250, 300, 300, 200, 250],
        ManaGain = [50, 65, 90, 50, 50], DamageGain = [10, 10, 10, 15, 25];

    private static readonly int[] Thresholds =
    [
        0, 240, 640, 1160, 1760, 2440, 3200, 4000, 4900, 5900, 7000, 8200, 9500, 10900, 12400, 14000, 15700, 17500, 19400, 21400, 23600, 26000, 28600, 31400,
        34400, 38400, 43400, 49400, 56400, 63900,
    ];

    internal static int Level(int xp) => Thresholds.Count(threshold => threshold <= xp);

    /// <summary>xp with which a level begins.</summary>
    internal static int Threshold(int level) => Thresholds[level - 1];

    internal static int MaxMana(int hero, int level) => ManaBase[hero / 2] + ManaGain[hero / 2] * level;

    internal static int MaxHp(int slot, int level) =>
        slot < 10 ? HpBase[slot / 2] + HpGain[slot / 2] * level : slot < 130 ? 450 : slot < 202 ? 500 : Tier(slot) switch { 1 => 1800, 4 => 2100, 5 => 4500, _ => 2000 };

    internal static int Damage(int slot, int level) =>
        slot < 10 ? 50 + DamageGain[slot / 2] * level : slot < 202 ? 22 : Tier(slot) switch { 1 => 110, 5 => 0, _ => 175 };

    /// <summary>xp that a kill is worth.</summary>
    internal static int Value(int slot, int xp) => slot < 10 ? 100 + 100 * xp / 769 : slot < 130 ? 60 : slot < 202 ? 35 : 0;

    internal static int Team(int slot) => slot is >= 130 and < 202 ? 2 : slot % 2;

    /// <summary>1…4, an ancient 5.</summary>
    internal static int Tier(int slot) => (slot - 202) / 2 == 11 ? 5 : (slot - 202) / 2 / 3 + 1;

    /// <summary>Whether a standing structure can be hit, by everybody's hp.</summary>
    internal static bool IsOpen(ushort[] hp, int slot)
    {
        bool Fallen(int tower) => hp[202 + 2 * tower + slot % 2] == 0;
        int tower = (slot - 202) / 2;
        return Tier(slot) switch
        {
            1 => true,
            2 or 3 => Fallen(tower - 3),
            4 => Fallen(6) || Fallen(7) || Fallen(8),
            _ => Fallen(9) && Fallen(10),
        };
    }

    internal static (int Y, int X) Point(uint position) => ((int)(position >> 16), (int)(position & 0xFFFF));

    internal static int Cell((int Y, int X) point) => point.Y / 256 * 128 + point.X / 256;

    internal static int Distance(uint a, uint b) => Math.Abs(Point(a).Y - Point(b).Y) + Math.Abs(Point(a).X - Point(b).X);

    internal static bool InSquare(uint a, uint b, int radius) => MobaLayout.Distance(Cell(Point(a)), Cell(Point(b))) <= radius;

    /// <summary>Units per tick of a velocity in the world.</summary>
    internal static (int Y, int X) Velocity(int vertical, int horizontal, bool haste, bool slow)
    {
        int[] single = [0, 85, 170, 256];
        (int n, int m) = (Math.Abs(vertical), Math.Abs(horizontal));
        (int y, int x) = (n, m) switch
        {
            (1, 3) => (80, 242), (3, 1) => (242, 80), (2, 3) => (142, 213), (3, 2) => (213, 142), (3, 3) => (181, 181), _ => (single[n], single[m]),
        };
        if (haste) (y, x) = (2 * y, 2 * x);
        if (slow) (y, x) = (y / 2, x / 2);
        return (Math.Sign(vertical) * y, Math.Sign(horizontal) * x);
    }
}
