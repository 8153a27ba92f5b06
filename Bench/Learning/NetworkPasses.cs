using Arena.Kernels.Device;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>The soccer network 49-64-64 with 4 means and a value: forward, and forward with backward. Times are per row.</summary>
/// <remarks>
/// A forward is 15,104 floating-point operations a row and 128 tanh, forward and backward are 39,040. At 64 operations a cycle the products
/// alone take 236 and 610 cycles; tanh adds about a third of the former.
/// </remarks>
public class NetworkPasses
{
    private const int Rows = 32_768;

    private CpuDevice device = null!;
    private BuiltinEngine engine = null!;
    private DeviceBuffer<float> observations = null!;
    private DeviceBuffer<float> outputs = null!;

    /// <summary>Threads; 0 = all cores.</summary>
    [Params(1, 0)]
    public int Threads { get; set; }

    /// <summary>The instructions.</summary>
    [Params(MicroKernel.Avx512, MicroKernel.Avx2, MicroKernel.Portable)]
    public MicroKernel Instructions { get; set; }

    /// <summary>Allocates, and checks that another micro-kernel on one thread gives the same bits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = Threads });
        engine = Create(device, Instructions);
        observations = device.Allocate<float>(Rows * 49L, "observations");
        outputs = device.Allocate<float>(Rows * 5L, "outputs");
        var random = new Random(1);
        foreach (ref float value in observations.View.AsSpan()) value = 2f * random.NextSingle() - 1f;
        Train();
        float[] gradients = engine.Gradients.AsSpan().ToArray();

        using var oneThread = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using BuiltinEngine other = Create(oneThread, MicroKernel.Portable);
        other.Forward(observations.View, Rows, outputs.View, keepActivations: true);
        other.Backward(outputs.View, Rows);
        if (!gradients.AsSpan().SequenceEqual(other.Gradients.AsSpan()))
            throw new InvalidOperationException("Two micro-kernels gave different gradients; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        engine.Dispose();
        observations.Dispose();
        outputs.Dispose();
        device.Dispose();
    }

    /// <summary>As when collecting.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public float Forward()
    {
        engine.Forward(observations.View, Rows, outputs.View, keepActivations: false);
        return outputs.View[0];
    }

    /// <summary>As when learning; the outputs serve as their own gradient.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public float Train()
    {
        engine.Gradients.AsSpan().Clear();
        engine.Forward(observations.View, Rows, outputs.View, keepActivations: true);
        engine.Backward(outputs.View, Rows);
        return engine.Gradients[0];
    }

    /// <summary>What follows an optimiser step, per row of the batch.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public void RefreshDerived() => engine.RefreshDerived();

    private static BuiltinEngine Create(CpuDevice device, MicroKernel instructions)
    {
        var created = new BuiltinEngine(device, new NetworkSpec(49, [64, 64], Activation.Tanh, 4, []), Rows, instructions);
        created.Initialise(1);
        return created;
    }
}
