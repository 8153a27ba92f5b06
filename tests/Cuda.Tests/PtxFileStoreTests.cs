using Arena.HostApi;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests;

/// <summary>Compiled kernels kept in files.</summary>
public sealed class PtxFileStoreTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"arena-ptx-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_second_device_need_not_compile()
    {
        var compilers = new[] { new FakeCompiler(), new FakeCompiler(), new FakeCompiler { Identity = "fake 2" } };
        bool[] kept = [.. compilers.Select(Launch)];
        Assert.Equal([1, 0, 1], compilers.Select(compiler => compiler.Compiled));
        Assert.Equal([false, true, false], kept);
        Assert.Equal(2, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void A_damaged_or_shortened_file_is_compiled_again()
    {
        Launch(new FakeCompiler());
        string file = Assert.Single(Directory.GetFiles(folder));
        string good = File.ReadAllText(file);
        foreach (string bad in new[] { good.Replace("mul.rn.f32", "mul.rz.f32", StringComparison.Ordinal), good[..^5], good[70..], "", "\n" })
        {
            File.WriteAllText(file, bad);
            var compiler = new FakeCompiler();
            Launch(compiler);
            Assert.Equal(1, compiler.Compiled);
            Assert.Equal(good, File.ReadAllText(file));
        }
    }

    [Fact]
    public void What_does_not_load_is_not_kept()
    {
        using var driver = new FakeDriver();
        driver.Failures[nameof(ICudaDriver.LoadModule)] = 218;
        using var device = new CudaDevice(driver, new FakeCompiler(), new CudaOptions { Store = new PtxFileStore(folder) });
        Assert.Throws<CudaException>(() => device.Launch(default(Mixed), 1));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_reported_once()
    {
        File.WriteAllText(folder, "a file where the folder should be");
        var said = new List<string>();
        var store = new PtxFileStore(folder) { Warn = said.Add };
        store.Keep("a", "text");
        store.Keep("b", "text");
        Assert.Null(store.Find("a"));
        Assert.Contains("ARENA_PTX_CACHE", Assert.Single(said), StringComparison.Ordinal);
        File.Delete(folder);
    }

    private bool Launch(FakeCompiler compiler)
    {
        using var driver = new FakeDriver();
        using var device = new CudaDevice(driver, compiler, new CudaOptions { Store = new PtxFileStore(folder) });
        device.Launch(default(Mixed), 1);
        return Assert.Single(device.LoadedKernels).FromStore;
    }
}
