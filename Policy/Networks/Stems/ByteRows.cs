using System.Numerics;
using System.Runtime.CompilerServices;

namespace Arena.Policy.Networks;

/// <summary>Copies byte rows to where a table can be indexed by them: every illegal code becomes the one code that means "illegal".</summary>
internal static unsafe class ByteRows
{
    /// <summary>Copies <paramref name="rows"/> rows; byte b becomes min(b, limits[b]).</summary>
    /// <param name="source">(rows, stride).</param>
    /// <param name="limits">(padded) n for a byte that holds one of n codes, 255 for all others and the padding.</param>
    /// <param name="padded">Bytes between rows of the copy: the row length rounded up to <see cref="Padded"/>.</param>
    /// <returns>Bytes that held an illegal code.</returns>
    internal static long Load(byte* source, nint stride, int rows, int length, byte* limits, byte* destination, int padded)
    {
        long illegal = 0;
        for (int row = 0; row < rows; row++, source += stride, destination += padded)
        {
            new ReadOnlySpan<byte>(source, length).CopyTo(new Span<byte>(destination, length));
            if (Clip(destination, limits, padded)) illegal += Count(source, destination, limits, length);
        }

        return illegal;
    }

    /// <summary>Bytes a row of <paramref name="length"/> takes in the copy: whole registers of any width.</summary>
    internal static int Padded(int length) => (length + 63) / 64 * 64;

    /// <summary>The first illegal byte of a row, or −1.</summary>
    internal static int FirstIllegal(byte* source, byte* limits, int length)
    {
        for (int at = 0; at < length; at++)
            if (source[at] >= limits[at] && limits[at] != byte.MaxValue) return at;
        return -1;
    }

    /// <summary>value / 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Scaled(int value) => value * (1f / 255f);

    // Some byte has reached its limit, which for codes is one past the last.
    private static bool Clip(byte* row, byte* limits, int padded)
    {
        Vector<byte> reached = Vector<byte>.Zero;
        for (int at = 0; at < padded; at += Vector<byte>.Count)
        {
            Vector<byte> limit = Vector.Load(limits + at);
            Vector<byte> value = Vector.Min(Vector.Load(row + at), limit);
            reached |= Vector.AndNot(Vector.Equals(value, limit), Vector.Equals(limit, Vector<byte>.AllBitsSet));
            Vector.Store(value, row + at);
        }

        return reached != Vector<byte>.Zero;
    }

    private static long Count(byte* source, byte* clipped, byte* limits, int length)
    {
        long count = 0;
        for (int at = 0; at < length; at++)
            if (clipped[at] == limits[at] && limits[at] != byte.MaxValue) count++;
        return count;
    }
}
