using Arena.Kernels.Environments;

namespace Arena.Validation.Learning.Networks;

/// <summary>Byte observations by dense one-hot planes, the obvious way: the judge of the table lookup.</summary>
/// <param name="Length">O.</param>
/// <param name="Grid">The map, or null.</param>
/// <param name="Fields">Bytes beside it.</param>
/// <param name="Convolutions">Over the map, "encoder.grid.conv1" and so on.</param>
/// <param name="FieldWeights">(features of the map, planes of the fields) if the fields are summed, null if they are concatenated.</param>
/// <param name="Nonlinearity">After every convolution; behind the last one after the fields are added.</param>
public sealed record GridReference(
    int Length, ByteGrid? Grid, IReadOnlyList<ByteField> Fields, IReadOnlyList<ConvolutionReference> Convolutions, double[]? FieldWeights, Nonlinearity Nonlinearity)
    : IReferenceLayer
{
    private int MapFeatures => Convolutions.Count == 0 ? 0 : Convolutions[^1].OutputLength;

    private int FieldPlanes => Fields.Sum(one => Math.Max(1, one.Codes));

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double[] Values)> Parameters
    {
        get
        {
            var tensors = new List<(string, double[])>();
            for (int layer = 0; layer < Convolutions.Count; layer++)
            {
                tensors.Add(($"encoder.grid.conv{layer + 1}.weight", Convolutions[layer].Weights));
                tensors.Add(($"encoder.grid.conv{layer + 1}.bias", Convolutions[layer].Bias));
            }

            if (FieldWeights is { Length: > 0 }) tensors.Add(("encoder.fields.weight", FieldWeights));
            return tensors;
        }
    }

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows)
    {
        double[] map = Convolutions.Count == 0 ? [] : Activate(Sums(x, rows.Count)[^1]);
        return FieldWeights is not null ? map : Join(map, MapFeatures, FieldsOf(x, rows.Count), FieldPlanes, rows.Count);
    }

    /// <summary>Gradients of the parameters. Bytes have none: that of the input is zero.</summary>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows)
    {
        var gradients = new List<double[]>();
        if (Convolutions.Count == 0) return new ReferenceGradients(new double[x.Length], gradients);
        int width = MapFeatures + (FieldWeights is null ? FieldPlanes : 0);
        var gradient = new double[rows.Count * MapFeatures];
        for (int row = 0; row < rows.Count; row++) Array.Copy(outputGradient, row * width, gradient, row * MapFeatures, MapFeatures);

        List<double[]> sums = Sums(x, rows.Count);
        for (int layer = Convolutions.Count - 1; layer >= 0; layer--)
        {
            gradient = new ActivationLayer(Nonlinearity).Backward(sums[layer], gradient, rows).Input;
            if (layer == Convolutions.Count - 1 && FieldWeights is { Length: > 0 }) gradients.Add(FieldGradient(x, gradient, rows.Count));
            double[] below = layer == 0 ? Planes(x, rows.Count) : Activate(sums[layer - 1]);
            ReferenceGradients of = Convolutions[layer].Backward(below, gradient, rows.Count);
            gradients.InsertRange(0, of.Parameters);
            gradient = of.Input;
        }

        return new ReferenceGradients(new double[x.Length], gradients);
    }

    // The sums of every convolution.
    private List<double[]> Sums(double[] observations, int rows)
    {
        var sums = new List<double[]>();
        for (int layer = 0; layer < Convolutions.Count; layer++)
        {
            sums.Add(Convolutions[layer].Sums(layer == 0 ? Planes(observations, rows) : Activate(sums[^1]), rows));
            if (layer == Convolutions.Count - 1 && FieldWeights is not null) AddFields(observations, sums[^1], rows);
        }

        return sums;
    }

    private double[] Activate(double[] sums) => new ActivationLayer(Nonlinearity).Forward(sums, ReferenceRows.Of(1));

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
