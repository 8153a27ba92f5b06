namespace Arena.Validation.Learning.Networks;

/// <summary>A layer of a network in double precision, by plain loops.</summary>
public interface IReferenceLayer
{
    /// <summary>Tensors by the names that weights have on disk; empty for a layer without. Changing an element changes the layer.</summary>
    IReadOnlyList<(string Name, double[] Values)> Parameters { get; }

    /// <summary>(rows, outputs) of <paramref name="x"/> (rows, inputs).</summary>
    double[] Forward(double[] x, ReferenceRows rows);

    /// <summary>The gradients of a loss whose gradient by the outputs is <paramref name="outputGradient"/> (rows, outputs).</summary>
    ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows);
}

/// <summary>Gradients of a loss by a layer's inputs and parameters.</summary>
/// <param name="Input">(rows, inputs).</param>
/// <param name="Parameters">One per tensor, in the order of <see cref="IReferenceLayer.Parameters"/>, summed over rows.</param>
public sealed record ReferenceGradients(double[] Input, IReadOnlyList<double[]> Parameters);

/// <summary>What the rows of a batch are: row s·Slots + t is slot t of sequence s.</summary>
/// <param name="Sequences">M.</param>
/// <param name="Slots">B.</param>
public sealed record ReferenceRows(int Sequences, int Slots)
{
    /// <summary>(rows) whether a slot is the first of an episode, so that the state before it is zero; null = nowhere.</summary>
    public bool[]? EpisodeStart { get; init; }

    /// <summary>(M, S) state entering slot 0; null = zero.</summary>
    public double[]? State { get; init; }

    /// <summary>M·B.</summary>
    public int Count => Sequences * Slots;

    /// <summary>Rows without an order in time.</summary>
    public static ReferenceRows Of(int rows) => new(rows, 1);

    /// <summary>Whether row <paramref name="row"/> is the first slot of an episode.</summary>
    public bool Starts(int row) => EpisodeStart is not null && EpisodeStart[row];
}
