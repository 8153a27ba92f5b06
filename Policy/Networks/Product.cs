namespace Arena.Policy.Networks;

/// <summary>
/// One matrix product C[r, j] = start[r, j] + Σ_s A[r, s]·B[s, j], s in order from 0, each multiply-add rounded once.
/// </summary>
/// <remarks>
/// All three products of a linear layer have this form. A is read one float at a time, so any strides cost the
/// same and it is never copied; B is read in whole registers along j, as panels or as plain rows; C likewise.
/// Strides are in floats.
/// </remarks>
internal unsafe struct Product
{
    /// <summary>(Rows, Steps), element (r, s) at A + r·ARow + s·AStep.</summary>
    internal float* A;
    internal nint ARow;
    internal nint AStep;

    /// <summary>(Steps, Columns): packed panels (<see cref="Gemm.PackColumn"/>) if BRow is 0, else rows of stride BRow.</summary>
    internal float* B;
    internal nint BRow;

    /// <summary>What the sums start from, row stride StartRow: a bias (stride 0), zeros (stride 0), or C itself to add to it.</summary>
    internal float* Start;
    internal nint StartRow;

    /// <summary>(Rows, Columns) result, row stride CRow.</summary>
    internal float* C;
    internal nint CRow;

    internal int Rows;
    internal int Steps;

    /// <summary>A multiple of <see cref="Gemm.ColumnBlock"/>.</summary>
    internal int Columns;
}
