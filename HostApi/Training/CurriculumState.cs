using System.Text.Json;
using System.Text.Json.Serialization;
using Arena.Kernels;

namespace Arena.HostApi.Training;

/// <summary>Where a curriculum stands: with the same stages and the environment's state it continues exactly.</summary>
public sealed record CurriculumState
{
    /// <summary>Index of the stage.</summary>
    public required int Stage { get; init; }

    /// <summary>Agent-steps since it began.</summary>
    public required long AgentSteps { get; init; }

    /// <summary>Evaluations in a row in which <see cref="CurriculumStage.AdvanceWhen"/> held.</summary>
    public required int Advances { get; init; }

    /// <summary>Evaluations in a row in which <see cref="CurriculumStage.RetreatWhen"/> held.</summary>
    public required int Retreats { get; init; }

    /// <summary>Part of the ramp that new episodes play by.</summary>
    public required int Level { get; init; }

    /// <summary>Its slot among the environment's variants.</summary>
    public required int Slot { get; init; }

    /// <summary>Slots of the stages that are rehearsed.</summary>
    public required int[] Rehearsed { get; init; }

    /// <summary>Per slot of the environment the stage whose options are in it; −1 = none.</summary>
    public required int[] SlotStages { get; init; }

    /// <summary>Per slot the part of that stage's ramp.</summary>
    public required int[] SlotLevels { get; init; }

    /// <summary>How often each stage was ended by <see cref="CurriculumStage.RetreatWhen"/>; null: no condition counts it.</summary>
    public int[]? RetreatsOf { get; init; }

    /// <summary>The stage's finished episodes; null: no condition asks for them.</summary>
    public StageEpisodesState? Episodes { get; init; }

    /// <summary>Why the run must end, or null.</summary>
    public string? StopReason { get; init; }

    /// <summary>Of which stages: <see cref="CurriculumPlan.Fingerprint"/>.</summary>
    public required string Stages { get; init; }

    /// <summary>Key of the rehearsal's draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>As JSON, the same on every machine.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CurriculumJson.Default.CurriculumState);

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    /// <exception cref="UsageException">not such a text.</exception>
    public static CurriculumState FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CurriculumJson.Default.CurriculumState) ?? throw new UsageException("The state of the curriculum is 'null'.");
        }
        catch (JsonException damaged)
        {
            throw new UsageException($"The state of the curriculum cannot be read: {damaged.Message}");
        }
    }
}

/// <summary>Generated reader and writer: no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CurriculumState))]
internal sealed partial class CurriculumJson : JsonSerializerContext;
