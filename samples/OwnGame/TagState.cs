using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace OwnGame;

/// <summary>The columns of tag. Agent 0 (side 0) chases, agent 1 (side 1) runs.</summary>
public struct TagState
{
    /// <summary>(E, 2·2) int: row, column of the chaser and of the runner; row 0 is at the top.</summary>
    public Column<int> Cell;

    /// <summary>(E, 1) int: ticks since the episode began.</summary>
    public Column<int> Tick;

    /// <summary>(E, 1) int: episodes before this one.</summary>
    public Column<int> Episode;

    /// <summary>Adds the columns to <paramref name="columns"/>: snapshots, hashes and replays then work by themselves.</summary>
    public static TagState Create(StateColumns columns) => new()
    {
        Cell = columns.Add<int>("cell", 4, "", "row", "column"),
        Tick = columns.Add<int>("tick", 1, "ticks"),
        Episode = columns.Add<int>("episode", 1),
    };
}

/// <summary>Fixed numbers of tag.</summary>
public static class TagConstants
{
    /// <summary>Agents of a match.</summary>
    public const int Agents = 2;

    /// <summary>Choices of the one head: stay, up, down, left, right.</summary>
    public const int Moves = 5;

    /// <summary>O: own row, own column, other row, other column, role, share of time left.</summary>
    public const int ObservationLength = 6;

    /// <summary>Reward components: catch, time.</summary>
    public const int RewardParts = 2;

    /// <summary>Raw statistics: caught, ticks.</summary>
    public const int RawStatistics = 2;

    /// <summary>Random purpose of the starting cells.</summary>
    public const uint StartPurpose = 0;

    /// <summary>Random purpose of the random player. Slot: agent.</summary>
    public const uint RandomPolicyPurpose = 1;

    /// <summary>Change of the row by a move.</summary>
    public static int RowStep(int move) => move == 1 ? -1 : move == 2 ? 1 : 0;

    /// <summary>Change of the column by a move.</summary>
    public static int ColumnStep(int move) => move == 3 ? -1 : move == 4 ? 1 : 0;
}

/// <summary>The numbers of a set of options. They are fields, so that no compiler folds them; flags are int, not bool.</summary>
public struct TagParameters
{
    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>1 = first episodes are cut.</summary>
    public int Desync;

    /// <summary>Cells along a side.</summary>
    public int Size;

    /// <summary>Ticks of an episode.</summary>
    public int MaxTicks;

    /// <summary>See <see cref="TagOptions.RestEvery"/>.</summary>
    public int RestEvery;

    /// <summary>Reward of the chaser for the catch.</summary>
    public float Catch;

    /// <summary>Cost of a tick for the chaser.</summary>
    public float Time;
}

/// <summary>What every kernel of tag knows.</summary>
public struct TagArguments
{
    /// <summary>Columns.</summary>
    public TagState State;

    /// <summary>Buffers of this step.</summary>
    public StepViews Views;

    /// <summary>Key of all draws.</summary>
    public ulong Seed;

    /// <summary>Numbers: of every match, or of this one where <see cref="Variants"/> are used.</summary>
    public TagParameters Parameters;

    /// <summary>Other numbers for some matches.</summary>
    public VariantViews<TagParameters> Variants;
}
