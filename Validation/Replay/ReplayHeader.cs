using System.Text.Json;
using System.Text.Json.Serialization;

namespace Arena.Validation.Replay;

/// <summary>The JSON header of a replay file. Absent fields are null or 0, and the reader rejects them.</summary>
internal sealed record ReplayHeader
{
    public string? Game { get; init; }

    public Dictionary<string, string>? Settings { get; init; }

    public ulong Seed { get; init; }

    public int Match { get; init; }

    public int Agents { get; init; }

    public int Continuous { get; init; }

    public int Discrete { get; init; }

    public int Ticks { get; init; }

    public string? FinalState { get; init; }

    public static ReplayHeader Of(ReplayFile replay) => new()
    {
        Game = replay.Game,
        Settings = new Dictionary<string, string>(replay.Settings),
        Seed = replay.Seed,
        Match = replay.Match,
        Agents = replay.Agents,
        Continuous = replay.Continuous,
        Discrete = replay.Discrete,
        Ticks = replay.Ticks.Count,
        FinalState = replay.FinalState,
    };

    public static ReplayHeader? FromJson(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, ReplayJson.Default.ReplayHeader);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ReplayJson.Default.ReplayHeader);
}

/// <summary>Generated reader and writer of the header: the same bytes on every machine, no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ReplayHeader))]
internal sealed partial class ReplayJson : JsonSerializerContext;
