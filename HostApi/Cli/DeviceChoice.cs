using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Policy.Networks;

namespace Arena.HostApi.Cli;

/// <summary>What a command does on its device.</summary>
internal enum DeviceUse
{
    /// <summary>Games alone.</summary>
    Games,

    /// <summary>Games and networks: the GPU takes those only in a build with the TorchSharp engine.</summary>
    Networks,
}

/// <summary>Which device a command runs on, and why.</summary>
internal static class DeviceChoice
{
    /// <summary>Words of <c>--device</c>.</summary>
    internal static readonly string[] Names = ["auto", "cpu", "cuda"];

    /// <summary>Makes the device. Where there is a GPU to choose or not, <paramref name="say"/> is told in one line which device it is and why.</summary>
    /// <exception cref="UsageException">CUDA was asked for and cannot be used; says why and what to do.</exception>
    internal static IDevice Create(string name, int threads, DeviceUse use, Action<string> say, int chunkSize = 0)
    {
        IDevice? gpu = null;
        string reason = name == "cpu" ? "asked for" : "";
        if (name == "cuda")
        {
            try
            {
                gpu = Open(use);
                reason = "asked for";
            }
            catch (CudaUnavailableException why)
            {
                throw new UsageException($"--device is cuda, but {why.Message}. Use --device cpu, or leave the option out.");
            }
        }
        else if (name == "auto")
        {
            (gpu, reason) = Automatic(use);
        }

        IDevice device = gpu ?? new CpuDevice(new CpuDeviceOptions { Threads = threads, ChunkSize = chunkSize });
        if (gpu is not null || DriverFile() is not null) say($"device: {device.Description} ({reason})");
        return device;
    }

    /// <summary>Why "auto" takes the device it takes for games; for <c>doctor</c>.</summary>
    internal static (string Description, string Reason) Explain()
    {
        (IDevice? gpu, string reason) = Automatic(DeviceUse.Games);
        using IDevice device = gpu ?? new CpuDevice();
        return (device.Description, reason);
    }

    /// <summary>Why a command that trains runs on <paramref name="device"/>, which <see cref="Create"/> made.</summary>
    internal static string ReasonFor(string name, IDevice device) =>
        name != "auto" ? "asked for"
        : device is CudaDevice ? "an NVIDIA driver is here and this build runs games and networks on it"
        : WhyNot(DeviceUse.Networks) ?? $"the GPU cannot be used; {ThisProgram.Command("doctor")} says why";

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

    // What keeps "auto" from even trying the GPU.
    private static string? WhyNot(DeviceUse use) =>
        DriverFile() is null ? "there is no NVIDIA driver on this machine"
        : KernelCompilers.Missing is { } missing ? $"an NVIDIA driver is here, but {missing}"
        : use == DeviceUse.Networks && !BuildInfo.Torch ? "an NVIDIA driver is here, but this build has no engine that runs networks on a GPU; build with -p:Torch=true"
        : null;

    private static (IDevice? Gpu, string Reason) Automatic(DeviceUse use)
    {
        if (WhyNot(use) is { } reason) return (null, reason);
        try
        {
            return (Open(use), "an NVIDIA driver is here and this build compiles kernels for it");
        }
        catch (CudaUnavailableException why)
        {
            return (null, $"the GPU cannot be used: {why.Message}");
        }
    }

    // Networks read tensors, so there torch owns the memory that kernels write.
    private static CudaDevice Open(DeviceUse use) => CudaDevices.Open(memory: use == DeviceUse.Networks ? NetworkEngines.CudaMemory() : null);
}
