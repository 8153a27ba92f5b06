using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests;

/// <summary>What keeps a GPU from being used is said in one sentence with the remedy.</summary>
public class ProbeTests
{
    [Fact]
    public void A_gpu_is_described()
    {
        CudaFacts facts = CudaProbe.Read(new FakeDriver { Capability = new(9, 0) }, 0);
        Assert.Equal(("Fake GPU", new ComputeCapability(9, 0), 10, 1L << 30, "CUDA 12.8"), (facts.Name, facts.Capability, facts.Multiprocessors, facts.MemoryBytes, facts.DriverText));
        Assert.Equal(new ComputeCapability(8, 0), facts.Capability.Target);
        Assert.Equal(new ComputeCapability(7, 5), new ComputeCapability(7, 5).Target);
    }

    [Fact]
    public void A_machine_without_a_driver_is_told_what_to_install()
    {
        var why = Assert.Throws<CudaUnavailableException>(() => CudaDriver.Load(["no-such-library-1", "no-such-library-2"]));
        Assert.Contains("no-such-library-1, no-such-library-2", why.Message, StringComparison.Ordinal);
        Assert.Contains("nvidia-smi", why.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_no_driver_is_not_taken_for_one()
    {
        string[] any = OperatingSystem.IsWindows() ? ["kernel32.dll"] : ["libc.so.6", "libSystem.dylib"];
        var why = Assert.Throws<CudaUnavailableException>(() => CudaDriver.Load(any));
        Assert.Contains("cuInit", why.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_driver_is_told_the_version_it_needs() =>
        Says(new FakeDriver { CudaVersion = 11_040 }, 0, "CUDA 11.4 at most, but 12.0 is needed");

    [Fact]
    public void A_driver_without_a_gpu_is_told_apart()
    {
        Says(new FakeDriver { Devices = 0 }, 0, "shows no GPU");
        var silent = new FakeDriver();
        silent.Failures[nameof(ICudaDriver.Initialise)] = CudaResult.NoDevice;
        Says(silent, 0, "shows no GPU");
    }

    [Fact]
    public void A_broken_driver_is_quoted()
    {
        var broken = new FakeDriver();
        broken.Failures[nameof(ICudaDriver.Initialise)] = 803;
        Says(broken, 0, "cuInit) failed: FAKE_ERROR_803");
    }

    [Fact]
    public void A_gpu_that_does_not_exist_is_refused() => Says(new FakeDriver { Devices = 2 }, 2, "allowed are 0..1");

    [Fact]
    public void An_old_gpu_is_refused() => Says(new FakeDriver { Capability = new(6, 1) }, 0, "compute capability 6.1; 7.0 (Volta, 2017) or newer");

    private static void Says(FakeDriver driver, int ordinal, string words)
    {
        using (driver)
        {
            var why = Assert.Throws<CudaUnavailableException>(() => CudaProbe.Read(driver, ordinal));
            Assert.Contains(words, why.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(why.Message[^1], ".!");
        }
    }
}
