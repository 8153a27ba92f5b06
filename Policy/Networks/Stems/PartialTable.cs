namespace Arena.Policy.Networks;

/// <summary>A weight tensor of a stem: how its rows, as the engine keeps them, correspond to the flat parameter vector.</summary>
/// <remarks>
/// The engine's form is (Rows, C'), one row per input, one column per output; the canonical form is (outputs, RowLength). Partial
/// gradients of a chunk have the engine's form; their <see cref="GradientPart"/>s say where they belong.
/// </remarks>
internal unsafe struct PartialTable
{
    /// <summary>(Rows) canonical column of a row, or −1 where there is none: padding, illegal codes.</summary>
    internal int* Inputs;
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

    /// <summary>Copies the weights of row <paramref name="row"/> to <paramref name="values"/> (C'); padding stays as it is.</summary>
    internal readonly void Gather(float* flat, int row, float* values)
    {
        int column = Inputs[row];
        if (column < 0) return;
        float* weight = flat + WeightOffset + column;
        for (int output = 0; output < Outputs; output++)
            values[Cells == 1 ? output : output % Cells * (Width / Cells) + output / Cells] = weight[(nint)output * RowLength];
    }
}
