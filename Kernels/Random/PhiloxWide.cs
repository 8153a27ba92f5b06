using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Arena.Kernels.Random;

/// <summary>Eight blocks of <see cref="Philox"/> at a time, for loops of the CPU that need many draws at once.</summary>
internal static class PhiloxWide
{
    /// <summary>Draws at a time.</summary>
    internal const int Lanes = 8;

    /// <summary>Does this machine have what it takes?</summary>
    internal static bool IsSupported => Avx512F.IsSupported;

    /// <summary>Word 0 of <see cref="Philox.Draw"/> for eight slots, below <paramref name="n"/> as <see cref="Philox.Below"/>.</summary>
    /// <param name="seed">As there, and so on.</param>
    /// <param name="match">As there.</param>
    /// <param name="episode">As there.</param>
    /// <param name="tick">As there.</param>
    /// <param name="slots">Eight slots, 0..65535.</param>
    /// <param name="purpose">As there.</param>
    /// <param name="n">1..2³¹ − 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<ulong> Below(ulong seed, uint match, uint episode, uint tick, Vector512<ulong> slots, uint purpose, int n)
    {
        // Lanes of 64 bits whose upper halves may hold anything: products read the lower halves only.
        Vector512<uint> multiplier0 = Vector512.Create((ulong)Philox.Multiplier0).AsUInt32(), multiplier1 = Vector512.Create((ulong)Philox.Multiplier1).AsUInt32();
        Vector512<ulong> x = Vector512.Create((ulong)match), y = Vector512.Create((ulong)episode), z = Vector512.Create((ulong)tick);
        Vector512<ulong> w = slots | Vector512.Create((ulong)(Philox.FirstEnvironmentPurpose + purpose) << 16);
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (int round = 0; round < Philox.Rounds; round++)
        {
            Vector512<ulong> product0 = Avx512F.Multiply(x.AsUInt32(), multiplier0), product1 = Avx512F.Multiply(z.AsUInt32(), multiplier1);
            x = (product1 >> 32) ^ y ^ Vector512.Create((ulong)key0);
            y = product1;
            z = (product0 >> 32) ^ w ^ Vector512.Create((ulong)key1);
            w = product0;
            key0 += Philox.Weyl0;
            key1 += Philox.Weyl1;
        }

        return Avx512F.Multiply(x.AsUInt32(), Vector512.Create((ulong)n).AsUInt32()) >> 32;
    }
}
