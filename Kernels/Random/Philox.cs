using System.Runtime.CompilerServices;

namespace Arena.Kernels.Random;

/// <summary>Four random words of one block.</summary>
public readonly struct UInt4(uint x, uint y, uint z, uint w)
{
    /// <summary>Word 0.</summary>
    public readonly uint X = x;

    /// <summary>Word 1.</summary>
    public readonly uint Y = y;

    /// <summary>Word 2.</summary>
    public readonly uint Z = z;

    /// <summary>Word 3.</summary>
    public readonly uint W = w;
}

/// <summary>Philox4x32-10: randomness as a function of a counter and a key, not a stream.</summary>
/// <remarks>
/// Any thread, device or reference can recompute any draw, so results depend neither on launch order nor on the number
/// of matches. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.3;
/// tested against its published vectors.
/// </remarks>
public static class Philox
{
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9; // golden ratio
    internal const uint Weyl1 = 0xBB67AE85; // square root of 3, minus 1
    internal const int Rounds = 10;

    /// <summary>Purposes below this number belong to learning, the others to the environments (purpose 0 of a game is this one).</summary>
    public const uint FirstEnvironmentPurpose = 16;

    /// <summary>The block for <paramref name="counter"/> under the 64-bit key (<paramref name="key0"/> is the low word).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt4 Block(UInt4 counter, uint key0, uint key1)
    {
        uint x = counter.X, y = counter.Y, z = counter.Z, w = counter.W;
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * x;
            ulong product1 = (ulong)Multiplier1 * z;
            x = (uint)(product1 >> 32) ^ y ^ key0;
            y = (uint)product1;
            z = (uint)(product0 >> 32) ^ w ^ key1;
            w = (uint)product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return new UInt4(x, y, z, w);
    }

    /// <summary>A draw of an environment.</summary>
    /// <param name="seed">Key.</param>
    /// <param name="match">Global number of the match.</param>
    /// <param name="episode">Episode of that match, from 0.</param>
    /// <param name="tick">Tick of the episode, from 0.</param>
    /// <param name="slot">What it is for within the purpose (agent, food number …), 0..65535.</param>
    /// <param name="purpose">The game's own purpose number, from 0; 0..65519.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt4 Draw(ulong seed, uint match, uint episode, uint tick, uint slot, uint purpose) =>
        Block(new UInt4(match, episode, tick, ((FirstEnvironmentPurpose + purpose) << 16) | slot), (uint)seed, (uint)(seed >> 32));

    /// <summary>A float in (0, 1): ((word >> 9) + ½)·2⁻²³, exact, never 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Uniform(uint word) => ((int)(word >> 9) + 0.5f) * 1.1920929e-7f; // by int: uint to float goes through double on a GPU

    /// <summary>A float in (−1, 1), symmetric about 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Symmetric(uint word) => 2f * Uniform(word) - 1f;

    /// <summary>An integer in 0..n−1: the high word of word · n (bias at most n/2³²).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Below(uint word, int n) => (int)(((ulong)word * (uint)n) >> 32);
}
