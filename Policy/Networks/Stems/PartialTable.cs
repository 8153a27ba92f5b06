namespace Arena.Policy.Networks;

/// <summary>A weight tensor of a stem: how its rows, as the engine keeps them, correspond to the flat parameter vector.</summary>
/// <remarks>
/// The engine's form is (Rows, C'), one row per input, one column per output; the canonical form is (outputs, RowLength). Row r belongs to
/// canonical column <see cref="Columns"/>[r], or to nothing (−1: padding, illegal codes). Partial gradients of a chunk have the engine's form.
/// </remarks>
internal unsafe struct PartialTable
{
    /// <summary>(Rows) canonical column of a row, or −1.</summary>
    internal int* Columns;
    internal int Rows;

    /// <summary>C'.</summary>
    internal int Width;
    internal int Outputs;

    /// <summary>Floats of a canonical row.</summary>
    internal int RowLength;

    /// <summary>Offsets in the flat parameter vector; the bias may be −1 for none.</summary>
    internal int WeightOffset;
    internal int BiasOffset;

    /// <summary>Output o = channel · Cells + cell of a whole map stands in column cell · (C' / Cells) + channel; 1 for ordinary layers.</summary>
    internal int Cells;

    /// <summary>Where, in floats, a chunk's sums for weights (Rows, C') and bias (C') begin.</summary>
    internal long Weights;
    internal long Bias;

    /// <summary>Jobs of the reduction: one per row, one for the bias.</summary>
    internal readonly int Reductions => Rows + (BiasOffset >= 0 ? 1 : 0);

    /// <summary>Column of an output.</summary>
    internal readonly int ColumnOf(int output) => Cells == 1 ? output : output % Cells * (Width / Cells) + output / Cells;

    /// <summary>Copies the weights of row <paramref name="row"/> to <paramref name="values"/> (C'); padding stays as it is.</summary>
    internal readonly void Gather(float* flat, int row, float* values)
    {
        int column = Columns[row];
        if (column < 0) return;
        float* weight = flat + WeightOffset + column;
        for (int output = 0; output < Outputs; output++) values[ColumnOf(output)] = weight[(nint)output * RowLength];
    }

    /// <summary>Adds up the chunks of one job, in order, and adds the sums to the flat gradient.</summary>
    internal readonly void Reduce<TVector, TLanes>(int job, int chunks, float* partials, long partialLength, float* gradients)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        bool bias = job == Rows;
        if (!bias && Columns[job] < 0) return;
        float* sum = partials + (bias ? Bias : Weights + (long)job * Width);
        ChunkSums.Add<TVector, TLanes>(sum, Width, chunks, partialLength);
        if (bias)
        {
            for (int output = 0; output < Outputs; output++) gradients[BiasOffset + output] += sum[ColumnOf(output)];
            return;
        }

        float* gradient = gradients + WeightOffset + Columns[job];
        for (int output = 0; output < Outputs; output++) gradient[(nint)output * RowLength] += sum[ColumnOf(output)];
    }
}
