using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests;

/// <summary>Memory, copies and launches of the device, against a driver that only pretends.</summary>
public unsafe class CudaDeviceTests : IDisposable
{
    private readonly FakeDriver driver = new();
    private readonly FakeCompiler compiler = new();
    private readonly CudaDevice device;

    public CudaDeviceTests() => device = new CudaDevice(driver, compiler);

    public void Dispose()
    {
        device.Dispose();
        driver.Dispose();
    }

    [Fact]
    public void Memory_is_zeroed_counted_and_returned()
    {
        DeviceBuffer<float> buffer = device.Allocate<float>(1000, "test");
        Assert.Equal(4000, device.AllocatedBytes);
        Assert.All(buffer.ToArray(), value => Assert.Equal(0f, value));
        buffer.Dispose();
        Assert.Equal((0, 0), (device.AllocatedBytes, driver.LiveAllocations));
    }

    [Fact]
    public void What_does_not_fit_is_named_with_sizes()
    {
        using DeviceBuffer<byte> half = device.Allocate<byte>(1 << 29, "half");
        var why = Assert.Throws<DeviceMemoryException>(() => device.Allocate<double>(1 << 27, "too much"));
        Assert.Contains("'too much' needs 134,217,728 elements of 8 bytes (1,073,741,824 bytes); Fake GPU has 536,870,912 of 1,073,741,824 bytes free", why.Message, StringComparison.Ordinal);
        Assert.Throws<DeviceMemoryException>(() => device.Allocate<double>(long.MaxValue / 4, "more than a number holds"));
    }

    [Fact]
    public void Copies_are_checked_and_counted_both_ways()
    {
        using DeviceBuffer<int> buffer = device.Allocate<int>(8, "test");
        buffer.Write([1, 2, 3]);
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], buffer.ToArray());
        Assert.Equal((12, 32, 44), (device.BytesToDevice, device.BytesToHost, device.TransferredBytes));
        Assert.Throws<ArgumentException>(() => buffer.Write(new int[9]));
        Assert.Equal(44, device.TransferredBytes);
    }

    [Fact]
    public void An_indexed_launch_passes_the_count_and_the_struct_as_it_lies_in_memory()
    {
        using DeviceBuffer<float> values = device.Allocate<float>(100, "values");
        var kernel = new Mixed { Values = values.View, Small = 3, Number = -5, Odd = 9 };
        device.Launch(kernel, 77);
        FakeLaunch launch = Assert.Single(driver.Launches);
        Assert.Equal("Entry_Mixed", launch.Entry);
        Assert.Equal(77, MemoryMarshal.Read<int>(launch.Arguments[0]));
        Assert.Equal(MemoryMarshal.AsBytes(new ReadOnlySpan<Mixed>(in kernel)).ToArray(), launch.Arguments[1]);
        Assert.True(launch.Blocks * launch.ThreadsX >= 77 && launch.ThreadsY == 1);
    }

    [Fact]
    public void A_grouped_launch_passes_the_struct_groups_and_lanes()
    {
        using DeviceBuffer<int> values = device.Allocate<int>(100, "values");
        var kernel = new TwoPhases { Values = values.View, Number = 4 };
        device.LaunchGroups(kernel, 33, 5);
        FakeLaunch launch = Assert.Single(driver.Launches);
        Assert.Equal(MemoryMarshal.AsBytes(new ReadOnlySpan<TwoPhases>(in kernel)).ToArray(), launch.Arguments[0]);
        Assert.Equal((33, 5), (MemoryMarshal.Read<int>(launch.Arguments[1]), MemoryMarshal.Read<int>(launch.Arguments[2])));
        Assert.True(launch.ThreadsX == 5 && launch.Blocks * launch.ThreadsY >= 33);
    }

    [Fact]
    public void A_kernel_is_compiled_once_marked_and_unloaded()
    {
        for (int i = 0; i < 3; i++) device.Launch(default(Mixed), 10);
        Assert.Equal((1, 1), (compiler.Compiled, driver.LiveModules));
        Assert.Equal(3, device.Launches);
        device.Dispose();
        Assert.Equal((0, true), (driver.LiveModules, compiler.Disposed));
        Assert.Equal(nameof(ICudaDriver.ReleasePrimaryContext), driver.Calls[^1]);
        Assert.Throws<ObjectDisposedException>(() => device.Launch(default(Mixed), 10));
    }

    [Fact]
    public void An_empty_launch_launches_nothing()
    {
        device.Launch(default(Mixed), 0);
        device.LaunchGroups(default(TwoPhases), 0, 4);
        Assert.Empty(driver.Launches);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Launch(default(Mixed), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.LaunchGroups(default(TwoPhases), 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Launch(default(Mixed), int.MaxValue));
    }

    [Fact]
    public void Launches_and_copies_allocate_nothing_after_the_first()
    {
        using DeviceBuffer<int> values = device.Allocate<int>(8, "values");
        driver.Quiet = true;
        var kernel = new TwoPhases { Values = values.View };
        var host = new int[8];
        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            device.LaunchGroups(kernel, 33, 5);
            device.CopyToHost(values.View, host);
            device.Synchronize();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure();
        Assert.Equal(0, Measure());
    }

    [Fact]
    public void A_kernel_that_does_not_load_is_named_with_the_assemblers_log()
    {
        driver.Failures[nameof(ICudaDriver.LoadModule)] = 218;
        driver.AssemblerLog = "ptxas application ptx input, line 9; error: something\n";
        var why = Assert.Throws<CudaException>(() => device.Launch(default(Mixed), 10));
        Assert.Equal(218, why.Result);
        Assert.Contains("The kernel Mixed does not load on Fake GPU (CUDA 12.8): FAKE_ERROR_218. The driver's assembler says: ptxas application ptx input, line 9; error: something", why.Message, StringComparison.Ordinal);
        driver.Failures.Clear();
        device.Launch(default(Mixed), 10); // and nothing half-made stays behind
        Assert.Single(driver.Launches);
    }

    [Fact]
    public void An_error_of_a_kernel_names_the_last_launch()
    {
        device.Launch(default(Mixed), 10);
        driver.Failures[nameof(ICudaDriver.Synchronize)] = 700;
        var why = Assert.Throws<CudaException>(device.Synchronize);
        Assert.Contains("the last one was Mixed", why.Message, StringComparison.Ordinal);
        driver.Failures.Clear();
    }

    [Fact]
    public void A_refused_launch_says_how_large_it_was()
    {
        driver.Failures[nameof(ICudaDriver.Launch)] = 701;
        var why = Assert.Throws<CudaException>(() => device.LaunchGroups(default(TwoPhases), 640, 2000));
        Assert.Contains("Launching TwoPhases in 640 blocks of 1024 x 1 threads (40 registers each) failed: FAKE_ERROR_701", why.Message, StringComparison.Ordinal);
        driver.Failures.Clear();
    }

    [Fact]
    public void A_struct_that_the_compiler_lays_out_otherwise_is_not_launched()
    {
        using var other = new CudaDevice(driver, new FakeCompiler { Excess = 8 });
        var why = Assert.Throws<KernelCompileException>(() => other.Launch(default(Mixed), 10));
        Assert.Contains($"{sizeof(Mixed) + 8} bytes", why.Message, StringComparison.Ordinal);
        Assert.Contains("4,096", Assert.Throws<KernelCompileException>(() => device.Launch(default(TooManyArguments), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_may_come_from_elsewhere()
    {
        var tensors = new Tensors();
        using var other = new CudaDevice(driver, new FakeCompiler(), new CudaOptions { Memory = tensors });
        DeviceBuffer<float> buffer = other.Allocate<float>(16, "columns");
        Assert.Equal(0, driver.LiveAllocations);
        Assert.Equal([("columns", 64L)], tensors.Given.Values);
        Assert.All(buffer.ToArray(), value => Assert.Equal(0f, value));
        Assert.Contains("Fake GPU has", Assert.Throws<DeviceMemoryException>(() => other.Allocate<byte>(1 << 20, "more than it has")).Message, StringComparison.Ordinal);
        other.Dispose();
        buffer.Dispose(); // the tensor is returned even after the device is gone
        Assert.Empty(tensors.Given);
    }

    [Fact]
    public void Misaligned_memory_is_refused()
    {
        using var odd = new FakeDriver { Misalignment = 16 };
        using var other = new CudaDevice(odd, new FakeCompiler());
        Assert.Contains("not a multiple of 64", Assert.Throws<InvalidOperationException>(() => other.Allocate<int>(4, "odd")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timer_reads_the_drivers_clock()
    {
        using CudaTimer timer = device.CreateTimer();
        timer.Start();
        timer.Stop();
        Assert.Equal(0.0025, timer.Seconds, 6);
    }

    private sealed class Tensors : IDeviceMemory
    {
        internal Dictionary<nint, (string Name, long Bytes)> Given { get; } = [];

        public nint Allocate(long bytes, string name)
        {
            if (bytes > 1 << 16) return 0;
            var address = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
            Given.Add(address, (name, bytes));
            return address;
        }

        public void Free(nint address)
        {
            Given.Remove(address);
            NativeMemory.AlignedFree((void*)address);
        }
    }
}
