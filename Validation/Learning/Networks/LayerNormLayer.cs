namespace Arena.Validation.Learning.Networks;

/// <summary>y = γ·x̂ + β with x̂ = (x − mean)/√(variance + 1e-5) over the features of a row (Ba et al., arXiv 1607.06450).</summary>
/// <param name="Name">Name of its tensors.</param>
/// <param name="Gain">(N) γ.</param>
/// <param name="Shift">(N) β.</param>
public sealed record LayerNormLayer(string Name, double[] Gain, double[] Shift) : IReferenceLayer
{
    private const double Epsilon = 1e-5;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double[] Values)> Parameters => [($"{Name}.weight", Gain), ($"{Name}.bias", Shift)];

    private int Width => Gain.Length;

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows)
    {
        var y = new double[x.Length];
        for (int row = 0; row < rows.Count; row++)
        {
            (double[] normal, _) = Normalise(x, row);
            for (int i = 0; i < Width; i++) y[row * Width + i] = Gain[i] * normal[i] + Shift[i];
        }

        return y;
    }

    /// <inheritdoc/>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows)
    {
        double[] byInput = new double[x.Length], byGain = new double[Width], byShift = new double[Width];
        for (int row = 0; row < rows.Count; row++)
        {
            (double[] normal, double deviation) = Normalise(x, row);
            var byNormal = new double[Width];
            for (int i = 0; i < Width; i++)
            {
                double gradient = outputGradient[row * Width + i];
                byGain[i] += gradient * normal[i];
                byShift[i] += gradient;
                byNormal[i] = gradient * Gain[i];
            }

            double mean = byNormal.Average(), along = byNormal.Zip(normal, (gradient, value) => gradient * value).Average();
            for (int i = 0; i < Width; i++) byInput[row * Width + i] = (byNormal[i] - mean - normal[i] * along) / deviation;
        }

        return new ReferenceGradients(byInput, [byGain, byShift]);
    }

    private (double[] Normal, double Deviation) Normalise(double[] x, int row)
    {
        double[] values = x[(row * Width)..((row + 1) * Width)];
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + Epsilon);
        return (Array.ConvertAll(values, value => (value - mean) / deviation), deviation);
    }
}
