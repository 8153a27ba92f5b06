using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks.Stems;

/// <summary>An engine with a stem, random weights and observations, and the reference of the same network.</summary>
internal sealed class StemCase : IDisposable
{
    // Float rounding of sums over some hundred terms, with an allowance for terms that cancel.
    private const double Relative = 1e-4;
    private const double Absolute = 1e-6;

    // Deep networks with values around 10 need more where large terms cancel: n roundings of random sign add up to √n·u of the size of what is
    // summed (Higham, Accuracy and Stability of Numerical Algorithms, section 2.8), u = 2⁻²⁴. The size is taken from the largest element of
    // the tensor, n from all sums on the way, and 4 deviations are allowed. Of 1,204 networks the worst output is off by 2.3e-6 of the largest one.
    private const double Deviations = 4.0 / (1 << 24);

    internal StemCase(NetworkSpec spec, int rows, int seed, MicroKernel microKernel = MicroKernel.Auto, CpuDeviceOptions? options = null,
        Func<IDevice, NetworkSpec, int, INetworkEngine>? create = null)
    {
        Device = new CpuDevice(options);
        (Rows, Seed) = (rows, seed);
        Engine = create?.Invoke(Device, spec, rows) ?? new BuiltinEngine(Device, spec, rows, microKernel);
        Floats = Device.Allocate<float>((long)rows * spec.Observations, "observations");
        Bytes = Device.Allocate<byte>((long)rows * spec.Observations, "byte observations");
        Outputs = Device.Allocate<float>((long)rows * spec.Outputs, "outputs");
        OutputGradients = Device.Allocate<float>((long)rows * spec.Outputs, "output gradients");
        var random = new Random(seed);
        Fill(OutputGradients.View.AsSpan(), random, 1f / rows);
        foreach (ParameterTensor tensor in Engine.Parameters.Tensors)
        {
            float size = tensor.Shape.Count >= 2 ? MathF.Sqrt(4f / Math.Min(tensor.Length / tensor.Shape[0], 60)) : 0.5f;
            Fill(Engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length), random, size);
        }

        Engine.RefreshDerived();
        if (spec.Stem is GridStem grid) FillBytes(grid, random);
        else FillEntities((EntityStem)spec.Stem!, random);
    }

    internal CpuDevice Device { get; }

    internal int Rows { get; }

    internal int Seed { get; }

    internal INetworkEngine Engine { get; }

    internal NetworkSpec Spec => Engine.Spec;

    internal DeviceBuffer<float> Floats { get; }

    internal DeviceBuffer<byte> Bytes { get; }

    internal DeviceBuffer<float> Outputs { get; }

    internal DeviceBuffer<float> OutputGradients { get; }

    internal NetworkInput Input => new()
    {
        Observations = Spec.ByteObservations ? default : Floats.View,
        ByteObservations = Spec.ByteObservations ? Bytes.View : default,
        Sequences = Rows,
        Slots = 1,
    };

    /// <summary>Forward, then backward into zeroed gradients.</summary>
    internal void Run()
    {
        Engine.Forward(Input, Outputs.View, keepActivations: true);
        Engine.Gradients.AsSpan().Clear();
        Engine.Backward(OutputGradients.View, Rows);
    }

    internal float[] Gradient(string name)
    {
        ParameterTensor tensor = Engine.Parameters[name];
        return Engine.Gradients.AsSpan().Slice(tensor.Offset, tensor.Length).ToArray();
    }

    /// <summary>Null if outputs and all gradients agree with the reference, else the first difference.</summary>
    internal string? FirstDifference(IReferenceLayer? stem = null)
    {
        var rows = ReferenceRows.Of(Rows);
        var reference = new NetworkReference([stem ?? StemReference(), .. Hidden()], [Layer("actor")], [Layer("critic")]);
        double[] observations = Spec.ByteObservations ? [.. Bytes.ToArray().Select(value => (double)value)] : EngineCase.Doubles(Floats.View.AsSpan());
        double[] outputGradients = EngineCase.Doubles(OutputGradients.View.AsSpan());
        string? difference = Difference("outputs", Outputs.ToArray(), reference.Forward(observations, rows));
        foreach ((string name, double[] expected) in reference.Backward(observations, outputGradients, rows).Parameters.OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
            difference ??= Difference(name, Gradient(name), expected);
        return difference is null ? null : $"{difference}; {Rows} rows, seed {Seed}";
    }

    // Terms of the sums of one pass after the other, and of the rows in a gradient.
    private double Terms => Rows + Engine.Parameters.Tensors.Where(tensor => tensor.Shape.Count >= 2).Sum(tensor => (double)tensor.Length / tensor.Shape[0]);

    internal IReferenceLayer StemReference()
    {
        Nonlinearity nonlinearity = Spec.Activation == Activation.Tanh ? Nonlinearity.Tanh : Nonlinearity.Relu;
        return Spec.Stem is GridStem grid ? GridReference(grid, nonlinearity) : EntityReference((EntityStem)Spec.Stem!, nonlinearity);
    }

    internal byte[] Bits()
    {
        Run();
        float[] all = [.. Outputs.ToArray(), .. Engine.Gradients.AsSpan()];
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes(all.AsSpan()).ToArray();
    }

    public void Dispose()
    {
        Engine.Dispose();
        Floats.Dispose();
        Bytes.Dispose();
        Outputs.Dispose();
        OutputGradients.Dispose();
        Device.Dispose();
    }

    private GridReference GridReference(GridStem stem, Nonlinearity nonlinearity)
    {
        var layers = new List<ConvolutionReference>();
        (int rows, int columns, int planes) = (stem.Grid?.Rows ?? 0, stem.Grid?.Columns ?? 0, stem.Planes);
        foreach (Convolution convolution in stem.Convolutions)
        {
            string name = $"encoder.grid.conv{layers.Count + 1}";
            var layer = new ConvolutionReference(
                planes, convolution.Channels, convolution.Kernel, convolution.Stride, rows, columns, Values($"{name}.weight"), Values($"{name}.bias"));
            layers.Add(layer);
            (rows, columns, planes) = (layer.OutputRows, layer.OutputColumns, layer.Outputs);
        }

        double[]? fields = stem.Join == FieldJoin.Sum ? (stem.Fields.Count > 0 ? Values("encoder.fields.weight") : []) : null;
        return new GridReference(Spec.Observations, stem.Grid, stem.Fields, layers, fields, nonlinearity);
    }

    private EntityReference EntityReference(EntityStem stem, Nonlinearity nonlinearity)
    {
        IReadOnlyList<IReadOnlyList<LinearLayer>> layers =
        [
            .. stem.Groups.Select(group => stem.Widths.Select((_, layer) => Layer($"encoder.entities.{group.Name}.{layer}")).ToArray()),
        ];
        AttentionReference? attention = stem.AttentionHeads == 0 ? null
            : new AttentionReference(Layer("encoder.attention.query"), Layer("encoder.attention.key"), Layer("encoder.attention.value"), stem.AttentionHeads);
        return new EntityReference(Spec.Observations, stem.Groups, layers, nonlinearity, attention);
    }

    private IEnumerable<IReferenceLayer> Hidden()
    {
        for (int layer = 0; layer < Spec.Hidden.Count; layer++)
        {
            yield return Layer($"encoder.{layer}");
            yield return new ActivationLayer(Enum.Parse<Nonlinearity>(Spec.Activation.ToString()));
        }
    }

    private LinearLayer Layer(string name)
    {
        IReadOnlyList<int> shape = Engine.Parameters[$"{name}.weight"].Shape;
        return new LinearLayer(name, shape[1], shape[0], Values($"{name}.weight"), Values($"{name}.bias"));
    }

    private double[] Values(string name)
    {
        ParameterTensor tensor = Engine.Parameters[name];
        return EngineCase.Doubles(Engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length));
    }

    private void FillBytes(GridStem stem, Random random)
    {
        Span<byte> bytes = Bytes.View.AsSpan();
        random.NextBytes(bytes);
        for (int row = 0; row < Rows; row++)
        {
            Span<byte> one = bytes.Slice(row * Spec.Observations, Spec.Observations);
            foreach (ByteField field in stem.Fields)
                if (field.Codes > 0) one[field.Offset] = (byte)random.Next(field.Codes);
            if (stem.Grid is not { } grid) continue;
            for (int at = 0; at < grid.Rows * grid.Columns * grid.Channels.Count; at++)
            {
                int codes = grid.Channels[at % grid.Channels.Count].Codes;
                if (codes > 0) one[grid.Offset + at] = (byte)random.Next(codes);
                else if (random.Next(2) == 0) one[grid.Offset + at] = 0; // amounts are mostly nothing
            }
        }
    }

    private void FillEntities(EntityStem stem, Random random)
    {
        Fill(Floats.View.AsSpan(), random, 1f);
        for (int row = 0; row < Rows; row++)
            foreach (EntityGroup group in stem.Groups)
                for (int end = 1; end <= group.Count; end++)
                    Floats.View[row * Spec.Observations + group.Offset + end * group.RecordLength - 1] = random.Next(3) == 0 ? 0f : 1f;
    }

    private string? Difference(string name, float[] actual, double[] expected)
    {
        if (actual.Length != expected.Length) return $"{name} has {actual.Length} elements instead of {expected.Length}";
        double cancelled = Deviations * Math.Sqrt(Terms) * expected.Max(Math.Abs);
        for (int i = 0; i < actual.Length; i++)
        {
            double allowed = Absolute + cancelled + Relative * Math.Abs(expected[i]);
            if (!(Math.Abs(actual[i] - expected[i]) <= allowed)) return $"{name}[{i}] is {actual[i]:R}, expected {expected[i]:R} within {allowed:0.0e0}";
        }

        return null;
    }

    private static void Fill(Span<float> values, Random random, float size)
    {
        foreach (ref float value in values) value = size * (2f * random.NextSingle() - 1f);
    }
}
