using System.Globalization;
using System.Text.Json;
using Arena.Kernels;

namespace Arena.Policy.Weights;

/// <summary>Named numbers and words of a checkpoint: state.json, one flat object.</summary>
/// <remarks>Doubles come back bit for bit; NaN and infinities are the words "NaN", "Infinity", "-Infinity", which JSON has no numbers for.</remarks>
/// <param name="file">The file in words, for messages: "state".</param>
public sealed class SavedValues(string file)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 2 };

    private readonly Dictionary<string, (string Text, bool IsNumber)> values = [];
    private readonly HashSet<string> read = [];

    internal IEnumerable<string> NeverRead => values.Keys.Where(name => !read.Contains(name));

    /// <summary>Notes a whole number.</summary>
    /// <exception cref="ArgumentException">the name is taken; so with all others.</exception>
    public void Write(string name, long value) => values.Add(name, (value.ToString(CultureInfo.InvariantCulture), true));

    /// <summary>Notes a whole number of 64 bits without a sign.</summary>
    public void Write(string name, ulong value) => values.Add(name, (value.ToString(CultureInfo.InvariantCulture), true));

    /// <summary>Notes a number.</summary>
    public void Write(string name, double value) => values.Add(name, (value.ToString("R", CultureInfo.InvariantCulture), double.IsFinite(value)));

    /// <summary>Notes a word.</summary>
    public void Write(string name, string value) => values.Add(name, (value, false));

    /// <summary>Notes yes or no.</summary>
    public void Write(string name, bool value) => Write(name, value ? 1L : 0L);

    /// <summary>Is there a value called <paramref name="name"/>?</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>The whole number <paramref name="name"/>.</summary>
    /// <exception cref="UsageException">there is none, or it is outside the range; so with all others.</exception>
    public long ReadLong(string name, long min = 0, long max = long.MaxValue)
    {
        (string text, bool isNumber) = Find(name);
        if (isNumber && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max) return value;
        throw Wrong(name, text, $"a whole number from {min} to {max}");
    }

    /// <summary>The whole number <paramref name="name"/> of 64 bits without a sign.</summary>
    public ulong ReadULong(string name)
    {
        (string text, bool isNumber) = Find(name);
        return isNumber && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : throw Wrong(name, text, "a whole number from 0 to 2^64 - 1");
    }

    /// <summary>The number <paramref name="name"/>.</summary>
    public double ReadDouble(string name)
    {
        (string text, bool isNumber) = Find(name);
        if ((isNumber || text is "NaN" or "Infinity" or "-Infinity") && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return value;
        throw Wrong(name, text, "a number");
    }

    /// <summary>The word <paramref name="name"/>.</summary>
    public string ReadText(string name)
    {
        (string text, bool isNumber) = Find(name);
        return isNumber ? throw Wrong(name, text, "a word") : text;
    }

    /// <summary>Yes or no.</summary>
    public bool ReadFlag(string name) => ReadLong(name, 0, 1) == 1;

    /// <summary>The text of state.json.</summary>
    public byte[] ToJson()
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            foreach ((string name, (string text, bool isNumber)) in values)
            {
                writer.WritePropertyName(name);
                if (isNumber) writer.WriteRawValue(text);
                else writer.WriteStringValue(text);
            }

            writer.WriteEndObject();
        }

        return memory.ToArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">it is something else; the message is the end of a sentence.</exception>
    public static SavedValues Parse(string file, ReadOnlyMemory<byte> json)
    {
        var parsed = new SavedValues(file);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new FormatException("it is not a JSON object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject()) parsed.values.Add(property.Name, Value(property));
        }
        catch (JsonException problem)
        {
            throw new FormatException($"it is not JSON (byte {problem.BytePositionInLine} of line {problem.LineNumber})", problem);
        }
        catch (InvalidOperationException problem) // half of a surrogate pair, or bytes that are not UTF-8
        {
            throw new FormatException("it holds a word that is not valid text", problem);
        }

        return parsed;
    }

    private static (string Text, bool IsNumber) Value(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.Number => (property.Value.GetRawText(), true),
        JsonValueKind.String => (property.Value.GetString()!, false),
        _ => throw new FormatException($"'{property.Name}' is neither a number nor a word"),
    };

    private (string Text, bool IsNumber) Find(string name)
    {
        if (!values.TryGetValue(name, out (string, bool) value)) throw SavedState.Mismatch($"its {file} lacks '{name}'");
        read.Add(name);
        return value;
    }

    private UsageException Wrong(string name, string text, string expected) => SavedState.Mismatch($"'{name}' of its {file} is '{text}', which is not {expected}");
}
