namespace Arena.Validation.Learning.Networks;

/// <summary>
/// Long short-term memory (Hochreiter and Schmidhuber, 1997): i, f, o = σ(…), g = tanh(…) of x·W_ihᵀ + h⁻·W_hhᵀ + b; c = f·c⁻ + i·g; h = o·tanh c.
/// The state is h, then c.
/// </summary>
/// <param name="inputs">K.</param>
/// <param name="width">H.</param>
/// <param name="weightIh">(4H, K), gates i, f, g, o.</param>
/// <param name="weightHh">(4H, H).</param>
/// <param name="bias">(4H).</param>
public sealed class LstmLayer(int inputs, int width, double[] weightIh, double[] weightHh, double[] bias) : RecurrentLayer
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, double[] Values)> Parameters =>
        [("core.lstm.weight_ih", weightIh), ("core.lstm.weight_hh", weightHh), ("core.lstm.bias", bias)];

    /// <inheritdoc/>
    protected override int Inputs => inputs;

    /// <inheritdoc/>
    protected override int Width => width;

    /// <inheritdoc/>
    protected override int StateSize => 2 * width;

    /// <inheritdoc/>
    protected override double[] Step(double[] x, double[] before)
    {
        double[] gates = Gates(x, before), after = new double[2 * width];
        for (int k = 0; k < width; k++)
        {
            double c = gates[width + k] * before[width + k] + gates[k] * gates[2 * width + k];
            after[k] = gates[3 * width + k] * Math.Tanh(c);
            after[width + k] = c;
        }

        return after;
    }

    /// <inheritdoc/>
    protected override double[] StepGradient(double[] x, double[] before, double[] byState, double[] byInput, IReadOnlyList<double[]> byParameters)
    {
        double[] gates = Gates(x, before), after = Step(x, before), byGates = new double[4 * width], byBefore = new double[2 * width];
        for (int k = 0; k < width; k++)
        {
            double i = gates[k], f = gates[width + k], g = gates[2 * width + k], o = gates[3 * width + k];
            double tanh = Math.Tanh(after[width + k]);
            double byC = byState[width + k] + byState[k] * o * (1 - tanh * tanh);
            byGates[k] = byC * g * i * (1 - i);
            byGates[width + k] = byC * before[width + k] * f * (1 - f);
            byGates[2 * width + k] = byC * i * (1 - g * g);
            byGates[3 * width + k] = byState[k] * tanh * o * (1 - o);
            byBefore[width + k] = byC * f;
        }

        for (int gate = 0; gate < 4 * width; gate++)
        {
            for (int k = 0; k < inputs; k++)
            {
                byParameters[0][gate * inputs + k] += byGates[gate] * x[k];
                byInput[k] += byGates[gate] * weightIh[gate * inputs + k];
            }

            for (int k = 0; k < width; k++)
            {
                byParameters[1][gate * width + k] += byGates[gate] * before[k];
                byBefore[k] += byGates[gate] * weightHh[gate * width + k];
            }

            byParameters[2][gate] += byGates[gate];
        }

        return byBefore;
    }

    private double[] Gates(double[] x, double[] before)
    {
        var gates = new double[4 * width];
        for (int gate = 0; gate < 4 * width; gate++)
        {
            double sum = bias[gate];
            for (int k = 0; k < inputs; k++) sum += weightIh[gate * inputs + k] * x[k];
            for (int k = 0; k < width; k++) sum += weightHh[gate * width + k] * before[k];
            gates[gate] = gate / width == 2 ? Math.Tanh(sum) : Sigmoid(sum);
        }

        return gates;
    }
}
