using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Golden;

/// <summary>Networks against PyTorch's own layers: outputs and gradients that golden.py computed and stored, weights read under PyTorch's names.</summary>
public class GoldenTests
{
    private const int Sequences = 3;
    private const int Slots = 5;
    private const int Rows = Sequences * Slots;
    private const double ForwardTolerance = 1e-5;
    private const double GradientTolerance = 1e-4;

    private static readonly Dictionary<string, string> NoRenames = [];

    [Theory]
    [InlineData("linear")]
    [InlineData("separate")]
    [InlineData("norm")]
    [InlineData("normalised")]
    [InlineData("lstm")]
    [InlineData("mingru")]
    [InlineData("conv")]
    [InlineData("table")]
    [InlineData("entities")]
    [InlineData("attention")]
    public void Outputs_and_gradients_are_those_of_PyTorch(string name)
    {
        SafetensorsContents file = Read(name);
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using BuiltinEngine engine = Load(device, Network(name), Part(file, "w/"));
        Run(device, engine, file, Part(file, "io/"));
        float[] expected = Flat(engine, Part(file, "g/"));
        Assert.Contains(expected, gradient => gradient != 0f);
        AssertClose(expected, engine.Gradients.AsSpan(), GradientTolerance, "gradient");
    }

    [Fact]
    public void A_weight_in_another_place_is_noticed()
    {
        SafetensorsContents file = Read("lstm");
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using BuiltinEngine engine = Load(device, Network("lstm"), Part(file, "w/"));
        ParameterTensor recurrent = engine.Parameters["core.lstm.weight_hh"];
        Span<float> gates = engine.Weights.AsSpan().Slice(recurrent.Offset, recurrent.Length);
        gates[..49].CopyTo(gates[49..98]); // the input gate's for the forget gate's
        engine.RefreshDerived();
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Run(device, engine, file, Part(file, "io/")));
    }

    [Fact]
    public void Halves_are_widened_as_PyTorch_widens_them()
    {
        SafetensorsContents file = Read("halves");
        var network = new NetworkSpec(1, [], Activation.Tanh, 0, [5]);
        foreach (string type in new[] { "f16", "bf16" })
        {
            SafetensorsTensor tensor = file.Tensors.Single(one => one.Name == type), floats = file.Tensors.Single(one => one.Name == $"{type}.float");
            // 6 numbers, taken as 5 rows of 1 and one more.
            SafetensorsTensor[] tensors =
            [
                new("actor.weight", tensor.Type, [5, 1], tensor.Data[..10]), new("actor.bias", tensor.Type, [5], tensor.Data[2..]),
                new("critic.weight", "F32", [1, 1], new byte[4]), new("critic.bias", "F32", [1], new byte[4]),
            ];
            float[] weights = TorchWeights.Read("halves", new SafetensorsContents(tensors, NoRenames), network, NoRenames);
            ReadOnlySpan<float> expected = MemoryMarshal.Cast<byte, float>(floats.Data.Span);
            Assert.Equal(expected[..5], weights.AsSpan(0, 5));
            Assert.Equal(expected[1..], weights.AsSpan(5, 5));
        }
    }

    private static NetworkSpec Network(string name)
    {
        var grid = new ByteGrid(2, 5, name == "conv" ? 7 : 5, [new("tile", 4), new("height", 0)]);
        ByteField[] fields = [new("turn", 0, 3), new("left", 1, 0)];
        EntityGroup[] groups = [new("near", 0, 2, 4), new("far", 8, 1, 3)];
        return name switch
        {
            "linear" => new NetworkSpec(5, [9, 7], Activation.Tanh, 2, []),
            "separate" => new NetworkSpec(6, [8], Activation.Relu, 2, [4, 3]) { SeparateCritic = true, StateDependentStd = false },
            "norm" => new NetworkSpec(7, [11, 6], Activation.Gelu, 0, [3, 2]) { LayerNorm = true },
            "normalised" => new NetworkSpec(4, [6], Activation.Relu, 0, [3]) { NormalizeObservations = true },
            "lstm" => new NetworkSpec(6, [10], Activation.Relu, 0, [4]) { Core = NetworkCore.Lstm, CoreWidth = 7 },
            "mingru" => new NetworkSpec(6, [10], Activation.Relu, 0, [4]) { Core = NetworkCore.MinGru, CoreWidth = 7 },
            "conv" => new NetworkSpec(72, [6], Activation.Relu, 0, [3]) { Stem = new GridStem(grid, fields, [new(6, 3, 2), new(5, 2, 1)], FieldJoin.Concatenate) },
            "table" => new NetworkSpec(52, [6], Activation.Relu, 0, [3]) { Stem = new GridStem(grid, fields, [new(8, 5, 1)], FieldJoin.Sum) },
            "entities" => new NetworkSpec(13, [6], Activation.Tanh, 0, [3]) { Stem = new EntityStem(groups, [32], 0) },
            _ => new NetworkSpec(13, [6], Activation.Tanh, 0, [3]) { Stem = new EntityStem(groups, [32], 2) },
        };
    }

    private static BuiltinEngine Load(IDevice device, NetworkSpec network, SafetensorsContents weights)
    {
        var engine = new BuiltinEngine(device, network, Rows);
        TorchWeights.Read("golden", weights, network, NoRenames).CopyTo(engine.Weights.AsSpan());
        engine.RefreshDerived();
        return engine;
    }

    private static void Run(CpuDevice device, BuiltinEngine engine, SafetensorsContents file, SafetensorsContents io)
    {
        using Held<float> observations = new(device, engine.Spec.ByteObservations ? null : io, "observations"), state = new(device, io, "state"), gradient = new(device, io, "gradient");
        using Held<byte> bytes = new(device, engine.Spec.ByteObservations ? io : null, "observations"), starts = new(device, io, "starts");
        using DeviceBuffer<float> next = device.Allocate<float>(Math.Max(1, Sequences * engine.Spec.StateSize), "next"), outputs = device.Allocate<float>(Rows * engine.Spec.Outputs, "outputs");
        bool remembers = engine.Spec.StateSize > 0;
        engine.Forward(
            new NetworkInput
            {
                Observations = observations.View,
                ByteObservations = bytes.View,
                EpisodeStart = starts.View,
                State = state.View,
                NextState = remembers ? next.View : default,
                Sequences = remembers ? Sequences : Rows,
                Slots = remembers ? Slots : 1,
            },
            outputs.View,
            keepActivations: true);
        AssertClose(Floats(io, "outputs"), outputs.View.AsSpan(), ForwardTolerance, "output");
        if (remembers) AssertClose(Floats(io, "next"), next.View.AsSpan(), ForwardTolerance, "state");
        engine.Gradients.AsSpan().Clear();
        engine.Backward(gradient.View, Rows);
        Assert.NotEmpty(file.Tensors);
    }

    // Gradients in the order of the flat weights; the LSTM's bias has that of either of PyTorch's two.
    private static float[] Flat(BuiltinEngine engine, SafetensorsContents gradients)
    {
        var flat = new float[engine.Parameters.Length];
        foreach (ParameterTensor tensor in engine.Parameters.Tensors)
        {
            string name = tensor.Name == "core.lstm.bias" ? "core.lstm.bias_hh" : tensor.Name;
            bool trained = !name.StartsWith("normalizer.", StringComparison.Ordinal) && name != "log_std"; // no layer reads a free log-std
            if (trained) Floats(gradients, name).CopyTo(flat, tensor.Offset);
        }

        return flat;
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"{what} {i} is {found[i]}; PyTorch has {expected[i]}");
    }

    private static SafetensorsContents Read(string name) => Safetensors.Read(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.safetensors"));

    private static SafetensorsContents Part(SafetensorsContents file, string prefix) =>
        new([.. file.Tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(tensor => tensor with { Name = tensor.Name[prefix.Length..] })], file.Metadata);

    private static float[] Floats(SafetensorsContents file, string name) => MemoryMarshal.Cast<byte, float>(file.Tensors.Single(tensor => tensor.Name == name).Data.Span).ToArray();

    // A tensor of a file in memory of the device; an empty view where the file has none.
    private sealed class Held<T> : IDisposable
        where T : unmanaged
    {
        private readonly DeviceBuffer<T>? buffer;

        internal Held(IDevice device, SafetensorsContents? file, string name)
        {
            if (file?.Tensors.SingleOrDefault(tensor => tensor.Name == name) is not { } tensor) return;
            ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(tensor.Data.Span);
            buffer = device.Allocate<T>(values.Length, name);
            buffer.Write(values);
        }

        internal View<T> View => buffer?.View ?? default;

        public void Dispose() => buffer?.Dispose();
    }
}
