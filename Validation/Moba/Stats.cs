namespace Arena.Validation.Moba;

/// <summary>Counters of a hero, in the order of its column.</summary>
internal static class Counter
{
    public const int Kills = 0, Deaths = 1, Dealt = 2, Received = 3, Healing = 4, Creeps = 5, Neutrals = 6, Towers = 7,
        Attacks = 8, FirstSkill = 9, Xp = 12, TicksDead = 13, Blocked = 14, Invalid = 15, Count = 16;
}

/// <summary>The tables of the rules.</summary>
internal static class Stats
{
    /// <summary>Components: xp, death, tower, towerTeam, win, distance.</summary>
    public const int Rewards = 6;

    public const int MostXp = 100_000;

    /// <summary>How near a hero of the killer's team must be to share its xp, in units.</summary>
    public const int ShareDistance = 1792;

    private static readonly int[] Thresholds =
    [
        0, 240, 640, 1160, 1760, 2440, 3200, 4000, 4900, 5900, 7000, 8200, 9500, 10900, 12400, 14000, 15700, 17500, 19400, 21400, 23600, 26000, 28600, 31400,
        34400, 38400, 43400, 49400, 56400, 63900,
    ];

    // Base and gain per level of hp, mana and damage; lane in the own view.
    private static readonly (int Hp, int HpGain, int Mana, int ManaGain, int Damage, int DamageGain, int Lane)[] Classes =
    [
        (500, 100, 250, 50, 50, 10, 2),
        (400, 100, 300, 65, 50, 10, 1),
        (400, 75, 300, 90, 50, 10, 1),
        (700, 150, 200, 50, 50, 15, 0),
        (300, 50, 250, 50, 50, 25, 2),
    ];

    /// <summary>Level of so much xp: the number of thresholds that are not above it.</summary>
    public static int LevelOf(int xp)
    {
        int level = 0;
        foreach (int threshold in Thresholds)
            if (threshold <= xp) level++;
        return level;
    }

    public static int HeroLane(HeroClass heroClass) => Classes[(int)heroClass].Lane;

    public static int MaxHp(Unit unit) => unit.Kind switch
    {
        Kind.Hero => Classes[(int)unit.Class].Hp + (Classes[(int)unit.Class].HpGain * unit.Level),
        Kind.Creep => 450,
        Kind.Neutral => 500,
        Kind.Tower => Places.Tier(unit.TowerIndex) switch { 1 => 1800, 4 => 2100, _ => 2000 },
        _ => 4500,
    };

    public static int MaxMana(Unit unit) =>
        unit.Kind == Kind.Hero ? Classes[(int)unit.Class].Mana + (Classes[(int)unit.Class].ManaGain * unit.Level) : 0;

    public static int Damage(Unit unit) => unit.Kind switch
    {
        Kind.Hero => Classes[(int)unit.Class].Damage + (Classes[(int)unit.Class].DamageGain * unit.Level),
        Kind.Creep or Kind.Neutral => 22,
        Kind.Tower => Places.Tier(unit.TowerIndex) == 1 ? 110 : 175,
        _ => 0,
    };

    public static int AttackCooldown(Unit unit) => unit.Kind == Kind.Hero ? 8 : 5;

    /// <summary>Radius of the square in which a stored target stays valid.</summary>
    public static int Vision(Unit unit) => unit.Kind switch { Kind.Creep => 7, Kind.Neutral => 3, _ => 5 };

    /// <summary>xp for killing it.</summary>
    public static int XpValue(Unit victim) => victim.Kind switch
    {
        Kind.Hero => 100 + (100 * victim.Xp / 769),
        Kind.Creep => 60,
        Kind.Neutral => 35,
        _ => 0,
    };
}
