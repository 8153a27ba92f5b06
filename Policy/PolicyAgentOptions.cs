namespace Arena.Policy;

/// <summary>How a <see cref="PolicyAgent"/> plays.</summary>
public sealed record PolicyAgentOptions
{
    /// <summary>Most agents that play at the same time: 1..4096. Each has a recurrent state of its own.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>Threads that compute, the calling one included: 1..1024. No number changes a result.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic { get; init; }

    /// <summary>Key of the draws; without meaning where actions are deterministic.</summary>
    public ulong Seed { get; init; } = 1;
}
