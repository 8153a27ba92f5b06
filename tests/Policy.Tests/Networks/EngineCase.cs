using Arena.Kernels.Device;
using Arena.Policy.Networks;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>An engine with random weights, random observations and random output gradients, and the reference of the same network.</summary>
internal sealed class EngineCase : IDisposable
{
    internal EngineCase(NetworkSpec spec, int rows, int seed, MicroKernel microKernel = MicroKernel.Auto, CpuDeviceOptions? options = null)
    {
        Device = new CpuDevice(options);
        Rows = rows;
        Seed = seed;
        Engine = new BuiltinEngine(Device, spec, rows, microKernel);
        Observations = Device.Allocate<float>(rows * spec.Observations, "observations");
        Outputs = Device.Allocate<float>(rows * spec.Outputs, "outputs");
        OutputGradients = Device.Allocate<float>(rows * spec.Outputs, "output gradients");
        var random = new Random(seed);
        Fill(Observations.View.AsSpan(), random, 1f);
        Fill(OutputGradients.View.AsSpan(), random, 1f / rows); // as of a mean over rows
        foreach (ParameterTensor tensor in Engine.Parameters.Tensors)
        {
            // Weights that keep activations near 1, so that tanh is bent and gradients reach every layer.
            float size = tensor.Shape.Count == 2 ? MathF.Sqrt(4f / tensor.Shape[1]) : 0.5f;
            Fill(Engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length), random, size);
        }

        Engine.RefreshDerived();
    }

    internal CpuDevice Device { get; }

    internal int Rows { get; }

    internal int Seed { get; }

    internal BuiltinEngine Engine { get; }

    internal NetworkSpec Spec => Engine.Spec;

    internal DeviceBuffer<float> Observations { get; }

    internal DeviceBuffer<float> Outputs { get; }

    internal DeviceBuffer<float> OutputGradients { get; }

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

    /// <summary>Forward, then backward into zeroed gradients.</summary>
    internal void Run()
    {
        Engine.Forward(Observations.View, Rows, Outputs.View, keepActivations: true);
        Engine.Gradients.AsSpan().Clear();
        Engine.Backward(OutputGradients.View, Rows);
    }

    internal ActorCriticReference Reference()
    {
        var hidden = new List<DenseLayer>();
        Nonlinearity nonlinearity = Spec.Activation == Activation.Tanh ? Nonlinearity.Tanh : Nonlinearity.Relu;
        for (int layer = 0; layer < Spec.Hidden.Count; layer++) hidden.Add(Layer($"encoder.{layer}", nonlinearity));
        return new ActorCriticReference(hidden, Layer("actor", Nonlinearity.None), Layer("critic", Nonlinearity.None));
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
        Outputs.Dispose();
        OutputGradients.Dispose();
        Device.Dispose();
    }

    private DenseLayer Layer(string name, Nonlinearity nonlinearity)
    {
        IReadOnlyList<int> shape = Engine.Parameters[$"{name}.weight"].Shape;
        return new DenseLayer(shape[1], shape[0], Values($"{name}.weight"), Values($"{name}.bias"), nonlinearity);
    }

    private double[] Values(string name)
    {
        ParameterTensor tensor = Engine.Parameters[name];
        return Doubles(Engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length));
    }

    internal static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), value => (double)value);

    private static void Fill(Span<float> values, Random random, float size)
    {
        foreach (ref float value in values) value = size * (2f * random.NextSingle() - 1f);
    }
}
