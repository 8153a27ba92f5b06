using System.Runtime.CompilerServices;
using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Moba;

/// <summary>What units are worth and can bear: README.md, "Units".</summary>
/// <remarks>Numbers of the five classes are bytes of one constant, class 0 in the lowest: kernels have no tables.</remarks>
public static class MobaStats
{
    private const ulong HpBase = 0x1E46282832, HpGain = 0x0206030404;     // tens; twenty-fives per level
    private const ulong ManaBase = 0x19141E1E19, ManaGain = 0x0A0A120D0A; // tens; fives per level
    private const ulong DamageGain = 0x190F0A0A0A;
    private const int DamageBase = 50;

    /// <summary>Whether a slot is a hero's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsHero(int slot) => slot < MobaConstants.FirstCreep;

    /// <summary>Whether a slot is a tower's or an ancient's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsStructure(int slot) => slot >= MobaConstants.FirstTower;

    /// <summary>0…11 of a structure's slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TowerOf(int slot) => (slot - MobaConstants.FirstTower) >> 1;

    /// <summary>1…4, an ancient 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TierOf(int slot)
    {
        int tower = TowerOf(slot);
        return tower == MobaConstants.Ancient ? 5 : tower / 3 + 1;
    }

    /// <summary>Largest hp of a hero of class <paramref name="kind"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeroHp(int kind, int level) => 10 * Byte(HpBase, kind) + 25 * Byte(HpGain, kind) * level;

    /// <summary>Largest mana of a hero of class <paramref name="kind"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeroMana(int kind, int level) => 10 * Byte(ManaBase, kind) + 5 * Byte(ManaGain, kind) * level;

    /// <summary>Damage of an attack of a hero of class <paramref name="kind"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeroDamage(int kind, int level) => DamageBase + Byte(DamageGain, kind) * level;

    /// <summary>Largest hp of a unit that is no hero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UnitHp(int slot)
    {
        if (slot < MobaConstants.FirstNeutral) return 450;
        if (slot < MobaConstants.FirstTower) return 500;
        int tier = TierOf(slot);
        return tier == 1 ? 1800 : tier < 4 ? 2000 : tier == 4 ? 2100 : 4500;
    }

    /// <summary>Damage of an attack of a unit that is no hero; ancients 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UnitDamage(int slot)
    {
        if (slot < MobaConstants.FirstTower) return 22;
        int tier = TierOf(slot);
        return tier == 1 ? 110 : tier < 5 ? 175 : 0;
    }

    /// <summary>Largest hp of any unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MaxHp(in MobaMatch match, int slot) => IsHero(slot) ? HeroHp(slot >> 1, match.Level[slot]) : UnitHp(slot);

    /// <summary>Damage of an attack of any unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Damage(in MobaMatch match, int slot) => IsHero(slot) ? HeroDamage(slot >> 1, match.Level[slot]) : UnitDamage(slot);

    /// <summary>xp that whoever kills the unit shares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Value(in MobaMatch match, int slot)
    {
        if (IsHero(slot)) return 100 + 100 * match.Xp[slot] / 769;
        return slot < MobaConstants.FirstNeutral ? 60 : slot < MobaConstants.FirstTower ? 35 : 0;
    }

    /// <summary>The level that <paramref name="xp"/> gives, from a level that it had before: xp never falls.</summary>
    public static int LevelOf(int xp, int from)
    {
        int level = Scalar.Max(1, from);
        while (level < MobaConstants.MaxLevel && xp >= Threshold(level + 1)) level++;
        return level;
    }

    /// <summary>xp with which <paramref name="level"/> 1…30 begins.</summary>
    public static int Threshold(int level) => level switch
    {
        < 2 => 0,
        2 => 240,
        3 => 640,
        4 => 1160,
        5 => 1760,
        6 => 2440,
        7 => 3200,
        8 => 4000,
        9 => 4900,
        10 => 5900,
        11 => 7000,
        12 => 8200,
        13 => 9500,
        14 => 10_900,
        15 => 12_400,
        16 => 14_000,
        17 => 15_700,
        18 => 17_500,
        19 => 19_400,
        20 => 21_400,
        21 => 23_600,
        22 => 26_000,
        23 => 28_600,
        24 => 31_400,
        25 => 34_400,
        26 => 38_400,
        27 => 43_400,
        28 => 49_400,
        29 => 56_400,
        _ => 63_900,
    };

    private static int Byte(ulong packed, int at) => (int)(packed >> (8 * at)) & 0xFF;
}
