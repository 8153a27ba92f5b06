using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>The columns of the MOBA. All are contiguous per match: lanes of a match read one another's units.</summary>
/// <remarks>
/// A unit is alive while its hp is above 0. A dead one has 0 everywhere but target <see cref="MobaConstants.Nobody"/>, its spawned flag and,
/// for towers and heroes, its position. The padding slots 226…231 are 0.
/// </remarks>
public struct MobaState
{
    /// <summary>(E, 232) positions, y·65536 + x, 256 units per cell.</summary>
    public Column<uint> Position;

    /// <summary>(E, 232) hit points.</summary>
    public Column<ushort> Hp;

    /// <summary>(E, 232) ticks left of a stun, of a slow, and until the next attack.</summary>
    public Column<byte> Stun, Slow, Attack;

    /// <summary>(E, 232) stored target of creeps, neutrals and towers: a slot or 255; heroes have 255.</summary>
    public Column<byte> Target;

    /// <summary>(E, 232) <see cref="MobaFlag"/> bits.</summary>
    public Column<byte> Flags;

    /// <summary>(E, 10) experience.</summary>
    public Column<int> Xp;

    /// <summary>(E, 10) mana.</summary>
    public Column<ushort> Mana;

    /// <summary>(E, 10) ticks until a dead hero may return.</summary>
    public Column<ushort> Respawn;

    /// <summary>(E, 10) 1…30.</summary>
    public Column<byte> Level;

    /// <summary>(E, 10) ticks left of haste, and until Q, W, E can be used.</summary>
    public Column<byte> Haste, Q, W, E;

    /// <summary>(E, 10·16) <see cref="MobaCounter"/>s of the running episode, hero by hero.</summary>
    public Column<int> Counters;

    /// <summary>(E, 10·6) sums of the reward parts of the running episode, hero by hero, in the order of the ticks.</summary>
    public Column<float> RewardSums;

    /// <summary>(E, 1) ticks since the episode began.</summary>
    public Column<int> Tick;

    /// <summary>(E, 1) episodes before this one.</summary>
    public Column<int> Episode;

    /// <summary>(E, 1) salt of the tie hash.</summary>
    public Column<uint> Salt;

    /// <summary>(E, 1) 0 or 1: rank = slot ^ flip.</summary>
    public Column<int> Flip;

    /// <summary>(E, 16384) the slot in each cell, 255 where there is none.</summary>
    public Column<byte> Grid;

    /// <summary>(E, 3·512) the same as bits: those of team 0, team 1 and the neutrals; cell c of team t is bit c mod 32 of word 512·t + c/32.</summary>
    public Column<int> Occupied;

    /// <summary>Adds the columns to <paramref name="columns"/>.</summary>
    public static MobaState Create(StateColumns columns) => new()
    {
        Position = columns.AddContiguous<uint>("position", MobaConstants.PaddedSlots),
        Hp = columns.AddContiguous<ushort>("hp", MobaConstants.PaddedSlots),
        Stun = columns.AddContiguous<byte>("stun", MobaConstants.PaddedSlots, "ticks"),
        Slow = columns.AddContiguous<byte>("slow", MobaConstants.PaddedSlots, "ticks"),
        Attack = columns.AddContiguous<byte>("attack", MobaConstants.PaddedSlots, "ticks"),
        Target = columns.AddContiguous<byte>("target", MobaConstants.PaddedSlots),
        Flags = columns.AddContiguous<byte>("flags", MobaConstants.PaddedSlots),
        Xp = columns.AddContiguous<int>("xp", MobaConstants.Heroes),
        Mana = columns.AddContiguous<ushort>("mana", MobaConstants.Heroes),
        Respawn = columns.AddContiguous<ushort>("respawn", MobaConstants.Heroes, "ticks"),
        Level = columns.AddContiguous<byte>("level", MobaConstants.Heroes),
        Haste = columns.AddContiguous<byte>("haste", MobaConstants.Heroes, "ticks"),
        Q = columns.AddContiguous<byte>("q", MobaConstants.Heroes, "ticks"),
        W = columns.AddContiguous<byte>("w", MobaConstants.Heroes, "ticks"),
        E = columns.AddContiguous<byte>("e", MobaConstants.Heroes, "ticks"),
        Counters = columns.AddContiguous<int>("counters", MobaConstants.Heroes * MobaCounter.Count, "", "kills", "deaths", "dealt", "received",
            "healing", "creeps", "neutrals", "towers", "attacks", "q", "w", "e", "xp", "ticksDead", "blocked", "invalid"),
        RewardSums = columns.AddContiguous<float>("rewardSums", MobaConstants.Heroes * MobaReward.Count, "",
            "xp", "death", "tower", "towerTeam", "win", "distance"),
        Tick = columns.AddContiguous<int>("tick", 1, "ticks"),
        Episode = columns.AddContiguous<int>("episode", 1),
        Salt = columns.AddContiguous<uint>("salt", 1),
        Flip = columns.AddContiguous<int>("flip", 1),
        Grid = columns.AddContiguous<byte>("grid", MobaConstants.Cells),
        Occupied = columns.AddContiguous<int>("occupied", 3 * MobaConstants.BitWords),
    };
}
