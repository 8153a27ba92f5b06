using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Arena.Policy.Networks;

/// <summary>A layer over bytes whose dense form would multiply one-hot planes: every byte that is not 0 adds one row of a table.</summary>
/// <remarks>
/// With weights w, y[row, cell, :] = start + Σ over bytes b ≠ 0 of a code (w[b] − w[0]) or of an amount (b / 255)·w, in the order of the bytes, whatever
/// the register. The start holds the bias and the w[0] of all codes: what a window of zeros gives. In a game most bytes are 0 (floor, nothing there): four fifths
/// of a snake's window, more of a moba's. Backward, in the same way, only rows of bytes that are not 0 are added up one by one;
/// the gradient of code 0 is the sum over all windows less those of the other codes.
/// </remarks>
internal unsafe struct TableLayer
{
    /// <summary>(EntryCount), ascending by offset.</summary>
    internal TableEntry* Entries;
    internal int EntryCount;
    internal TableRun* Runs;
    internal int RunCount;

    /// <summary>Byte at which the window of an output cell begins.</summary>
    internal int* Cells;
    internal int CellCount;

    /// <summary>C': floats of a table row, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal int Width;

    /// <summary>(Rows, C'): an amount's weights; of a code κ &gt; 0 its weights less those of code 0, whose own row is not read.</summary>
    internal float* Table;
    internal int Rows;

    /// <summary>(C') what a window of zeros gives.</summary>
    internal float* Start;

    /// <summary>Whether sums begin with <see cref="Start"/>; else y holds what it is added to.</summary>
    internal bool HasBias;

    /// <summary>Sums of the gradient of the table, as it lies in memory, and of the bias.</summary>
    internal PartialTable Sums;

    /// <summary>Where, in floats, a chunk's sum of all dy (C') begins: the bias's, if there is one.</summary>
    internal long Totals;

    /// <summary>Where, in floats, a chunk's (RunCount) bits begin of the bytes that were 0 in some window.</summary>
    internal long Zeros;

    /// <summary>Floats of scratch: the bits of a row of <paramref name="stride"/> bytes and one word more, and the items of a window.</summary>
    internal readonly int ScratchLength(int stride) => 2 * (stride / 64 + 1 + EntryCount);

    /// <summary>Rebuilds table and start from the flat parameter vector.</summary>
    internal readonly void Refresh(float* weights)
    {
        for (int row = 0; row < Rows; row++) Sums.Gather(weights, row, Table + (nint)row * Width);
        for (int output = 0; output < Width; output++) Start[output] = HasBias && output < Sums.Outputs ? weights[Sums.BiasOffset + output] : 0f;
        for (int entry = 0; entry < EntryCount; entry++)
            if (Entries[entry].Codes > 0) TakeZero(Table + (nint)Entries[entry].Row * Width, Entries[entry].Codes);
    }

    /// <summary>y (rows, cells, C') from bytes (rows, stride).</summary>
    internal readonly void Forward<TVector, TLanes>(byte* bytes, int stride, int rows, float* scratch, float* y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        ulong* bits = (ulong*)scratch;
        var items = (TableItem*)(bits + stride / 64 + 1);
        for (int row = 0; row < rows; row++, bytes += stride)
        {
            Mark(bytes, stride, bits);
            for (int cell = 0; cell < CellCount; cell++, y += Width)
            {
                int count = List(bytes, bits, cell, items);
                int column = 0;
                for (; column + Quad<TVector, TLanes>.Width <= Width; column += Quad<TVector, TLanes>.Width) AddRows<Quad<TVector, TLanes>>(items, count, column, y);
                for (; column + Pair<TVector, TLanes>.Width <= Width; column += Pair<TVector, TLanes>.Width) AddRows<Pair<TVector, TLanes>>(items, count, column, y);
                for (; column < Width; column += TLanes.Count) AddRows<Single<TVector, TLanes>>(items, count, column, y);
            }
        }
    }

    /// <summary>Adds the gradient of dy (rows, cells, C') to a chunk's sums, or sets them for its first rows; <see cref="Finish"/> ends them.</summary>
    internal readonly void Backward<TVector, TLanes>(byte* bytes, int stride, int rows, float* scratch, float* dy, float* partials, bool first, float* zeros, float* one)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* sums = partials + Sums.Weights;
        ulong* bits = (ulong*)scratch, seen = (ulong*)(partials + Zeros);
        var items = (TableItem*)(bits + stride / 64 + 1);
        if (first)
        {
            new Span<float>(sums, Rows * Width).Clear();
            new Span<ulong>(seen, RunCount).Clear();
        }

        Columnwise.Sum<TVector, TLanes>(dy, rows * CellCount, Width, partials + Totals, first, zeros, one);
        for (int row = 0; row < rows; row++, bytes += stride)
        {
            Mark(bytes, stride, bits);
            for (int cell = 0; cell < CellCount; cell++, dy += Width)
            {
                int count = List(bytes, bits, cell, items);
                for (int run = 0; run < RunCount; run++) seen[run] |= Runs[run].Bits & ~Segment(bits, Cells[cell] + Runs[run].Offset);
                int column = 0;
                for (; column + Quad<TVector, TLanes>.Width <= Width; column += Quad<TVector, TLanes>.Width) SumRows<Quad<TVector, TLanes>>(items, count, column, dy, sums);
                for (; column + Pair<TVector, TLanes>.Width <= Width; column += Pair<TVector, TLanes>.Width) SumRows<Pair<TVector, TLanes>>(items, count, column, dy, sums);
                for (; column < Width; column += TLanes.Count) SumRows<Single<TVector, TLanes>>(items, count, column, dy, sums);
            }
        }
    }

    /// <summary>Once all rows of a chunk are in its sums: those of code 0 of every byte that was 0 somewhere; of others they stay exactly 0.</summary>
    internal readonly void Finish<TVector, TLanes>(float* partials)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* total = partials + Totals;
        var seen = (ulong*)(partials + Zeros);
        for (int run = 0; run < RunCount; run++)
            for (ulong left = seen[run]; left != 0; left &= left - 1)
            {
                TableEntry entry = Entries[Runs[run].First + BitOperations.TrailingZeroCount(left)];
                if (entry.Codes == 0) continue;
                float* zero = partials + Sums.Weights + (nint)entry.Row * Width;
                for (int column = 0; column < Width; column += TLanes.Count)
                {
                    TVector sum = TLanes.Load(total + column);
                    for (int code = 1; code <= entry.Codes; code++) sum = TLanes.Subtract(sum, TLanes.Load(zero + (nint)code * Width + column));
                    TLanes.Store(sum, zero + column);
                }
            }
    }

    // The start takes the weights of code 0, and the other codes, illegal ones included, what they have more.
    private readonly void TakeZero(float* zero, int codes)
    {
        for (int column = 0; column < Width; column++)
        {
            Start[column] += zero[column];
            for (int code = 1; code < codes; code++) zero[(nint)code * Width + column] -= zero[column];
            zero[(nint)codes * Width + column] = -zero[column];
        }
    }

    // A bit per byte that is not 0.
    private static void Mark(byte* bytes, int stride, ulong* bits)
    {
        for (int at = 0; at < stride; at += 64) bits[at / 64] = ~Vector512.Equals(Vector512.Load(bytes + at), Vector512<byte>.Zero).ExtractMostSignificantBits();
        bits[stride / 64] = 0; // the end of the last segment
    }

    // 64 bits from bit `at` on.
    private static ulong Segment(ulong* bits, int at)
    {
        ulong* word = bits + (at >> 6);
        int shift = at & 63;
        return word[0] >> shift | word[1] << 1 << (63 - shift); // by 64 in two steps, since a shift by 64 does nothing
    }

    // What a window adds to its sums; returns how many.
    private readonly int List(byte* bytes, ulong* bits, int cell, TableItem* items)
    {
        TableItem* item = items;
        for (TableRun* run = Runs; run < Runs + RunCount; run++)
        {
            int begin = Cells[cell] + run->Offset;
            byte* first = bytes + begin;
            TableEntry* entries = Entries + run->First;
            for (ulong left = Segment(bits, begin) & run->Bits; left != 0; left &= left - 1, item++)
            {
                int at = BitOperations.TrailingZeroCount(left), value = first[at];
                item->Row = entries[at].Row + (value & entries[at].RowBits);
                item->Scale = entries[at].Codes > 0 ? 1f : ByteRows.Scaled(value);
            }
        }

        return (int)(item - items);
    }

    // Methods of their own: inlined into their caller they are too much for the compiler, which then keeps registers in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void AddRows<TColumns>(TableItem* items, int count, int column, float* y)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns sum = TColumns.Load(Start + column);
        if (!HasBias) sum = TColumns.Add(TColumns.Load(y + column), sum);
        float* table = Table + column;
        int width = Width;
        for (TableItem* end = items + count; items < end; items++) sum = TColumns.MultiplyAdd(items->Scale, TColumns.Load(table + (nint)items->Row * width), sum);
        TColumns.Store(sum, y + column);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void SumRows<TColumns>(TableItem* items, int count, int column, float* dy, float* sums)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns gradient = TColumns.Load(dy + column);
        sums += column;
        int width = Width;
        for (TableItem* end = items + count; items < end; items++)
        {
            float* sum = sums + (nint)items->Row * width;
            TColumns.Store(TColumns.MultiplyAdd(items->Scale, gradient, TColumns.Load(sum)), sum);
        }
    }
}
