using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>The rows of <see cref="SnakeObserve"/> for the CPU: sixteen cells of the window, eight segments of the body at a time.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void WriteBody(uint* ring, int headIndex, int length, uint head, byte* row, in SnakeArguments a)
    {
        Vector256<int> headRow = Vector256.Create((int)(head >> 16) - SnakeConstants.MaxVision);
        Vector256<int> headColumn = Vector256.Create((int)(head & 0xFFFF) - SnakeConstants.MaxVision);
        Vector256<int> lanes = Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0); // the ring runs from tail to head
        int k = 1;
        while (k < length)
        {
            int from = headIndex - k - (Lanes - 1);
            if (from < 0)
            {
                WriteSegment(ring[(headIndex - k) & (a.Parameters.RingLength - 1)], head, row, ref k);
                continue;
            }

            Vector256<uint> cells = Vector256.Load(ring + from);
            Vector256<int> rows = (cells >> 16).AsInt32() - headRow;
            Vector256<int> columns = (cells & Vector256.Create(0xFFFFu)).AsInt32() - headColumn;
            Vector256<uint> farther = Vector256.Max(rows.AsUInt32(), columns.AsUInt32());
            Vector256<int> inside = Vector256.LessThan(farther, Vector256.Create((uint)Side)).AsInt32()
                & Vector256.LessThan(lanes, Vector256.Create(length - k));
            Vector256<int> places = Vector256.ConditionalSelect(inside, (rows << 3) + (rows << 1) + rows + columns, Vector256.Create(Padding));
            int* place = (int*)&places;
            row[place[0]] = SnakeCell.OwnBody;
            row[place[1]] = SnakeCell.OwnBody;
            row[place[2]] = SnakeCell.OwnBody;
            row[place[3]] = SnakeCell.OwnBody;
            row[place[4]] = SnakeCell.OwnBody;
            row[place[5]] = SnakeCell.OwnBody;
            row[place[6]] = SnakeCell.OwnBody;
            row[place[7]] = SnakeCell.OwnBody;
            // From the oldest of the eight on, as far as the body cannot come back into the window.
            int distance = SnakeArena.Distance(ring[from], head);
            k += Lanes + Scalar.Max(0, distance - SnakeConstants.MaxVision - 1);
        }
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
