using Arena.Kernels.Environments;

namespace Arena.Validation.Learning.Networks;

/// <summary>Rows of records, in double precision: layers of their own for each kind, attention if any, then maximum and mean over those present.</summary>
/// <param name="Length">O.</param>
/// <param name="Groups">The kinds of records.</param>
/// <param name="Layers">Per kind, in order.</param>
/// <param name="Nonlinearity">After each of them.</param>
/// <param name="Attention">Among all records of a row; null for none.</param>
public sealed record EntityReference(
    int Length, IReadOnlyList<EntityGroup> Groups, IReadOnlyList<IReadOnlyList<LinearLayer>> Layers, Nonlinearity Nonlinearity, AttentionReference? Attention)
    : IReferenceLayer
{
    private static readonly ReferenceRows One = ReferenceRows.Of(1);

    private ActivationLayer Activation => new(Nonlinearity);

    private int Width => Layers[0][^1].Outputs;

    private int Records => Groups.Sum(group => group.Count);

    private IReadOnlyList<int> Context => [.. Enumerable.Range(0, Length).Where(i => !Groups.Any(group => i >= group.Offset && i < group.Offset + group.Count * group.RecordLength))];

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double[] Values)> Parameters =>
    [
        .. Layers.SelectMany(kind => kind).SelectMany(layer => layer.Parameters),
        .. Attention is null ? [] : new[] { Attention.Query, Attention.Key, Attention.Value }.SelectMany(layer => layer.Parameters),
    ];

    /// <inheritdoc/>
    public double[] Forward(double[] x, ReferenceRows rows) => [.. Enumerable.Range(0, rows.Count).SelectMany(row => Features(Row(x, row)))];

    /// <summary>Gradients of the parameters. Nobody asks for that of an observation: it is zero.</summary>
    public ReferenceGradients Backward(double[] x, double[] outputGradient, ReferenceRows rows)
    {
        Dictionary<string, double[]> gradients = Parameters.ToDictionary(tensor => tensor.Name, tensor => new double[tensor.Values.Length]);
        int features = outputGradient.Length / rows.Count;
        for (int row = 0; row < rows.Count; row++) AddRow(Row(x, row), outputGradient.AsSpan(row * features, features).ToArray(), gradients);
        return new ReferenceGradients(new double[x.Length], [.. Parameters.Select(tensor => gradients[tensor.Name])]);
    }

    private double[] Row(double[] observations, int row) => observations.AsSpan(row * Length, Length).ToArray();

    private double[] Features(double[] row)
    {
        bool[] present = Present(row);
        double[] tokens = Tokens(row, present);
        if (Attention is not null) tokens = Attention.Forward(tokens, present);
        var features = new List<double>();
        int first = 0;
        foreach (EntityGroup group in Groups)
        {
            int[] there = [.. Enumerable.Range(first, group.Count).Where(record => present[record])];
            for (int c = 0; c < Width; c++) features.Add(there.Length == 0 ? 0 : there.Max(record => tokens[record * Width + c]));
            if (group.Count > 1)
                for (int c = 0; c < Width; c++) features.Add(there.Length == 0 ? 0 : there.Average(record => tokens[record * Width + c]));
            first += group.Count;
        }

        return [.. features, .. Context.Select(i => row[i])];
    }

    private void AddRow(double[] row, double[] gradient, Dictionary<string, double[]> gradients)
    {
        bool[] present = Present(row);
        double[] before = Tokens(row, present);
        double[] dTokens = Unpool(Attention?.Forward(before, present) ?? before, present, gradient);
        if (Attention is not null)
        {
            (dTokens, ReferenceGradients query, ReferenceGradients key, ReferenceGradients value) = Attention.Backward(before, present, dTokens);
            Add(gradients, Attention.Query, query);
            Add(gradients, Attention.Key, key);
            Add(gradients, Attention.Value, value);
        }

        int record = 0;
        for (int group = 0; group < Groups.Count; group++)
            for (int i = 0; i < Groups[group].Count; i++, record++)
            {
                double[] upper = dTokens.AsSpan(record * Width, Width).ToArray();
                List<double[]> values = Embed(row, group, i, present[record]);
                for (int layer = Layers[group].Count - 1; layer >= 0; layer--)
                {
                    double[] bySums = Activation.Backward(values[2 * layer + 1], upper, One).Input;
                    ReferenceGradients of = Layers[group][layer].Backward(values[2 * layer], bySums, One);
                    Add(gradients, Layers[group][layer], of);
                    upper = of.Input;
                }
            }
    }

    // The maximum's gradient to the first record that has it, the mean's to all in equal parts.
    private double[] Unpool(double[] tokens, bool[] present, double[] gradient)
    {
        var dTokens = new double[Records * Width];
        int first = 0, feature = 0;
        foreach (EntityGroup group in Groups)
        {
            int[] there = [.. Enumerable.Range(first, group.Count).Where(record => present[record])];
            for (int c = 0; c < Width && there.Length > 0; c++)
            {
                dTokens[there.MaxBy(record => tokens[record * Width + c]) * Width + c] += gradient[feature + c];
                if (group.Count == 1) continue;
                foreach (int record in there) dTokens[record * Width + c] += gradient[feature + Width + c] / there.Length;
            }

            first += group.Count;
            feature += group.Count > 1 ? 2 * Width : Width;
        }

        return dTokens;
    }

    private double[] Tokens(double[] row, bool[] present)
    {
        var tokens = new List<double>();
        for (int group = 0; group < Groups.Count; group++)
            for (int i = 0; i < Groups[group].Count; i++) tokens.AddRange(Embed(row, group, i, present[tokens.Count / Width])[^1]);
        return [.. tokens];
    }

    // The record without its flag, zeros where it is absent; then for every layer its sums and its outputs.
    private List<double[]> Embed(double[] row, int group, int index, bool present)
    {
        EntityGroup kind = Groups[group];
        var record = new double[kind.RecordLength - 1];
        if (present) Array.Copy(row, kind.Offset + index * kind.RecordLength, record, 0, record.Length);
        List<double[]> values = [record];
        foreach (LinearLayer layer in Layers[group])
        {
            values.Add(layer.Forward(values[^1], One));
            values.Add(Activation.Forward(values[^1], One));
        }

        return values;
    }

    private bool[] Present(double[] row) =>
        [.. Groups.SelectMany(group => Enumerable.Range(1, group.Count).Select(end => row[group.Offset + end * group.RecordLength - 1] != 0))];

    private static void Add(Dictionary<string, double[]> gradients, LinearLayer layer, ReferenceGradients of)
    {
        for (int tensor = 0; tensor < of.Parameters.Count; tensor++)
        {
            double[] sum = gradients[layer.Parameters[tensor].Name];
            for (int i = 0; i < sum.Length; i++) sum[i] += of.Parameters[tensor][i];
        }
    }
}
