using Arena.Kernels.Device;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Kernels;

/// <summary>A kernel that does next to nothing: what a launch itself costs, and how that grows with its indices.</summary>
/// <remarks>
/// With 1 index the caller runs it alone. With more the workers are told and waited for: some hundred nanoseconds while
/// they watch for work, tens of microseconds when they have gone to sleep. A rollout launches two or three kernels a tick.
/// </remarks>
public class Launches
{
    private const int Repeats = 1_000;

    private CpuDevice device = null!;
    private DeviceBuffer<int> counts = null!;

    /// <summary>Indices of a launch.</summary>
    [Params(1, 1_024, 65_536)]
    public int Indices { get; set; }

    /// <summary>Threads; 0 = all cores.</summary>
    [Params(1, 0)]
    public int Threads { get; set; }

    /// <summary>Allocates, and checks that every index runs.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = Threads });
        counts = device.Allocate<int>(Indices, "counts");
        device.Launch(new Count { Counts = counts.View }, Indices);
        if (counts.ToArray().Any(count => count != 1)) throw new InvalidOperationException("An index did not run exactly once.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        counts.Dispose();
        device.Dispose();
    }

    /// <summary>One launch.</summary>
    [Benchmark(OperationsPerInvoke = Repeats)]
    public int Launch()
    {
        for (int i = 0; i < Repeats; i++) device.Launch(new Count { Counts = counts.View }, Indices);
        return counts.View[0];
    }

    private struct Count : IKernel
    {
        internal View<int> Counts;

        public readonly void Run(int index) => Counts[index] += 1;
    }
}
