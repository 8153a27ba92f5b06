using System.Numerics;

namespace Arena.Kernels.Environments.Snake;

/// <summary>What a match is.</summary>
public enum SnakeMode
{
    /// <summary>Many snakes in one arena that goes on for ever.</summary>
    Arena,

    /// <summary>One snake, one food; when it dies the arena is reset.</summary>
    Classic,
}

/// <summary>Options of snake.</summary>
public sealed record SnakeOptions : GameOptions
{
    /// <summary>An arena holds hundreds of agents and more than a megabyte: a few of them are a batch.</summary>
    public SnakeOptions() => NumEnvs = 4;

    /// <summary>Playable columns, walls not counted.</summary>
    [Setting("Playable columns of the arena.", Unit = "cells", Min = 8, Max = 2032)]
    public int Width { get; init; } = 630;

    /// <summary>Playable rows, walls not counted.</summary>
    [Setting("Playable rows of the arena.", Unit = "cells", Min = 8, Max = 2032)]
    public int Height { get; init; } = 350;

    /// <summary>A: snakes of an arena.</summary>
    [Setting("Snakes of an arena.", Unit = "snakes", Min = 1, Max = 1024)]
    public int Snakes { get; init; } = 256;

    /// <summary>Cells of food that an arena keeps.</summary>
    [Setting("Cells of food that an arena keeps, at most a quarter of all cells.", Unit = "cells", Min = 1, Max = 4096)]
    public int Food { get; init; } = 4096;

    /// <summary>V: cells seen in each direction; the window has 2V + 1 rows.</summary>
    [Setting("Cells a snake sees in each direction.", Unit = "cells", Min = 1, Max = SnakeConstants.MaxVision)]
    public int Vision { get; init; } = SnakeConstants.MaxVision;

    /// <summary>Longest body, a power of two; 0 chooses.</summary>
    [Setting("Longest body, a power of two.", Unit = "cells", Min = 0, Max = 4096, Zero = "1024, or all cells of a classic arena")]
    public int MaxLength { get; init; }

    /// <summary>Length once the first growth ticks are over.</summary>
    [Setting("Length of a new snake once it has grown out.", Unit = "cells", Min = 2, Max = 8)]
    public int StartLength { get; init; } = 3;

    /// <summary>A dead snake leaves food on every second cell.</summary>
    [Setting("A dead snake leaves corpse food on every second cell of its body.")]
    public bool Corpse { get; init; } = true;

    /// <summary>Window and actions are relative to the heading.</summary>
    [Setting("Window turned so that the heading points up; actions: straight, right, straight, left.")]
    public bool Rotate { get; init; }

    /// <summary>Ticks after which a life is truncated; 0 = never.</summary>
    [Setting("Ticks after which a life is truncated.", Unit = "ticks", Min = 0, Max = int.MaxValue, Zero = "never")]
    public int LifeLimit { get; init; }

    /// <summary>Arena or classic.</summary>
    [Setting("Many snakes in an arena that goes on, or one snake alone.")]
    public SnakeMode Mode { get; init; }

    /// <summary>Weights.</summary>
    public SnakeRewards Rewards { get; init; } = new();

    /// <summary>Lmax: ring capacity of a snake.</summary>
    public int RingLength => MaxLength != 0 ? MaxLength : Mode == SnakeMode.Arena ? 1024 : (int)BitOperations.RoundUpToPowerOf2((uint)(Width * Height));

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        int cells = Width * Height;
        if (!BitOperations.IsPow2(RingLength) || RingLength < 4)
            throw new UsageException($"--max-length is {MaxLength}; allowed are the powers of two 4..4096, or 0 to choose by itself.");
        if (StartLength > RingLength)
            throw new UsageException($"--start-length is {StartLength}, but no body is longer than --max-length {RingLength}; make one shorter or the other longer.");
        if (Mode == SnakeMode.Classic) ValidateClassic(cells);
        else if (Food > cells / 4)
            throw new UsageException($"--food is {Food} on {Width} × {Height} cells; allowed are 1..{cells / 4}, a quarter of them. Use less food or a larger arena.");
    }

    private void ValidateClassic(int cells)
    {
        if (Snakes != 1 || Food != 1 || Corpse)
            throw new UsageException(
                $"--mode classic is one snake and one food without corpses; given are --snakes {Snakes}, --food {Food}, --corpse {Settings.Format(Corpse)}. " +
                "Use --preset classic, or --snakes 1 --food 1 --corpse false.");
        if (cells > 4096)
            throw new UsageException($"--mode classic has at most 4096 cells, {Width} × {Height} are {cells}; make the arena smaller.");
        if (MaxLength != 0 && MaxLength != (int)BitOperations.RoundUpToPowerOf2((uint)cells))
            throw new UsageException($"--max-length is {MaxLength}, but a classic snake may fill all {cells} cells; leave --max-length at 0.");
    }
}

/// <summary>Weights of the reward components.</summary>
public sealed record SnakeRewards
{
    /// <summary>A meal of food.</summary>
    [Setting("Weight of eating food.", Min = -1000, Max = 1000)]
    public float Food { get; init; } = 0.1f;

    /// <summary>A meal of corpse.</summary>
    [Setting("Weight of eating corpse food.", Min = -1000, Max = 1000)]
    public float Corpse { get; init; } = 0.1f;

    /// <summary>Dying.</summary>
    [Setting("Weight of dying.", Min = -1000, Max = 1000)]
    public float Death { get; init; } = -1f;

    /// <summary>Filling a classic arena.</summary>
    [Setting("Weight of filling a classic arena.", Min = -1000, Max = 1000)]
    public float Win { get; init; } = 1f;

    /// <summary>Every tick survived.</summary>
    [Setting("Weight of every tick survived.", Min = -1000, Max = 1000)]
    public float Living { get; init; }

    /// <summary>Every change of the heading.</summary>
    [Setting("Weight of every change of the heading.", Min = -1000, Max = 1000)]
    public float Turning { get; init; }
}
