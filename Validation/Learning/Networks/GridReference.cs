using Arena.Kernels.Environments;

namespace Arena.Validation.Learning.Networks;

/// <summary>What makes features of observations, in double precision.</summary>
public interface IStemReference
{
    /// <summary>(rows, features) of observations (rows, O).</summary>
    double[] Forward(double[] observations, int rows);

    /// <summary>Gradients of the parameters by name, of a loss whose gradient by the features is <paramref name="featureGradient"/> (rows, features).</summary>
    IReadOnlyDictionary<string, double[]> Backward(double[] observations, double[] featureGradient, int rows);
}

/// <summary>Byte observations by dense one-hot planes, the obvious way: the judge of the table lookup.</summary>
/// <param name="Length">O.</param>
/// <param name="Grid">The map, or null.</param>
/// <param name="Fields">Bytes beside it.</param>
/// <param name="Convolutions">Over the map; without a nonlinearity of their own.</param>
/// <param name="FieldWeights">(features of the map, planes of the fields) if the fields are summed, null if they are concatenated.</param>
/// <param name="Nonlinearity">After every convolution; behind the last one after the fields are added.</param>
public sealed record GridReference(
    int Length, ByteGrid? Grid, IReadOnlyList<ByteField> Fields, IReadOnlyList<ConvolutionReference> Convolutions, double[]? FieldWeights, Nonlinearity Nonlinearity)
    : IStemReference
{
    private int MapFeatures => Convolutions.Count == 0 ? 0 : Convolutions[^1].OutputLength;

    private int FieldPlanes => Fields.Sum(one => Math.Max(1, one.Codes));

    /// <inheritdoc/>
    public double[] Forward(double[] observations, int rows)
    {
        double[] map = Convolutions.Count == 0 ? [] : Activations(observations, rows)[^1];
        if (FieldWeights is not null) return map;
        double[] fields = FieldsOf(observations, rows);
        return Join(map, MapFeatures, fields, FieldPlanes, rows);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double[]> Backward(double[] observations, double[] featureGradient, int rows)
    {
        var gradients = new Dictionary<string, double[]>();
        if (Convolutions.Count == 0) return gradients;
        int width = MapFeatures + (FieldWeights is null ? FieldPlanes : 0);
        var gradient = new double[rows * MapFeatures];
        for (int row = 0; row < rows; row++) Array.Copy(featureGradient, row * width, gradient, row * MapFeatures, MapFeatures);

        List<double[]> activations = Activations(observations, rows);
        for (int layer = Convolutions.Count - 1; layer >= 0; layer--)
        {
            double[] y = activations[layer + 1];
            for (int i = 0; i < gradient.Length; i++) gradient[i] *= Nonlinearities.Slope(Nonlinearity, y[i]);
            if (layer == Convolutions.Count - 1 && FieldWeights is { Length: > 0 }) gradients["encoder.fields.weight"] = FieldGradient(observations, gradient, rows);
            DenseGradients of = Convolutions[layer].Backward(activations[layer], gradient, rows);
            gradients[$"encoder.grid.conv{layer + 1}.weight"] = of.Weights;
            gradients[$"encoder.grid.conv{layer + 1}.bias"] = of.Bias;
            gradient = of.Input;
        }

        return gradients;
    }

    // The dense planes, then the outputs of every convolution.
    private List<double[]> Activations(double[] observations, int rows)
    {
        List<double[]> activations = [Planes(observations, rows)];
        for (int layer = 0; layer < Convolutions.Count; layer++)
        {
            double[] sums = Convolutions[layer].Sums(activations[^1], rows);
            if (layer == Convolutions.Count - 1 && FieldWeights is not null) AddFields(observations, sums, rows);
            activations.Add([.. sums.Select(sum => Nonlinearities.Apply(Nonlinearity, sum))]);
        }

        return activations;
    }

    // (rows, planes, rows of the map, columns): an illegal code is in no plane.
    private double[] Planes(double[] observations, int rows)
    {
        int planes = Convolutions[0].Inputs, cells = Grid!.Rows * Grid.Columns, channels = Grid.Channels.Count;
        var dense = new double[rows * planes * cells];
        for (int row = 0; row < rows; row++)
            for (int cell = 0; cell < cells; cell++)
            {
                int plane = 0;
                for (int channel = 0; channel < channels; channel++)
                {
                    double value = observations[row * Length + Grid.Offset + cell * channels + channel];
                    foreach (double number in OneHot(value, Grid.Channels[channel].Codes)) dense[(row * planes + plane++) * cells + cell] = number;
                }
            }

        return dense;
    }

    private double[] FieldsOf(double[] observations, int rows) =>
        [.. Enumerable.Range(0, rows).SelectMany(row => Fields.SelectMany(field => OneHot(observations[row * Length + field.Offset], field.Codes)))];

    private static double[] OneHot(double value, int codes) =>
        codes == 0 ? [value / 255] : [.. Enumerable.Range(0, codes).Select(code => code == value ? 1.0 : 0.0)];

    private void AddFields(double[] observations, double[] sums, int rows)
    {
        double[] fields = FieldsOf(observations, rows);
        for (int row = 0; row < rows; row++)
            for (int feature = 0; feature < MapFeatures; feature++)
                for (int plane = 0; plane < FieldPlanes; plane++)
                    sums[row * MapFeatures + feature] += FieldWeights![feature * FieldPlanes + plane] * fields[row * FieldPlanes + plane];
    }

    private double[] FieldGradient(double[] observations, double[] gradient, int rows)
    {
        double[] fields = FieldsOf(observations, rows);
        var weights = new double[MapFeatures * FieldPlanes];
        for (int row = 0; row < rows; row++)
            for (int feature = 0; feature < MapFeatures; feature++)
                for (int plane = 0; plane < FieldPlanes; plane++)
                    weights[feature * FieldPlanes + plane] += gradient[row * MapFeatures + feature] * fields[row * FieldPlanes + plane];
        return weights;
    }

    private static double[] Join(double[] a, int aWidth, double[] b, int bWidth, int rows)
    {
        var joined = new double[rows * (aWidth + bWidth)];
        for (int row = 0; row < rows; row++)
        {
            Array.Copy(a, row * aWidth, joined, row * (aWidth + bWidth), aWidth);
            Array.Copy(b, row * bWidth, joined, row * (aWidth + bWidth) + aWidth, bWidth);
        }

        return joined;
    }
}
