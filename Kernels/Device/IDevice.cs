namespace Arena.Kernels.Device;

/// <summary>Where kernels run and their memory lies.</summary>
/// <remarks>
/// Launches are in order and may be asynchronous; <see cref="Synchronize"/> is the only call that waits. One host
/// thread talks to a device at a time.
/// </remarks>
public interface IDevice : IDisposable
{
    /// <summary>Short name for tables and logs: "cpu" or "cuda".</summary>
    string Name { get; }

    /// <summary>One line for people: processor, threads, instruction set or GPU, memory.</summary>
    string Description { get; }

    /// <summary>Binary logarithm of the matches per tile that <see cref="Column{T}"/> uses here.</summary>
    int TileShift { get; }

    /// <summary>Bytes currently allocated.</summary>
    long AllocatedBytes { get; }

    /// <summary>Bytes copied between host and device since creation, both ways; must not move during a rollout.</summary>
    long TransferredBytes { get; }

    /// <summary>Allocates zeroed memory, 64-byte aligned.</summary>
    /// <param name="length">Elements, at least 1.</param>
    /// <param name="name">What it is, for error messages.</param>
    /// <exception cref="DeviceMemoryException">It does not fit; names the sizes.</exception>
    DeviceBuffer<T> Allocate<T>(long length, string name)
        where T : unmanaged;

    /// <summary>Runs <paramref name="kernel"/> once for every index 0..count-1.</summary>
    void Launch<TKernel>(in TKernel kernel, int count)
        where TKernel : unmanaged, IKernel;

    /// <summary>Runs every phase of <paramref name="kernel"/> in every lane (0..lanes-1) of every group (0..groups-1).</summary>
    void LaunchGroups<TKernel>(in TKernel kernel, int groups, int lanes)
        where TKernel : unmanaged, IPhasedKernel;

    /// <summary>Waits until everything launched so far is done.</summary>
    void Synchronize();

    /// <summary>Copies device memory into <paramref name="destination"/>; waits for earlier launches.</summary>
    void CopyToHost<T>(View<T> source, Span<T> destination)
        where T : unmanaged;

    /// <summary>Copies <paramref name="source"/> into device memory.</summary>
    void CopyToDevice<T>(ReadOnlySpan<T> source, View<T> destination)
        where T : unmanaged;

    /// <summary>Returns the memory of a buffer; called by <see cref="DeviceBuffer{T}.Dispose"/>.</summary>
    void Free(nint address, long bytes);
}

/// <summary>An allocation that does not fit into the device's memory.</summary>
public sealed class DeviceMemoryException(string message) : Exception(message);
