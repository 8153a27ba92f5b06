using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>The rows of <see cref="SnakeObserve"/> for the CPU: a line of the window, or two, at a time.</summary>
/// <remarks>
/// For the largest window, not turned; whatever else goes the usual way. A line is read as 32 bytes, sixteen cells, and stored as 16, of which the next line
/// overwrites the last five. Which cells are one's own is a comparison with the owner that every cell names.
/// </remarks>
public static class SnakeObserveWide
{
    private const int Side = 2 * SnakeConstants.MaxVision + 1;
    private const int Centre = SnakeConstants.MaxVision * Side + SnakeConstants.MaxVision;

    /// <summary>Does this arena, on this machine, go this way?</summary>
    public static bool Fits(in SnakeParameters p) => Vector128.IsHardwareAccelerated && p.Vision == SnakeConstants.MaxVision && p.Rotate == 0;

    /// <summary>As <see cref="SnakeObserve.Write"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(in SnakeArena arena, int i, View<byte> rows, in SnakeArguments a)
    {
        if (arena.Status[i] != SnakeConstants.Alive)
        {
            SnakeObserve.Write(arena, i, rows, a);
            return;
        }

        byte* row = rows.Slice((long)(arena.FirstRow + i) * SnakeConstants.ObservationLength, SnakeConstants.ObservationLength).Pointer;
        CopyWindow(arena, i, row, a);
        row[Centre] = SnakeCell.OwnHead;
        uint hunger = (uint)Scalar.Min(255, (int)(arena.Hunger[i] >> 3));
        uint pending = (uint)Scalar.Min(255, arena.Pending[i]), length = (uint)Scalar.Min(255, arena.Length[i]);
        // Two stores of four bytes, the second of which clears what lies behind the hunger.
        Unsafe.WriteUnaligned(row + SnakeConstants.HeadingOffset, arena.Heading[i] | length << 8 | pending << 16 | hunger << 24);
        Unsafe.WriteUnaligned(row + SnakeConstants.HungerOffset, hunger);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void CopyWindow(in SnakeArena arena, int i, byte* row, in SnakeArguments a)
    {
        long stride = a.Parameters.Stride;
        int corner = arena.Head[i] - SnakeConstants.MaxVision * a.Parameters.Stride - SnakeConstants.MaxVision;
        ushort* from = arena.Grid.Slice(corner, (Side - 1) * stride + Side).Pointer;
        ushort own = (ushort)(i << SnakeCell.OwnerShift | SnakeCell.Body);
        CopyTwo(from, stride, own, row);
        CopyTwo(from + 2 * stride, stride, own, row + 2 * Side);
        CopyTwo(from + 4 * stride, stride, own, row + 4 * Side);
        CopyTwo(from + 6 * stride, stride, own, row + 6 * Side);
        CopyTwo(from + 8 * stride, stride, own, row + 8 * Side);
        // The last line exactly: there is nothing to read behind the grid.
        from += 10 * stride;
        Vector128<byte> last = Narrow(Codes(Vector128.Load(from), own), Codes(Vector128.Load(from + Side - 8), own));
        Unsafe.WriteUnaligned(row + 10 * Side, last.AsUInt64().ToScalar());
        Unsafe.WriteUnaligned(row + 11 * Side - sizeof(ulong), last.AsUInt64().GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void CopyTwo(ushort* from, long stride, ushort own, byte* row)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<ushort> cells = Vector256.Load(from).ToVector512Unsafe().WithUpper(Vector256.Load(from + stride));
            Vector512<ushort> seen = cells + (Vector512.Equals(cells, Vector512.Create(own)) & Vector512.Create((ushort)(SnakeCell.OwnBody - SnakeCell.Body)));
            Vector256<byte> bytes = Avx512BW.ConvertToVector256Byte(seen) & Vector256.Create((byte)SnakeCell.Mask);
            bytes.GetLower().Store(row);
            bytes.GetUpper().Store(row + Side);
        }
        else
        {
            Narrow(Codes(Vector128.Load(from), own), Codes(Vector128.Load(from + 8), own)).Store(row);
            from += stride;
            Narrow(Codes(Vector128.Load(from), own), Codes(Vector128.Load(from + 8), own)).Store(row + Side);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Codes(Vector128<ushort> cells, ushort own) =>
        (cells & Vector128.Create((ushort)SnakeCell.Mask)) | (Vector128.Equals(cells, Vector128.Create(own)) & Vector128.Create((ushort)(SnakeCell.OwnBody ^ SnakeCell.Body)));

    // Lanes are 0..7 here, so that saturation does nothing: on x86 it is the cheaper of the two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector128<ushort> first, Vector128<ushort> second) =>
        Sse2.IsSupported ? Sse2.PackUnsignedSaturate(first.AsInt16(), second.AsInt16()) : Vector128.Narrow(first, second);
}
