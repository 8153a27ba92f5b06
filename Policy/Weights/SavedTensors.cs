using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Device;

namespace Arena.Policy.Weights;

/// <summary>Named tensors of one file of a checkpoint. Elements: float, double, int, long, byte, ushort, uint.</summary>
/// <param name="file">The file in words, for messages: "world".</param>
public sealed class SavedTensors(string file)
{
    private readonly Dictionary<string, SafetensorsTensor> tensors = [];
    private readonly HashSet<string> read = [];

    /// <summary>What was read from a file.</summary>
    public SavedTensors(string file, IEnumerable<SafetensorsTensor> contents)
        : this(file)
    {
        foreach (SafetensorsTensor tensor in contents) tensors.Add(tensor.Name, tensor);
    }

    /// <summary>Whether writing does nothing: for what another one keeps already.</summary>
    public bool Ignores { get; init; }

    /// <summary>All tensors, in the order in which they were written.</summary>
    public IReadOnlyCollection<SafetensorsTensor> All => tensors.Values;

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => tensors.Values.Sum(tensor => (long)tensor.Data.Length);

    internal IEnumerable<string> NeverRead => tensors.Keys.Where(name => !read.Contains(name));

    /// <summary>Copies <paramref name="values"/> under <paramref name="name"/>.</summary>
    /// <param name="name">Unique in the file.</param>
    /// <param name="values">Row-major.</param>
    /// <param name="shape">Its product is the number of elements; one dimension when left out.</param>
    /// <exception cref="ArgumentException">the name is taken, or the shape is not that of so many elements.</exception>
    public void Write<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        if (Ignores) return;
        var data = new byte[MemoryMarshal.AsBytes(values).Length];
        MemoryMarshal.AsBytes(values).CopyTo(data);
        Add(name, TypeOf(typeof(T)), data, values.Length, shape);
    }

    /// <summary>The same for memory of a device.</summary>
    public void Write<T>(string name, IDevice device, View<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        if (Ignores) return;
        byte[] data = new byte[checked(values.Length * Unsafe.SizeOf<T>())];
        device.CopyToHost(values, MemoryMarshal.Cast<byte, T>(data.AsSpan()));
        Add(name, TypeOf(typeof(T)), data, values.Length, shape);
    }

    /// <summary>The same for a whole buffer of a device.</summary>
    public void Write<T>(string name, DeviceBuffer<T> buffer, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        if (Ignores) return;
        byte[] data = new byte[checked((int)buffer.Bytes)];
        buffer.Read(MemoryMarshal.Cast<byte, T>(data.AsSpan()));
        Add(name, TypeOf(typeof(T)), data, buffer.Length, shape);
    }

    /// <summary>Is there a tensor called <paramref name="name"/>?</summary>
    public bool Has(string name) => tensors.ContainsKey(name);

    /// <summary>Copies the tensor <paramref name="name"/> into <paramref name="destination"/>.</summary>
    /// <exception cref="UsageException">there is none, or it has another type or another number of elements.</exception>
    public void Read<T>(string name, Span<T> destination)
        where T : unmanaged => Values<T>(name, destination.Length).CopyTo(destination);

    /// <summary>The same into memory of a device.</summary>
    public void Read<T>(string name, IDevice device, View<T> destination)
        where T : unmanaged => device.CopyToDevice(Values<T>(name, destination.Length), destination);

    /// <summary>The same into a whole buffer of a device.</summary>
    public void Read<T>(string name, DeviceBuffer<T> destination)
        where T : unmanaged => destination.Write(Values<T>(name, destination.Length));

    /// <summary>The tensor <paramref name="name"/>, as long as it is; the caller checks the length.</summary>
    /// <exception cref="UsageException">there is none, or it has another type.</exception>
    public T[] ReadArray<T>(string name)
        where T : unmanaged => Values<T>(name, -1).ToArray();

    /// <summary>Keeps little-endian elements of a type that is known at run time only; the bytes become the state's own.</summary>
    internal void WriteBytes(string name, Type element, byte[] data, params ReadOnlySpan<int> shape) =>
        Add(name, TypeOf(element), data, data.Length / SafetensorsHeader.SizeOf(TypeOf(element)), shape);

    /// <summary>The elements of a tensor whose type is known at run time only.</summary>
    internal ReadOnlySpan<byte> ReadBytes(string name, Type element, long bytes) => Values(name, TypeOf(element), bytes);

    private void Add(string name, string type, byte[] data, long elements, ReadOnlySpan<int> shape)
    {
        long[] sizes = shape.IsEmpty ? [elements] : [.. shape.ToArray().Select(size => (long)size)];
        if (sizes.Aggregate(1L, (product, size) => product * size) != elements)
            throw new ArgumentException($"'{name}' has {elements} elements, not the shape ({string.Join(", ", sizes)}).", nameof(shape));
        tensors.Add(name, new SafetensorsTensor(name, type, sizes, data));
    }

    private ReadOnlySpan<T> Values<T>(string name, long elements)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Values(name, TypeOf(typeof(T)), elements < 0 ? -1 : elements * Unsafe.SizeOf<T>()));

    // Of any length when bytes is negative.
    private ReadOnlySpan<byte> Values(string name, string type, long bytes)
    {
        if (!tensors.TryGetValue(name, out SafetensorsTensor? tensor)) throw SavedState.Mismatch($"its {file} lacks '{name}'");
        read.Add(name);
        if (tensor.Type != type) throw SavedState.Mismatch($"'{name}' of its {file} is {tensor.Type}, and {type} here");
        return bytes < 0 || tensor.Data.Length == bytes
            ? tensor.Data.Span
            : throw SavedState.Mismatch($"'{name}' of its {file} has the shape {tensor.ShapeText}, and {bytes / SafetensorsHeader.SizeOf(type):N0} elements here");
    }

    private static string TypeOf(Type type) =>
        type == typeof(float) ? "F32"
        : type == typeof(double) ? "F64"
        : type == typeof(int) ? "I32"
        : type == typeof(long) ? "I64"
        : type == typeof(byte) ? "U8"
        : type == typeof(ushort) ? "U16"
        : type == typeof(uint) ? "U32"
        : throw new ArgumentException($"Tensors of {type.Name} cannot be saved.");
}
