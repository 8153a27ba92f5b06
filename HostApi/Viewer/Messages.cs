using System.Text.Json;
using Arena.Kernels;

namespace Arena.HostApi.Viewer;

/// <summary>Texts of the frame protocol: what the server says, and what a page may ask.</summary>
internal static class Messages
{
    /// <summary>Largest message a page may send; bytes.</summary>
    internal const int MaxRequestBytes = 1024;

    /// <summary>Version of the protocol.</summary>
    internal const int Protocol = 1;

    /// <summary>A JSON object with <c>"type"</c> first.</summary>
    internal static byte[] Json(string type, Action<Utf8JsonWriter> body)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            body(writer);
            writer.WriteEndObject();
        }

        return memory.ToArray();
    }

    /// <summary>A message "error".</summary>
    internal static byte[] Error(string text) => Json("error", writer => writer.WriteString("text", text));

    /// <summary>Carries out one request on <paramref name="show"/>; what is wrong with it, or null.</summary>
    internal static string? Handle(ReadOnlyMemory<byte> text, LiveShow show, ViewerConnection from)
    {
        try
        {
            using JsonDocument request = JsonDocument.Parse(text);
            return Handle(request.RootElement, show, from);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return $"a request is not as docs/frame-protocol.md has it: {wrong.Message}";
        }
    }

    private static string? Handle(JsonElement request, LiveShow show, ViewerConnection from)
    {
        string? name = request.GetProperty("do").GetString();
        switch (name)
        {
            case "pause": show.Post(show.Pause); return null;
            case "resume": show.Post(show.Resume); return null;
            case "step": show.Post(show.StepOnce); return null;
            case "restart": show.Post(show.Restart); return null;
            case "speed":
                double speed = request.GetProperty("value").GetDouble();
                if (speed is not (>= 0 and <= LiveShow.MaxSpeed)) return $"speed must be 0..{LiveShow.MaxSpeed}, 0 = as fast as possible";
                show.Post(() => show.Speed = speed);
                return null;
            case "smooth":
                bool smooth = request.GetProperty("value").GetBoolean();
                show.Post(() => show.Smooth = smooth);
                return null;
            case "select":
                int match = request.GetProperty("match").GetInt32(), agent = request.GetProperty("agent").GetInt32();
                if (!show.Has(match, agent)) return "select names a match or an agent that is not shown";
                show.Post(() => show.Select(from, match, agent));
                return null;
            case "deselect":
                show.Post(() => from.Selection = null);
                return null;
            case "input":
                return Input(request, show);
            default:
                return $"there is no request '{name}'";
        }
    }

    private static string? Input(JsonElement request, LiveShow show)
    {
        if (show.Person is not { } person) return $"nobody plays here; start '{ThisProgram.Command("play")}'";
        float x = request.GetProperty("x").GetSingle(), y = request.GetProperty("y").GetSingle();
        if (!float.IsFinite(x) || !float.IsFinite(y)) return "input must be finite";
        person.Input = new StickInput(Math.Clamp(x, -1f, 1f), Math.Clamp(y, -1f, 1f), request.GetProperty("button").GetBoolean());
        return null;
    }
}
