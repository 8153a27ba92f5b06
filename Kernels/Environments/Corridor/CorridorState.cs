using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Corridor;

/// <summary>The columns of the corridor, one agent per match.</summary>
public struct CorridorState
{
    /// <summary>(E, 1) cell of the walker, 0..8.</summary>
    public Column<int> Cell;

    /// <summary>(E, 1) 0 = no cue (right end pays), 1 = left end pays, 2 = right end pays.</summary>
    public Column<int> Cue;

    /// <summary>(E, 1) ticks since the episode began.</summary>
    public Column<int> Tick;

    /// <summary>(E, 1) episodes before this one.</summary>
    public Column<int> Episode;

    /// <summary>(E, 1) rewards of this episode so far.</summary>
    public Column<float> Return;

    /// <summary>Adds the columns to <paramref name="columns"/>.</summary>
    public static CorridorState Create(StateColumns columns) => new()
    {
        Cell = columns.Add<int>("cell", 1),
        Cue = columns.Add<int>("cue", 1),
        Tick = columns.Add<int>("tick", 1, "ticks"),
        Episode = columns.Add<int>("episode", 1),
        Return = columns.Add<float>("return", 1),
    };
}
