using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Learning;
using Arena.Policy;
using Arena.Policy.Networks;

namespace Arena.HostApi.Export;

/// <summary>Compares a model in onnxruntime with <see cref="PolicyAgent"/> on the same observations, step by step.</summary>
/// <param name="network">The network.</param>
/// <param name="weights">(P).</param>
internal sealed class OnnxComparison(NetworkSpec network, float[] weights)
{
    /// <summary>Largest difference of one step, relative to max(1, |value|).</summary>
    internal const double StepTolerance = 1e-5;

    /// <summary>The same of many steps with memory, each from the state of the one before.</summary>
    internal const double MemoryTolerance = 1e-4;

    private const float ClearMargin = 1e-4f; // below, two choices are as good as equal

    private readonly MemoryStream input = new();
    private readonly List<(string Output, double Tolerance, float[] Values)> expected = [];

    /// <summary>Largest difference found; null where onnxruntime was not found.</summary>
    /// <exception cref="UsageException">onnxruntime refuses the model, or a difference is too large: says where.</exception>
    internal double? Run(byte[] file, OnnxModel model, IReadOnlyList<OnnxCase> cases)
    {
        foreach (OnnxCase one in cases) Expect(model, one);
        float[]? found = OnnxRuntime.Run(file, model, cases, input.ToArray());
        return found is null ? null : Compare(found);
    }

    private void Expect(OnnxModel model, OnnxCase one)
    {
        using var agent = new PolicyAgent(network, weights, new PolicyAgentOptions { Rows = one.Batch, Deterministic = true });
        var inputs = new CheckInputs(network);
        var floats = new float[network.ByteObservations ? 0 : one.Batch * network.Observations];
        var bytes = new byte[network.ByteObservations ? one.Batch * network.Observations : 0];
        var masks = new byte[one.Batch * network.DiscreteHeads.Sum()];
        var components = new float[one.Batch * network.ContinuousActions];
        var choices = new int[one.Batch * network.DiscreteHeads.Count];
        for (int step = 0; step < one.Steps; step++)
        {
            if (network.ByteObservations) inputs.Fill(bytes);
            else inputs.Fill(floats);
            inputs.FillMasks(masks);
            foreach (OnnxValue value in model.Inputs)
            {
                if (OnnxRuntime.StateOf(value) is not null) continue;
                if (value.Name is "action_mask" or "action_masks") WriteFloats(masks);
                else if (!network.ByteObservations) input.Write(MemoryMarshal.AsBytes<float>(floats));
                else if (value.Type == OnnxType.UInt8) input.Write(bytes);
                else WriteFloats(bytes);
            }

            if (network.ByteObservations) agent.Step(bytes, masks, components, choices);
            else agent.Step(floats, masks, components, choices);
            foreach (OnnxValue value in model.Outputs) expected.Add((value.Name, step == 0 ? StepTolerance : MemoryTolerance, Expected(value.Name, agent, one.Batch, masks, components, choices)));
        }
    }

    private void WriteFloats(byte[] values) => input.Write(MemoryMarshal.AsBytes<float>(Array.ConvertAll(values, value => (float)value)));

    private float[] Expected(string name, PolicyAgent agent, int batch, byte[] masks, float[] components, int[] choices) => name switch
    {
        "action" when network.DiscreteHeads.Count == 0 => [.. components],
        "continuous_action" or "continuous_actions" or "deterministic_continuous_actions" => [.. components],
        "action" or "discrete_action" or "discrete_actions" or "deterministic_discrete_actions" => Choices(agent, batch, masks, choices),
        "action_mean" => Columns(agent, batch, 0, network.ContinuousActions),
        "action_log_std" => LogStds(agent, batch),
        "logits" => Columns(agent, batch, network.GaussianOutputs, network.DiscreteHeads.Sum()),
        "value" => Columns(agent, batch, network.DistributionOutputs, 1),
        "state_out" or "recurrent_out" => [.. Enumerable.Range(0, batch).SelectMany(row => agent.State(row).ToArray())],
        "version_number" => [3f],
        "memory_size" => [network.StateSize],
        "continuous_action_output_shape" => [network.ContinuousActions],
        "discrete_action_output_shape" => [.. network.DiscreteHeads.Select(size => (float)size)],
        _ => throw new InvalidOperationException($"Nothing is known about the output '{name}'."),
    };

    private float[] Columns(PolicyAgent agent, int batch, int first, int count)
    {
        var values = new float[batch * count];
        for (int row = 0; row < batch; row++) agent.Outputs.Slice(row * network.Outputs + first, count).CopyTo(values.AsSpan(row * count));
        return values;
    }

    private float[] LogStds(PolicyAgent agent, int batch)
    {
        float[] raw = network.StateDependentStd
            ? Columns(agent, batch, network.ContinuousActions, network.ContinuousActions)
            : [.. Enumerable.Range(0, batch).SelectMany(_ => Free())];
        return Array.ConvertAll(raw, value => Gaussian.LogStdCentre + Gaussian.LogStdHalfRange * MathF.Tanh(value));
    }

    private float[] Free()
    {
        ParameterTensor tensor = new ParameterLayout(network)["log_std"];
        return weights.AsSpan(tensor.Offset, tensor.Length).ToArray();
    }

    // NaN where the two best are as good as equal: either may be chosen.
    private float[] Choices(PolicyAgent agent, int batch, byte[] masks, int[] choices)
    {
        int all = network.DiscreteHeads.Sum(), heads = network.DiscreteHeads.Count;
        float[] logits = Columns(agent, batch, network.GaussianOutputs, all);
        var values = new float[batch * heads];
        for (int row = 0; row < batch; row++)
        {
            int first = row * all;
            for (int head = 0; head < heads; head++)
            {
                int size = network.DiscreteHeads[head], chosen = choices[row * heads + head], from = first;
                bool close = Enumerable.Range(0, size).Any(other => other != chosen && masks[from + other] != 0 && logits[from + other] > logits[from + chosen] - ClearMargin);
                values[row * heads + head] = close ? float.NaN : chosen;
                first += size;
            }
        }

        return values;
    }

    private double Compare(float[] found)
    {
        double largest = 0;
        int at = 0;
        if (found.Length != expected.Sum(one => one.Values.Length)) throw new UsageException($"onnxruntime gave {found.Length:N0} numbers; {expected.Sum(one => one.Values.Length):N0} were expected.");
        foreach ((string output, double tolerance, float[] values) in expected)
        {
            for (int i = 0; i < values.Length; i++, at++)
            {
                if (float.IsNaN(values[i])) continue;
                double difference = Math.Abs((double)found[at] - values[i]) / Math.Max(1, Math.Abs(values[i]));
                if (!(difference <= tolerance))
                    throw new UsageException($"The model differs in onnxruntime: '{output}' is {found[at]} where {values[i]} was expected (element {i} of its step; allowed is {tolerance}).");
                largest = Math.Max(largest, difference);
            }
        }

        return largest;
    }
}
