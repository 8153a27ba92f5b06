namespace Arena.Kernels.Device.Cuda;

/// <summary>CUDA cannot be used on this machine or in this build; the message says why and what to do, without a full stop.</summary>
public sealed class CudaUnavailableException(string message) : Exception(message);

/// <summary>A call of the CUDA driver failed.</summary>
/// <param name="message">What was being done, and what the driver said.</param>
/// <param name="result">The driver's result code.</param>
public sealed class CudaException(string message, int result) : Exception(message)
{
    /// <summary>The driver's result code (CUresult).</summary>
    public int Result { get; } = result;
}
