using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.SelfPlay;
using Arena.Tests;
using Xunit.Abstractions;

namespace Arena.HostApi.Tests;

/// <summary>A long run takes no more memory than a short one: neither the device's nor the host's.</summary>
public class FlatMemoryTests(ITestOutputHelper output)
{
    private const int AdmitEvery = 20;
    private const int WarmUp = 8 * AdmitEvery; // the pool is full by then, and has thrown out a policy

    // What the heap may have grown by between two full collections, for what the runtime itself keeps: at full size less than one object per update.
    private const long HeapNoise = 64 * 1024;

    private static readonly int Updates = TestSize.Of(300, 10_000);

    [Theory]
    [InlineData("corridor")]
    [InlineData("soccer")]
    [InlineData("creature")]
    public void Memory_stays_as_it_is_and_updates_allocate_nothing(string game)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession session = Session(device, game);
        Growth grown = Measure(session, device, () => { });
        output.WriteLine($"{game}: {Updates:N0} updates after {WarmUp}; device {device.AllocatedBytes:N0} bytes, grown by {grown.Device}; heap {grown.HeapBefore:N0} bytes, grown by {grown.Heap}; " +
            $"{grown.Allocated} bytes allocated in updates without an admission");
        Assert.Equal(0, grown.Device);
        Assert.Equal(0, grown.Allocated);
        Assert.InRange(grown.Heap, long.MinValue, HeapNoise);
        if (session.Pool is { } pool) Assert.Equal(6, pool.Entries.Count);
    }

    // The planted bugs: something kept per update on the host, and something on the device.
    [Fact]
    public void What_grows_is_seen()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession session = Session(device, "corridor");
        var kept = new List<byte[]>();
        var taken = new List<IDisposable>();
        Growth grown = Measure(session, device, () =>
        {
            kept.Add(new byte[1 << 14]); // more than what other tests may free at the same time
            if (kept.Count % 100 == 0) taken.Add(device.Allocate<byte>(1, "leak"));
        });
        Assert.True(grown.Device > 0 && grown.Heap > HeapNoise && grown.Allocated > 0, $"{grown}");
        GC.KeepAlive(kept);
        foreach (IDisposable one in taken) one.Dispose();
    }

    private static Growth Measure(TrainingSession session, CpuDevice device, Action afterUpdate)
    {
        for (int update = 0; update < WarmUp; update++) session.Update();
        long deviceBefore = device.AllocatedBytes, heapBefore = Heap(), allocated = 0;
        for (int update = 0; update < Updates; update++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            session.Update();
            afterUpdate();
            if (session.Pool is null || session.Updates % AdmitEvery != 0) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return new Growth(device.AllocatedBytes - deviceBefore, heapBefore, Heap() - heapBefore, allocated);
    }

    private static long Heap()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static TrainingSession Session(CpuDevice device, string name)
    {
        IGame game = Registry.Find(name);
        GameOptions options = game.Training.Options with { NumEnvs = 8 };
        if (name == "soccer") options = Settings.With(Settings.With(options, "teamSize", "2"), "maxTicks", "30");
        var plan = new TrainingPlan
        {
            AgentSteps = 1_000_000_000,
            HiddenWidth = 8,
            Pool = new OpponentPoolConfig { Fraction = 0.5, Slots = 3, MaxEntries = 6, AdmitEveryUpdates = AdmitEvery, RenewEveryUpdates = 3 },
        };
        return new TrainingSession(device, game, options, new PpoConfig { Horizon = 8, Minibatches = 2 }, plan, seed: 1);
    }

    private readonly record struct Growth(long Device, long HeapBefore, long Heap, long Allocated);
}
