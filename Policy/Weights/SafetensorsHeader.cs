using System.Text.Json;

namespace Arena.Policy.Weights;

/// <summary>The JSON header of a safetensors file: reading it without trusting it, and writing it.</summary>
internal static class SafetensorsHeader
{
    private const string MetadataKey = "__metadata__";

    /// <summary>A tensor as the header describes it; offsets count from the start of the data.</summary>
    internal readonly record struct Entry(string Name, string Type, long[] Shape, long Begin, long End);

    /// <summary>Bytes per element.</summary>
    /// <exception cref="FormatException">an unknown type.</exception>
    internal static int SizeOf(string type) => type switch
    {
        "U8" => 1,
        "F16" or "BF16" or "U16" => 2,
        "F32" or "I32" or "U32" => 4,
        "F64" or "I64" => 8,
        _ => throw new FormatException($"its type '{type}' is not one of F32, F64, I32, I64, U8, U16, U32, F16, BF16"),
    };

    /// <summary>Entries in file order, and the metadata.</summary>
    /// <exception cref="FormatException">what is wrong, as the end of a sentence.</exception>
    /// <exception cref="JsonException">not JSON.</exception>
    internal static (List<Entry> Entries, Dictionary<string, string> Metadata) Parse(ReadOnlySpan<byte> json)
    {
        var entries = new List<Entry>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        var reader = new Utf8JsonReader(json);
        Expect(ref reader, JsonTokenType.StartObject, "the header is not a JSON object");
        while (NextKey(ref reader) is { } name)
        {
            if (!names.Add(name)) throw new FormatException($"'{name}' occurs twice");
            if (name == MetadataKey) ReadMetadata(ref reader, metadata);
            else entries.Add(ReadEntry(ref reader, name));
        }

        if (reader.Read()) throw new FormatException("something follows the header's closing brace");
        return (entries, metadata);
    }

    /// <summary>The header of <paramref name="tensors"/>, laid out one after the other; without length prefix and padding.</summary>
    internal static byte[] Build(IReadOnlyCollection<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in metadata) writer.WriteString(key, value);
            writer.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsTensor tensor in tensors)
            {
                WriteEntry(writer, tensor, offset);
                offset += tensor.Data.Length;
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter writer, SafetensorsTensor tensor, long offset)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", tensor.Type);
        writer.WriteStartArray("shape");
        foreach (long size in tensor.Shape) writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(offset);
        writer.WriteNumberValue(offset + tensor.Data.Length);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"'{MetadataKey}' is not an object");
        while (NextKey(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"the metadata '{key}' is not text");
            if (!metadata.TryAdd(key, Text(ref reader))) throw new FormatException($"the metadata '{key}' occurs twice");
        }
    }

    private static Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"'{name}' is not an object");
        while (NextKey(ref reader) is { } key)
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, $"the dtype of '{name}' is not text");
                    type = Text(ref reader);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, key);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, key);
                    break;
                default:
                    throw new FormatException($"'{name}' has '{key}' twice or unexpectedly");
            }
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
            throw new FormatException($"'{name}' lacks dtype, shape or two data_offsets");
        return new Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        var numbers = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, $"the {key} of '{name}' is not an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw new FormatException($"the {key} of '{name}' holds something other than whole numbers from 0 to 2^63 - 1");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static string? NextKey(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) throw new FormatException("the header ends too early");
        return reader.TokenType == JsonTokenType.PropertyName ? Text(ref reader) : null;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string otherwise)
    {
        if (!reader.Read() || reader.TokenType != token) throw new FormatException(otherwise);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException) // half of a surrogate pair, or bytes that are not UTF-8
        {
            throw new FormatException("a name in the header is not valid text");
        }
    }
}
