namespace Arena.Policy.Networks;

/// <summary>One slot of a minimal gated recurrent unit (Feng et al., arXiv 2410.01201), a register at a time.</summary>
/// <remarks>u = σ(a), h = (1 − u)·h⁻ + u·h̃, where a row holds H' floats of a and then of h̃. Neither depends on h⁻, so no product runs slot by slot.</remarks>
internal static unsafe class MinGru
{
    /// <summary>u in place of a; the state of the slot in place of that before it.</summary>
    /// <param name="gates">(rows, 2, H').</param>
    /// <param name="hidden">(rows, H') h⁻ in, h out.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">H'.</param>
    internal static void Forward<TVector, TLanes>(float* gates, float* hidden, int rows, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector minusOne = TLanes.Broadcast(-1f);
        for (int row = 0; row < rows; row++, gates += 2 * columns, hidden += columns)
        {
            for (int column = 0; column < columns; column += TLanes.Count)
            {
                TVector u = Tanh.Sigmoid<TVector, TLanes>(TLanes.Load(gates + column));
                TVector before = TLanes.Load(hidden + column);
                TVector step = TLanes.MultiplyAdd(before, minusOne, TLanes.Load(gates + columns + column)); // h̃ − h⁻
                TLanes.Store(u, gates + column);
                TLanes.Store(TLanes.MultiplyAdd(u, step, before), hidden + column);
            }
        }
    }

    /// <summary>Gradient by the sums of the gates and by the state before the slot.</summary>
    /// <param name="gates">(rows, 2, H') u and h̃.</param>
    /// <param name="entering">(rows, H') h⁻ after any reset.</param>
    /// <param name="byOutput">(rows, H') by h, from the heads.</param>
    /// <param name="hidden">(rows, H') by h, from the slot after; by h⁻ out.</param>
    /// <param name="sums">(rows, 2, H') by a and h̃, out.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">H'.</param>
    internal static void Backward<TVector, TLanes>(float* gates, float* entering, float* byOutput, float* hidden, float* sums, int rows, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        TVector minusOne = TLanes.Broadcast(-1f), one = TLanes.Broadcast(1f);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column += TLanes.Count)
            {
                nint gate = (nint)row * 2 * columns + column, at = (nint)row * columns + column;
                TVector u = TLanes.Load(gates + gate);
                TVector step = TLanes.MultiplyAdd(TLanes.Load(entering + at), minusOne, TLanes.Load(gates + gate + columns));
                TVector h = TLanes.Add(TLanes.Load(byOutput + at), TLanes.Load(hidden + at));
                TLanes.Store(TLanes.Multiply(TLanes.Multiply(h, step), Tanh.SigmoidSlope<TVector, TLanes>(u)), sums + gate);
                TLanes.Store(TLanes.Multiply(h, u), sums + gate + columns);
                TLanes.Store(TLanes.Multiply(h, TLanes.MultiplyAdd(u, minusOne, one)), hidden + at);
            }
        }
    }
}
