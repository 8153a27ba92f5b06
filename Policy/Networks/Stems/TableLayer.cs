namespace Arena.Policy.Networks;

/// <summary>A layer over bytes whose dense form would multiply one-hot planes: per byte it adds one row of a table.</summary>
/// <remarks>
/// y[row, cell, :] = start + Σ over codes of T[Row + code, :] + Σ over amounts of (value / 255)·T[Row, :], codes before amounts, each in the
/// order of the entries, whatever the register. Entries are taken in groups whose table rows fit the first-level cache; the partial sum
/// waits in y meanwhile, which changes no bit.
/// </remarks>
internal unsafe struct TableLayer
{
    private const int GroupFloats = 8_192; // of table per group: 32 kB

    /// <summary>Entries of codes, then of amounts.</summary>
    internal TableEntry* Entries;
    internal int Codes;
    internal int Amounts;

    /// <summary>Byte at which the window of an output cell begins.</summary>
    internal int* Cells;
    internal int CellCount;

    /// <summary>C': floats of a table row, a multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal int Width;

    /// <summary>(Rows, C').</summary>
    internal float* Table;
    internal int Rows;

    /// <summary>(C') start of the sums; null: y already holds it.</summary>
    internal float* Bias;

    /// <summary>Entries whose table rows stay in the first-level cache together.</summary>
    internal int CodesPerGroup;

    /// <summary>Sums of the gradient of the table, as it lies in memory, and of the bias.</summary>
    internal PartialTable Sums;

    /// <summary>The largest group for tables of <paramref name="rowsPerCode"/> rows per entry.</summary>
    internal static int GroupOf(int rowsPerCode) => Math.Max(1, GroupFloats / (rowsPerCode * 4 * Gemm.ColumnBlock));

    /// <summary>y (rows, cells, C') from bytes (rows, stride).</summary>
    internal readonly void Forward<TVector, TLanes>(byte* bytes, int stride, int rows, float* y)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        if (Bias != null)
            for (long cell = 0; cell < (long)rows * CellCount; cell++)
                new ReadOnlySpan<float>(Bias, Width).CopyTo(new Span<float>(y + cell * Width, Width));
        int column = 0;
        for (; column + Quad<TVector, TLanes>.Width <= Width; column += Quad<TVector, TLanes>.Width)
            ForwardPanel<Quad<TVector, TLanes>>(bytes, stride, rows, y + column, Table + column);
        for (; column + Pair<TVector, TLanes>.Width <= Width; column += Pair<TVector, TLanes>.Width)
            ForwardPanel<Pair<TVector, TLanes>>(bytes, stride, rows, y + column, Table + column);
        for (; column < Width; column += TLanes.Count)
            ForwardPanel<Single<TVector, TLanes>>(bytes, stride, rows, y + column, Table + column);
    }

    /// <summary>Adds the table's gradient of dy (rows, cells, C') to <paramref name="partials"/>, row after row.</summary>
    internal readonly void Backward<TVector, TLanes>(byte* bytes, int stride, int rows, float* dy, float* partials)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* sums = partials + Sums.Weights;
        int column = 0;
        for (; column + Quad<TVector, TLanes>.Width <= Width; column += Quad<TVector, TLanes>.Width)
            BackwardPanel<Quad<TVector, TLanes>>(bytes, stride, rows, dy + column, sums + column);
        for (; column + Pair<TVector, TLanes>.Width <= Width; column += Pair<TVector, TLanes>.Width)
            BackwardPanel<Pair<TVector, TLanes>>(bytes, stride, rows, dy + column, sums + column);
        for (; column < Width; column += TLanes.Count)
            BackwardPanel<Single<TVector, TLanes>>(bytes, stride, rows, dy + column, sums + column);
    }

    private readonly void ForwardPanel<TColumns>(byte* bytes, int stride, int rows, float* y, float* table)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        for (int first = 0; first < Codes; first += CodesPerGroup)
        {
            int last = Math.Min(first + CodesPerGroup, Codes);
            for (int row = 0; row < rows; row++)
                for (int cell = 0; cell < CellCount; cell++)
                    AddCodes<TColumns>(bytes + (nint)row * stride + Cells[cell], first, last, y + ((nint)row * CellCount + cell) * Width, table);
        }

        if (Amounts == 0) return;
        for (int row = 0; row < rows; row++)
            for (int cell = 0; cell < CellCount; cell++)
                AddAmounts<TColumns>(bytes + (nint)row * stride + Cells[cell], y + ((nint)row * CellCount + cell) * Width, table);
    }

    private readonly void AddCodes<TColumns>(byte* window, int first, int last, float* y, float* table)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns sum = TColumns.Load(y);
        int width = Width;
        TableEntry* end = Entries + last;
        for (TableEntry* entry = Entries + first; entry < end; entry++)
            sum = TColumns.Add(TColumns.Load(table + (nint)(entry->Row + window[entry->Offset]) * width), sum);
        TColumns.Store(sum, y);
    }

    private readonly void AddAmounts<TColumns>(byte* window, float* y, float* table)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns sum = TColumns.Load(y);
        int width = Width;
        TableEntry* end = Entries + Codes + Amounts;
        for (TableEntry* entry = Entries + Codes; entry < end; entry++)
        {
            // Without a branch: whether an amount is 0 is what a processor cannot predict.
            float amount = ByteRows.Scaled(window[entry->Offset]);
            sum = TColumns.MultiplyAdd(amount, TColumns.Load(table + (nint)entry->Row * width), sum);
        }

        TColumns.Store(sum, y);
    }

    private readonly void BackwardPanel<TColumns>(byte* bytes, int stride, int rows, float* dy, float* sums)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        for (int first = 0; first < Codes; first += CodesPerGroup)
        {
            int last = Math.Min(first + CodesPerGroup, Codes);
            for (int row = 0; row < rows; row++)
                for (int cell = 0; cell < CellCount; cell++)
                    SumCodes<TColumns>(bytes + (nint)row * stride + Cells[cell], first, last, dy + ((nint)row * CellCount + cell) * Width, sums);
        }

        if (Amounts == 0) return;
        for (int row = 0; row < rows; row++)
            for (int cell = 0; cell < CellCount; cell++)
                SumAmounts<TColumns>(bytes + (nint)row * stride + Cells[cell], dy + ((nint)row * CellCount + cell) * Width, sums);
    }

    private readonly void SumCodes<TColumns>(byte* window, int first, int last, float* dy, float* sums)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns gradient = TColumns.Load(dy);
        int width = Width;
        TableEntry* end = Entries + last;
        for (TableEntry* entry = Entries + first; entry < end; entry++)
        {
            float* sum = sums + (nint)(entry->Row + window[entry->Offset]) * width;
            TColumns.Store(TColumns.Add(TColumns.Load(sum), gradient), sum);
        }
    }

    private readonly void SumAmounts<TColumns>(byte* window, float* dy, float* sums)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns gradient = TColumns.Load(dy);
        TableEntry* end = Entries + Codes + Amounts;
        for (TableEntry* entry = Entries + Codes; entry < end; entry++)
        {
            int amount = window[entry->Offset];
            if (amount == 0) continue;
            float* sum = sums + (nint)entry->Row * Width;
            TColumns.Store(TColumns.MultiplyAdd(ByteRows.Scaled(amount), gradient, TColumns.Load(sum)), sum);
        }
    }
}
