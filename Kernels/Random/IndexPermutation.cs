using System.Runtime.CompilerServices;

namespace Arena.Kernels.Random;

/// <summary>A random order of 0..Count−1 as a pure function: no shuffle, no index buffer.</summary>
/// <remarks>
/// Four Feistel rounds over the smallest even number of bits that holds Count, walked along the cycle until the result is
/// below Count (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). Every Feistel network is a
/// bijection, whatever its round function; the one here mixes with a multiplication and shifts, under round keys that
/// the caller draws from Philox. At most four times as many values as Count exist, so a walk takes fewer than four steps on average.
/// </remarks>
public readonly struct IndexPermutation
{
    private readonly UInt4 keys;
    private readonly uint count;
    private readonly int halfBits;

    /// <summary>An order of <paramref name="count"/> indices under the round keys <paramref name="keys"/>.</summary>
    /// <param name="count">1..2³⁰.</param>
    /// <param name="keys">One Philox block.</param>
    public IndexPermutation(int count, UInt4 keys)
    {
        this.keys = keys;
        this.count = (uint)count;
        int bits = 1;
        while (1 << (2 * bits) < count && bits < 15) bits++;
        halfBits = bits;
    }

    /// <summary>Length of the order.</summary>
    public int Count => (int)count;

    /// <summary>The index that comes at <paramref name="place"/>, 0..Count−1.</summary>
    public int At(int place)
    {
        uint value = (uint)place;
        do value = Encrypt(value);
        while (value >= count);
        return (int)value;
    }

    private uint Encrypt(uint value)
    {
        uint mask = (1u << halfBits) - 1;
        uint left = value >> halfBits, right = value & mask;
        left ^= Mix(right, keys.X) & mask;
        right ^= Mix(left, keys.Y) & mask;
        left ^= Mix(right, keys.Z) & mask;
        right ^= Mix(left, keys.W) & mask;
        return left << halfBits | right;
    }

    // Finaliser of MurmurHash3 (Appleby, public domain) over half and key.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint half, uint key)
    {
        uint x = half * 0x9E3779B9 + key;
        x = (x ^ x >> 16) * 0x85EBCA6B;
        x = (x ^ x >> 13) * 0xC2B2AE35;
        return x ^ x >> 16;
    }
}
