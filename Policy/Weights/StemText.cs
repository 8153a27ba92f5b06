using System.Text.Json;
using System.Text.Json.Serialization;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Policy.Weights;

/// <summary>Stems as JSON, for the metadata of policy files. What is read back is checked like any input.</summary>
public static class StemText
{
    private const int MaxLength = 1 << 20; // characters; a stem of this program takes a few thousand

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNameCaseInsensitive = false,
        IgnoreReadOnlyProperties = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The stem as JSON; empty for none.</summary>
    public static string Write(NetworkStem? stem) => stem is null ? "" : JsonSerializer.Serialize(stem, Options);

    /// <summary>Are both the same stem, every number and name of it?</summary>
    public static bool Same(NetworkStem? a, NetworkStem? b) => Write(a) == Write(b);

    /// <summary>The stem of this text, or null where it describes none that could be built for rows of <paramref name="observations"/> elements.</summary>
    internal static NetworkStem? Parse(string text, int observations)
    {
        if (text.Length > MaxLength) return null;
        try
        {
            NetworkStem? stem = JsonSerializer.Deserialize<NetworkStem>(text, Options);
            return stem is not null && Whole(stem) && stem.Problem(observations) is null ? stem : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null; // no JSON, or not of this form
        }
    }

    /// <summary>Does the stem take rows to hold what they hold in this game?</summary>
    internal static bool Fits(NetworkStem? stem, ObservationSpec observation) => stem switch
    {
        GridStem grid => (grid.Grid is null || Json(grid.Grid) == Json(observation.Grid)) && grid.Fields.All(observation.ByteFields.Contains),
        EntityStem entities => entities.Groups.All(observation.Entities.Contains),
        _ => true,
    };

    private static string Json(ByteGrid? grid) => JsonSerializer.Serialize(grid, Options);

    // Lists may hold null whatever their type says.
    private static bool Whole(NetworkStem stem) => stem switch
    {
        GridStem grid => grid.Fields.All(field => field is not null) && grid.Convolutions.All(convolution => convolution is not null)
            && (grid.Grid is null || grid.Grid.Channels.All(channel => channel is not null)),
        EntityStem entities => entities.Groups.All(group => group is not null),
        _ => false,
    };
}
