namespace Arena.Validation.Learning.Networks;

/// <summary>What follows a linear layer, element by element.</summary>
public enum Nonlinearity
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>max(0, x); slope 0 at 0.</summary>
    Relu,

    /// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks and Gimpel, arXiv 1606.08415).</summary>
    Gelu,
}

/// <summary>A function of every element.</summary>
/// <param name="Function">Which.</param>
public sealed record ActivationLayer(Nonlinearity Function) : IReferenceLayer
{
    private static readonly double GeluScale = Math.Sqrt(2 / Math.PI);

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double[] Values)> Parameters => [];

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows) => Array.ConvertAll(x, Value);

    /// <inheritdoc/>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows) =>
        new([.. x.Zip(outputGradient, (value, gradient) => gradient * Slope(value))], []);

    private double Value(double x) => Function switch
    {
        Nonlinearity.Tanh => Math.Tanh(x),
        Nonlinearity.Relu => Math.Max(0, x),
        Nonlinearity.Gelu => 0.5 * x * (1 + GeluTanh(x)),
        _ => x,
    };

    private double Slope(double x)
    {
        double t = GeluTanh(x);
        return Function switch
        {
            Nonlinearity.Tanh => 1 - Math.Tanh(x) * Math.Tanh(x),
            Nonlinearity.Relu => x > 0 ? 1 : 0,
            Nonlinearity.Gelu => 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GeluScale * (1 + 3 * 0.044715 * x * x),
            _ => 1,
        };
    }

    private static double GeluTanh(double x) => Math.Tanh(GeluScale * (x + 0.044715 * x * x * x));
}

/// <summary>Observations with mean and scale per element, limited: clamp((x − mean)·scale, −10, 10). Both are data, not trained.</summary>
/// <param name="Mean">(O).</param>
/// <param name="Scale">(O).</param>
public sealed record NormalizerLayer(double[] Mean, double[] Scale) : IReferenceLayer
{
    private const double Limit = 10;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double[] Values)> Parameters => [];

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows) =>
        [.. x.Select((value, i) => Math.Clamp((value - Mean[i % Mean.Length]) * Scale[i % Mean.Length], -Limit, Limit))];

    /// <inheritdoc/>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows) =>
        new([.. x.Select((value, i) => Math.Abs((value - Mean[i % Mean.Length]) * Scale[i % Mean.Length]) < Limit ? outputGradient[i] * Scale[i % Mean.Length] : 0)], []);
}
