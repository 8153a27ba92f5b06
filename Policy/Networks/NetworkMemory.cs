using Arena.Kernels.Device;

namespace Arena.Policy.Networks;

/// <summary>The one allocation behind a <see cref="NetworkPlan"/>: activations, panels, scratch and partial sums.</summary>
internal sealed unsafe class NetworkMemory : IDisposable
{
    private readonly NetworkSpec spec;
    private readonly ParameterLayout parameters;
    private readonly int maxRows;
    private readonly DeviceBuffer<float> buffer;
    private long used; // floats handed out
    private bool measuring;

    /// <summary>Allocates for at most <paramref name="maxRows"/> rows.</summary>
    internal NetworkMemory(IDevice device, NetworkSpec spec, ParameterLayout parameters, int maxRows)
    {
        this.spec = spec;
        this.parameters = parameters;
        this.maxRows = maxRows;

        // The layout runs twice: once over a table of layers of our own, to learn the size, and once over the allocation.
        Linear[] table = new Linear[spec.Hidden.Count + 1];
        measuring = true;
        fixed (Linear* layers = table) LayOut(layers);
        buffer = device.Allocate<float>(used, "network activations and panels");
        measuring = false;
        used = 0;
        Plan = LayOut(null);
    }

    /// <summary>Views of the allocation.</summary>
    internal NetworkPlan Plan { get; }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();

    private NetworkPlan LayOut(Linear* measured)
    {
        int count = spec.Hidden.Count + 1;
        float* table = Take(((long)count * sizeof(Linear) + sizeof(float) - 1) / sizeof(float));
        var plan = new NetworkPlan
        {
            Layers = measuring ? measured : (Linear*)table,
            LayerCount = count,
            Activation = spec.Activation,
            MaxWidth = Gemm.Padded(Math.Max(spec.Outputs, spec.Hidden.DefaultIfEmpty(0).Max())),
        };
        for (int index = 0; index < count; index++) LayOutLayer(ref plan, index);
        plan.Scratch = Take(2L * NetworkPlan.MaxChunks * NetworkPlan.RowBlock * plan.MaxWidth);
        plan.Partials = Take(NetworkPlan.MaxChunks * plan.PartialLength);
        plan.Zeros = Take(plan.MaxWidth);
        plan.One = Take(1);
        if (!measuring) *plan.One = 1f;
        return plan;
    }

    private void LayOutLayer(ref NetworkPlan plan, int index)
    {
        bool heads = index == spec.Hidden.Count;
        string name = heads ? "actor" : $"encoder.{index}";
        int inputs = index == 0 ? spec.Observations : spec.Hidden[index - 1];
        int outputs = heads ? spec.Outputs : spec.Hidden[index];
        var layer = new Linear
        {
            Inputs = inputs,
            Outputs = outputs,
            PaddedInputs = Gemm.Padded(inputs),
            PaddedOutputs = Gemm.Padded(outputs),
            Split = heads ? spec.DistributionOutputs : outputs,
            WeightOffset = parameters[$"{name}.weight"].Offset,
            BiasOffset = parameters[$"{name}.bias"].Offset,
            SecondWeightOffset = parameters["critic.weight"].Offset,
            SecondBiasOffset = parameters["critic.bias"].Offset,
            ReadsObservations = index == 0,
            PartialTransposed = Linear.SumsTransposed(outputs, readsObservations: index == 0),
            FirstReduction = index == 0 ? 0 : plan.Layers[index - 1].FirstReduction + plan.Layers[index - 1].Reductions,
        };
        layer.Bias = Take(layer.PaddedOutputs);
        layer.PackedTransposed = Take((long)inputs * layer.PaddedOutputs);
        if (index > 0) layer.Packed = Take((long)outputs * layer.PaddedInputs);
        if (!heads) layer.Activations = Take((long)maxRows * layer.PaddedOutputs);
        layer.PartialWeights = plan.PartialLength;
        layer.PartialBias = layer.PartialWeights + (long)layer.PartialRows * layer.PartialColumns;
        plan.PartialLength = layer.PartialBias + layer.PaddedOutputs;
        plan.Layers[index] = layer;
    }

    // Whole cache lines, so that every part begins at one.
    private float* Take(long floats)
    {
        long begin = used;
        used += (floats + Gemm.ColumnBlock - 1) / Gemm.ColumnBlock * Gemm.ColumnBlock;
        return measuring ? null : buffer.View.Pointer + begin;
    }
}
