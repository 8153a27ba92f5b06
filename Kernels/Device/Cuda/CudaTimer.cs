namespace Arena.Kernels.Device.Cuda;

/// <summary>Times work on the GPU by its own clock, without the host waiting in between.</summary>
public sealed class CudaTimer : IDisposable
{
    private readonly CheckedDriver driver;
    private readonly nint start;
    private readonly nint end;

    internal CudaTimer(CheckedDriver driver)
    {
        this.driver = driver;
        driver.Check(driver.Calls.CreateEvent(out start), "creating a timer");
        driver.Check(driver.Calls.CreateEvent(out end), "creating a timer");
    }

    /// <summary>Marks the beginning, behind everything launched so far.</summary>
    public void Start() => driver.Check(driver.Calls.RecordEvent(start), "starting a timer");

    /// <summary>Marks the end.</summary>
    public void Stop() => driver.Check(driver.Calls.RecordEvent(end), "stopping a timer");

    /// <summary>Seconds between the marks; waits until the end is reached.</summary>
    public double Seconds
    {
        get
        {
            driver.Check(driver.Calls.WaitForEvent(end), "waiting for a timer");
            driver.Check(driver.Calls.Elapsed(start, end, out float milliseconds), "reading a timer");
            return milliseconds / 1e3;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        driver.Check(driver.Calls.DestroyEvent(start), "destroying a timer");
        driver.Check(driver.Calls.DestroyEvent(end), "destroying a timer");
    }
}
