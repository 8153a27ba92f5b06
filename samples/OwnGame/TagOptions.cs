using Arena.Kernels.Environments;

namespace OwnGame;

/// <summary>Options of tag. Every property with a [Setting] gets help, range checks and a command-line option.</summary>
public sealed record TagOptions : GameOptions
{
    /// <summary>Cells along a side of the square.</summary>
    [Setting("Cells along a side of the square.", Unit = "cells", Min = 3, Max = 100)]
    public int Size { get; init; } = 8;

    /// <summary>Ticks after which the runner has got away (truncated).</summary>
    [Setting("Ticks after which an episode is truncated.", Unit = "ticks", Min = 1, Max = 1 << 20)]
    public int MaxTicks { get; init; } = 64;

    /// <summary>The runner stands still in every such tick: the chaser would hardly ever win otherwise.</summary>
    [Setting("The runner stands still in every such tick.", Unit = "ticks", Min = 2, Max = 1000)]
    public int RestEvery { get; init; } = 4;

    /// <summary>Reward of the chaser for the catch; the runner gets the opposite.</summary>
    [Setting("Reward for the catch; the runner gets the opposite.", Min = -1000, Max = 1000)]
    public float Catch { get; init; } = 1f;

    /// <summary>Cost of every tick for the chaser; the runner gets the opposite.</summary>
    [Setting("Cost of a tick for the chaser; the runner gets the opposite.", Min = -1000, Max = 1000)]
    public float Time { get; init; } = 0.01f;
}
