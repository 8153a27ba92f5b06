using System.Text;
using System.Text.Json;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>Machine-readable output: one JSON document.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true };

    /// <summary>What <paramref name="body"/> puts into the outermost object, as text.</summary>
    internal static string Of(Action<Utf8JsonWriter> body)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, Readable))
        {
            writer.WriteStartObject();
            body(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }

    /// <summary>A number, or null where it is undefined: JSON knows no NaN.</summary>
    internal static void WriteDouble(this Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteNull(name);
    }

    /// <summary>An object with value, lower, upper, count.</summary>
    internal static void WriteInterval(this Utf8JsonWriter writer, string name, Interval interval)
    {
        writer.WriteStartObject(name);
        writer.WriteDouble("value", interval.Value);
        writer.WriteDouble("lower", interval.Lower);
        writer.WriteDouble("upper", interval.Upper);
        writer.WriteNumber("count", interval.Count);
        writer.WriteEndObject();
    }
}
