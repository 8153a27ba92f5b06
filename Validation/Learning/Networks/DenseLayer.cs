namespace Arena.Validation.Learning.Networks;

/// <summary>What follows a linear layer.</summary>
public enum Nonlinearity
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>max(0, x); slope 0 at 0.</summary>
    Relu,
}

/// <summary>A linear layer and what follows it, in double precision, by plain loops.</summary>
/// <param name="Inputs">K.</param>
/// <param name="Outputs">N.</param>
/// <param name="Weights">(N, K) row-major.</param>
/// <param name="Bias">(N).</param>
/// <param name="Nonlinearity">Applied to x·Wᵀ + b.</param>
public sealed record DenseLayer(int Inputs, int Outputs, double[] Weights, double[] Bias, Nonlinearity Nonlinearity)
{
    /// <summary>Outputs (rows, N) of inputs (rows, K).</summary>
    public double[] Forward(double[] x, int rows)
    {
        var y = new double[rows * Outputs];
        for (int row = 0; row < rows; row++)
            for (int output = 0; output < Outputs; output++)
            {
                double sum = Bias[output];
                for (int input = 0; input < Inputs; input++) sum += Weights[output * Inputs + input] * x[row * Inputs + input];
                y[row * Outputs + output] = Nonlinearities.Apply(Nonlinearity, sum);
            }

        return y;
    }

    /// <summary>The gradients of a loss.</summary>
    /// <param name="x">(rows, K) inputs.</param>
    /// <param name="y">(rows, N) what <see cref="Forward"/> made of them.</param>
    /// <param name="outputGradient">(rows, N) gradient of the loss by y.</param>
    /// <param name="rows">Rows.</param>
    public DenseGradients Backward(double[] x, double[] y, double[] outputGradient, int rows)
    {
        var gradients = new DenseGradients(new double[rows * Inputs], new double[Outputs * Inputs], new double[Outputs]);
        for (int row = 0; row < rows; row++)
            for (int output = 0; output < Outputs; output++)
            {
                double sumGradient = outputGradient[row * Outputs + output] * Nonlinearities.Slope(Nonlinearity, y[row * Outputs + output]);
                gradients.Bias[output] += sumGradient;
                for (int input = 0; input < Inputs; input++)
                {
                    gradients.Weights[output * Inputs + input] += sumGradient * x[row * Inputs + input];
                    gradients.Input[row * Inputs + input] += sumGradient * Weights[output * Inputs + input];
                }
            }

        return gradients;
    }
}

/// <summary>The functions behind <see cref="Nonlinearity"/>.</summary>
internal static class Nonlinearities
{
    /// <summary>f(x).</summary>
    internal static double Apply(Nonlinearity nonlinearity, double x) => nonlinearity switch
    {
        Nonlinearity.Tanh => Math.Tanh(x),
        Nonlinearity.Relu => Math.Max(0, x),
        _ => x,
    };

    /// <summary>f'(x) by the output y = f(x): 1 − tanh² x is 1 − y², and max(0, x) is positive where x is.</summary>
    internal static double Slope(Nonlinearity nonlinearity, double y) => nonlinearity switch
    {
        Nonlinearity.Tanh => 1 - y * y,
        Nonlinearity.Relu => y > 0 ? 1 : 0,
        _ => 1,
    };
}

/// <summary>Gradients of a loss by a layer's inputs and parameters.</summary>
/// <param name="Input">(rows, K).</param>
/// <param name="Weights">(N, K), summed over rows.</param>
/// <param name="Bias">(N), summed over rows.</param>
public sealed record DenseGradients(double[] Input, double[] Weights, double[] Bias);
