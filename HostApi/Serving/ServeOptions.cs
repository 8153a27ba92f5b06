namespace Arena.HostApi.Serving;

/// <summary>How a policy is served.</summary>
public sealed record ServeOptions
{
    /// <summary>Port on the loopback address; 0 = any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Most agents of all games together: 1..4096.</summary>
    public int Agents { get; init; } = 1024;

    /// <summary>Most games, one socket each.</summary>
    public int Games { get; init; } = 64;

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic { get; init; }

    /// <summary>Key of the draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads that compute.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Time from the first byte of a message to its last; then the socket is closed.</summary>
    public TimeSpan MessageTime { get; init; } = TimeSpan.FromSeconds(10);
}
