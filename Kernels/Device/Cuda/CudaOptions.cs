namespace Arena.Kernels.Device.Cuda;

/// <summary>What a <see cref="CudaDevice"/> works with.</summary>
public sealed record CudaOptions
{
    /// <summary>Which GPU: 0 for the first that the driver shows (CUDA_VISIBLE_DEVICES chooses and orders them).</summary>
    public int Ordinal { get; init; }

    /// <summary>Where buffers come from; null for the driver's own allocations.</summary>
    public IDeviceMemory? Memory { get; init; }

    /// <summary>Where compiled kernels are kept between runs; null to compile them in every run.</summary>
    public IPtxStore? Store { get; init; }
}

/// <summary>Gives a device the memory of its buffers.</summary>
/// <remarks>
/// libtorch can hand out the address of a tensor but cannot adopt foreign memory, so where an engine wants tensors over our
/// buffers it is the tensors that own the memory: it implements this with torch.empty and keeps the tensor until
/// <see cref="Free"/>. The memory must belong to the primary context of the device and be aligned to 64 bytes.
/// </remarks>
public interface IDeviceMemory
{
    /// <summary>Device address of <paramref name="bytes"/> bytes, or 0 where they do not fit. The device zeroes them.</summary>
    nint Allocate(long bytes, string name);

    /// <summary>Returns what <see cref="Allocate"/> gave.</summary>
    void Free(nint address);
}
