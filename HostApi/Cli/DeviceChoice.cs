using Arena.Kernels;
using Arena.Kernels.Device;

namespace Arena.HostApi.Cli;

/// <summary>Which device a command runs on, and why.</summary>
internal static class DeviceChoice
{
    /// <summary>Words of <c>--device</c>.</summary>
    internal static readonly string[] Names = ["auto", "cpu", "cuda"];

    /// <summary>Makes the device.</summary>
    /// <exception cref="UsageException">CUDA was asked for.</exception>
    internal static IDevice Create(string name, int threads, int chunkSize = 0)
    {
        if (name == "cuda")
            throw new UsageException(
                "--device is cuda, but this version has no CUDA device: kernels run on the CPU only, whatever the build flavour" +
                $"{(DriverFile() is null ? ", and this machine has no NVIDIA driver either" : "")}. Use --device cpu, or leave the option out.");
        return new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = chunkSize });
    }

    /// <summary>Why "auto" takes the CPU here.</summary>
    internal static string Reason =>
        DriverFile() is null ? "there is no NVIDIA driver on this machine" : "this version has no CUDA device yet, though a driver is here";

    /// <summary>The file that shows an NVIDIA driver is installed (Linux, WSL, Windows), or null.</summary>
    internal static string? DriverFile()
    {
        string[] candidates =
        [
            "/proc/driver/nvidia/version",
            "/usr/lib/wsl/lib/libcuda.so.1",
            Path.Combine(Environment.SystemDirectory, "nvcuda.dll"),
        ];
        return candidates.FirstOrDefault(File.Exists);
    }
}
