namespace Arena.Validation.Learning.Networks;

/// <summary>A layer with memory: sequences run slot by slot, and the backward pass runs back through them.</summary>
/// <remarks>No gradient passes into the state that enters slot 0, nor out of the first slot of an episode, where the state was set to zero.</remarks>
public abstract class RecurrentLayer : IReferenceLayer
{
    /// <inheritdoc/>
    public abstract IReadOnlyList<(string Name, double[] Values)> Parameters { get; }

    /// <summary>K.</summary>
    protected abstract int Inputs { get; }

    /// <summary>H: outputs of a row.</summary>
    protected abstract int Width { get; }

    /// <summary>S: the first H elements of the state are the output.</summary>
    protected abstract int StateSize { get; }

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows)
    {
        var y = new double[rows.Count * Width];
        for (int sequence = 0; sequence < rows.Sequences; sequence++)
        {
            double[][] states = States(x, rows, sequence);
            for (int slot = 0; slot < rows.Slots; slot++) Array.Copy(states[slot + 1], 0, y, (sequence * rows.Slots + slot) * Width, Width);
        }

        return y;
    }

    /// <summary>(M, S) the state after the last slot.</summary>
    public double[] NextState(double[] x, ReferenceRows rows) =>
        [.. Enumerable.Range(0, rows.Sequences).SelectMany(sequence => States(x, rows, sequence)[^1])];

    /// <inheritdoc/>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows)
    {
        var gradients = new ReferenceGradients(new double[x.Length], [.. Parameters.Select(tensor => new double[tensor.Values.Length])]);
        for (int sequence = 0; sequence < rows.Sequences; sequence++)
        {
            double[][] states = States(x, rows, sequence);
            double[] byState = new double[StateSize];
            for (int slot = rows.Slots - 1; slot >= 0; slot--)
            {
                int row = sequence * rows.Slots + slot;
                for (int i = 0; i < Width; i++) byState[i] += outputGradient[row * Width + i];
                double[] byInput = new double[Inputs];
                double[] before = rows.Starts(row) ? new double[StateSize] : states[slot];
                byState = StepGradient(x[(row * Inputs)..((row + 1) * Inputs)], before, byState, byInput, gradients.Parameters);
                Array.Copy(byInput, 0, gradients.Input, row * Inputs, Inputs);
                if (rows.Starts(row)) byState = new double[StateSize];
            }
        }

        return gradients;
    }

    /// <summary>The state after a slot with input <paramref name="x"/> (K) and the state <paramref name="before"/> (S).</summary>
    protected abstract double[] Step(double[] x, double[] before);

    /// <summary>(S) the gradient by the state before the slot; adds those by the input and by the parameters.</summary>
    protected abstract double[] StepGradient(double[] x, double[] before, double[] byState, double[] byInput, IReadOnlyList<double[]> byParameters);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    protected static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    // The state before slot 0 and after every slot.
    private double[][] States(double[] x, ReferenceRows rows, int sequence)
    {
        var states = new double[rows.Slots + 1][];
        states[0] = rows.State is null ? new double[StateSize] : rows.State[(sequence * StateSize)..((sequence + 1) * StateSize)];
        for (int slot = 0; slot < rows.Slots; slot++)
        {
            int row = sequence * rows.Slots + slot;
            double[] before = rows.Starts(row) ? new double[StateSize] : states[slot];
            states[slot + 1] = Step(x[(row * Inputs)..((row + 1) * Inputs)], before);
        }

        return states;
    }
}
