using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Policy.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>What the rest of the program sees of this folder.</summary>
internal sealed class TorchFactory : ITorchFactory
{
    /// <inheritdoc/>
    public INetworkEngine Create(IDevice device, NetworkSpec spec, int maxRows, NetworkPrecision precision) => new TorchEngine(device, spec, maxRows, precision);

    /// <inheritdoc/>
    public IDeviceMemory CudaMemory() => new TorchDeviceMemory(TorchRuntime.Load(cuda: true));
}

/// <summary>Buffers of a device inside torch's tensors.</summary>
/// <param name="device">Where.</param>
internal sealed class TorchDeviceMemory(Device device) : IDeviceMemory
{
    /// <inheritdoc/>
    public nint Allocate(long bytes, string name)
    {
        try
        {
            return TorchMemory.Allocate(bytes, device);
        }
        catch (ExternalException exception) when (exception.Message.Contains("memory", StringComparison.OrdinalIgnoreCase))
        {
            return 0; // the device says what did not fit, with its sizes
        }
    }

    /// <inheritdoc/>
    public void Free(nint address) => TorchMemory.Free(address);
}
