using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels.Learning;
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

    /// <inheritdoc/>
    public string? SharedMemoryFault(IDevice device) => SharedMemoryFault(device, TorchMemory.Over);

    /// <summary>The same for another way to make a tensor over a view; a test gives wrong ones.</summary>
    internal static unsafe string? SharedMemoryFault(IDevice device, Func<View<float>, long, long, Device, Tensor> over, bool looksAtAddress = true)
    {
        const int Length = 1000, First = 7, Rows = 30, Columns = 11; // a tensor in the middle of a buffer
        Device torchDevice = TorchRuntime.Prepare(device, NetworkPrecision.Float32);
        using DisposeScope scope = NewDisposeScope();
        using DeviceBuffer<float> source = device.Allocate<float>(Length, "check: source"), shared = device.Allocate<float>(Length, "check: shared");
        source.Write([.. Enumerable.Range(0, Length).Select(i => (float)i)]);
        Tensor tensor = over(shared.View.Slice(First, Rows * Columns), Rows, Columns, torchDevice);
        if (looksAtAddress && TorchNative.Address(tensor.Handle) != (nint)(shared.View.Pointer + First)) return "the tensor begins at another address than the view";
        long before = device.TransferredBytes;
        // A kernel writes, torch reads and writes, a kernel reads; nobody waits in between, since all work on one stream.
        device.Launch(new CopyWeights { Source = source.View, Destination = shared.View }, Length);
        using Tensor sum = tensor.sum();
        tensor.add_(TorchScalars.Half);
        device.Launch(new CopyWeights { Source = shared.View, Destination = source.View }, Length);
        if (device.TransferredBytes != before) return "bytes were copied between host and device";
        const float Expected = Rows * Columns * (First + (Rows * Columns - 1) / 2f); // exact in 32 bits
        if (sum.item<float>() is var found && found != Expected) return $"the tensor holds {found} in all where a kernel wrote {Expected}";
        float[] read = source.ToArray();
        int wrong = Array.FindIndex([.. read.Select((value, i) => value == i + (i is >= First and < First + Rows * Columns ? 0.5f : 0f))], right => !right);
        return wrong < 0 ? null : $"a kernel reads {read[wrong]} in place {wrong} of what torch wrote";
    }
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
