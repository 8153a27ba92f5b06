namespace Arena.Kernels.Device.Cuda;

/// <summary>A GPU as the driver describes it.</summary>
/// <param name="Name">"NVIDIA A100-SXM4-40GB".</param>
/// <param name="Capability">Compute capability.</param>
/// <param name="Multiprocessors">Multiprocessors.</param>
/// <param name="MemoryBytes">Memory of the GPU.</param>
/// <param name="DriverVersion">1000 × major + 10 × minor of the newest CUDA that the driver runs.</param>
public sealed record CudaFacts(string Name, ComputeCapability Capability, int Multiprocessors, long MemoryBytes, int DriverVersion)
{
    /// <summary>"CUDA 12.8".</summary>
    public string DriverText => $"CUDA {DriverVersion / 1000}.{DriverVersion % 1000 / 10}";
}

/// <summary>Finds out whether a GPU can be used, and which.</summary>
public static class CudaProbe
{
    /// <summary>Oldest driver: CUDA 12.0, the first that reads PTX 8.0.</summary>
    public const int OldestDriver = 12_000;

    /// <summary>Starts the driver and describes GPU <paramref name="ordinal"/>.</summary>
    /// <exception cref="CudaUnavailableException">driver or GPU are missing, broken or too old; says which, and what to do.</exception>
    public static CudaFacts Read(ICudaDriver driver, int ordinal)
    {
        int result = driver.Initialise();
        if (result == CudaResult.NoDevice) throw NoDevice();
        Check(driver, result, "starting the NVIDIA driver (cuInit)");
        Check(driver, driver.Version(out int version), "asking the NVIDIA driver for its version");
        if (version < OldestDriver)
            throw new CudaUnavailableException(
                $"the NVIDIA driver runs CUDA {version / 1000}.{version % 1000 / 10} at most, but 12.0 is needed; install NVIDIA driver 525 or newer");
        Check(driver, driver.DeviceCount(out int count), "counting GPUs");
        if (count == 0) throw NoDevice();
        if (ordinal < 0 || ordinal >= count) throw new CudaUnavailableException($"GPU {ordinal} was asked for; the driver shows {count}, allowed are 0..{count - 1}");
        Check(driver, driver.Device(ordinal, out int device), $"opening GPU {ordinal}");
        Check(driver, driver.DeviceName(device, out string name), "asking for the GPU's name");
        Check(driver, driver.DeviceMemory(device, out long memory), "asking for the GPU's memory");
        Check(driver, driver.DeviceAttribute(CudaAttribute.CapabilityMajor, device, out int major), "asking for the GPU's compute capability");
        Check(driver, driver.DeviceAttribute(CudaAttribute.CapabilityMinor, device, out int minor), "asking for the GPU's compute capability");
        Check(driver, driver.DeviceAttribute(CudaAttribute.Multiprocessors, device, out int multiprocessors), "asking for the GPU's multiprocessors");
        var capability = new ComputeCapability(major, minor);
        if (capability.CompareTo(ComputeCapability.Oldest) < 0)
            throw new CudaUnavailableException($"the GPU {name} has compute capability {capability}; {ComputeCapability.Oldest} (Volta, 2017) or newer is needed");
        return new CudaFacts(name, capability, multiprocessors, memory, version);
    }

    private static CudaUnavailableException NoDevice() =>
        new("the NVIDIA driver shows no GPU; look at nvidia-smi and CUDA_VISIBLE_DEVICES (in a container: start it with --gpus all)");

    private static void Check(ICudaDriver driver, int result, string doing)
    {
        if (result != CudaResult.Success)
            throw new CudaUnavailableException($"{doing} failed: {driver.Describe(result)}; look at nvidia-smi, and restart the machine after a driver update");
    }
}
