using System.Runtime.CompilerServices;

namespace Arena.Policy.Networks;

/// <summary>The micro-kernels: all rows of a product for one panel of columns, sums held in registers.</summary>
/// <remarks>
/// Six rows by four 512-bit registers are 24 sums, enough to keep two multiply-add units of latency 4 busy,
/// with 10 loads per 24 multiply-adds; with 256-bit registers it is the usual 6×16. Remaining rows run in twos
/// and ones with the same order of operations, so that a row's bits do not depend on its neighbours.
/// </remarks>
internal static unsafe class Tile
{
    /// <summary>Rows of the full tile.</summary>
    internal const int Rows = 6;

    /// <summary>All rows of <paramref name="product"/> for the columns from <paramref name="column"/> on.</summary>
    internal static void Panel<TColumns>(in Product product, int column)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        float* b = product.BRow == 0 ? product.B + (nint)column * product.Steps : product.B + column;
        nint bStep = product.BRow == 0 ? TColumns.Width : product.BRow;
        int row = 0;
        for (; row + Rows <= product.Rows; row += Rows) Six<TColumns>(product, row, column, b, bStep);
        for (; row + 2 <= product.Rows; row += 2) Two<TColumns>(product, row, column, b, bStep);
        if (row < product.Rows) One<TColumns>(product, row, column, b, bStep);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // its own register allocation
    private static void Six<TColumns>(in Product product, int row, int column, float* b, nint bStep)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        nint startRow = product.StartRow;
        float* start = product.Start + row * startRow + column;
        TColumns sum0 = TColumns.Load(start);
        TColumns sum1 = TColumns.Load(start + startRow);
        TColumns sum2 = TColumns.Load(start + 2 * startRow);
        TColumns sum3 = TColumns.Load(start + 3 * startRow);
        TColumns sum4 = TColumns.Load(start + 4 * startRow);
        TColumns sum5 = TColumns.Load(start + 5 * startRow);

        // Two base pointers and the strides 0, 1 and 2 rows reach all six rows without further arithmetic.
        nint aRow = product.ARow;
        nint aStep = product.AStep;
        float* a = product.A + row * aRow;
        float* a3 = a + 3 * aRow;
        for (int step = product.Steps; step > 0; step--)
        {
            TColumns columns = TColumns.Load(b);
            sum0 = TColumns.MultiplyAdd(a[0], columns, sum0);
            sum1 = TColumns.MultiplyAdd(a[aRow], columns, sum1);
            sum2 = TColumns.MultiplyAdd(a[2 * aRow], columns, sum2);
            sum3 = TColumns.MultiplyAdd(a3[0], columns, sum3);
            sum4 = TColumns.MultiplyAdd(a3[aRow], columns, sum4);
            sum5 = TColumns.MultiplyAdd(a3[2 * aRow], columns, sum5);
            a += aStep;
            a3 += aStep;
            b += bStep;
        }

        nint cRow = product.CRow;
        float* c = product.C + row * cRow + column;
        TColumns.Store(sum0, c);
        TColumns.Store(sum1, c + cRow);
        TColumns.Store(sum2, c + 2 * cRow);
        TColumns.Store(sum3, c + 3 * cRow);
        TColumns.Store(sum4, c + 4 * cRow);
        TColumns.Store(sum5, c + 5 * cRow);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Two<TColumns>(in Product product, int row, int column, float* b, nint bStep)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        float* start = product.Start + row * product.StartRow + column;
        TColumns sum0 = TColumns.Load(start);
        TColumns sum1 = TColumns.Load(start + product.StartRow);
        nint aRow = product.ARow;
        nint aStep = product.AStep;
        float* a = product.A + row * aRow;
        for (int step = product.Steps; step > 0; step--)
        {
            TColumns columns = TColumns.Load(b);
            sum0 = TColumns.MultiplyAdd(a[0], columns, sum0);
            sum1 = TColumns.MultiplyAdd(a[aRow], columns, sum1);
            a += aStep;
            b += bStep;
        }

        float* c = product.C + row * product.CRow + column;
        TColumns.Store(sum0, c);
        TColumns.Store(sum1, c + product.CRow);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void One<TColumns>(in Product product, int row, int column, float* b, nint bStep)
        where TColumns : unmanaged, ITileColumns<TColumns>
    {
        TColumns sum = TColumns.Load(product.Start + row * product.StartRow + column);
        nint aStep = product.AStep;
        float* a = product.A + row * product.ARow;
        for (int step = product.Steps; step > 0; step--)
        {
            sum = TColumns.MultiplyAdd(a[0], TColumns.Load(b), sum);
            a += aStep;
            b += bStep;
        }

        TColumns.Store(sum, product.C + row * product.CRow + column);
    }
}
