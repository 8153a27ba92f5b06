namespace Arena.Validation.Learning.Networks;

/// <summary>Minimal gated recurrent unit (Feng et al., arXiv 2410.01201): u = σ(W_u·x + b_u), h̃ = W_h·x + b_h, h = (1 − u)·h⁻ + u·h̃.</summary>
/// <param name="inputs">K.</param>
/// <param name="width">H.</param>
/// <param name="weights">(2H, K): the rows of u, then of h̃.</param>
/// <param name="bias">(2H).</param>
public sealed class MinGruLayer(int inputs, int width, double[] weights, double[] bias) : RecurrentLayer
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double[] Values)> Parameters => [("core.mingru.weight", weights), ("core.mingru.bias", bias)];

    /// <inheritdoc/>
    protected override int Inputs => inputs;

    /// <inheritdoc/>
    protected override int Width => width;

    /// <inheritdoc/>
    protected override int StateSize => width;

    /// <inheritdoc/>
    protected override double[] Step(double[] x, double[] before)
    {
        var after = new double[width];
        for (int k = 0; k < width; k++)
        {
            double u = Sigmoid(Sum(x, k));
            after[k] = (1 - u) * before[k] + u * Sum(x, width + k);
        }

        return after;
    }

    /// <inheritdoc/>
    protected override double[] StepGradient(double[] x, double[] before, double[] byState, double[] byInput, IReadOnlyList<double[]> byParameters)
    {
        var byBefore = new double[width];
        for (int k = 0; k < width; k++)
        {
            double u = Sigmoid(Sum(x, k)), candidate = Sum(x, width + k);
            AddRow(x, k, byState[k] * (candidate - before[k]) * u * (1 - u), byInput, byParameters);
            AddRow(x, width + k, byState[k] * u, byInput, byParameters);
            byBefore[k] = byState[k] * (1 - u);
        }

        return byBefore;
    }

    private double Sum(double[] x, int row)
    {
        double sum = bias[row];
        for (int k = 0; k < inputs; k++) sum += weights[row * inputs + k] * x[k];
        return sum;
    }

    private void AddRow(double[] x, int row, double bySum, double[] byInput, IReadOnlyList<double[]> byParameters)
    {
        for (int k = 0; k < inputs; k++)
        {
            byParameters[0][row * inputs + k] += bySum * x[k];
            byInput[k] += bySum * weights[row * inputs + k];
        }

        byParameters[1][row] += bySum;
    }
}
