namespace Arena.Policy.Networks;

/// <summary>A matrix of partial sums and the tensors of the flat gradient that it is the gradient of.</summary>
/// <remarks>
/// The tensor is (outputs, inputs), row-major. The sums hold the inputs or the outputs along their columns, which are padded and adjacent. A
/// bias is a tensor of one input. Outputs from <see cref="Split"/> on belong to a second tensor: the two heads are one layer.
/// </remarks>
internal unsafe struct GradientPart
{
    /// <summary>Where, in floats, the sums begin within a chunk's.</summary>
    internal long Partial;

    internal int Rows;

    /// <summary>Floats between rows.</summary>
    internal int Stride;

    /// <summary>Columns that are used.</summary>
    internal int Columns;

    /// <summary>Whether columns are outputs and rows inputs, or the other way round.</summary>
    internal bool ColumnsAreOutputs;

    /// <summary>Inputs of the tensor: elements between its outputs.</summary>
    internal int Inputs;

    /// <summary>Of rows that are inputs, (Rows) the input of each, or −1 where there is none; null: row r is input r.</summary>
    internal int* InputOfRow;

    /// <summary>Where element (0, 0) lies in the flat gradient; and that of the second tensor.</summary>
    internal int Offset;
    internal int SecondOffset;

    /// <summary>Outputs of the first tensor.</summary>
    internal int Split;

    /// <summary>Number of the first reduction job; a job per row.</summary>
    internal int FirstJob;

    /// <summary>Where element (<paramref name="output"/>, 0) lies in the flat gradient.</summary>
    internal readonly int Element(int output) => output < Split ? Offset + output * Inputs : SecondOffset + (output - Split) * Inputs;
}
