namespace Arena.Policy.Networks;

/// <summary>One slot of a long short-term memory (Hochreiter and Schmidhuber, 1997), a register at a time.</summary>
/// <remarks>
/// Gates i, f, g, o of a row are H' floats each. c = f·c⁻ + i·g, h = o·tanh c; σ and tanh are those of <see cref="Tanh"/>. The padding of
/// the sums is zero, which leaves c and h zero there.
/// </remarks>
internal static unsafe class Lstm
{
    /// <summary>Gates in place of their sums; cell and hidden state of the slot in place of those before it.</summary>
    /// <param name="gates">(rows, 4, H').</param>
    /// <param name="cell">(rows, H') c⁻ in, c out.</param>
    /// <param name="hidden">(rows, H') h out.</param>
    /// <param name="cellTanh">(rows, H') tanh c, out; null if nobody needs it.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">H'.</param>
    internal static void Forward<TVector, TLanes>(float* gates, float* cell, float* hidden, float* cellTanh, int rows, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column += TLanes.Count)
            {
                float* at = gates + column;
                TVector i = Tanh.Sigmoid<TVector, TLanes>(TLanes.Load(at));
                TVector f = Tanh.Sigmoid<TVector, TLanes>(TLanes.Load(at + columns));
                TVector g = Tanh.Of<TVector, TLanes>(TLanes.Load(at + 2 * columns));
                TVector o = Tanh.Sigmoid<TVector, TLanes>(TLanes.Load(at + 3 * columns));
                TVector c = TLanes.MultiplyAdd(f, TLanes.Load(cell + column), TLanes.Multiply(i, g));
                TVector tanh = Tanh.Of<TVector, TLanes>(c);
                TLanes.Store(i, at);
                TLanes.Store(f, at + columns);
                TLanes.Store(g, at + 2 * columns);
                TLanes.Store(o, at + 3 * columns);
                TLanes.Store(c, cell + column);
                TLanes.Store(TLanes.Multiply(o, tanh), hidden + column);
                if (cellTanh != null) TLanes.Store(tanh, cellTanh + column);
            }

            gates += 4 * columns;
            cell += columns;
            hidden += columns;
            if (cellTanh != null) cellTanh += columns;
        }
    }
}

/// <summary>The gradient of one slot of an LSTM: what the forward pass kept.</summary>
internal unsafe struct LstmGradient
{
    /// <summary>(rows, 4, H') i, f, g, o.</summary>
    internal float* Gates;

    /// <summary>(rows, H') c⁻ after any reset.</summary>
    internal float* EnteringCell;

    /// <summary>(rows, H') tanh c.</summary>
    internal float* CellTanh;

    /// <summary>Gradient by the sums of the gates and by the state before the slot.</summary>
    /// <param name="byOutput">(rows, H') by h, from the heads.</param>
    /// <param name="hidden">(rows, H') by h, from the slot after.</param>
    /// <param name="cell">(rows, H') by c, from the slot after; by c⁻ out.</param>
    /// <param name="sums">(rows, 4, H') by the sums of the gates, out.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">H'.</param>
    internal readonly void Backward<TVector, TLanes>(float* byOutput, float* hidden, float* cell, float* sums, int rows, int columns)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column += TLanes.Count)
            {
                nint gate = (nint)row * 4 * columns + column, at = (nint)row * columns + column;
                TVector i = TLanes.Load(Gates + gate), f = TLanes.Load(Gates + gate + columns);
                TVector g = TLanes.Load(Gates + gate + 2 * columns), o = TLanes.Load(Gates + gate + 3 * columns);
                TVector tanh = TLanes.Load(CellTanh + at);
                TVector h = TLanes.Add(TLanes.Load(byOutput + at), TLanes.Load(hidden + at));
                TVector c = TLanes.MultiplyAdd(TLanes.Multiply(h, o), Tanh.Slope<TVector, TLanes>(tanh), TLanes.Load(cell + at));
                TVector byI = TLanes.Multiply(TLanes.Multiply(c, g), Tanh.SigmoidSlope<TVector, TLanes>(i));
                TVector byF = TLanes.Multiply(TLanes.Multiply(c, TLanes.Load(EnteringCell + at)), Tanh.SigmoidSlope<TVector, TLanes>(f));
                TVector byG = TLanes.Multiply(TLanes.Multiply(c, i), Tanh.Slope<TVector, TLanes>(g));
                TVector byO = TLanes.Multiply(TLanes.Multiply(h, tanh), Tanh.SigmoidSlope<TVector, TLanes>(o));
                TLanes.Store(byI, sums + gate);
                TLanes.Store(byF, sums + gate + columns);
                TLanes.Store(byG, sums + gate + 2 * columns);
                TLanes.Store(byO, sums + gate + 3 * columns);
                TLanes.Store(TLanes.Multiply(c, f), cell + at);
            }
        }
    }
}
