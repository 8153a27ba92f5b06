using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Arena.Policy.SelfPlay;

/// <summary>Why an entry stays whatever happens; none of these is ever evicted.</summary>
[Flags]
public enum PoolFlags
{
    /// <summary>An ordinary entry.</summary>
    None = 0,

    /// <summary>The first one admitted.</summary>
    First = 1,

    /// <summary>The last one that passed the gate.</summary>
    Champion = 2,

    /// <summary>Measured against, never trained against.</summary>
    HeldOut = 4,
}

/// <summary>A frozen policy: a copy of its weights, their hash, and what is known about it.</summary>
/// <remarks>Nothing outside <see cref="OpponentPool"/> can change one, and nothing at all changes its weights.</remarks>
public sealed class PoolEntry
{
    private readonly float[] weights;

    internal PoolEntry(int id, long update, long agentSteps, float[] weights, string hash)
    {
        (Id, Update, AgentSteps, this.weights, Hash) = (id, update, agentSteps, weights, hash);
    }

    /// <summary>Number within the pool, counted from 0 in the order of admission; never used again.</summary>
    public int Id { get; }

    /// <summary>Update after which it was frozen.</summary>
    public long Update { get; }

    /// <summary>Agent-steps of training behind it.</summary>
    public long AgentSteps { get; }

    /// <summary>(P) float, frozen.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>SHA-256 of the bytes of <see cref="Weights"/>, 64 lower-case hexadecimal digits, taken when they were frozen.</summary>
    public string Hash { get; }

    /// <summary>Elo; NaN while it is not rated.</summary>
    public double Rating { get; internal set; } = double.NaN;

    /// <summary>What protects it.</summary>
    public PoolFlags Flags { get; internal set; }

    /// <summary>The learner's score against it, 0..1: a mean over <see cref="OpponentPoolConfig.ScoreGames"/> games in which older ones fade, ½ before the first.</summary>
    public double Score { get; internal set; } = 0.5;

    /// <summary>Training games against it.</summary>
    public long Games { get; internal set; }

    /// <summary>May it be an opponent in training?</summary>
    public bool IsOpponent => (Flags & PoolFlags.HeldOut) == 0;

    /// <summary>SHA-256 of <paramref name="weights"/> as 64 lower-case hexadecimal digits.</summary>
    public static string HashOf(ReadOnlySpan<float> weights) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(weights)));
}
