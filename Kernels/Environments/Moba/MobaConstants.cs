namespace Arena.Kernels.Environments.Moba;

/// <summary>Numbers of the MOBA that no option changes. Positions count 256 units per cell.</summary>
public static class MobaConstants
{
    /// <summary>Cells of a side of the map.</summary>
    public const int Side = 128;

    /// <summary>Cells of the map; cell = 128·y + x.</summary>
    public const int Cells = Side * Side;

    /// <summary>The largest cell: 16383 − cell is the cell on the other side of the centre.</summary>
    public const int LastCell = Cells - 1;

    /// <summary>The largest coordinate of a position: 32767 − p is the other side of the centre.</summary>
    public const int LastUnit = Side * 256 - 1;

    /// <summary>First and last row and column that can be free; everything outside is wall.</summary>
    public const int FirstInside = 6, LastInside = 121;

    /// <summary>A.</summary>
    public const int Heroes = 10;

    /// <summary>First slot of creeps: 10 + 2·(20·lane + 5·(wave mod 4) + k) + team.</summary>
    public const int FirstCreep = 10;

    /// <summary>First slot of neutrals: 130 + 2·(4·camp + k) + half.</summary>
    public const int FirstNeutral = 130;

    /// <summary>First slot of towers: 202 + 2·tower + team.</summary>
    public const int FirstTower = 202;

    /// <summary>Units of a match.</summary>
    public const int Slots = 226;

    /// <summary>Slots of a column per unit: padded, the last six are always 0.</summary>
    public const int PaddedSlots = 232;

    /// <summary>Towers of both teams, ancients included.</summary>
    public const int Towers = 24;

    /// <summary>Tower number of an ancient.</summary>
    public const int Ancient = 11;

    /// <summary>No unit: an empty cell, no target.</summary>
    public const int Nobody = 255;

    /// <summary>Team of the neutrals.</summary>
    public const int NeutralTeam = 2;

    /// <summary>Words of 32 bits of an occupancy map or of the walls: four per row.</summary>
    public const int BitWords = Cells / 32;

    /// <summary>Directions: 0 north (y − 1), then clockwise; 8 stays.</summary>
    public const int Stay = 8;

    /// <summary>Largest level.</summary>
    public const int MaxLevel = 30;

    /// <summary>xp never passes this.</summary>
    public const int MaxXp = 100_000;

    /// <summary>Ticks between waves of creeps; between returns of neutrals; tries after each.</summary>
    public const int WavePeriod = 150, NeutralPeriod = 600, SpawnTries = 8;

    /// <summary>Ticks between two thoughts of a creep or neutral, and of a tower.</summary>
    public const int ThinkPeriod = 5, TowerThinkPeriod = 3;

    /// <summary>Ticks between two attacks of a hero, and of anybody else.</summary>
    public const int HeroAttackTicks = 8, AttackTicks = 5;

    /// <summary>Radius of the square in which heroes and towers reach, and that heroes see on the grid.</summary>
    public const int Reach = 5;

    /// <summary>Radius of a creep's view.</summary>
    public const int CreepVision = 7;

    /// <summary>Radius of a neutral's view; its leash from the camp's centre; and how near it calls home.</summary>
    public const int NeutralVision = 3, NeutralLeash = 8, NeutralHome = 2;

    /// <summary>Distance (L1, units) within which heroes share xp.</summary>
    public const int XpRange = 1792;

    /// <summary>Radius of a fountain block, whose healing it bounds.</summary>
    public const int FountainRadius = 7;

    /// <summary>Numbers of flow fields: lanes 0–2, camps 3–11, fountain 12.</summary>
    public const int Fields = 13, FirstCampField = 3, FountainField = 12;

    /// <summary>Numbers of lanes, camps and attempts at a map.</summary>
    public const int Lanes = 3, Camps = 9, MapAttempts = 16;

    /// <summary>Sizes of the action heads, in order: vertical, horizontal, targets, Q, W, E.</summary>
    public const int Heads = 6, VelocityChoices = 7, TargetChoices = 3, PressChoices = 2;

    /// <summary>The largest and the smallest size of an observation row.</summary>
    public const int GridLength = 510, EntityLength = 218;
}

/// <summary>Classes of heroes; the hero of class c and team t is slot 2·c + t.</summary>
public static class MobaClass
{
    /// <summary>In order.</summary>
    public const int Support = 0, Assassin = 1, Burst = 2, Tank = 3, Carry = 4, Count = 5;
}

/// <summary>Bits of the flags column.</summary>
public static class MobaFlag
{
    /// <summary>Creeps, neutrals: placed in the present wave.</summary>
    public const int Spawned = 1;

    /// <summary>Heroes: hp fell below 30 % and has not been back at 80 % since.</summary>
    public const int Hurt = 2;

    /// <summary>Heroes: was hit in the last tick.</summary>
    public const int Hit = 4;

    /// <summary>Heroes: died in the last tick.</summary>
    public const int Died = 8;

    /// <summary>Heroes: gained xp in the last tick.</summary>
    public const int Gained = 16;

    /// <summary>Heroes: an enemy structure fell in the last tick.</summary>
    public const int Fell = 32;
}

/// <summary>Counters of a hero within an episode, in the order of the counters column.</summary>
public static class MobaCounter
{
    /// <summary>In order; damage and healing are what was dealt and offered, with what was too much.</summary>
    public const int Kills = 0, Deaths = 1, Dealt = 2, Received = 3, Healing = 4, Creeps = 5, Neutrals = 6, Towers = 7,
        Attacks = 8, Q = 9, W = 10, E = 11, Xp = 12, TicksDead = 13, Blocked = 14, Invalid = 15, Count = 16;
}

/// <summary>Reward components, in order.</summary>
public static class MobaReward
{
    /// <summary>In order.</summary>
    public const int Xp = 0, Death = 1, Tower = 2, TowerTeam = 3, Win = 4, Distance = 5, Count = 6;
}

/// <summary>Purposes of random draws.</summary>
public static class MobaPurpose
{
    /// <summary>Tick 0, slot 0: word 0 is the salt of the episode's tie hash, its lowest bit the flip.</summary>
    public const uint EpisodeSalt = 1;

    /// <summary>Tick, rank: where a hero begins to look for a free cell of its fountain list.</summary>
    public const uint HeroSpawn = 2;

    /// <summary>The same for creeps.</summary>
    public const uint CreepSpawn = 3;

    /// <summary>The same for neutrals.</summary>
    public const uint NeutralSpawn = 4;

    /// <summary>Tick attempt, slot 2·stroke + j, match and episode 0, the key is the map seed.</summary>
    public const uint MapStroke = 5;

    /// <summary>Tick, rank: heads 0–3 and heads 4, 5 of the random player.</summary>
    public const uint RandomPlayer = 6, RandomPlayerMore = 7;
}

/// <summary>How a tick ended the episode.</summary>
public static class MobaEnd
{
    /// <summary>It goes on.</summary>
    public const int None = 0;

    /// <summary>An ancient fell, and team 0 or 1 won.</summary>
    public const int Won0 = 1, Won1 = 2;

    /// <summary>Both ancients fell.</summary>
    public const int Draw = 3;

    /// <summary>The clock.</summary>
    public const int Truncated = 4;
}
