using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.HostApi.Export;

/// <summary>Whose names inputs and outputs have.</summary>
internal enum OnnxNames
{
    /// <summary>observation, action_mask, state_in; action, action_mean, action_log_std, logits, value, state_out.</summary>
    Arena,

    /// <summary>Those that Unity's ML-Agents looks for (version 3 of its format).</summary>
    MlAgents,
}

/// <summary>How a model is written.</summary>
/// <param name="Names">Names of inputs and outputs.</param>
/// <param name="BytesIn">Whether bytes are given as bytes; otherwise as floats 0…255. Without meaning for observations of floats.</param>
internal sealed record OnnxOptions(OnnxNames Names = OnnxNames.Arena, bool BytesIn = false);

/// <summary>A policy as an ONNX graph of opset 15: observation to action, one step per call, everything the network does as plain operations.</summary>
internal sealed class OnnxExport
{
    private const int MlAgentsVersion = 3;
    private const float Illegal = -3e38f;

    private readonly NetworkSpec network;
    private readonly OnnxOptions options;
    private readonly OnnxLayers layers;
    private readonly OnnxBuilder graph = new();

    private OnnxExport(NetworkSpec network, ReadOnlySpan<float> weights, OnnxOptions options)
    {
        this.network = network;
        this.options = options;
        layers = new OnnxLayers(graph, network, weights.ToArray());
    }

    private bool MlAgents => options.Names == OnnxNames.MlAgents;

    /// <summary>The graph of a network with these weights (P).</summary>
    internal static OnnxModel Model(NetworkSpec network, ReadOnlySpan<float> weights, OnnxOptions options) => new OnnxExport(network, weights, options).Build();

    private OnnxModel Build()
    {
        bool bytes = network.ByteObservations && options.BytesIn;
        OnnxTerm x = graph.Input(MlAgents ? "obs_0" : "observation", bytes ? OnnxType.UInt8 : OnnxType.Float, OnnxValue.Batch, network.Observations);
        int choices = network.DiscreteHeads.Sum();
        OnnxTerm? mask = choices == 0 ? null : graph.Input(MlAgents ? "action_masks" : "action_mask", OnnxType.Float, OnnxValue.Batch, choices);
        OnnxTerm? state = network.StateSize == 0 ? null : State();
        if (bytes) x = graph.Cast(x, OnnxType.Float);
        OnnxTerm features = layers.Stem(layers.Normalize(x));
        OnnxTerm hidden = layers.Encoder("encoder", features);
        OnnxTerm behind = network.SeparateCritic ? layers.Encoder("critic.encoder", features) : hidden;
        if (state is not null)
        {
            (hidden, OnnxTerm next) = network.Core == NetworkCore.Lstm ? layers.Lstm(hidden, state) : layers.MinGru(hidden, state);
            behind = hidden;
            if (MlAgents) graph.Output("recurrent_out", next, OnnxType.Float, OnnxValue.Batch, 1, network.StateSize);
            else graph.Output("state_out", next, OnnxType.Float, OnnxValue.Batch, network.StateSize);
        }

        OnnxTerm outputs = layers.Linear("actor", hidden);
        if (network.ContinuousActions > 0) Continuous(outputs);
        if (mask is not null) Discrete(graph.Slice(outputs, 1, network.GaussianOutputs, choices), mask);
        if (MlAgents) Constants();
        else graph.Output("value", layers.Linear("critic", behind), OnnxType.Float, OnnxValue.Batch, 1);
        return graph.Build();
    }

    // ML-Agents has an axis of time, of length 1, in its memories.
    private OnnxTerm State() => MlAgents
        ? graph.Reshape(graph.Input("recurrent_in", OnnxType.Float, OnnxValue.Batch, 1, network.StateSize), OnnxValue.Batch, network.StateSize)
        : graph.Input("state_in", OnnxType.Float, OnnxValue.Batch, network.StateSize);

    private void Continuous(OnnxTerm outputs)
    {
        int components = network.ContinuousActions;
        OnnxTerm mean = graph.Slice(outputs, 1, 0, components);
        OnnxTerm action = network.Squash == ActionSquash.Tanh ? graph.Unary("Tanh", mean) : graph.Clip(mean, -1f, 1f);
        foreach (string name in MlAgents ? ["continuous_actions", "deterministic_continuous_actions"] : new[] { network.DiscreteHeads.Count > 0 ? "continuous_action" : "action" })
            graph.Output(name, action, OnnxType.Float, OnnxValue.Batch, components);
        if (MlAgents) return;
        graph.Output("action_mean", mean, OnnxType.Float, OnnxValue.Batch, components);
        // A free log-std is the same for every row: 0 times the mean gives it their number.
        OnnxTerm raw = network.StateDependentStd
            ? graph.Slice(outputs, 1, components, components)
            : graph.Binary("Add", graph.Binary("Mul", mean, graph.Number(0f)), layers.Parameter("log_std"));
        OnnxTerm bounded = graph.Binary("Add", graph.Binary("Mul", graph.Unary("Tanh", raw), graph.Number(Gaussian.LogStdHalfRange)), graph.Number(Gaussian.LogStdCentre));
        graph.Output("action_log_std", bounded, OnnxType.Float, OnnxValue.Batch, components);
    }

    private void Discrete(OnnxTerm logits, OnnxTerm mask)
    {
        OnnxTerm legal = graph.Where(graph.Cast(mask, OnnxType.Bool), logits, Illegal);
        var chosen = new List<OnnxTerm>();
        int first = 0;
        foreach (int size in network.DiscreteHeads)
        {
            chosen.Add(graph.ArgMax(graph.Slice(legal, 1, first, size)));
            first += size;
        }

        OnnxTerm action = graph.Concat(chosen, 1);
        foreach (string name in MlAgents ? ["discrete_actions", "deterministic_discrete_actions"] : new[] { network.ContinuousActions > 0 ? "discrete_action" : "action" })
            graph.Output(name, action, OnnxType.Int64, OnnxValue.Batch, network.DiscreteHeads.Count);
        if (!MlAgents) graph.Output("logits", logits, OnnxType.Float, OnnxValue.Batch, logits.Last);
    }

    private void Constants()
    {
        graph.OutputConstant("version_number", [MlAgentsVersion], 1);
        graph.OutputConstant("memory_size", [network.StateSize], 1);
        if (network.ContinuousActions > 0) graph.OutputConstant("continuous_action_output_shape", [network.ContinuousActions], 1);
        if (network.DiscreteHeads.Count > 0)
            graph.OutputConstant("discrete_action_output_shape", [.. network.DiscreteHeads.Select(size => (float)size)], 1, network.DiscreteHeads.Count);
    }
}
