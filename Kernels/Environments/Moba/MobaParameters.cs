using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Moba;

/// <summary>The numbers of a configuration as kernels take them.</summary>
public struct MobaParameters
{
    /// <summary>Ticks of an episode.</summary>
    public int EpisodeLimit;

    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>1: first episodes are cut.</summary>
    public int Desync;

    /// <summary>The flip of every episode, or −1 to draw it.</summary>
    public int ForceFlip;

    /// <summary>1: entity observations, 0: the grid.</summary>
    public int Entities;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <summary>1: what the enemies earn is subtracted.</summary>
    public int ZeroSum;

    /// <summary>Weights·2²⁰, rounded half away from zero; that of distance is per unit: the weight·2¹².</summary>
    public int XpWeight, DeathWeight, TowerWeight, TowerTeamWeight, WinWeight, DistanceWeight;

    /// <summary>What an integer reward is multiplied by: 2⁻²⁰, or 0.2·2⁻²⁰ with <see cref="ZeroSum"/>.</summary>
    public float RewardScale;
}

/// <summary>What every kernel of the MOBA knows.</summary>
public struct MobaArguments
{
    /// <summary>Columns.</summary>
    public MobaState State;

    /// <summary>Buffers of this step.</summary>
    public StepViews Views;

    /// <summary>Options as numbers.</summary>
    public MobaParameters Parameters;

    /// <summary>The map.</summary>
    public MobaTableViews Tables;

    /// <summary>Key of all draws.</summary>
    public ulong Seed;

    /// <summary>Scratch of a tick, <see cref="MobaScratch.Length"/> numbers per match.</summary>
    public GroupScratch<int> Scratch;

    /// <summary>Claims on cells, 16384 numbers per match, <see cref="MobaClaim.None"/> between ticks; not used by the CPU's own loop.</summary>
    public GroupScratch<int> Claims;
}

/// <summary>The map as kernels see it; shared by all matches.</summary>
public struct MobaTableViews
{
    /// <summary>(512) wall bits: cell c is bit c mod 32 of word c/32.</summary>
    public View<int> Walls;

    /// <summary>(16384) bit d: whether no wall is in the way of a step in direction d 0…7.</summary>
    public View<byte> Ways;

    /// <summary>(13, 16384) direction bytes of the flow fields, for even slots; see <see cref="MobaMatch.Flow"/>.</summary>
    public View<byte> Fields;

    /// <summary>(24) cell of tower 202 + i.</summary>
    public View<int> TowerCells;

    /// <summary>(18) centre of camp i/2, half i mod 2.</summary>
    public View<int> CampCells;

    /// <summary>(6) centre of the block in which creeps of lane i/2, team i mod 2 appear.</summary>
    public View<int> SpawnCells;
}
