using System.Runtime.CompilerServices;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>What units are worth: hit points, damage, mana, xp; levels.</summary>
public static class MobaUnit
{
    /// <summary>Kind of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsHero(int slot) => slot < FirstCreep;

    /// <summary>Kind of a slot; ancients are towers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsTower(int slot) => slot >= FirstTower;

    /// <summary>Class of a hero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ClassOf(int slot) => slot >> 1;

    /// <summary>Number 0…11 of a tower.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TowerOf(int slot) => (slot - FirstTower) >> 1;

    /// <summary>Tier 1…4 of tower 0…10; 5 for an ancient.</summary>
    public static int TierOf(int tower) => tower == Ancient ? 5 : tower / 3 + 1;

    /// <summary>Hit points of a hero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeroHp(int heroClass, int level) => heroClass switch
    {
        MobaClass.Support => 500 + 100 * level,
        MobaClass.Assassin => 400 + 100 * level,
        MobaClass.Burst => 400 + 75 * level,
        MobaClass.Tank => 700 + 150 * level,
        _ => 300 + 50 * level,
    };

    /// <summary>Mana of a hero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeroMana(int heroClass, int level) => heroClass switch
    {
        MobaClass.Support => 250 + 50 * level,
        MobaClass.Assassin => 300 + 65 * level,
        MobaClass.Burst => 300 + 90 * level,
        MobaClass.Tank => 200 + 50 * level,
        _ => 250 + 50 * level,
    };

    /// <summary>Damage of a hero's attack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int HeroDamage(int heroClass, int level) => heroClass switch
    {
        MobaClass.Tank => 50 + 15 * level,
        MobaClass.Carry => 50 + 25 * level,
        _ => 50 + 10 * level,
    };

    /// <summary>The lane of a class, as its own side numbers them.</summary>
    public static int LaneOf(int heroClass) => heroClass switch
    {
        MobaClass.Assassin or MobaClass.Burst => 1,
        MobaClass.Tank => 0,
        _ => 2,
    };

    /// <summary>Hit points of a tower.</summary>
    public static int TowerHp(int tower) => tower == Ancient ? 4500 : tower < 3 ? 1800 : tower < 9 ? 2000 : 2100;

    /// <summary>Damage of a tower; an ancient never attacks.</summary>
    public static int TowerDamage(int tower) => tower == Ancient ? 0 : tower < 3 ? 110 : 175;

    /// <summary>Hit points of a creep, of a neutral; damage of both.</summary>
    public const int CreepHp = 450, NeutralHp = 500, CreepDamage = 22;

    /// <summary>Full hit points of any unit; <paramref name="level"/> matters for heroes only.</summary>
    public static int MaxHp(int slot, int level) =>
        slot < FirstCreep ? HeroHp(slot >> 1, level)
        : slot < FirstNeutral ? CreepHp
        : slot < FirstTower ? NeutralHp
        : TowerHp(TowerOf(slot));

    /// <summary>Damage of an attack of any unit; <paramref name="level"/> matters for heroes only.</summary>
    public static int DamageOf(int slot, int level) =>
        slot < FirstCreep ? HeroDamage(slot >> 1, level)
        : slot < FirstTower ? CreepDamage
        : TowerDamage(TowerOf(slot));

    /// <summary>What killing a unit is worth in xp; <paramref name="xp"/> is a hero's own.</summary>
    public static int XpValue(int slot, int xp) =>
        slot < FirstCreep ? 100 + 100 * xp / 769
        : slot < FirstNeutral ? 60
        : slot < FirstTower ? 35
        : 0;

    /// <summary>xp from which on a hero has <paramref name="level"/> 1…30.</summary>
    public static int Threshold(int level) => level switch
    {
        1 => 0, 2 => 240, 3 => 640, 4 => 1160, 5 => 1760, 6 => 2440, 7 => 3200, 8 => 4000, 9 => 4900, 10 => 5900,
        11 => 7000, 12 => 8200, 13 => 9500, 14 => 10900, 15 => 12400, 16 => 14000, 17 => 15700, 18 => 17500, 19 => 19400, 20 => 21400,
        21 => 23600, 22 => 26000, 23 => 28600, 24 => 31400, 25 => 34400, 26 => 38400, 27 => 43400, 28 => 49400, 29 => 56400, _ => 63900,
    };
}
