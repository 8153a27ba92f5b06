using Arena.Kernels.Device;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Torch;

namespace Arena.Torch.Tests;

/// <summary>The torch engine beside the built-in one, on every network by name and on every game's own network.</summary>
public class AgreementTests
{
    private const double OutputTolerance = 1e-5;
    private const double GradientTolerance = 1e-4;

    public static TheoryData<string> Names => [.. TorchCases.Networks().Select(network => network.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Outputs_states_and_gradients_agree(string name)
    {
        using var pair = new Pair(SpecOf(name), sequences: 9, slots: 7);
        (float[] outputs, float[] state, float[] gradients) = pair.Batch.Run(pair.Builtin);
        (float[] torchOutputs, float[] torchState, float[] torchGradients) = pair.Batch.Run(pair.Torch);
        Assert.Null(Difference("outputs", torchOutputs, outputs, OutputTolerance));
        Assert.Null(Difference("state", torchState, state, OutputTolerance));
        foreach (ParameterTensor tensor in pair.Torch.Parameters.Tensors)
        {
            Range at = tensor.Offset..(tensor.Offset + tensor.Length);
            // Of the tensor's largest element: gradients are small numbers.
            Assert.Null(Difference(tensor.Name, torchGradients[at], gradients[at], GradientTolerance, scale: gradients[at].Max(Math.Abs) + 1e-6f));
        }

        Assert.Contains(gradients, gradient => gradient != 0);
        Assert.Null(pair.Torch.GradientsMoved());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ten_steps_of_the_optimiser_end_in_the_same_weights(string name)
    {
        using var pair = new Pair(SpecOf(name), sequences: 6, slots: 4);
        float[] initial = pair.Torch.Weights.AsSpan().ToArray();
        pair.Train(pair.Builtin, 10);
        pair.Train(pair.Torch, 10);
        float[] builtin = pair.Builtin.Weights.AsSpan().ToArray(), torch = pair.Torch.Weights.AsSpan().ToArray();
        Assert.Null(Difference("weights", torch, builtin, 1e-3));
        // They went somewhere: ten steps of Adam at 1e-3 move a weight by up to 1e-2, ten times what is allowed.
        Assert.True(initial.Zip(builtin, (from, to) => Math.Abs(from - to)).Max() > 5e-3);
    }

    // The planted bug: one weight of the torch engine differs by a thousandth.
    [Fact]
    public void A_difference_is_seen()
    {
        using var pair = new Pair(SpecOf("soccer-small"), sequences: 9, slots: 7);
        (float[] outputs, _, float[] gradients) = pair.Batch.Run(pair.Builtin);
        pair.Torch.Weights[pair.Torch.Parameters["core.lstm.weight_hh"].Offset] += 1e-1f;
        (float[] torchOutputs, _, float[] torchGradients) = pair.Batch.Run(pair.Torch);
        Assert.NotNull(Difference("outputs", torchOutputs, outputs, OutputTolerance));
        Assert.NotNull(Difference("gradients", torchGradients, gradients, GradientTolerance));
    }

    [Fact]
    public void A_seed_means_the_same_weights_in_both()
    {
        using var pair = new Pair(SpecOf("soccer-mlp"), sequences: 1, slots: 1);
        pair.Builtin.Initialise(11);
        pair.Torch.Initialise(11);
        Assert.Equal(pair.Builtin.Weights.AsSpan().ToArray(), pair.Torch.Weights.AsSpan().ToArray());
    }

    [Fact]
    public void Rounded_factors_give_nearly_the_same_and_not_the_same()
    {
        using var pair = new Pair(SpecOf("soccer-small"), sequences: 9, slots: 7);
        using var rounded = new TorchEngine(pair.Device, pair.Batch.Spec, pair.Batch.Rows, NetworkPrecision.BFloat16);
        pair.Torch.Weights.AsSpan().CopyTo(rounded.Weights.AsSpan());
        (float[] outputs, _, float[] gradients) = pair.Batch.Run(pair.Torch);
        (float[] roundedOutputs, _, float[] roundedGradients) = pair.Batch.Run(rounded);
        Assert.Null(Difference("outputs", roundedOutputs, outputs, 0.05));
        Assert.NotNull(Difference("outputs", roundedOutputs, outputs, OutputTolerance));
        double dot = gradients.Zip(roundedGradients, (a, b) => (double)a * b).Sum();
        Assert.True(dot / Math.Sqrt(gradients.Sum(g => (double)g * g) * roundedGradients.Sum(g => (double)g * g)) > 0.99);
    }

    private static NetworkSpec SpecOf(string name) => TorchCases.Networks().First(network => network.Name == name).Spec;

    // Absolute where values are small, relative to the value where they are large.
    private static string? Difference(string what, float[] actual, float[] expected, double tolerance, float scale = 1f)
    {
        for (int i = 0; i < expected.Length; i++)
            if (!(Math.Abs(actual[i] - expected[i]) <= tolerance * Math.Max(scale, Math.Abs(expected[i])))) return $"{what}[{i}] is {actual[i]:R}, expected {expected[i]:R}";
        return null;
    }

    private sealed class Pair : IDisposable
    {
        internal Pair(NetworkSpec spec, int sequences, int slots)
        {
            if (spec.StateSize == 0) (sequences, slots) = (sequences * slots, 1);
            Batch = new TorchBatch(Device, spec, sequences, slots, seed: 3);
            Builtin = new BuiltinEngine(Device, spec, Batch.Rows);
            Torch = new TorchEngine(Device, spec, Batch.Rows);
            var random = new Random(11);
            foreach (ParameterTensor tensor in Torch.Parameters.Tensors)
            {
                float size = tensor.Shape.Count > 1 ? MathF.Sqrt(3f * tensor.Shape[0] / tensor.Length) : 0.1f;
                foreach (ref float weight in Torch.Weights.AsSpan().Slice(tensor.Offset, tensor.Length)) weight = size * (2f * random.NextSingle() - 1f);
            }

            Torch.Weights.AsSpan().CopyTo(Builtin.Weights.AsSpan());
            Builtin.RefreshDerived();
        }

        internal CpuDevice Device { get; } = new(new CpuDeviceOptions { Threads = 2 });

        internal TorchBatch Batch { get; }

        internal BuiltinEngine Builtin { get; }

        internal TorchEngine Torch { get; }

        /// <summary>Steps of AdamW by the learner's own kernel.</summary>
        internal void Train(INetworkEngine engine, int steps)
        {
            using var optimizer = new Optimizer(Device, engine, new PpoConfig());
            using DeviceBuffer<double> norm = Device.Allocate<double>(1, "norm");
            for (int step = 0; step < steps; step++)
            {
                Batch.Run(engine);
                norm.Write([engine.Gradients.AsSpan().ToArray().Sum(gradient => (double)gradient * gradient)]);
                optimizer.Step(1e-3, norm.View, default);
                engine.RefreshDerived();
            }
        }

        public void Dispose()
        {
            Torch.Dispose();
            Builtin.Dispose();
            Batch.Dispose();
            Device.Dispose();
        }
    }
}
