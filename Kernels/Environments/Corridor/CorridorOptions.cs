namespace Arena.Kernels.Environments.Corridor;

/// <summary>How the walker is told where to go.</summary>
public enum CorridorActions
{
    /// <summary>One head of two: 0 left, 1 right.</summary>
    Discrete,

    /// <summary>One float: negative left, otherwise right.</summary>
    Continuous,
}

/// <summary>Options of the corridor.</summary>
public sealed record CorridorOptions : GameOptions
{
    /// <summary>Discrete or continuous actions.</summary>
    [Setting("Discrete (left, right) or continuous (by sign) actions.")]
    public CorridorActions Actions { get; init; }

    /// <summary>Observation elements as floats 0..1 or bytes 0..255.</summary>
    [Setting("Observations as floats 0..1 or as bytes 0..255.")]
    public ObservationKind Observation { get; init; }

    /// <summary>A cue seen only at tick 0, in which the walker waits, names the end that pays; the other end costs 1. For recurrent networks.</summary>
    [Setting("A cue seen at tick 0 only names the paying end; for recurrent networks.")]
    public bool Memory { get; init; }

    /// <summary>Forbids walking into the left wall, by action mask (discrete actions only).</summary>
    [Setting("Mask the action that would walk into the left wall (discrete actions).")]
    public bool Masks { get; init; }

    /// <summary>What the end of the clock reports.</summary>
    [Setting("What the end of the clock reports.")]
    public ClockEnd Clock { get; init; }

    /// <summary>Ticks after which the clock ends an episode.</summary>
    [Setting("Ticks after which the clock ends an episode.", Unit = "ticks", Min = 1, Max = 1 << 20)]
    public int MaxTicks { get; init; } = 32;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Masks && Actions == CorridorActions.Continuous)
            throw new UsageException("--masks is on, but continuous actions have no masks; use --actions discrete, or turn the masks off.");
        if (Masks && Memory)
            throw new UsageException("--masks is on together with --memory, where the left end may pay; use one of the two.");
    }
}
