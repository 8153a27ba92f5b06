using Arena.Kernels.Learning;
using Arena.Kernels.Random;

namespace Arena.Policy.Networks;

/// <summary>Initial weights: orthogonal matrices (Saxe et al., 1312.6120), each gate of a core by itself, and constant vectors.</summary>
/// <remarks>
/// A matrix is gain times the orthonormal factor of a QR decomposition of normals, in double; R with a positive
/// diagonal makes it uniform over orthogonal matrices. The normal of parameter i is the cosine of Box–Muller from the first two
/// words of the Philox block with counter (i, 0, 0, purpose &lt;&lt; 16), so that no weight depends on how many came before.
/// </remarks>
public static class Initialisation
{
    /// <summary>Philox purpose of initial parameters.</summary>
    public const uint Purpose = LearnerPurpose.ParameterInitialisation;

    /// <summary>Overwrites <paramref name="weights"/>, (P) floats, for <paramref name="seed"/>.</summary>
    /// <exception cref="ArgumentException">the length is not P.</exception>
    public static void Fill(ParameterLayout parameters, ulong seed, Span<float> weights)
    {
        if (weights.Length != parameters.Length)
            throw new ArgumentException($"The weights are {weights.Length:N0} floats; the network has {parameters.Length:N0} parameters.");
        foreach (ParameterTensor tensor in parameters.Tensors)
        {
            Span<float> values = weights.Slice(tensor.Offset, tensor.Length);
            if (tensor.Shape.Count == 1)
            {
                values.Clear();
                int at = 0;
                foreach ((int count, float value) in tensor.Constants)
                {
                    values.Slice(at, count).Fill(value);
                    at += count;
                }

                continue;
            }

            int length = values.Length / tensor.Blocks;
            for (int block = 0; block < tensor.Blocks; block++)
                FillOrthogonal(tensor, tensor.Offset + block * length, seed, values.Slice(block * length, length));
        }
    }

    private static void FillOrthogonal(ParameterTensor tensor, int offset, ulong seed, Span<float> values)
    {
        int rows = tensor.Shape[0] / tensor.Blocks;
        int columns = values.Length / rows; // of a convolution: planes and taps
        int count = Math.Min(rows, columns);
        var vectors = new double[count][]; // the shorter side's vectors, each as long as the longer side
        for (int i = 0; i < count; i++)
        {
            vectors[i] = new double[Math.Max(rows, columns)];
            for (int j = 0; j < vectors[i].Length; j++)
                vectors[i][j] = Normal(seed, (uint)(offset + (rows <= columns ? i * columns + j : j * columns + i)));
        }

        Orthonormalise(vectors);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
                values[row * columns + column] = (float)(tensor.Gain * (rows <= columns ? vectors[row][column] : vectors[column][row]));
    }

    // Gram–Schmidt, each projection subtracted twice: once leaves an error that grows with the condition of the matrix.
    private static void Orthonormalise(double[][] vectors)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            for (int pass = 0; pass < 2; pass++)
                for (int j = 0; j < i; j++)
                    Subtract(vectors[i], vectors[j], Dot(vectors[i], vectors[j]));
            double length = Math.Sqrt(Dot(vectors[i], vectors[i]));
            for (int k = 0; k < vectors[i].Length; k++) vectors[i][k] /= length;
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void Subtract(double[] from, double[] direction, double amount)
    {
        for (int i = 0; i < from.Length; i++) from[i] -= amount * direction[i];
    }

    private static double Normal(ulong seed, uint index)
    {
        UInt4 words = Philox.Block(new UInt4(index, 0, 0, Purpose << 16), (uint)seed, (uint)(seed >> 32));
        double radius = Math.Sqrt(-2.0 * Math.Log(Philox.Uniform(words.X)));
        return radius * Math.Cos(2.0 * Math.PI * Philox.Uniform(words.Y));
    }
}
