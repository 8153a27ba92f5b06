namespace Arena.Policy.Networks;

/// <summary>Gives every layer its place in one allocation.</summary>
/// <remarks>It runs twice: once without memory, to learn how many floats are needed, and once over the allocation.</remarks>
internal sealed unsafe class NetworkLayout
{
    private readonly NetworkSpec spec;
    private readonly ParameterLayout parameters;
    private readonly int maxRows;
    private readonly float* origin; // null while measuring
    private readonly List<Linear> layers = [];
    private readonly List<GradientPart> parts = [];
    private long partialLength;
    private int reductions;
    private bool branchBegins; // the next layer reads observations

    internal NetworkLayout(NetworkSpec spec, ParameterLayout parameters, int maxRows, float* origin)
    {
        this.spec = spec;
        this.parameters = parameters;
        this.maxRows = maxRows;
        this.origin = origin;
    }

    /// <summary>Floats handed out.</summary>
    internal long Used { get; private set; }

    internal bool Measuring => origin == null;

    internal int Chunks => SequenceBlocks.MostChunks(spec, maxRows);

    /// <summary>Lays out all layers and what they share.</summary>
    internal NetworkPlan Build()
    {
        int width = AddEncoder("encoder");
        Core core = default;
        if (spec.Core != NetworkCore.None)
        {
            core = AddCore(width);
            width = spec.CoreWidth;
        }

        AddHeads(width);
        int widest = layers.Max(layer => Math.Max(layer.PaddedOutputs, layer.PaddedInputs));
        float* zeros = Take(spec.Stem is null ? widest : Math.Max(widest, StemLayout.ZerosNeeded(spec.Stem)));
        float* one = Take(1);
        if (!Measuring) *one = 1f;
        var plan = new NetworkPlan
        {
            Activation = spec.Activation,
            Core = core,
            Normalizer = PlaceNormalizer(),
            Observations = spec.Observations,
            Outputs = spec.Outputs,
            Stem = spec.Stem is null ? null : new StemLayout(this, spec, parameters, maxRows).Build(spec.Stem, zeros, one),
            MaxWidth = Math.Max(layers.Max(layer => layer.PaddedOutputs), spec.Stem is null ? 0 : Gemm.Padded(spec.Features)),
            PartialLength = partialLength,
            LayerCount = layers.Count,
            Reductions = reductions,
        };
        plan.Layers = Table(layers);
        plan.Parts = Table(parts);
        plan.Scratch = Take(Chunks * plan.ScratchLength);
        plan.Loaded = Take(Chunks * (long)NetworkPlan.RowBlock * plan.LoadedStride);
        plan.Partials = Take(Chunks * plan.PartialLength);
        plan.Zeros = zeros;
        plan.One = one;
        return plan;
    }

    // Hidden layers from the observation on; returns their width.
    private int AddEncoder(string name)
    {
        branchBegins = true;
        int width = spec.Features;
        for (int index = 0; index < spec.Hidden.Count; index++)
        {
            Linear layer = Describe(LayerRole.Hidden, $"{name}.{index}", width, spec.Hidden[index]);
            long kept = (long)maxRows * layer.PaddedOutputs;
            layer.Activations = Take(kept);
            if (spec.Activation == Activation.Gelu) layer.PreActivations = Take(kept);
            if (spec.LayerNorm) layer.Norm = PlaceNorm($"{name}.{index}.norm", layer);
            Add(layer);
            width = layer.Outputs;
        }

        return width;
    }

    private LayerNorm PlaceNorm(string name, in Linear layer)
    {
        var norm = new LayerNorm
        {
            Features = layer.Outputs,
            Columns = layer.PaddedOutputs,
            GainOffset = parameters[$"{name}.weight"].Offset,
            ShiftOffset = parameters[$"{name}.bias"].Offset,
            Gain = Take(layer.PaddedOutputs),
            Shift = Take(layer.PaddedOutputs),
            Normal = Take((long)maxRows * layer.PaddedOutputs),
            Inverse = Take(maxRows),
            PartialGain = TakePartial(layer.PaddedOutputs),
            PartialShift = TakePartial(layer.PaddedOutputs),
        };
        AddVectorPart(norm.PartialGain, norm.GainOffset, layer.Outputs);
        AddVectorPart(norm.PartialShift, norm.ShiftOffset, layer.Outputs);
        return norm;
    }

    private Normalizer PlaceNormalizer()
    {
        if (!spec.NormalizeObservations) return default;
        return new Normalizer
        {
            MeanOffset = parameters[Normalizer.MeanName].Offset,
            ScaleOffset = parameters[Normalizer.ScaleName].Offset,
            Shift = Take(Gemm.Padded(spec.Observations)),
            Scale = Take(Gemm.Padded(spec.Observations)),
        };
    }

    private Core AddCore(int inputs)
    {
        string name = spec.Core == NetworkCore.Lstm ? "core.lstm" : "core.mingru";
        int gates = spec.Core == NetworkCore.Lstm ? 4 : 2;
        Linear layer = spec.Core == NetworkCore.Lstm
            ? Describe(LayerRole.Core, name, inputs, gates * spec.CoreWidth, gates, "weight_ih")
            : Describe(LayerRole.Core, name, inputs, gates * spec.CoreWidth, gates);
        layer.Activations = Take((long)maxRows * layer.PaddedOutputs);
        Add(layer);
        var core = new Core { Kind = spec.Core, Width = spec.CoreWidth, Columns = layer.GroupColumns, Gates = gates };
        long kept = (long)maxRows * core.Columns, carried = (long)Chunks * NetworkPlan.RowBlock * core.Columns;
        core.Hidden = Take(kept);
        core.EnteringHidden = Take(kept);
        core.CarriedHidden = Take(carried);
        if (spec.Core != NetworkCore.Lstm) return core;
        core.EnteringCell = Take(kept);
        core.CellTanh = Take(kept);
        core.CarriedCell = Take(carried);
        core.Recurrent = Place(Describe(LayerRole.Core, name, spec.CoreWidth, gates * spec.CoreWidth, gates, "weight_hh", hasBias: false, reads: false));
        return core;
    }

    // One layer for both heads, or each behind hidden layers of its own.
    private void AddHeads(int inputs)
    {
        Linear actor = Describe(LayerRole.Heads, "actor", inputs, spec.SeparateCritic ? spec.DistributionOutputs : spec.Outputs);
        actor.Split = spec.DistributionOutputs;
        actor.SecondWeightOffset = parameters["critic.weight"].Offset;
        actor.SecondBiasOffset = parameters["critic.bias"].Offset;
        Add(actor);
        if (!spec.SeparateCritic) return;
        Linear critic = Describe(LayerRole.Heads, "critic", AddEncoder("critic.encoder"), 1);
        critic.OutputColumn = spec.DistributionOutputs;
        Add(critic);
    }

    private void Add(Linear layer)
    {
        layers.Add(Place(layer));
        branchBegins = false;
    }

    internal Linear Describe(
        LayerRole role, string name, int inputs, int outputs, int groups = 1, string weight = "weight", bool hasBias = true, bool reads = true)
    {
        int group = outputs / groups;
        bool readsObservations = reads && branchBegins && spec.Stem is null;
        return new Linear
        {
            Role = role,
            Inputs = inputs,
            Outputs = outputs,
            PaddedInputs = Gemm.Padded(inputs),
            PaddedOutputs = groups * Gemm.Padded(group),
            GroupOutputs = group,
            GroupColumns = Gemm.Padded(group),
            Split = outputs,
            WeightOffset = parameters[$"{name}.{weight}"].Offset,
            BiasOffset = hasBias ? parameters[$"{name}.bias"].Offset : -1,
            ReadsObservations = readsObservations,
            PartialTransposed = Linear.SumsTransposed(inputs, outputs, readsObservations),
        };
    }

    internal Linear Place(Linear layer)
    {
        layer.Bias = Take(layer.PaddedOutputs);
        layer.PackedTransposed = Take((long)layer.Inputs * layer.PaddedOutputs);
        if (!layer.ReadsObservations) layer.Packed = Take((long)layer.PaddedOutputs * layer.PaddedInputs);
        layer.PartialWeights = TakePartial((long)layer.PartialRows * layer.PartialColumns);
        for (int group = 0; group < layer.Groups; group++) AddWeightPart(layer, group);
        if (!layer.HasBias) return layer;
        layer.PartialBias = TakePartial(layer.PaddedOutputs);
        for (int group = 0; group < layer.Groups; group++)
        {
            int offset = layer.BiasOffset + group * layer.GroupOutputs;
            AddVectorPart(layer.PartialBias + group * layer.GroupColumns, offset, layer.GroupOutputs, layer.Split, layer.SecondBiasOffset);
        }

        return layer;
    }

    private void AddVectorPart(long partial, int offset, int length, int split = int.MaxValue, int secondOffset = 0) =>
        AddPart(new GradientPart
        {
            Partial = partial,
            Rows = 1,
            Columns = length,
            ColumnsAreOutputs = true,
            Inputs = 1,
            Offset = offset,
            SecondOffset = secondOffset,
            Split = split,
        });

    private void AddWeightPart(in Linear layer, int group)
    {
        int first = group * layer.GroupColumns; // column or row of the group's first output
        AddPart(new GradientPart
        {
            Partial = layer.PartialWeights + (layer.PartialTransposed ? first : (long)first * layer.PartialColumns),
            Rows = layer.PartialTransposed ? layer.Inputs : layer.GroupOutputs,
            Stride = layer.PartialColumns,
            Columns = layer.PartialTransposed ? layer.GroupOutputs : layer.Inputs,
            ColumnsAreOutputs = layer.PartialTransposed,
            Inputs = layer.Inputs,
            Offset = layer.WeightOffset + group * layer.GroupOutputs * layer.Inputs,
            SecondOffset = layer.SecondWeightOffset,
            Split = layer.Split,
        });
    }

    internal void AddPart(GradientPart part)
    {
        part.FirstJob = reductions;
        reductions += part.Rows;
        parts.Add(part);
    }

    internal long TakePartial(long floats)
    {
        long begin = partialLength;
        partialLength += Whole(floats);
        return begin;
    }

    /// <summary>A copy of <paramref name="items"/>; null while measuring.</summary>
    internal T* Table<T>(IReadOnlyList<T> items)
        where T : unmanaged
    {
        var table = (T*)Take(((long)items.Count * sizeof(T) + sizeof(float) - 1) / sizeof(float));
        if (!Measuring)
            for (int i = 0; i < items.Count; i++) table[i] = items[i];
        return table;
    }

    /// <summary>Floats of the allocation, zero at first; null while measuring. Whole cache lines, so that every part begins at one.</summary>
    internal float* Take(long floats)
    {
        long begin = Used;
        Used += Whole(floats);
        return Measuring ? null : origin + begin;
    }

    private static long Whole(long floats) => (floats + Gemm.ColumnBlock - 1) / Gemm.ColumnBlock * Gemm.ColumnBlock;
}
