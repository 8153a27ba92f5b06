using Arena.Kernels.Environments;

namespace Arena.Validation.Learning.Networks;

/// <summary>Rows of records, in double precision: layers of their own for each kind, attention if any, then maximum and mean over those present.</summary>
/// <param name="Length">O.</param>
/// <param name="Groups">The kinds of records.</param>
/// <param name="Layers">Per kind, in order.</param>
/// <param name="Attention">Among all records of a row; null for none.</param>
public sealed record EntityReference(
    int Length, IReadOnlyList<EntityGroup> Groups, IReadOnlyList<IReadOnlyList<DenseLayer>> Layers, AttentionReference? Attention) : IStemReference
{
    private int Width => Layers[0][^1].Outputs;

    private int Records => Groups.Sum(group => group.Count);

    private IReadOnlyList<int> Context => [.. Enumerable.Range(0, Length).Where(i => !Groups.Any(group => i >= group.Offset && i < group.Offset + group.Count * group.RecordLength))];

    /// <inheritdoc/>
    public double[] Forward(double[] observations, int rows) =>
        [.. Enumerable.Range(0, rows).SelectMany(row => Features(Row(observations, row)))];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double[]> Backward(double[] observations, double[] featureGradient, int rows)
    {
        var gradients = new Dictionary<string, double[]>();
        int features = featureGradient.Length / rows;
        for (int row = 0; row < rows; row++)
            AddRow(Row(observations, row), featureGradient.AsSpan(row * features, features).ToArray(), gradients);
        return gradients;
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
            (dTokens, DenseGradients query, DenseGradients key, DenseGradients value) = Attention.Backward(before, present, dTokens);
            foreach ((string name, DenseGradients of) in new[] { ("query", query), ("key", key), ("value", value) }) Add(gradients, $"encoder.attention.{name}", of);
        }

        int record = 0;
        for (int group = 0; group < Groups.Count; group++)
            for (int i = 0; i < Groups[group].Count; i++, record++)
            {
                double[] upper = dTokens.AsSpan(record * Width, Width).ToArray();
                List<double[]> activations = Embed(row, group, i, present[record]);
                for (int layer = Layers[group].Count - 1; layer >= 0; layer--)
                {
                    DenseGradients of = Layers[group][layer].Backward(activations[layer], activations[layer + 1], upper, 1);
                    Add(gradients, $"encoder.entities.{Groups[group].Name}.{layer}", of);
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

    // The record without its flag, zeros where it is absent, then the outputs of every layer.
    private List<double[]> Embed(double[] row, int group, int index, bool present)
    {
        EntityGroup kind = Groups[group];
        var record = new double[kind.RecordLength - 1];
        if (present) Array.Copy(row, kind.Offset + index * kind.RecordLength, record, 0, record.Length);
        List<double[]> activations = [record];
        foreach (DenseLayer layer in Layers[group]) activations.Add(layer.Forward(activations[^1], 1));
        return activations;
    }

    private bool[] Present(double[] row) =>
        [.. Groups.SelectMany(group => Enumerable.Range(1, group.Count).Select(end => row[group.Offset + end * group.RecordLength - 1] != 0))];

    private static void Add(Dictionary<string, double[]> gradients, string name, DenseGradients of)
    {
        Add(gradients, $"{name}.weight", of.Weights);
        Add(gradients, $"{name}.bias", of.Bias);
    }

    private static void Add(Dictionary<string, double[]> gradients, string name, double[] of)
    {
        if (!gradients.TryGetValue(name, out double[]? sum)) gradients[name] = sum = new double[of.Length];
        for (int i = 0; i < of.Length; i++) sum[i] += of[i];
    }
}
