namespace Arena.Validation.Learning.Networks;

/// <summary>A convolution without padding over dense planes, in double precision, by plain loops.</summary>
/// <param name="Inputs">Planes.</param>
/// <param name="Outputs">C.</param>
/// <param name="Kernel">k.</param>
/// <param name="Stride">s.</param>
/// <param name="Rows">Cells of the map, down.</param>
/// <param name="Columns">Cells of the map, across.</param>
/// <param name="Weights">(C, planes, k, k).</param>
/// <param name="Bias">(C).</param>
/// <remarks>y[c, u, v] = b_c + Σ W[c, p, i, j]·x[p, s·u + i, s·v + j]; maps are (planes, rows, columns).</remarks>
public sealed record ConvolutionReference(
    int Inputs, int Outputs, int Kernel, int Stride, int Rows, int Columns, double[] Weights, double[] Bias)
{
    /// <summary>Cells of the output, down.</summary>
    public int OutputRows => (Rows - Kernel) / Stride + 1;

    /// <summary>Cells of the output, across.</summary>
    public int OutputColumns => (Columns - Kernel) / Stride + 1;

    /// <summary>Numbers in an input map.</summary>
    public int InputLength => Inputs * Rows * Columns;

    /// <summary>Numbers in an output map.</summary>
    public int OutputLength => Outputs * OutputRows * OutputColumns;

    /// <summary>Sums (batch, C, u, v) of maps (batch, planes, rows, columns).</summary>
    public double[] Sums(double[] x, int batch)
    {
        var y = new double[batch * OutputLength];
        ForEach(batch, (output, input, weight) => y[output] += Weights[weight] * x[input]);
        for (int i = 0; i < y.Length; i++) y[i] += Bias[i % OutputLength / (OutputRows * OutputColumns)];
        return y;
    }

    /// <summary>Gradients of a loss.</summary>
    /// <param name="x">The input maps.</param>
    /// <param name="sumGradient">(batch, C, u, v) gradient by the sums.</param>
    /// <param name="batch">Maps.</param>
    public ReferenceGradients Backward(double[] x, double[] sumGradient, int batch)
    {
        double[] byInput = new double[batch * InputLength], byWeights = new double[Weights.Length], byBias = new double[Bias.Length];
        ForEach(batch, (output, input, weight) =>
        {
            byWeights[weight] += sumGradient[output] * x[input];
            byInput[input] += sumGradient[output] * Weights[weight];
        });
        for (int i = 0; i < sumGradient.Length; i++) byBias[i % OutputLength / (OutputRows * OutputColumns)] += sumGradient[i];
        return new ReferenceGradients(byInput, [byWeights, byBias]);
    }

    // Every product of the sum: which output, input and weight it joins.
    private void ForEach(int batch, Action<int, int, int> visit)
    {
        for (int at = 0; at < batch; at++)
            for (int channel = 0; channel < Outputs; channel++)
                for (int u = 0; u < OutputRows; u++)
                    for (int v = 0; v < OutputColumns; v++)
                        for (int plane = 0; plane < Inputs; plane++)
                            for (int i = 0; i < Kernel; i++)
                                for (int j = 0; j < Kernel; j++)
                                {
                                    int output = ((at * Outputs + channel) * OutputRows + u) * OutputColumns + v;
                                    int input = ((at * Inputs + plane) * Rows + Stride * u + i) * Columns + Stride * v + j;
                                    visit(output, input, ((channel * Inputs + plane) * Kernel + i) * Kernel + j);
                                }
    }
}
