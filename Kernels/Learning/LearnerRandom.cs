using System.Runtime.CompilerServices;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>What a learner draws random numbers for; environments begin at <see cref="Philox.FirstEnvironmentPurpose"/>.</summary>
public static class LearnerPurpose
{
    /// <summary>Sampling actions; word 0 = global row, step = update·T + t, block = 4 components or heads.</summary>
    public const uint ActionSampling = 1;

    /// <summary>Initial parameters.</summary>
    public const uint ParameterInitialisation = 2;

    /// <summary>Order of segments; word 0 = epoch, step = update, block = shard.</summary>
    public const uint SegmentPermutation = 3;

    /// <summary>
    /// Who plays against whom. Block 0 belongs to matches (word 0 = global match, step = episode; its first word is about the pool, its second about built-in opponents), block 1 to the pool that
    /// chooses which opponents are at hand (word 0 = 0, step = update).
    /// </summary>
    public const uint OpponentAssignment = 5;

    /// <summary>Sampling actions of evaluation games, so that they never repeat a draw of training; word 0 = global row, step = policy step.</summary>
    public const uint Evaluation = 6;

    /// <summary>Drawing games with replacement to judge a score; step = number of the resample, block = four games of it (word 0 = block / 65536).</summary>
    public const uint Bootstrap = 7;

    /// <summary>Which matches rehearse an earlier stage of a curriculum, and which one; word 0 = global match, step = the episode that will begin.</summary>
    public const uint Rehearsal = 8;

    /// <summary>Seed of a batch of whole games; step = batch, words 0 and 1.</summary>
    public const uint GameBatch = 9;

    /// <summary>Sampling actions of pool opponents; counters as for <see cref="ActionSampling"/>.</summary>
    public const uint OpponentSampling = 10;
}

/// <summary>Random draws of learning: Philox under the counter (row, step low, step high, purpose &lt;&lt; 16 | block).</summary>
public static class LearnerRandom
{
    /// <summary>Four random words.</summary>
    /// <param name="seed">Key.</param>
    /// <param name="row">Global row, or what the purpose says.</param>
    /// <param name="step">Policy step or update.</param>
    /// <param name="purpose">One of <see cref="LearnerPurpose"/>.</param>
    /// <param name="block">Number of the block within (row, step, purpose); 0..65535.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt4 Draw(ulong seed, uint row, ulong step, uint purpose, uint block) =>
        Philox.Block(new UInt4(row, (uint)step, (uint)(step >> 32), purpose << 16 | block), (uint)seed, (uint)(seed >> 32));
}
