using Arena.Kernels.Device;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Device;

/// <summary>Tests that measure the whole process or hold threads: they run alone.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public class Alone;

[Collection("alone")]
public class DeviceLifeTests
{
    [Fact]
    public void Atomics_lose_nothing_under_contention_and_equal_plain_operations() =>
        Prop.ForAll(Gen.Choose(int.MinValue / 4096, int.MaxValue / 4096).ArrayOf(2_000).ToArbitrary(), values =>
        {
            int[] shared = Meet<DeviceAtomics>(values, threads: 4);
            int[] alone = Meet<OwnedAtomics>(values, threads: 1);
            int[] expected =
            [
                values.Sum(),
                values.Min(),
                values.Max(),
                values.Aggregate(-1, (all, value) => all & (value | 0x55)),
                values.Aggregate(0, (any, value) => any | (value & 0x7FFF0000)),
            ];
            return shared.SequenceEqual(expected) && alone.SequenceEqual(expected);
        }).Check(TestSize.Cases(50, 1_000));

    [Fact]
    public void Plain_operations_under_contention_would_be_caught()
    {
        // The planted bug: OwnedAtomics where many threads meet. Tried until an addition is lost.
        int[] ones = [.. Enumerable.Repeat(1, 1_000_000)];
        Assert.Contains(Enumerable.Range(0, 100), _ => Meet<OwnedAtomics>(ones, threads: 4)[0] != ones.Length);
        Assert.Equal(ones.Length, Meet<DeviceAtomics>(ones, threads: 4)[0]);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 3)]
    public void A_kernels_exception_reaches_the_caller_and_the_device_stays_usable(int threads, int chunk)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = chunk });
        using DeviceBuffer<int> visits = device.Allocate<int>(100, "visits");
        for (int at = 0; at < 100; at += 9)
        {
            var failing = new FailAt { Visits = visits.View, Index = at };
            var thrown = Assert.Throws<IndexOutOfRangeException>(() => device.Launch(failing, 100));
            Assert.Equal($"planted at {at}", thrown.Message);
        }

        visits.View.AsSpan().Clear();
        device.Launch(new FailAt { Visits = visits.View, Index = -1 }, 100);
        Assert.All(visits.ToArray(), count => Assert.Equal(1, count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_second_thread_that_launches_is_refused_and_harms_nothing(int threads)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = 1 });
        using DeviceBuffer<int> values = device.Allocate<int>(8, "values");
        WaitInside.Entered.Reset();
        WaitInside.GoOn.Reset();
        var first = new Thread(() => device.Launch(new WaitInside { Values = values.View, Number = 1 }, 8));
        first.Start();
        WaitInside.Entered.Wait();
        // The same kernel type: its arguments would overwrite those of the launch that is under way.
        var refused = Assert.Throws<InvalidOperationException>(() => device.Launch(new WaitInside { Values = values.View, Number = 2 }, 8));
        Assert.Contains("one device per thread", refused.Message, StringComparison.Ordinal);
        WaitInside.GoOn.Set();
        first.Join();
        Assert.All(values.ToArray(), value => Assert.Equal(1, value));
        device.Launch(new WaitInside { Values = values.View, Number = 3 }, 8);
        Assert.All(values.ToArray(), value => Assert.Equal(3, value));
    }

    [Fact]
    public void Launching_allocates_nothing_after_the_first_time()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 3, ChunkSize = 16 });
        using DeviceBuffer<int> visits = device.Allocate<int>(64, "visits");
        using DeviceBuffer<int> ranges = device.Allocate<int>(1, "ranges");
        using DeviceBuffer<int> scratch = device.Allocate<int>(8 * 5, "scratch");
        var phased = new ExchangeAndSum { Scratch = new GroupScratch<int>(scratch.View, 5), Result = visits.View, Taken = visits.View, Lanes = 4 };
        void LaunchAll()
        {
            device.Launch(new CountVisits { Visits = visits.View }, 64);
            device.Launch(new CountVisitsByRange { Visits = visits.View, Ranges = ranges.View }, 64);
            device.LaunchGroups(phased, 8, 4);
            device.LaunchGroups(new ExchangeAndSumByGroup { Kernel = phased, GroupCalls = ranges.View }, 8, 4);
        }

        LaunchAll();
        var process = new long[10];
        long thread = 0;
        for (int round = 0; round < process.Length; round++)
        {
            long threadBefore = GC.GetAllocatedBytesForCurrentThread();
            long processBefore = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 250; i++) LaunchAll();
            process[round] = GC.GetTotalAllocatedBytes(precise: true) - processBefore;
            thread += GC.GetAllocatedBytesForCurrentThread() - threadBefore;
        }

        // 10 rounds of 1,000 launches. The test runner's own threads allocate now and then, a kernel's would every time.
        Assert.Equal(0, thread);
        Assert.Equal(0, process.Min());
    }

    [Fact]
    public void Disposing_of_the_device_ends_its_threads()
    {
        var device = new CpuDevice(new CpuDeviceOptions { Threads = 4, ChunkSize = 1 });
        Gather.Seen.Clear();
        Gather.AllHere = new Barrier(4);
        device.Launch(default(Gather), 4);
        Assert.Equal(4, Gather.Seen.Distinct().Count());
        Thread[] workers = [.. Gather.Seen.Where(thread => thread != Thread.CurrentThread)];
        Assert.All(workers, worker => Assert.True(worker.IsAlive));
        device.Dispose();
        device.Dispose();
        Assert.All(workers, worker => Assert.False(worker.IsAlive, $"{worker.Name} still runs"));
        Assert.Throws<ObjectDisposedException>(() => device.Launch(default(Gather), 4));
    }

    [Fact]
    public void A_device_disposed_of_during_a_launch_finishes_it_first()
    {
        var device = new CpuDevice(new CpuDeviceOptions { Threads = 3, ChunkSize = 1 });
        using DeviceBuffer<int> values = device.Allocate<int>(8, "values");
        WaitInside.Entered.Reset();
        WaitInside.GoOn.Reset();
        var launching = new Thread(() => device.Launch(new WaitInside { Values = values.View, Number = 5 }, 8));
        launching.Start();
        WaitInside.Entered.Wait();
        var disposing = new Thread(device.Dispose);
        disposing.Start();
        WaitInside.GoOn.Set();
        launching.Join();
        disposing.Join();
        Assert.All(values.ToArray(), value => Assert.Equal(5, value));
    }

    private static int[] Meet<TAtomics>(int[] values, int threads)
        where TAtomics : struct, IAtomics
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = 7 });
        using DeviceBuffer<int> input = device.Allocate<int>(values.Length, "values");
        using DeviceBuffer<int> cells = device.Allocate<int>(5, "cells");
        input.Write(values);
        cells.Write([0, int.MaxValue, int.MinValue, -1, 0]);
        device.Launch(new Meet<TAtomics> { Values = input.View, Cells = cells.View }, values.Length);
        return cells.ToArray();
    }
}
