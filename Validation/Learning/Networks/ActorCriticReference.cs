namespace Arena.Validation.Learning.Networks;

/// <summary>A feed-forward actor-critic in double precision: shared hidden layers, an actor head and a critic head.</summary>
/// <param name="Hidden">In order; each takes the outputs of the one before.</param>
/// <param name="Actor">L outputs of the last hidden layer.</param>
/// <param name="Critic">One output of the last hidden layer.</param>
public sealed record ActorCriticReference(IReadOnlyList<DenseLayer> Hidden, DenseLayer Actor, DenseLayer Critic)
{
    /// <summary>(rows, O) observations to (rows, L + 1) outputs: the actor's, then the value.</summary>
    public double[] Forward(double[] observations, int rows)
    {
        double[] x = Activations(observations, rows)[^1];
        return Join(Actor.Forward(x, rows), Critic.Forward(x, rows), rows);
    }

    /// <summary>Gradients of a loss whose gradient by the outputs is <paramref name="outputGradients"/> (rows, L + 1).</summary>
    public ActorCriticGradients Backward(double[] observations, double[] outputGradients, int rows)
    {
        List<double[]> activations = Activations(observations, rows);
        double[] x = activations[^1];
        DenseGradients actor = Actor.Backward(x, Actor.Forward(x, rows), Columns(outputGradients, rows, 0, Actor.Outputs), rows);
        DenseGradients critic = Critic.Backward(x, Critic.Forward(x, rows), Columns(outputGradients, rows, Actor.Outputs, 1), rows);

        double[] gradient = [.. actor.Input.Zip(critic.Input, (fromActor, fromCritic) => fromActor + fromCritic)];
        var hidden = new DenseGradients[Hidden.Count];
        for (int layer = Hidden.Count - 1; layer >= 0; layer--)
        {
            hidden[layer] = Hidden[layer].Backward(activations[layer], activations[layer + 1], gradient, rows);
            gradient = hidden[layer].Input;
        }

        return new ActorCriticGradients(hidden, actor, critic);
    }

    // The observations, then the outputs of every hidden layer.
    private List<double[]> Activations(double[] observations, int rows)
    {
        List<double[]> activations = [observations];
        foreach (DenseLayer layer in Hidden) activations.Add(layer.Forward(activations[^1], rows));
        return activations;
    }

    private double[] Join(double[] actor, double[] value, int rows)
    {
        int width = Actor.Outputs + 1;
        var outputs = new double[rows * width];
        for (int row = 0; row < rows; row++)
        {
            Array.Copy(actor, row * Actor.Outputs, outputs, row * width, Actor.Outputs);
            outputs[row * width + Actor.Outputs] = value[row];
        }

        return outputs;
    }

    private double[] Columns(double[] outputs, int rows, int first, int count)
    {
        var columns = new double[rows * count];
        for (int row = 0; row < rows; row++) Array.Copy(outputs, row * (Actor.Outputs + 1) + first, columns, row * count, count);
        return columns;
    }
}

/// <summary>Gradients of every layer, summed over rows.</summary>
/// <param name="Hidden">In order.</param>
/// <param name="Actor">Of the actor head.</param>
/// <param name="Critic">Of the critic head.</param>
public sealed record ActorCriticGradients(IReadOnlyList<DenseGradients> Hidden, DenseGradients Actor, DenseGradients Critic);
