namespace Arena.Kernels.Environments.Moba;

/// <summary>What a hero sees.</summary>
public enum MobaObservation
{
    /// <summary>510 bytes: a window of 11 × 11 cells with four bytes each, and 26 about itself.</summary>
    Grid,

    /// <summary>218 bytes: the 16 nearest units with twelve bytes each, and 26 about itself.</summary>
    Entities,
}

/// <summary>Options of the game; the rules are in the README of this folder.</summary>
public sealed record MobaOptions : GameOptions
{
    /// <summary>Ticks after which the clock truncates a match.</summary>
    [Setting("Ticks after which the clock ends a match (truncated).", Unit = "ticks", Min = 1, Max = 65_535)]
    public int EpisodeLimit { get; init; } = 4_000;

    /// <summary>What the scattered walls of the map are drawn from; lanes, towers and camps are the same on every map.</summary>
    [Setting("What the scattered walls of the map are drawn from; all matches of a batch share one map.", Min = 0, Max = int.MaxValue)]
    public int MapSeed { get; init; } = 1;

    /// <summary>How observations are laid out.</summary>
    [Setting("A window of cells around the hero, or the 16 nearest units.")]
    public MobaObservation Observation { get; init; }

    /// <summary>Subtracts the other team's mean from every part of the reward, so that the rewards of all ten heroes cancel.</summary>
    [Setting("Subtract the mean of the five enemies from every part of a hero's reward.")]
    public bool ZeroSum { get; init; }

    /// <summary>Fixes the bit that decides ties between the two teams; −1 draws it per episode. For tests of symmetry.</summary>
    [Setting("Which team wins ties: 0 or 1 for all episodes, −1 draws it for each.", Min = -1, Max = 1)]
    public int ForceFlip { get; init; } = -1;

    /// <summary>Weights of the reward components.</summary>
    public MobaRewards Rewards { get; init; } = new();
}

/// <summary>Weights of the reward components; those with a final weight move there linearly over a training run.</summary>
public sealed record MobaRewards
{
    /// <summary>Per point of experience.</summary>
    [Setting("Weight of a point of experience, at the start of training.", Min = -100, Max = 100)]
    public float Xp { get; init; } = 0.002f;

    /// <summary>The same at the end of training.</summary>
    [Setting("Weight of a point of experience at the end of training.", Min = -100, Max = 100)]
    public float XpFinal { get; init; } = 0.002f;

    /// <summary>Dying.</summary>
    [Setting("Weight of dying.", Min = -100, Max = 100)]
    public float Death { get; init; } = -0.5f;

    /// <summary>A tower destroyed by one's own last hit.</summary>
    [Setting("Weight of the last hit on an enemy tower.", Min = -100, Max = 100)]
    public float Tower { get; init; } = 0.5f;

    /// <summary>A tower destroyed by anybody of the team.</summary>
    [Setting("Weight of an enemy tower that fell, for all five.", Min = -100, Max = 100)]
    public float TowerTeam { get; init; } = 0.5f;

    /// <summary>±1 at the end for the winners and the losers.</summary>
    [Setting("Weight of winning (±1 at the end).", Min = -100, Max = 100)]
    public float Win { get; init; } = 5f;

    /// <summary>Cells come closer to the nearest enemy structure that can be attacked.</summary>
    [Setting("Weight per cell come closer to the nearest enemy structure that can be attacked, at the start.", Min = -100, Max = 100)]
    public float Distance { get; init; }

    /// <summary>The same at the end of training.</summary>
    [Setting("Weight per cell of approach at the end of training.", Min = -100, Max = 100)]
    public float DistanceFinal { get; init; }
}
