using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>
/// Whole networks with a stem on one thread: forward, and forward with backward. Times are per row. The memory of moba-small is left out: it is timed by itself.
/// </summary>
/// <remarks>
/// Floating-point operations of a forward, lookups counted as additions: snake-small 51,000, moba-small without its core 112,000,
/// soccer-entity 3v3 with a width of 128 behind it 221,000 for 8 tokens, with 4 heads of attention 434,000. Divide by the time and compare with <see cref="GemmProducts"/>.
/// </remarks>
public class StemPasses
{
    private const int Rows = 4_096;

    private CpuDevice device = null!;
    private BuiltinEngine engine = null!;
    private DeviceBuffer<float> floats = null!;
    private DeviceBuffer<byte> bytes = null!;
    private DeviceBuffer<float> outputs = null!;
    private NetworkInput input;

    /// <summary>Which network.</summary>
    [Params("snake-small", "moba-small", "soccer-entity", "soccer-attention")]
    public string Network { get; set; } = "";

    /// <summary>The instructions.</summary>
    [Params(MicroKernel.Avx512, MicroKernel.Avx2)]
    public MicroKernel Instructions { get; set; }

    /// <summary>Allocates, and checks that another micro-kernel gives the same bits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        NetworkSpec spec = BenchNetworks.Of(Network);
        engine = Create(spec, Instructions);
        floats = device.Allocate<float>((long)Rows * spec.Observations, "observations");
        bytes = device.Allocate<byte>((long)Rows * spec.Observations, "byte observations");
        outputs = device.Allocate<float>((long)Rows * spec.Outputs, "outputs");
        BenchNetworks.Fill(spec, floats.View.AsSpan(), bytes.View.AsSpan());
        input = new NetworkInput { Observations = floats.View, ByteObservations = bytes.View, Sequences = Rows, Slots = 1 };
        if (spec.ByteObservations) input.Observations = default;
        else input.ByteObservations = default;
        Train();
        float[] gradients = engine.Gradients.AsSpan().ToArray();
        using BuiltinEngine other = Create(spec, MicroKernel.Portable);
        other.Forward(input, outputs.View, keepActivations: true);
        other.Backward(outputs.View, Rows);
        if (!gradients.AsSpan().SequenceEqual(other.Gradients.AsSpan()))
            throw new InvalidOperationException("Two micro-kernels gave different gradients; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        engine.Dispose();
        floats.Dispose();
        bytes.Dispose();
        outputs.Dispose();
        device.Dispose();
    }

    /// <summary>As when collecting.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public float Forward()
    {
        engine.Forward(input, outputs.View, keepActivations: false);
        return outputs.View[0];
    }

    /// <summary>As when learning; the outputs serve as their own gradient.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public float Train()
    {
        engine.Gradients.AsSpan().Clear();
        engine.Forward(input, outputs.View, keepActivations: true);
        engine.Backward(outputs.View, Rows);
        return engine.Gradients[0];
    }

    private BuiltinEngine Create(NetworkSpec spec, MicroKernel instructions)
    {
        var created = new BuiltinEngine(device, spec, Rows, instructions);
        created.Initialise(1);
        return created;
    }
}
