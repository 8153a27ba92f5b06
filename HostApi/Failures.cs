using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>What to do about actions a game cannot play (NaN, out of range, masked); it plays "do nothing" for them.</summary>
public enum BadActions
{
    /// <summary>Throw a <see cref="BadActionException"/> after the step.</summary>
    Throw,

    /// <summary>Count them in <see cref="VectorEnv.BadActionCount"/>.</summary>
    Count,
}

/// <summary>A step was given an action the game cannot play; the step itself was made, with "do nothing" for that row.</summary>
public sealed class BadActionException(int match, int agent, uint errors, long rows)
    : Exception(
        $"Match {match}, agent {agent}: {ErrorCode.Describe(errors)}{(rows > 1 ? $" (and {rows - 1} more rows in this step)" : "")}. " +
        "The game played 'do nothing' instead. Give finite values in [-1, 1], choices below their head's size and legal by the mask, " +
        "or create the environment with BadActions.Count to go on and count them.")
{
    /// <summary>First match with a bad action, 0..E-1.</summary>
    public int Match { get; } = match;

    /// <summary>Its agent, 0..A-1.</summary>
    public int Agent { get; } = agent;

    /// <summary>Bits of <see cref="ErrorCode"/>.</summary>
    public uint Errors { get; } = errors;

    /// <summary>Rows with a bad action in this step.</summary>
    public long Rows { get; } = rows;
}
