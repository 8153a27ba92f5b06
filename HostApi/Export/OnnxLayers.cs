using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Export;

/// <summary>The layers of a network as operations of a graph; formulas as in <see cref="NetworkSpec"/>, <see cref="GridStem"/> and <see cref="EntityStem"/>.</summary>
internal sealed class OnnxLayers(OnnxBuilder graph, NetworkSpec network, float[] weights)
{
    private const float NormEpsilon = 1e-5f;
    private const float GeluScale = 0.7978845608f; // √(2/π)
    private const float GeluCubic = 0.044715f;
    private const float LeastNumber = -3e38f;

    private readonly ParameterLayout layout = new(network);

    /// <summary>A parameter as it lies.</summary>
    internal OnnxTerm Parameter(string name) => graph.Constant(Values(name), [.. layout[name].Shape]);

    /// <summary>xWᵀ + b over (batch, in).</summary>
    internal OnnxTerm Linear(string name, OnnxTerm x) => graph.Gemm(x, Parameter($"{name}.weight"), Parameter($"{name}.bias"));

    /// <summary>Observations as the first layer takes them.</summary>
    internal OnnxTerm Normalize(OnnxTerm x)
    {
        if (!network.NormalizeObservations) return x;
        x = graph.Binary("Mul", graph.Binary("Sub", x, Parameter("normalizer.mean")), Parameter("normalizer.scale"));
        return graph.Clip(x, -NetworkSpec.NormalizedLimit, NetworkSpec.NormalizedLimit);
    }

    /// <summary>Features (batch, F) of observations.</summary>
    internal OnnxTerm Stem(OnnxTerm x) => network.Stem switch
    {
        GridStem grid => Grid(grid, x),
        EntityStem entities => Entities(entities, x),
        _ => x,
    };

    /// <summary>All hidden layers of an encoder.</summary>
    internal OnnxTerm Encoder(string name, OnnxTerm x)
    {
        for (int layer = 0; layer < network.Hidden.Count; layer++)
        {
            string part = Cli.Numbers.Text($"{name}.{layer}");
            x = Linear(part, x);
            if (network.LayerNorm) x = LayerNorm($"{part}.norm", x);
            x = Activate(network.Activation, x);
        }

        return x;
    }

    /// <summary>Output and next state (h, c) of one step.</summary>
    internal (OnnxTerm Output, OnnxTerm State) Lstm(OnnxTerm x, OnnxTerm state)
    {
        OnnxTerm[] before = graph.Split(state, 2);
        OnnxTerm sums = graph.Binary("Add",
            graph.Gemm(x, Parameter("core.lstm.weight_ih"), Parameter("core.lstm.bias")),
            graph.Gemm(before[0], Parameter("core.lstm.weight_hh"), null));
        OnnxTerm[] gates = graph.Split(sums, 4); // i, f, g, o
        OnnxTerm kept = graph.Binary("Mul", graph.Unary("Sigmoid", gates[1]), before[1]);
        OnnxTerm entering = graph.Binary("Mul", graph.Unary("Sigmoid", gates[0]), graph.Unary("Tanh", gates[2]));
        OnnxTerm cell = graph.Binary("Add", kept, entering);
        OnnxTerm hidden = graph.Binary("Mul", graph.Unary("Sigmoid", gates[3]), graph.Unary("Tanh", cell));
        return (hidden, graph.Concat([hidden, cell], 1));
    }

    /// <summary>Output and next state, which are the same, of one step.</summary>
    internal (OnnxTerm Output, OnnxTerm State) MinGru(OnnxTerm x, OnnxTerm state)
    {
        OnnxTerm[] parts = graph.Split(Linear("core.mingru", x), 2);
        OnnxTerm step = graph.Binary("Mul", graph.Unary("Sigmoid", parts[0]), graph.Binary("Sub", parts[1], state));
        OnnxTerm hidden = graph.Binary("Add", state, step);
        return (hidden, hidden);
    }

    private OnnxTerm LayerNorm(string name, OnnxTerm x)
    {
        OnnxTerm centred = graph.Binary("Sub", x, graph.Reduce("ReduceMean", x, 1, keep: true));
        OnnxTerm variance = graph.Reduce("ReduceMean", graph.Binary("Mul", centred, centred), 1, keep: true);
        OnnxTerm normal = graph.Binary("Div", centred, graph.Unary("Sqrt", graph.Binary("Add", variance, graph.Number(NormEpsilon))));
        return graph.Binary("Add", graph.Binary("Mul", normal, Parameter($"{name}.weight")), Parameter($"{name}.bias"));
    }

    private OnnxTerm Activate(Activation activation, OnnxTerm x)
    {
        if (activation != Activation.Gelu) return graph.Unary(activation == Activation.Tanh ? "Tanh" : "Relu", x);
        // ½x(1 + tanh(κx(1 + 0.044715x²)))
        OnnxTerm inner = graph.Binary("Add", graph.Binary("Mul", graph.Binary("Mul", x, x), graph.Number(GeluCubic)), graph.Number(1f));
        OnnxTerm bend = graph.Unary("Tanh", graph.Binary("Mul", graph.Binary("Mul", x, graph.Number(GeluScale)), inner));
        return graph.Binary("Mul", graph.Binary("Mul", x, graph.Number(0.5f)), graph.Binary("Add", bend, graph.Number(1f)));
    }

    private OnnxTerm StemActivate(OnnxTerm x) => Activate(NetworkStem.ActivationIn(network), x);

    private OnnxTerm Grid(GridStem stem, OnnxTerm x)
    {
        OnnxTerm? fields = stem.Fields.Count == 0
            ? null
            : graph.Concat([.. stem.Fields.Select(field => field.Codes > 0
                ? graph.Reshape(Planes(graph.Slice(x, 1, field.Offset, 1), field.Codes), OnnxValue.Batch, field.Codes)
                : Planes(graph.Slice(x, 1, field.Offset, 1), 0))], 1);
        if (stem.Grid is not { } grid) return fields!;
        int channels = grid.Channels.Count;
        OnnxTerm cells = graph.Reshape(graph.Slice(x, 1, grid.Offset, grid.Rows * grid.Columns * channels), OnnxValue.Batch, grid.Rows, grid.Columns, channels);
        OnnxTerm[] planes = [.. grid.Channels.Select((channel, at) => Channel(graph.Slice(cells, 3, at, 1), channel.Codes))];
        OnnxTerm map = graph.Transpose(graph.Concat(planes, 3), 0, 3, 1, 2);
        for (int layer = 1; layer <= stem.Convolutions.Count; layer++)
        {
            string name = Cli.Numbers.Text($"encoder.grid.conv{layer}");
            map = graph.Conv(map, Parameter($"{name}.weight"), Parameter($"{name}.bias"), stem.Convolutions[layer - 1].Stride);
            if (layer == stem.Convolutions.Count && stem.Join == FieldJoin.Sum && fields is not null)
                map = graph.Binary("Add", map, graph.Reshape(graph.Gemm(fields, Parameter("encoder.fields.weight"), null), map.Shape));
            map = StemActivate(map);
        }

        OnnxTerm flat = graph.Reshape(map, OnnxValue.Batch, stem.MapFeatures);
        return stem.Join == FieldJoin.Concatenate && fields is not null ? graph.Concat([flat, fields], 1) : flat;
    }

    private OnnxTerm Channel(OnnxTerm cells, int codes) =>
        codes == 0 ? Planes(cells, 0) : Planes(graph.Reshape(cells, cells.Shape[..^1]), codes);

    // One axis more for codes; amounts are scaled where they are.
    private OnnxTerm Planes(OnnxTerm bytes, int codes) =>
        codes > 0 ? graph.OneHot(graph.Cast(bytes, OnnxType.Int32), codes) : graph.Binary("Mul", bytes, graph.Number(1f / 255f));

    private OnnxTerm Entities(EntityStem stem, OnnxTerm x)
    {
        List<OnnxTerm> tokens = [], present = [];
        foreach (EntityGroup group in stem.Groups)
        {
            OnnxTerm records = graph.Reshape(graph.Slice(x, 1, group.Offset, group.Count * group.RecordLength), OnnxValue.Batch, group.Count, group.RecordLength);
            OnnxTerm there = graph.Cast(graph.Slice(records, 2, group.RecordLength - 1, 1), OnnxType.Bool);
            // Whatever stands in an absent record must not matter, not even NaN.
            OnnxTerm token = graph.Where(there, graph.Slice(records, 2, 0, group.RecordLength - 1), 0f);
            for (int layer = 0; layer < stem.Widths.Count; layer++) token = StemActivate(Shared(Cli.Numbers.Text($"encoder.entities.{group.Name}.{layer}"), token));
            tokens.Add(token);
            present.Add(graph.Cast(there, OnnxType.Float));
        }

        OnnxTerm all = graph.Concat(tokens, 1), presence = graph.Concat(present, 1);
        if (stem.AttentionHeads > 0) all = graph.Binary("Add", all, Attention(stem, all, presence));
        var features = new List<OnnxTerm>();
        int first = 0;
        foreach (EntityGroup group in stem.Groups)
        {
            Pool(group, graph.Slice(all, 1, first, group.Count), graph.Slice(presence, 1, first, group.Count), features);
            first += group.Count;
        }

        IReadOnlyList<int> context = stem.Context(network.Observations);
        for (int at = 0; at < context.Count;)
        {
            int end = at + 1;
            while (end < context.Count && context[end] == context[end - 1] + 1) end++;
            features.Add(graph.Slice(x, 1, context[at], end - at));
            at = end;
        }

        return graph.Concat(features, 1);
    }

    // Maximum, then mean, over those present; 0 without any.
    private void Pool(EntityGroup group, OnnxTerm tokens, OnnxTerm presence, List<OnnxTerm> features)
    {
        OnnxTerm there = graph.Cast(presence, OnnxType.Bool);
        OnnxTerm any = graph.Cast(graph.Reduce("ReduceMax", presence, 1, keep: false), OnnxType.Bool);
        OnnxTerm largest = graph.Reduce("ReduceMax", graph.Where(there, tokens, LeastNumber), 1, keep: false);
        features.Add(graph.Where(any, largest, 0f));
        if (EntityStem.PooledParts(group) == 1) return;
        OnnxTerm mean = graph.Reduce("ReduceMean", graph.Where(there, tokens, 0f), 1, keep: false);
        OnnxTerm share = graph.Clip(graph.Reduce("ReduceMean", presence, 1, keep: false), 0.5f / group.Count, 1f); // the limit only where it is 0
        features.Add(graph.Binary("Div", mean, share));
    }

    private OnnxTerm Attention(EntityStem stem, OnnxTerm tokens, OnnxTerm presence)
    {
        int records = stem.Records, heads = stem.AttentionHeads, width = stem.Widths[^1] / heads;
        OnnxTerm PerHead(string part, params int[] order) =>
            graph.Transpose(graph.Reshape(Shared($"encoder.attention.{part}", tokens), OnnxValue.Batch, records, heads, width), order);
        OnnxTerm scores = graph.MatMul(PerHead("query", 0, 2, 1, 3), PerHead("key", 0, 2, 3, 1));
        scores = graph.Binary("Mul", scores, graph.Number(1f / MathF.Sqrt(width)));
        OnnxTerm legal = graph.Reshape(graph.Cast(presence, OnnxType.Bool), OnnxValue.Batch, 1, 1, records);
        OnnxTerm shares = graph.Softmax(graph.Where(legal, scores, LeastNumber));
        OnnxTerm mixed = graph.Transpose(graph.MatMul(shares, PerHead("value", 0, 2, 1, 3)), 0, 2, 1, 3);
        return graph.Reshape(mixed, OnnxValue.Batch, records, stem.Widths[^1]);
    }

    // The same layer for every record: (batch, records, in) · Wᵀ + b.
    private OnnxTerm Shared(string name, OnnxTerm x)
    {
        int outputs = layout[$"{name}.weight"].Shape[0], inputs = layout[$"{name}.weight"].Shape[1];
        ReadOnlySpan<float> matrix = Values($"{name}.weight");
        var transposed = new float[inputs * outputs];
        for (int output = 0; output < outputs; output++)
            for (int input = 0; input < inputs; input++) transposed[input * outputs + output] = matrix[output * inputs + input];
        return graph.Binary("Add", graph.MatMul(x, graph.Constant(transposed, inputs, outputs)), Parameter($"{name}.bias"));
    }

    private ReadOnlySpan<float> Values(string name) => weights.AsSpan(layout[name].Offset, layout[name].Length);
}
