namespace Arena.Kernels.Device;

/// <summary>Device memory with an owner: allocated by <see cref="IDevice.Allocate{T}"/>, returned by <see cref="Dispose"/>.</summary>
public sealed unsafe class DeviceBuffer<T> : IDisposable
    where T : unmanaged
{
    private readonly IDevice device;
    private T* start;

    internal DeviceBuffer(IDevice device, T* start, long length, string name)
    {
        this.device = device;
        this.start = start;
        Length = length;
        Name = name;
    }

    /// <summary>What it holds.</summary>
    public string Name { get; }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>Size in bytes.</summary>
    public long Bytes => Length * sizeof(T);

    /// <summary>The memory as kernels see it.</summary>
    /// <exception cref="ObjectDisposedException">after <see cref="Dispose"/>.</exception>
    public View<T> View
    {
        get
        {
            ObjectDisposedException.ThrowIf(start == null, this);
            return new View<T>(start, Length);
        }
    }

    /// <summary>Copies the first elements to <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException">it is longer than this buffer.</exception>
    public void Read(Span<T> destination) => device.CopyToHost(View, destination);

    /// <summary>All elements, copied to a new array.</summary>
    public T[] ToArray()
    {
        var copy = new T[Length];
        Read(copy);
        return copy;
    }

    /// <summary>Overwrites the first elements with <paramref name="source"/>.</summary>
    /// <exception cref="ArgumentException">it is longer than this buffer.</exception>
    public void Write(ReadOnlySpan<T> source) => device.CopyToDevice(source, View);

    /// <summary>Returns the memory to the device; views of it must not be used any more.</summary>
    public void Dispose()
    {
        if (start == null) return;
        device.Free((nint)start, Bytes);
        start = null;
    }
}
