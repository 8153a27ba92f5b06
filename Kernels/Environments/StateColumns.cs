using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>One named column of an environment's state, for code that walks columns of any type.</summary>
public abstract class StateColumn(string name, string unit, int numEnvs, int slots, Type elementType, int elementBytes, string[] components)
{
    /// <summary>"ballVelocityX".</summary>
    public string Name { get; } = name;

    /// <summary>Unit, or empty.</summary>
    public string Unit { get; } = unit;

    /// <summary>Elements per match.</summary>
    public int Slots { get; } = slots;

    /// <summary>E.</summary>
    public int NumEnvs { get; } = numEnvs;

    /// <summary>float, int, uint, ushort or byte.</summary>
    public Type ElementType { get; } = elementType;

    /// <summary>Bytes of a match's elements.</summary>
    public int BytesPerMatch { get; } = slots * elementBytes;

    /// <summary>Bytes of all matches.</summary>
    public long Bytes => (long)NumEnvs * BytesPerMatch;

    /// <summary>What a slot is, for messages: "player[3].velocityX", "score[1]", "tick".</summary>
    public string ElementName(int slot) =>
        components.Length > 0 ? (Slots == components.Length ? $"{Name}.{components[slot]}" : $"{Name}[{slot / components.Length}].{components[slot % components.Length]}")
        : Slots == 1 ? Name : $"{Name}[{slot}]";

    /// <summary>Copies one match's elements out, as little-endian bytes (<see cref="BytesPerMatch"/>).</summary>
    public abstract void ReadMatch(int env, Span<byte> destination);

    /// <summary>Overwrites one match's elements.</summary>
    public abstract void WriteMatch(int env, ReadOnlySpan<byte> source);

    /// <summary>Copies all elements out with one transfer: (E, Slots), match by match, little-endian, whatever the device's layout.</summary>
    /// <param name="destination"><see cref="Bytes"/> long.</param>
    public abstract void ReadAll(Span<byte> destination);

    /// <summary>Overwrites all elements with one transfer, given as <see cref="ReadAll"/> gives them.</summary>
    public abstract void WriteAll(ReadOnlySpan<byte> source);

    /// <summary>One match's elements as doubles (exact for every element type).</summary>
    public double[] ReadMatch(int env)
    {
        var bytes = new byte[BytesPerMatch];
        ReadMatch(env, bytes);
        return Doubles(bytes);
    }

    internal abstract void Dispose();

    private double[] Doubles(byte[] bytes) =>
        ElementType == typeof(float) ? Doubles<float>(bytes)
        : ElementType == typeof(int) ? Doubles<int>(bytes)
        : ElementType == typeof(uint) ? Doubles<uint>(bytes)
        : ElementType == typeof(ushort) ? Doubles<ushort>(bytes)
        : ElementType == typeof(byte) ? Doubles<byte>(bytes)
        : throw new InvalidOperationException($"Column '{Name}' has elements of type {ElementType.Name}.");

    // One type at a time: a match of a grid game has half a million elements.
    private static double[] Doubles<T>(byte[] bytes)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(bytes);
        var values = new double[elements.Length];
        for (int slot = 0; slot < values.Length; slot++) values[slot] = double.CreateChecked(elements[slot]);
        return values;
    }
}

/// <summary>The state of an environment: a list of named columns on one device.</summary>
/// <remarks>
/// Registering every column here is what makes snapshots, exact resume, hashes, replays and the lockstep comparison
/// work for a game without code of its own. Scratch that does not outlive a step stays out.
/// </remarks>
public sealed class StateColumns(IDevice device, int numEnvs) : IDisposable
{
    private readonly List<StateColumn> columns = [];

    /// <summary>All columns, in the order they were added.</summary>
    public IReadOnlyList<StateColumn> All => columns;

    /// <summary>E.</summary>
    public int NumEnvs => numEnvs;

    /// <summary>State bytes of one match.</summary>
    public int BytesPerMatch => columns.Sum(column => column.BytesPerMatch);

    /// <summary>Adds a column of <paramref name="slots"/> elements per match, zeroed.</summary>
    /// <param name="name">Unique in this state.</param>
    /// <param name="slots">Elements per match.</param>
    /// <param name="unit">Unit, or empty.</param>
    /// <param name="components">Names of the slots, repeated when there are fewer than slots (x, y, x, y …).</param>
    public Column<T> Add<T>(string name, int slots, string unit = "", params string[] components)
        where T : unmanaged => Add<T>(name, slots, unit, components, device.TileShift);

    /// <summary>The same, with the slots of a match side by side on every device: for matches whose lanes share rows of a grid, or read neighbouring slots.</summary>
    /// <param name="name">Unique in this state.</param>
    /// <param name="slots">Elements per match; the next match begins right after them.</param>
    /// <param name="unit">Unit, or empty.</param>
    /// <param name="components">As in <see cref="Add{T}(string, int, string, string[])"/>.</param>
    public Column<T> AddContiguous<T>(string name, int slots, string unit = "", params string[] components)
        where T : unmanaged => Add<T>(name, slots, unit, components, tileShift: 0);

    /// <summary>The column called <paramref name="name"/>.</summary>
    public StateColumn this[string name] =>
        columns.Find(column => column.Name == name)
        ?? throw new UsageException($"No state column '{name}'.{Nearest.Hint(name, columns.Select(column => column.Name))}");

    /// <summary>The whole state of one match as bytes, columns in order.</summary>
    public byte[] ReadMatch(int env)
    {
        var bytes = new byte[BytesPerMatch];
        int at = 0;
        foreach (StateColumn column in columns)
        {
            column.ReadMatch(env, bytes.AsSpan(at, column.BytesPerMatch));
            at += column.BytesPerMatch;
        }

        return bytes;
    }

    /// <summary>Overwrites the state of one match with what <see cref="ReadMatch"/> gave, of this or another batch.</summary>
    public void WriteMatch(int env, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != BytesPerMatch)
            throw new ArgumentException($"A match has {BytesPerMatch} bytes of state, {bytes.Length} were given.", nameof(bytes));
        int at = 0;
        foreach (StateColumn column in columns)
        {
            column.WriteMatch(env, bytes.Slice(at, column.BytesPerMatch));
            at += column.BytesPerMatch;
        }
    }

    /// <summary>SHA-256 over the state of the first <paramref name="matches"/> matches (all by default), in match order.</summary>
    public string Hash(int matches = -1)
    {
        // One transfer per column, where an array can hold it: a copy per match and column would take minutes on a GPU.
        byte[]?[] all = [.. columns.Select(column =>
        {
            if (column.Bytes > Array.MaxLength) return null;
            var bytes = new byte[column.Bytes];
            column.ReadAll(bytes);
            return bytes;
        })];
        var one = new byte[columns.Max(column => column.BytesPerMatch)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int env = 0; env < (matches < 0 ? numEnvs : matches); env++)
        {
            for (int i = 0; i < all.Length; i++)
            {
                int bytes = columns[i].BytesPerMatch;
                ReadOnlySpan<byte> match = all[i] is { } values ? values.AsSpan(env * bytes, bytes) : one.AsSpan(0, bytes);
                if (all[i] is null) columns[i].ReadMatch(env, one.AsSpan(0, bytes));
                hash.AppendData(match);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StateColumn column in columns) column.Dispose();
    }

    private Column<T> Add<T>(string name, int slots, string unit, string[] components, int tileShift)
        where T : unmanaged
    {
        if (columns.Exists(column => column.Name == name))
            throw new InvalidOperationException($"There is already a column '{name}'.");
        var added = new TypedColumn<T>(device, numEnvs, name, unit, slots, components, tileShift);
        columns.Add(added);
        return added.Column;
    }

    private sealed unsafe class TypedColumn<T> : StateColumn
        where T : unmanaged
    {
        private readonly IDevice device;
        private readonly DeviceBuffer<T> memory;
        private readonly int tileShift;

        internal TypedColumn(IDevice device, int numEnvs, string name, string unit, int slots, string[] components, int tileShift)
            : base(name, unit, numEnvs, slots, typeof(T), sizeof(T), components)
        {
            this.device = device;
            this.tileShift = tileShift;
            memory = device.Allocate<T>(Column<T>.RequiredLength(numEnvs, slots, tileShift), $"state column {name}");
            Column = new Column<T>(memory.View, slots, tileShift);
        }

        internal Column<T> Column { get; }

        public override void ReadMatch(int env, Span<byte> destination)
        {
            Span<T> values = MemoryMarshal.Cast<byte, T>(destination.Length == BytesPerMatch ? destination : throw WrongSize(destination.Length));
            if (tileShift == 0)
            {
                device.CopyToHost(memory.View.Slice((long)env * Slots, Slots), values);
                return;
            }

            T[] strip = ReadStrip(env);
            for (int slot = 0; slot < Slots; slot++) values[slot] = strip[slot << tileShift];
        }

        public override void WriteMatch(int env, ReadOnlySpan<byte> source)
        {
            ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(source.Length == BytesPerMatch ? source : throw WrongSize(source.Length));
            if (tileShift == 0)
            {
                device.CopyToDevice(values, memory.View.Slice((long)env * Slots, Slots));
                return;
            }

            T[] strip = ReadStrip(env);
            for (int slot = 0; slot < Slots; slot++) strip[slot << tileShift] = values[slot];
            device.CopyToDevice<T>(strip, Strip(env));
        }

        public override void ReadAll(Span<byte> destination)
        {
            Span<T> values = MemoryMarshal.Cast<byte, T>(destination.Length == Bytes ? destination : throw WrongTotal(destination.Length));
            if (tileShift == 0)
            {
                device.CopyToHost(memory.View, values);
                return;
            }

            T[] tiled = memory.ToArray();
            for (int i = 0; i < values.Length; i++) values[i] = tiled[Place(i)];
        }

        public override void WriteAll(ReadOnlySpan<byte> source)
        {
            ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(source.Length == Bytes ? source : throw WrongTotal(source.Length));
            if (tileShift == 0)
            {
                device.CopyToDevice(values, memory.View);
                return;
            }

            T[] tiled = memory.ToArray(); // the last tile has room for matches that do not exist
            for (int i = 0; i < values.Length; i++) tiled[Place(i)] = values[i];
            memory.Write(tiled);
        }

        internal override void Dispose() => memory.Dispose();

        // Where element i of (E, Slots) lies.
        private long Place(int i) => Column.PlaceOf(i / Slots, i % Slots);

        private ArgumentException WrongTotal(int given) => new($"Column '{Name}' has {Bytes} bytes, {given} were given.");

        private ArgumentException WrongSize(int given) => new($"Column '{Name}' has {BytesPerMatch} bytes per match, {given} were given.");

        // From the match's first slot to its last, the other matches of the tile between them: one transfer.
        private View<T> Strip(int env) => memory.View.Slice(Column.PlaceOf(env, 0), (((long)Slots - 1) << tileShift) + 1);

        private T[] ReadStrip(int env)
        {
            View<T> strip = Strip(env);
            var values = new T[strip.Length];
            device.CopyToHost(strip, values.AsSpan());
            return values;
        }
    }
}
