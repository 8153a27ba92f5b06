namespace Arena.Kernels.Device.Cuda;

/// <summary>Turns result codes into exceptions that say what was being done.</summary>
internal sealed class CheckedDriver(ICudaDriver driver)
{
    /// <summary>The calls themselves.</summary>
    internal ICudaDriver Calls => driver;

    /// <summary>Throws unless <paramref name="result"/> is success.</summary>
    /// <exception cref="CudaException">names <paramref name="doing"/> and the driver's words.</exception>
    internal void Check(int result, string doing)
    {
        if (result != CudaResult.Success) throw new CudaException($"{doing} failed: {driver.Describe(result)}.", result);
    }

    /// <summary>As <see cref="Check(int, string)"/>, for calls that wait: an error there is of an earlier launch.</summary>
    internal void CheckAfterLaunches(int result, string doing, string lastLaunched)
    {
        if (result == CudaResult.Success) return;
        throw new CudaException(
            $"{doing} failed: {driver.Describe(result)}. A kernel launched since the last wait broke (the last one was {lastLaunched}); this process cannot use the GPU any more. " +
            "Run the same on the CPU in a checked build (-p:Checked=true, --device cpu), which names the index.", result);
    }
}
