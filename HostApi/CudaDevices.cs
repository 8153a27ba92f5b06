using Arena.Kernels.Device.Cuda;

namespace Arena.HostApi;

/// <summary>Opens GPUs with what this machine and this build have.</summary>
public static class CudaDevices
{
    /// <summary>Opens one. Compiled kernels are kept in the user's cache (<see cref="PtxFileStore"/>).</summary>
    /// <param name="ordinal">Which: 0 for the first that the driver shows.</param>
    /// <param name="memory">Where buffers come from; null for the driver's own allocations.</param>
    /// <exception cref="CudaUnavailableException">build, driver or GPU are missing or too old; says all that is missing, and what to do.</exception>
    public static CudaDevice Open(int ordinal = 0, IDeviceMemory? memory = null)
    {
        var missing = new List<string>();
        if (KernelCompilers.Missing is { } build) missing.Add(build);
        CudaDriver? driver = null;
        try
        {
            driver = CudaDriver.Load();
        }
        catch (CudaUnavailableException why)
        {
            missing.Add(why.Message);
        }

        if (missing.Count > 0) throw new CudaUnavailableException(string.Join("; also, ", missing));
        var options = new CudaOptions { Ordinal = ordinal, Memory = memory, Store = PtxFileStore.OfUser() };
        return new CudaDevice(driver!, KernelCompilers.Create(), options);
    }
}
