namespace Arena.Validation.Learning;

/// <summary>AdamW with clipping by norm, in double precision (arXiv 1711.05101, algorithm 2).</summary>
public sealed class AdamWReference(int length, double beta1, double beta2, double epsilon, double maxNorm)
{
    private readonly double[] m = new double[length];
    private readonly double[] v = new double[length];
    private int steps;

    /// <summary>One step, in place.</summary>
    /// <param name="weights">θ.</param>
    /// <param name="gradients">g.</param>
    /// <param name="decays">λ of every weight.</param>
    /// <param name="rate">η.</param>
    public void Step(double[] weights, double[] gradients, double[] decays, double rate)
    {
        steps++;
        double norm = Math.Sqrt(gradients.Sum(g => g * g));
        double scale = Math.Min(1, maxNorm / (norm + 1e-6));
        for (int i = 0; i < weights.Length; i++)
        {
            double g = gradients[i] * scale;
            m[i] = beta1 * m[i] + (1 - beta1) * g;
            v[i] = beta2 * v[i] + (1 - beta2) * g * g;
            double mean = m[i] / (1 - Math.Pow(beta1, steps)), square = v[i] / (1 - Math.Pow(beta2, steps));
            weights[i] -= rate * (mean / (Math.Sqrt(square) + epsilon) + decays[i] * weights[i]);
        }
    }
}
