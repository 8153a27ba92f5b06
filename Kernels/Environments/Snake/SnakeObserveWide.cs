using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>The rows of <see cref="SnakeObserve"/> for the CPU: sixteen cells of the window, eight or sixteen segments of the body at a time.</summary>
/// <remarks>
/// For the largest window, not turned; whatever else goes the usual way. A row of the window is one load and one store of 16 bytes,
/// of which the next row overwrites the last five. Own cells are stored without asking whether they are in the window: those that
/// are not go to a byte of padding that is cleared afterwards, since nobody can predict where a body turns.
/// </remarks>
public static class SnakeObserveWide
{
    private const int Side = 2 * SnakeConstants.MaxVision + 1;
    private const int Centre = SnakeConstants.MaxVision * Side + SnakeConstants.MaxVision;
    private const int Padding = SnakeConstants.ObservationLength - 1;
    private const int Lanes = 8;

    /// <summary>Does this arena, on this machine, go this way?</summary>
    public static bool Fits(in SnakeParameters p) =>
        Vector256.IsHardwareAccelerated && p.Vision == SnakeConstants.MaxVision && p.Rotate == 0 && p.RingLength >= Lanes;

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
        int headIndex = arena.HeadIndex[i], length = arena.Length[i];
        uint* ring = arena.Ring.Slice((long)i * a.Parameters.RingLength, a.Parameters.RingLength).Pointer;
        uint head = ring[headIndex];
        CopyWindow(arena, head, row, a);
        WriteBody(ring, headIndex, length, head, row, a);
        row[Centre] = SnakeCell.OwnHead;
        uint hunger = (uint)Scalar.Min(255, (int)(arena.Hunger[i] >> 3));
        uint pending = (uint)Scalar.Min(255, arena.Pending[i]);
        // Two stores of four bytes, the second of which clears what lies behind the hunger.
        Unsafe.WriteUnaligned(row + SnakeConstants.HeadingOffset, arena.Heading[i] | (uint)Scalar.Min(255, length) << 8 | pending << 16 | hunger << 24);
        Unsafe.WriteUnaligned(row + SnakeConstants.HungerOffset, hunger);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void CopyWindow(in SnakeArena arena, uint head, byte* row, in SnakeArguments a)
    {
        long stride = a.Parameters.Stride;
        int corner = SnakeArena.At(head, a.Parameters) - SnakeConstants.MaxVision * a.Parameters.Stride - SnakeConstants.MaxVision;
        byte* from = arena.Grid.Slice(corner, (Side - 1) * stride + Side).Pointer;
        byte* next = from + 4 * stride, last = next + 4 * stride;
        CopyLines(from, stride, row);
        CopyLines(next, stride, row + 4 * Side);
        Vector128.Load(last).Store(row + 8 * Side);
        Vector128.Load(last + stride).Store(row + 9 * Side);
        // The last line exactly: there is nothing to read behind the grid.
        last += 2 * stride;
        Unsafe.WriteUnaligned(row + 10 * Side, Unsafe.ReadUnaligned<ulong>(last));
        Unsafe.WriteUnaligned(row + 11 * Side - sizeof(ulong), Unsafe.ReadUnaligned<ulong>(last + Side - sizeof(ulong)));
    }

    // Four lines; written out, since the compiler unrolls no loops.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void CopyLines(byte* from, long stride, byte* row)
    {
        Vector128.Load(from).Store(row);
        Vector128.Load(from + stride).Store(row + Side);
        Vector128.Load(from + 2 * stride).Store(row + 2 * Side);
        Vector128.Load(from + 3 * stride).Store(row + 3 * Side);
    }

    // Sixteen segments at a time while more than eight are left: a short body would store eight places for nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void WriteBody(uint* ring, int headIndex, int length, uint head, byte* row, in SnakeArguments a)
    {
        int top = (int)(head >> 16) - SnakeConstants.MaxVision, left = (int)(head & 0xFFFF) - SnakeConstants.MaxVision;
        int k = 1;
        while (k < length)
        {
            int from = headIndex - k - (Lanes - 1), stored = Lanes;
            if (from < 0)
            {
                WriteSegment(ring[(headIndex - k) & (a.Parameters.RingLength - 1)], head, row, ref k);
                continue;
            }

            if (length - k > Lanes && from >= Lanes)
            {
                from -= Lanes;
                stored += Lanes;
                WriteSixteen(ring + from, top, left, length - k, row);
            }
            else WriteEight(ring + from, top, left, length - k, row);
            // From the oldest of them on, as far as the body cannot come back into the window.
            k += stored + Scalar.Max(0, SnakeArena.Distance(ring[from], head) - SnakeConstants.MaxVision - 1);
        }
    }

    // The ring runs from tail to head: the last of the cells is the nearest to the head.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void WriteEight(uint* ring, int top, int left, int count, byte* row)
    {
        Vector256<uint> cells = Vector256.Load(ring);
        Vector256<int> rows = (cells >> 16).AsInt32() - Vector256.Create(top), columns = (cells & Vector256.Create(0xFFFFu)).AsInt32() - Vector256.Create(left);
        Vector256<int> inside = Vector256.LessThan(Vector256.Max(rows.AsUInt32(), columns.AsUInt32()), Vector256.Create((uint)Side)).AsInt32()
            & Vector256.LessThan(Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0), Vector256.Create(count));
        Vector256<int> places = Vector256.ConditionalSelect(inside, (rows << 3) + (rows << 1) + rows + columns, Vector256.Create(Padding));
        StoreEight((int*)&places, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void WriteSixteen(uint* ring, int top, int left, int count, byte* row)
    {
        Vector512<uint> cells = Vector512.Load(ring);
        Vector512<int> rows = (cells >> 16).AsInt32() - Vector512.Create(top), columns = (cells & Vector512.Create(0xFFFFu)).AsInt32() - Vector512.Create(left);
        Vector512<int> inside = Vector512.LessThan(Vector512.Max(rows.AsUInt32(), columns.AsUInt32()), Vector512.Create((uint)Side)).AsInt32()
            & Vector512.LessThan(Vector512.Create(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), Vector512.Create(count));
        Vector512<int> places = Vector512.ConditionalSelect(inside, (rows << 3) + (rows << 1) + rows + columns, Vector512.Create(Padding));
        StoreEight((int*)&places, row);
        StoreEight((int*)&places + Lanes, row);
    }

    // Written out, since the compiler unrolls no loops.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void StoreEight(int* place, byte* row)
    {
        row[place[0]] = SnakeCell.OwnBody;
        row[place[1]] = SnakeCell.OwnBody;
        row[place[2]] = SnakeCell.OwnBody;
        row[place[3]] = SnakeCell.OwnBody;
        row[place[4]] = SnakeCell.OwnBody;
        row[place[5]] = SnakeCell.OwnBody;
        row[place[6]] = SnakeCell.OwnBody;
        row[place[7]] = SnakeCell.OwnBody;
    }

    // Where the ring begins anew.
    private static unsafe void WriteSegment(uint cell, uint head, byte* row, ref int k)
    {
        int distance = SnakeArena.Distance(cell, head);
        if (distance > SnakeConstants.MaxVision)
        {
            k += distance - SnakeConstants.MaxVision;
            return;
        }

        int rows = (int)(cell >> 16) - (int)(head >> 16), columns = (int)(cell & 0xFFFF) - (int)(head & 0xFFFF);
        row[Centre + rows * Side + columns] = SnakeCell.OwnBody;
        k++;
    }
}
