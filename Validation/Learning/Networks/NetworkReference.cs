namespace Arena.Validation.Learning.Networks;

/// <summary>An actor-critic in double precision: layers that both share, and for each what follows, the head last.</summary>
/// <param name="Shared">In order; may be empty.</param>
/// <param name="Actor">After them: hidden layers of its own, if any, and the head of L outputs.</param>
/// <param name="Critic">After them likewise, with one output.</param>
public sealed record NetworkReference(IReadOnlyList<IReferenceLayer> Shared, IReadOnlyList<IReferenceLayer> Actor, IReadOnlyList<IReferenceLayer> Critic)
{
    private int Outputs => ((LinearLayer)Actor[^1]).Outputs;

    /// <summary>All tensors by name.</summary>
    public IEnumerable<(string Name, double[] Values)> Parameters => Shared.Concat(Actor).Concat(Critic).SelectMany(layer => layer.Parameters);

    /// <summary>(rows, O) observations to (rows, L + 1) outputs: the actor's, then the value.</summary>
    public double[] Forward(double[] observations, ReferenceRows rows)
    {
        double[] shared = Run(Shared, observations, rows)[^1];
        double[] actor = Run(Actor, shared, rows)[^1], critic = Run(Critic, shared, rows)[^1];
        var outputs = new double[rows.Count * (Outputs + 1)];
        for (int row = 0; row < rows.Count; row++)
        {
            Array.Copy(actor, row * Outputs, outputs, row * (Outputs + 1), Outputs);
            outputs[row * (Outputs + 1) + Outputs] = critic[row];
        }

        return outputs;
    }

    /// <summary>Gradients of a loss whose gradient by the outputs is <paramref name="outputGradients"/> (rows, L + 1): by tensor, and by the observations.</summary>
    public (IReadOnlyDictionary<string, double[]> Parameters, double[] Observations) Backward(double[] observations, double[] outputGradients, ReferenceRows rows)
    {
        var gradients = new Dictionary<string, double[]>();
        List<double[]> shared = Run(Shared, observations, rows);
        double[] fromActor = Back(Actor, Run(Actor, shared[^1], rows), Columns(outputGradients, rows, 0, Outputs), rows, gradients);
        double[] fromCritic = Back(Critic, Run(Critic, shared[^1], rows), Columns(outputGradients, rows, Outputs, 1), rows, gradients);
        double[] sum = [.. fromActor.Zip(fromCritic, (a, b) => a + b)];
        return (gradients, Back(Shared, shared, sum, rows, gradients));
    }

    /// <summary>(M, S) the state after the last slot; empty without memory.</summary>
    public double[] NextState(double[] observations, ReferenceRows rows)
    {
        List<double[]> shared = Run(Shared, observations, rows);
        for (int layer = 0; layer < Shared.Count; layer++)
            if (Shared[layer] is RecurrentLayer recurrent) return recurrent.NextState(shared[layer], rows);
        return [];
    }

    // The input, then the outputs of every layer.
    private static List<double[]> Run(IReadOnlyList<IReferenceLayer> layers, double[] x, ReferenceRows rows)
    {
        List<double[]> values = [x];
        foreach (IReferenceLayer layer in layers) values.Add(layer.Forward(values[^1], rows));
        return values;
    }

    private static double[] Back(
        IReadOnlyList<IReferenceLayer> layers, List<double[]> values, double[] gradient, ReferenceRows rows, Dictionary<string, double[]> byName)
    {
        for (int layer = layers.Count - 1; layer >= 0; layer--)
        {
            ReferenceGradients gradients = layers[layer].Backward(values[layer], gradient, rows);
            for (int tensor = 0; tensor < gradients.Parameters.Count; tensor++)
                byName.Add(layers[layer].Parameters[tensor].Name, gradients.Parameters[tensor]);
            gradient = gradients.Input;
        }

        return gradient;
    }

    private double[] Columns(double[] outputs, ReferenceRows rows, int first, int count)
    {
        var columns = new double[rows.Count * count];
        for (int row = 0; row < rows.Count; row++) Array.Copy(outputs, row * (Outputs + 1) + first, columns, row * count, count);
        return columns;
    }
}
