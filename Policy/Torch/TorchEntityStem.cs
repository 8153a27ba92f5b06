using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>Rows of records: layers of their own for every kind, attention if any, then maximum and mean over those present.</summary>
internal sealed class TorchEntityStem : IDisposable
{
    private readonly EntityStem stem;
    private readonly Activation activation;
    private readonly List<TorchLinear[]> layers = [];
    private readonly TorchLinear[] attention;
    private readonly Scalar? scale; // 1/√d of the attention
    private readonly Tensor? context; // numbers of the elements in no record

    internal TorchEntityStem(NetworkSpec spec, EntityStem stem, TorchParameters parameters, bool rounded, Device device)
    {
        this.stem = stem;
        activation = NetworkStem.ActivationIn(spec);
        foreach (EntityGroup group in stem.Groups)
            layers.Add([.. Enumerable.Range(0, stem.Widths.Count).Select(layer => Linear($"encoder.entities.{group.Name}.{layer}"))]);
        attention = stem.AttentionHeads == 0 ? [] : [.. EntityStem.AttentionParts.Select(part => Linear($"encoder.attention.{part}"))];
        if (stem.AttentionHeads > 0) scale = (float)(1 / Math.Sqrt((double)stem.Widths[^1] / stem.AttentionHeads));
        IReadOnlyList<int> elements = stem.Context(spec.Observations);
        if (elements.Count > 0) context = tensor(elements.Select(element => (long)element).ToArray(), device: device).DetachFromDisposeScope();
        return;

        TorchLinear Linear(string name) => new(parameters[$"{name}.weight"], parameters[$"{name}.bias"], rounded);
    }

    /// <summary>(rows, features) of observations (rows, O).</summary>
    internal Tensor Features(Tensor observations)
    {
        long rows = observations.size(0), width = stem.Widths[^1];
        var tokens = new List<Tensor>();
        var present = new List<Tensor>();
        for (int kind = 0; kind < stem.Groups.Count; kind++)
        {
            EntityGroup group = stem.Groups[kind];
            Tensor records = observations.narrow(1, group.Offset, group.Count * group.RecordLength).reshape(rows * group.Count, group.RecordLength);
            Tensor there = records.narrow(1, group.RecordLength - 1, 1).ne(TorchScalars.Zero);
            // Filled, not multiplied: what stands in an absent record may be NaN.
            Tensor x = records.narrow(1, 0, group.RecordLength - 1).masked_fill(there.logical_not(), TorchScalars.Zero);
            foreach (TorchLinear linear in layers[kind]) x = TorchEncoder.Activate(linear.Apply(x), activation);
            tokens.Add(x.view(rows, group.Count, width));
            present.Add(there.view(rows, group.Count, 1));
        }

        Tensor all = cat(tokens, 1), allPresent = cat(present, 1);
        if (attention.Length > 0) all += Attend(all, allPresent);
        List<Tensor> features = Pool(all, allPresent);
        if (context is not null) features.Add(observations.index_select(1, context));
        return cat(features, 1);
    }

    public void Dispose() => context?.Dispose();

    // Σ softmax(Q·Kᵀ/√d)·V over the present tokens of a row; 0 where there is none.
    private Tensor Attend(Tensor tokens, Tensor present)
    {
        long rows = tokens.size(0), count = tokens.size(1), width = tokens.size(2), heads = stem.AttentionHeads;
        Tensor flat = tokens.reshape(rows * count, width);
        Tensor Part(int part) => attention[part].Apply(flat).view(rows, count, heads, width / heads).transpose(1, 2);
        Tensor absent = present.logical_not().view(rows, 1, 1, count);
        Tensor scores = Part(0).matmul(Part(1).transpose(2, 3)).mul(scale!);
        Tensor weights = scores.masked_fill(absent, TorchScalars.Never).softmax(3).masked_fill(absent, TorchScalars.Zero);
        return weights.matmul(Part(2)).transpose(1, 2).reshape(rows, count, width);
    }

    private List<Tensor> Pool(Tensor tokens, Tensor present)
    {
        var features = new List<Tensor>();
        long first = 0;
        foreach (EntityGroup group in stem.Groups)
        {
            Tensor here = tokens.narrow(1, first, group.Count), absent = present.narrow(1, first, group.Count).logical_not();
            Tensor none = absent.all(1);
            // max(dim) gives its gradient to one index, the lowest of equals; amax would share it.
            features.Add(here.masked_fill(absent, TorchScalars.MinusInfinity).max(1).values.masked_fill(none, TorchScalars.Zero));
            if (group.Count > 1)
            {
                Tensor count = absent.logical_not().sum(1, type: ScalarType.Float32).clamp(min: TorchScalars.One);
                features.Add(here.masked_fill(absent, TorchScalars.Zero).sum(1) / count);
            }

            first += group.Count;
        }

        return features;
    }
}
