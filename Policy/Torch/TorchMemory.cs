using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>One memory under two names: views of kernels and tensors of torch, without a copy.</summary>
/// <remarks>
/// On the CPU a tensor can lie over any memory. On CUDA torch cannot be given foreign memory: there the device takes its memory from
/// <see cref="Allocate"/>, so that every view lies inside a tensor. Tensors are 32-bit floats, since the binding cannot look at a tensor's memory as another type.
/// </remarks>
public static unsafe class TorchMemory
{
    private static readonly Lock Gate = new();

    // Torch's own allocations by their first address.
    private static readonly SortedList<nint, Tensor> Owned = [];

    /// <summary>Device memory that torch owns, not cleared; for a device whose views torch has to read.</summary>
    /// <param name="bytes">At least 1.</param>
    /// <param name="device">Where.</param>
    /// <returns>Its address.</returns>
    /// <exception cref="ExternalException">torch has no such memory left.</exception>
    public static nint Allocate(long bytes, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        Tensor tensor = torch.empty((bytes + sizeof(float) - 1) / sizeof(float), dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
        nint address = TorchNative.Address(tensor.Handle);
        lock (Gate) Owned.Add(address, tensor);
        return address;
    }

    /// <summary>Returns memory of <see cref="Allocate"/>.</summary>
    /// <exception cref="ArgumentException">it is not from there.</exception>
    public static void Free(nint address)
    {
        lock (Gate)
        {
            if (!Owned.Remove(address, out Tensor? tensor)) throw new ArgumentException($"Address {address:x} is no memory that torch owns.", nameof(address));
            tensor.Dispose();
        }
    }

    /// <summary>The first rows · columns floats of <paramref name="view"/> as a tensor (rows, columns) over the same memory.</summary>
    /// <exception cref="InvalidOperationException">torch cannot reach the memory.</exception>
    internal static Tensor Over(View<float> view, long rows, long columns, Device device)
    {
        if (FindOwned((nint)view.Pointer) is { } found) return found.Owner.narrow(0, found.Offset, rows * columns).view(rows, columns);
        if (device.type != DeviceType.CPU)
            throw new InvalidOperationException("A view of CUDA memory that torch does not own was given to the torch engine; the device must take its memory from torch.");
        nint handle = TorchNative.Wrap(view.Pointer, rows, columns);
        if (handle == 0) CheckForErrors();
        return Tensor.UnsafeCreateTensor(handle);
    }

    /// <summary>The memory of a contiguous float tensor as kernels see it; the caller keeps the tensor.</summary>
    internal static View<float> ViewOf(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous())
            throw new ArgumentException($"A tensor of {tensor.dtype}, contiguous: {tensor.is_contiguous()}, is no flat range of floats.", nameof(tensor));
        return new View<float>((float*)TorchNative.Address(tensor.Handle), tensor.numel());
    }

    // By bisection: the last allocation that begins at or before the address, if the address is inside.
    private static (Tensor Owner, long Offset)? FindOwned(nint address)
    {
        lock (Gate)
        {
            int low = 0, high = Owned.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (Owned.GetKeyAtIndex(middle) <= address) low = middle + 1;
                else high = middle;
            }

            if (low == 0) return null;
            long offset = (address - Owned.GetKeyAtIndex(low - 1)) / sizeof(float);
            Tensor owner = Owned.GetValueAtIndex(low - 1);
            return offset < owner.numel() ? (owner, offset) : null;
        }
    }
}
