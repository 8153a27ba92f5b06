using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>The columns of snake. All are contiguous per arena: lanes of an arena read neighbouring slots and copy rows of its grid.</summary>
public struct SnakeState
{
    /// <summary>(E, stride·(H + 2V)) cells with their walls, row-major; playable (r, c) at (r + V)·stride + c + 8. Bits: see <see cref="SnakeCell"/>.</summary>
    public Column<ushort> Grid;

    /// <summary>
    /// (E, A·Lmax/4) the way of the bodies, four steps to a byte, lowest bits first: element e of snake i, at byte i·Lmax/4 + e/4, is the direction in which
    /// its head came to the cell of that element. Segment k is element (headIndex − k) mod Lmax.
    /// </summary>
    public Column<byte> Steps;

    /// <summary>(E, A) the cell of the head, as an index into the grid; 0 while waiting.</summary>
    public Column<int> Head;

    /// <summary>(E, A) the cell of the last segment; 0 while waiting.</summary>
    public Column<int> Tail;

    /// <summary>(E, A) where in its ring a snake's head is.</summary>
    public Column<ushort> HeadIndex;

    /// <summary>(E, A) cells of the body; 0 while waiting.</summary>
    public Column<ushort> Length;

    /// <summary>(E, A) cells it will grow.</summary>
    public Column<ushort> Pending;

    /// <summary>(E, A) 0 up, 1 right, 2 down, 3 left.</summary>
    public Column<byte> Heading;

    /// <summary>(E, A) 0 waiting, 1 alive.</summary>
    public Column<byte> Status;

    /// <summary>(E, A) ticks of this life.</summary>
    public Column<uint> LifeTicks;

    /// <summary>(E, A) food eaten in this life.</summary>
    public Column<uint> EatenFood;

    /// <summary>(E, A) corpse food eaten in this life.</summary>
    public Column<uint> EatenCorpse;

    /// <summary>(E, A) longest body of this life.</summary>
    public Column<uint> MaxLength;

    /// <summary>(E, A) ticks since the last meal.</summary>
    public Column<uint> Hunger;

    /// <summary>(E, 1) ticks since the arena began.</summary>
    public Column<int> Tick;

    /// <summary>(E, 1) arenas before this one.</summary>
    public Column<int> Episode;

    /// <summary>(E, 1) cells of food.</summary>
    public Column<int> FoodPresent;

    /// <summary>(E, 13) see <see cref="SnakeTotal"/>.</summary>
    public Column<int> Totals;

    /// <summary>Adds the columns to <paramref name="columns"/>.</summary>
    public static SnakeState Create(StateColumns columns, in SnakeParameters p) => new()
    {
        Grid = columns.AddContiguous<ushort>("grid", p.Stride * p.GridRows),
        Steps = columns.AddContiguous<byte>("steps", p.Snakes * p.RingLength / 4),
        Head = columns.AddContiguous<int>("head", p.Snakes),
        Tail = columns.AddContiguous<int>("tail", p.Snakes),
        HeadIndex = columns.AddContiguous<ushort>("headIndex", p.Snakes),
        Length = columns.AddContiguous<ushort>("length", p.Snakes, "cells"),
        Pending = columns.AddContiguous<ushort>("pending", p.Snakes, "cells"),
        Heading = columns.AddContiguous<byte>("heading", p.Snakes),
        Status = columns.AddContiguous<byte>("status", p.Snakes),
        LifeTicks = columns.AddContiguous<uint>("lifeTicks", p.Snakes, "ticks"),
        EatenFood = columns.AddContiguous<uint>("eatenFood", p.Snakes),
        EatenCorpse = columns.AddContiguous<uint>("eatenCorpse", p.Snakes),
        MaxLength = columns.AddContiguous<uint>("maxLength", p.Snakes, "cells"),
        Hunger = columns.AddContiguous<uint>("hunger", p.Snakes, "ticks"),
        Tick = columns.AddContiguous<int>("tick", 1, "ticks"),
        Episode = columns.AddContiguous<int>("episode", 1),
        FoodPresent = columns.AddContiguous<int>("foodPresent", 1, "cells"),
        Totals = columns.AddContiguous<int>("totals", SnakeTotal.Count, "",
            "lives", "length", "maxLength", "ticks", "food", "corpse", "wall", "self", "other", "headOn", "spawnFailed", "badActions", "reversals"),
    };
}

/// <summary>The options as kernels take them, and what follows from them.</summary>
public struct SnakeParameters
{
    /// <summary>Playable columns and rows.</summary>
    public int Width, Height;

    /// <summary>A.</summary>
    public int Snakes;

    /// <summary>Cells of food to keep.</summary>
    public int Food;

    /// <summary>V.</summary>
    public int Vision;

    /// <summary>S = 2V + 1.</summary>
    public int WindowSide;

    /// <summary>Lmax, a power of two.</summary>
    public int RingLength;

    /// <summary>Length of a grown snake without meals.</summary>
    public int StartLength;

    /// <summary>1 = corpses are left.</summary>
    public int Corpse;

    /// <summary>1 = window and actions follow the heading.</summary>
    public int Rotate;

    /// <summary>Ticks of a life, or 0.</summary>
    public int LifeLimit;

    /// <summary>1 = one snake, one food, and a reset at its end.</summary>
    public int Classic;

    /// <summary>Hunger that truncates, or 0.</summary>
    public int HungerLimit;

    /// <summary>1 = first lives are cut.</summary>
    public int Desync;

    /// <summary>Global number of arena 0.</summary>
    public int MatchOffset;

    /// <summary>Cells from a row of the grid to the next: width and walls, a multiple of eight.</summary>
    public int Stride;

    /// <summary>Rows of the grid, walls included.</summary>
    public int GridRows;

    /// <summary>Weights of the reward components.</summary>
    public float FoodWeight, CorpseWeight, DeathWeight, WinWeight, LivingWeight, TurningWeight;

    /// <summary>From options.</summary>
    public static SnakeParameters From(SnakeOptions options) => new()
    {
        Width = options.Width,
        Height = options.Height,
        Snakes = options.Snakes,
        Food = options.Food,
        Vision = options.Vision,
        WindowSide = 2 * options.Vision + 1,
        RingLength = options.RingLength,
        StartLength = options.StartLength,
        Corpse = options.Corpse ? 1 : 0,
        Rotate = options.Rotate ? 1 : 0,
        LifeLimit = options.LifeLimit,
        Classic = options.Mode == SnakeMode.Classic ? 1 : 0,
        HungerLimit = options.Mode == SnakeMode.Classic ? SnakeConstants.HungerPerCell * options.Width * options.Height : 0,
        Desync = options.Desync ? 1 : 0,
        MatchOffset = options.MatchOffset,
        Stride = (options.Width + 2 * SnakeConstants.LeftWall + 7) / 8 * 8,
        GridRows = options.Height + 2 * options.Vision,
        FoodWeight = options.Rewards.Food,
        CorpseWeight = options.Rewards.Corpse,
        DeathWeight = options.Rewards.Death,
        WinWeight = options.Rewards.Win,
        LivingWeight = options.Rewards.Living,
        TurningWeight = options.Rewards.Turning,
    };
}

/// <summary>What every snake kernel knows.</summary>
public struct SnakeArguments
{
    /// <summary>Columns.</summary>
    public SnakeState State;

    /// <summary>Buffers of this step.</summary>
    public StepViews Views;

    /// <summary>Options.</summary>
    public SnakeParameters Parameters;

    /// <summary>Key of all draws.</summary>
    public ulong Seed;

    /// <summary>Scratch of a tick, two numbers per snake: the cell it wants, and its <see cref="SnakeEvent"/> bits.</summary>
    public GroupScratch<int> Scratch;
}
