namespace Arena.Validation.Learning.Networks;

/// <summary>y = x·Wᵀ + b.</summary>
/// <param name="Name">Name of its tensors: "encoder.0" has "encoder.0.weight" and "encoder.0.bias".</param>
/// <param name="Inputs">K.</param>
/// <param name="Outputs">N.</param>
/// <param name="Weights">(N, K) row-major.</param>
/// <param name="Bias">(N).</param>
public sealed record LinearLayer(string Name, int Inputs, int Outputs, double[] Weights, double[] Bias) : IReferenceLayer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double[] Values)> Parameters => [($"{Name}.weight", Weights), ($"{Name}.bias", Bias)];

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows)
    {
        var y = new double[rows.Count * Outputs];
        for (int row = 0; row < rows.Count; row++)
            for (int output = 0; output < Outputs; output++)
            {
                double sum = Bias[output];
                for (int input = 0; input < Inputs; input++) sum += Weights[output * Inputs + input] * x[row * Inputs + input];
                y[row * Outputs + output] = sum;
            }

        return y;
    }

    /// <inheritdoc/>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows)
    {
        double[] byInput = new double[rows.Count * Inputs], byWeights = new double[Outputs * Inputs], byBias = new double[Outputs];
        for (int row = 0; row < rows.Count; row++)
            for (int output = 0; output < Outputs; output++)
            {
                double gradient = outputGradient[row * Outputs + output];
                byBias[output] += gradient;
                for (int input = 0; input < Inputs; input++)
                {
                    byWeights[output * Inputs + input] += gradient * x[row * Inputs + input];
                    byInput[row * Inputs + input] += gradient * Weights[output * Inputs + input];
                }
            }

        return new ReferenceGradients(byInput, [byWeights, byBias]);
    }
}
