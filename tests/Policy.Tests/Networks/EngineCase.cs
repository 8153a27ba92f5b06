using Arena.Kernels.Device;
using Arena.Policy.Networks;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>An engine with random weights, random observations, states and output gradients, and the reference of the same network.</summary>
internal sealed class EngineCase : IDisposable
{
    internal EngineCase(
        NetworkSpec spec, int sequences, int seed, MicroKernel microKernel = MicroKernel.Auto, CpuDeviceOptions? options = null, int slots = 1,
        Func<IDevice, NetworkSpec, int, INetworkEngine>? create = null)
    {
        Device = new CpuDevice(options);
        (Sequences, Slots) = (sequences, slots);
        Seed = seed;
        Engine = create?.Invoke(Device, spec, Rows) ?? new BuiltinEngine(Device, spec, Rows, microKernel);
        Observations = Device.Allocate<float>(Rows * spec.Observations, "observations");
        Outputs = Device.Allocate<float>(Rows * spec.Outputs, "outputs");
        OutputGradients = Device.Allocate<float>(Rows * spec.Outputs, "output gradients");
        EpisodeStart = Device.Allocate<byte>(Rows, "episode starts");
        State = Device.Allocate<float>(Math.Max(1, sequences * spec.StateSize), "state");
        NextState = Device.Allocate<float>(State.Length, "next state");
        var random = new Random(seed);
        Fill(Observations.View.AsSpan(), random, 1f);
        Fill(OutputGradients.View.AsSpan(), random, 1f / Rows); // as of a mean over rows
        foreach (ParameterTensor tensor in Engine.Parameters.Tensors)
        {
            // Weights that keep activations near 1, so that tanh is bent and gradients reach every layer.
            float size = tensor.Shape.Count == 2 ? MathF.Sqrt(4f / tensor.Shape[1]) : 0.5f;
            // Some inputs reach the limit; what they meet is small, so that sums stay near 1.
            if (tensor.Name == "normalizer.scale") size = 15f;
            else if (spec.NormalizeObservations && tensor.Shape.Count == 2 && tensor.Shape[1] == spec.Observations) size /= 8f;
            Fill(Engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length), random, size);
        }

        Fill(State.View.AsSpan(), random, 1f);
        foreach (ref byte start in EpisodeStart.View.AsSpan()) start = (byte)(random.Next(5) == 0 ? 1 : 0);
        Engine.RefreshDerived();
    }

    internal CpuDevice Device { get; }

    internal int Sequences { get; }

    internal int Slots { get; }

    internal int Rows => Sequences * Slots;

    internal int Seed { get; }

    internal INetworkEngine Engine { get; }

    internal NetworkSpec Spec => Engine.Spec;

    internal DeviceBuffer<float> Observations { get; }

    internal DeviceBuffer<byte> EpisodeStart { get; }

    internal DeviceBuffer<float> State { get; }

    internal DeviceBuffer<float> NextState { get; }

    internal DeviceBuffer<float> Outputs { get; }

    internal DeviceBuffer<float> OutputGradients { get; }

    /// <summary>The whole batch.</summary>
    internal NetworkInput Input => new()
    {
        Observations = Observations.View,
        EpisodeStart = EpisodeStart.View,
        State = State.View,
        NextState = NextState.View,
        Sequences = Sequences,
        Slots = Slots,
    };

    /// <summary>1 row, sizes of 1, odd sizes, sizes around the widths of registers, blocks and tiles, no hidden layer at all.</summary>
    internal static (NetworkSpec Spec, int Rows) RandomShape(int seed)
    {
        var random = new Random(seed);
        int[] sizes = [1, 2, 3, 7, 15, 16, 17, 31, 33, 49, 64, 65, 100, 130];
        int Size() => sizes[random.Next(sizes.Length)];
        int[] hidden = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Size())];
        int[] rows = [1, 2, 5, 6, 7, 95, 96, 97, 200, 389];
        Activation activation = seed % 2 == 0 ? Activation.Tanh : Activation.Relu;
        bool discrete = random.Next(3) == 0;
        var spec = new NetworkSpec(Size(), hidden, activation, discrete ? 0 : random.Next(1, 20), discrete ? [3, Size()] : []);
        return (spec, rows[random.Next(rows.Length)]);
    }

    /// <summary>The same with everything else that a network can have, and sequences of slots.</summary>
    internal static (NetworkSpec Spec, int Sequences, int Slots) RandomNetwork(int seed)
    {
        (NetworkSpec spec, _) = RandomShape(seed);
        var random = new Random(seed);
        int[] sizes = [1, 3, 15, 16, 17, 33];
        var core = (NetworkCore)(seed % 3);
        spec = spec with
        {
            Core = core,
            CoreWidth = core == NetworkCore.None ? 0 : sizes[random.Next(sizes.Length)],
            Activation = (Activation)random.Next(3),
            // Two or three features that happen to be equal make the slope of the normalisation larger than floats can say.
            LayerNorm = random.Next(2) == 0 && spec.Hidden.All(width => width is 1 or > 3),
            SeparateCritic = core == NetworkCore.None && random.Next(2) == 0,
            StateDependentStd = random.Next(2) == 0,
            NormalizeObservations = random.Next(2) == 0,
        };
        int[] sequences = [1, 2, 5, 6, 7, 13, 50], slots = [1, 2, 3, 8, 17];
        return (spec, sequences[random.Next(sequences.Length)], slots[random.Next(slots.Length)]);
    }

    /// <summary>Forward, then backward into zeroed gradients.</summary>
    internal void Run()
    {
        Engine.Forward(Input, Outputs.View, keepActivations: true);
        Engine.Gradients.AsSpan().Clear();
        Engine.Backward(OutputGradients.View, Rows);
    }

    /// <summary>The reference's view of the batch.</summary>
    internal ReferenceRows ReferenceRows => new(Sequences, Slots)
    {
        EpisodeStart = [.. EpisodeStart.ToArray().Select(start => start != 0)],
        State = Doubles(State.ToArray()),
    };

    internal NetworkReference Reference()
    {
        var shared = new List<IReferenceLayer>();
        if (Spec.NormalizeObservations) shared.Add(new NormalizerLayer(Values("normalizer.mean"), Values("normalizer.scale")));
        if (Spec.SeparateCritic) return new NetworkReference(shared, [.. Encoder("encoder"), Layer("actor")], [.. Encoder("critic.encoder"), Layer("critic")]);
        shared.AddRange(Encoder("encoder"));
        if (Spec.Core == NetworkCore.Lstm)
        {
            int inputs = Engine.Parameters["core.lstm.weight_ih"].Shape[1];
            shared.Add(new LstmLayer(inputs, Spec.CoreWidth, Values("core.lstm.weight_ih"), Values("core.lstm.weight_hh"), Values("core.lstm.bias")));
        }
        else if (Spec.Core == NetworkCore.MinGru)
        {
            int inputs = Engine.Parameters["core.mingru.weight"].Shape[1];
            shared.Add(new MinGruLayer(inputs, Spec.CoreWidth, Values("core.mingru.weight"), Values("core.mingru.bias")));
        }

        return new NetworkReference(shared, [Layer("actor")], [Layer("critic")]);
    }

    internal float[] Gradient(string name)
    {
        ParameterTensor tensor = Engine.Parameters[name];
        return Engine.Gradients.AsSpan().Slice(tensor.Offset, tensor.Length).ToArray();
    }

    public void Dispose()
    {
        Engine.Dispose();
        Observations.Dispose();
        EpisodeStart.Dispose();
        State.Dispose();
        NextState.Dispose();
        Outputs.Dispose();
        OutputGradients.Dispose();
        Device.Dispose();
    }

    internal static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), value => (double)value);

    private List<IReferenceLayer> Encoder(string name)
    {
        var layers = new List<IReferenceLayer>();
        Nonlinearity nonlinearity = Enum.Parse<Nonlinearity>(Spec.Activation.ToString());
        for (int layer = 0; layer < Spec.Hidden.Count; layer++)
        {
            layers.Add(Layer($"{name}.{layer}"));
            if (Spec.LayerNorm) layers.Add(new LayerNormLayer($"{name}.{layer}.norm", Values($"{name}.{layer}.norm.weight"), Values($"{name}.{layer}.norm.bias")));
            layers.Add(new ActivationLayer(nonlinearity));
        }

        return layers;
    }

    private LinearLayer Layer(string name)
    {
        IReadOnlyList<int> shape = Engine.Parameters[$"{name}.weight"].Shape;
        return new LinearLayer(name, shape[1], shape[0], Values($"{name}.weight"), Values($"{name}.bias"));
    }

    private double[] Values(string name)
    {
        ParameterTensor tensor = Engine.Parameters[name];
        return Doubles(Engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length));
    }

    private static void Fill(Span<float> values, Random random, float size)
    {
        foreach (ref float value in values) value = size * (2f * random.NextSingle() - 1f);
    }
}
