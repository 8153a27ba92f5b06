using System.Buffers.Binary;
using System.Text.Json;
using Arena.Kernels;

namespace Arena.Policy.Weights;

/// <summary>Reads and writes safetensors files: a length, a JSON header, then the tensors' bytes.</summary>
/// <remarks>
/// Format: u64 little-endian header length, that many bytes of UTF-8 JSON (spaces may follow), data. Source: the format
/// section of the safetensors project's README. Files are hostile until checked: every number of the header is compared with
/// the file before it is used.
/// </remarks>
public static class Safetensors
{
    private const int LengthBytes = 8;
    private const int DataAlignment = 64; // bytes: a mapped file can then be read with the widest registers
    private const long MaxHeaderBytes = 100_000_000; // the format's own limit

    /// <summary>Writes <paramref name="tensors"/> under a temporary name, flushes them to disk, and renames the file.</summary>
    /// <exception cref="UsageException">a name occurs twice, or a tensor's data do not have the size of its shape.</exception>
    /// <exception cref="IOException">the disk is full, or the folder cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Check(path, tensors);
        string temporary = path + ".tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                WriteChecked(file, tensors, metadata);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes <paramref name="tensors"/> to <paramref name="stream"/>, whose owner flushes it.</summary>
    /// <exception cref="UsageException">a name occurs twice, or a tensor's data do not have the size of its shape.</exception>
    /// <exception cref="IOException">the disk is full.</exception>
    public static void Write(Stream stream, IReadOnlyCollection<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Check("safetensors", tensors);
        WriteChecked(stream, tensors, metadata);
    }

    /// <summary>Reads and checks <paramref name="path"/>.</summary>
    /// <exception cref="UsageException">it is missing, or not a safetensors file; the message says what is wrong with it.</exception>
    /// <exception cref="IOException">the disk failed.</exception>
    public static SafetensorsContents Read(string path)
    {
        if (!File.Exists(path)) throw new UsageException($"The weights file '{path}' does not exist. Check the name, or train first.");
        if (new FileInfo(path).Length > Array.MaxLength)
            throw Bad(path, $"it is {new FileInfo(path).Length:N0} bytes, more than the {Array.MaxLength:N0} that can be read at once");
        return Parse(path, File.ReadAllBytes(path));
    }

    /// <summary>Checks the contents of a file that was read; the tensors' data are slices of it.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="file">All of it.</param>
    /// <exception cref="UsageException">not a safetensors file; the message says what is wrong with it.</exception>
    public static SafetensorsContents Parse(string path, byte[] file)
    {
        try
        {
            return Parse(file);
        }
        catch (FormatException problem)
        {
            throw Bad(path, problem.Message);
        }
        catch (JsonException problem)
        {
            throw Bad(path, $"its header is not JSON (byte {problem.BytePositionInLine} of line {problem.LineNumber})");
        }
    }

    private static void WriteChecked(Stream stream, IReadOnlyCollection<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        byte[] header = SafetensorsHeader.Build(tensors, metadata);
        int padded = (header.Length + LengthBytes + DataAlignment - 1) / DataAlignment * DataAlignment - LengthBytes;
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)padded);
        stream.Write(length);
        stream.Write(header);
        for (int i = header.Length; i < padded; i++) stream.WriteByte((byte)' ');
        foreach (SafetensorsTensor tensor in tensors) stream.Write(tensor.Data.Span);
    }

    private static SafetensorsContents Parse(byte[] file)
    {
        if (file.Length < LengthBytes) throw new FormatException($"it is {file.Length} bytes long, shorter than the length that every such file begins with");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(file);
        long rest = file.Length - LengthBytes;
        if (headerLength > (ulong)Math.Min(rest, MaxHeaderBytes))
            throw new FormatException($"its header claims {headerLength:N0} bytes, but {rest:N0} follow (and {MaxHeaderBytes:N0} are the limit)");
        var header = new ReadOnlySpan<byte>(file, LengthBytes, (int)headerLength);
        if (header.Length == 0 || header[0] != '{') throw new FormatException("its header does not begin with a brace");

        (List<SafetensorsHeader.Entry> entries, Dictionary<string, string> metadata) = SafetensorsHeader.Parse(header);
        long dataBegin = LengthBytes + (long)headerLength;
        CheckRanges(entries, file.Length - dataBegin);
        return new SafetensorsContents(
            [.. entries.Select(entry => new SafetensorsTensor(
                entry.Name, entry.Type, entry.Shape, file.AsMemory((int)(dataBegin + entry.Begin), (int)(entry.End - entry.Begin))))],
            metadata);
    }

    // Sorted by place, the ranges must follow each other from the first byte of data to the last.
    private static void CheckRanges(List<SafetensorsHeader.Entry> entries, long dataLength)
    {
        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (SafetensorsHeader.Entry entry in entries)
        {
            if (entry.Begin < end) throw new FormatException($"the data of '{entry.Name}' overlap those of another tensor");
            if (entry.Begin > end) throw new FormatException($"{entry.Begin - end:N0} bytes before '{entry.Name}' belong to no tensor");
            if (entry.End < entry.Begin || entry.End > dataLength)
                throw new FormatException($"the data of '{entry.Name}' end at byte {entry.End:N0}, but there are {dataLength:N0} (cut short?)");
            if (entry.End - entry.Begin != SizeInBytes(entry.Name, entry.Type, entry.Shape))
                throw new FormatException($"'{entry.Name}' has {entry.End - entry.Begin:N0} bytes, which is not what {entry.Type} of shape ({string.Join(", ", entry.Shape)}) takes");
            end = entry.End;
        }

        if (end != dataLength) throw new FormatException($"{dataLength - end:N0} bytes after the last tensor belong to none");
    }

    private static long SizeInBytes(string name, string type, IReadOnlyList<long> shape)
    {
        try
        {
            return shape.Aggregate((long)SafetensorsHeader.SizeOf(type), (product, size) => checked(product * size));
        }
        catch (OverflowException)
        {
            throw new FormatException($"the shape ({string.Join(", ", shape)}) of '{name}' has more than 2^63 elements");
        }
        catch (FormatException problem)
        {
            throw new FormatException($"'{name}' cannot be read: {problem.Message}");
        }
    }

    private static void Check(string path, IReadOnlyCollection<SafetensorsTensor> tensors)
    {
        var names = new HashSet<string>();
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (!names.Add(tensor.Name)) throw new UsageException($"'{path}' cannot be written: two tensors are called '{tensor.Name}'.");
            if (tensor.Data.Length != SizeInBytes(tensor.Name, tensor.Type, tensor.Shape))
                throw new UsageException($"'{path}' cannot be written: '{tensor.Name}' has {tensor.Data.Length:N0} bytes, which is not what {tensor.Type} of shape {tensor.ShapeText} takes.");
        }
    }

    private static UsageException Bad(string path, string problem) =>
        new($"'{path}' is not a usable safetensors file: {problem}. Use another copy of it, or write it again.");
}
