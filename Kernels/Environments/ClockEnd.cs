namespace Arena.Kernels.Environments;

/// <summary>What the end of the clock reports.</summary>
public enum ClockEnd
{
    /// <summary>Truncated: the learner bootstraps from the last observation.</summary>
    Truncate,

    /// <summary>Terminated: full time is a rule of the game, and observations show the clock.</summary>
    Terminate,
}
