using Arena.Kernels.Device;
using Arena.Kernels.Random;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Kernels;

/// <summary>One kernel that only draws: the cost of randomness, and of a launch around it.</summary>
/// <remarks>
/// A block is 10 rounds of two 32×32→64 multiplications and a few additions and exclusive ors, about 100 instructions,
/// for 4 bytes stored: bound by computing, not by memory. At 3 instructions a cycle and 3 GHz expect some 10 ns a draw
/// and core. Times are per draw.
/// </remarks>
public class PhiloxDraws
{
    private const int Count = 1 << 20;

    private readonly float[] plain = new float[Count];
    private CpuDevice oneCore = null!;
    private CpuDevice allCores = null!;
    private DeviceBuffer<float> oneCoreDraws = null!;
    private DeviceBuffer<float> allCoresDraws = null!;

    /// <summary>Allocates, runs each method once, and compares.</summary>
    [GlobalSetup]
    public void Setup()
    {
        oneCore = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        allCores = new CpuDevice();
        oneCoreDraws = oneCore.Allocate<float>(Count, "draws");
        allCoresDraws = allCores.Allocate<float>(Count, "draws");
        PlainLoop();
        OneCore();
        AllCores();
        if (!oneCoreDraws.ToArray().SequenceEqual(plain) || !allCoresDraws.ToArray().SequenceEqual(plain))
            throw new InvalidOperationException("The draws of loop and kernel differ; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        oneCoreDraws.Dispose();
        allCoresDraws.Dispose();
        oneCore.Dispose();
        allCores.Dispose();
    }

    /// <summary>A loop over an array.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public float PlainLoop()
    {
        for (int i = 0; i < plain.Length; i++) plain[i] = Philox.Uniform(Philox.Draw(1, (uint)i, 0, 0, 0, 0).X);
        return plain[^1];
    }

    /// <summary>The kernel on one thread.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public float OneCore()
    {
        oneCore.Launch(new DrawUniform { Draws = oneCoreDraws.View }, Count);
        return oneCoreDraws.View[Count - 1];
    }

    /// <summary>The kernel on all cores.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public float AllCores()
    {
        allCores.Launch(new DrawUniform { Draws = allCoresDraws.View }, Count);
        return allCoresDraws.View[Count - 1];
    }

    private struct DrawUniform : IKernel
    {
        internal View<float> Draws;

        public readonly void Run(int index) => Draws[index] = Philox.Uniform(Philox.Draw(1, (uint)index, 0, 0, 0, 0).X);
    }
}
