namespace Arena.Policy.Networks;

/// <summary>The rows that a stem works on in one go, and where its memory for them lies.</summary>
internal unsafe struct StemRows
{
    /// <summary>The first row's observation.</summary>
    internal byte* Observations;

    /// <summary>Bytes from row to row.</summary>
    internal nint Stride;

    /// <summary>1..<see cref="NetworkPlan.RowBlock"/>.</summary>
    internal int Rows;

    /// <summary>Place of the first row among the kept activations; the others follow. Also the row that errors name.</summary>
    internal int FirstRow;

    /// <summary>Which chunk's scratch, error slot and partial sums.</summary>
    internal int Chunk;

    /// <summary>Whether a backward pass will follow.</summary>
    internal bool Keep;
}
