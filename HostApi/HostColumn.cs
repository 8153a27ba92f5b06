using Arena.Kernels.Device;

namespace Arena.HostApi;

/// <summary>A device buffer as a span: the memory itself on the CPU, a copy refreshed after each step elsewhere.</summary>
internal sealed class HostColumn<T>
    where T : unmanaged
{
    private readonly DeviceBuffer<T>? buffer;
    private readonly T[]? copy;

    internal HostColumn(IDevice device, DeviceBuffer<T>? buffer)
    {
        this.buffer = buffer;
        if (buffer is null) return;
        if (buffer.Length > Array.MaxLength)
            throw new ArgumentException(
                $"'{buffer.Name}' has {buffer.Length:N0} elements, more than the {Array.MaxLength:N0} a span can show; use fewer matches, or several environments.");
        if (device is not CpuDevice) copy = new T[buffer.Length];
    }

    /// <summary>All elements; empty where the game has no such buffer.</summary>
    internal Span<T> Span => copy ?? (buffer is null ? default : buffer.View.AsSpan());

    /// <summary>Brings a copy up to date; nothing to do on the CPU.</summary>
    internal void Refresh()
    {
        if (copy is not null) buffer!.Read(copy);
    }
}
