using System.Text.Json;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Settings from a JSON file: nested objects or dotted keys, comments and trailing commas allowed.</summary>
/// <example><c>{ "teamSize": 5, "physics": { "ballDrag": 0.4 }, "rewards.win": 1 }</c></example>
internal static class ConfigFile
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads a file that holds one object.</summary>
    /// <exception cref="UsageException">no such file, not JSON (says where), or not an object.</exception>
    internal static JsonElement Read(string path)
    {
        if (!File.Exists(path))
            throw new UsageException($"--config names '{path}', but there is no such file (looked in {Directory.GetCurrentDirectory()}).");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path), Lenient);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new UsageException($"Configuration file '{path}': It holds {Describe(document.RootElement)}; expected is an object: {{ \"setting\": value, ... }}.");
        }
        catch (JsonException damaged)
        {
            throw new UsageException(
                $"Configuration file '{path}' is not valid JSON, line {damaged.LineNumber + 1}, column {damaged.BytePositionInLine + 1}: {Cause(damaged)} " +
                "Expected is an object: { \"setting\": value, ... }.");
        }
    }

    /// <summary>A copy of <paramref name="options"/> with the values of the file <paramref name="path"/>, which was read as <paramref name="root"/>.</summary>
    /// <exception cref="UsageException">unknown key (names the nearest), value out of range.</exception>
    internal static GameOptions Apply(GameOptions options, string path, JsonElement root)
    {
        try
        {
            return Apply(options, root);
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"Configuration file '{path}': {wrong.Message}");
        }
    }

    /// <summary>A copy of a record of settings with the values of an object.</summary>
    /// <exception cref="UsageException">unknown key (names the nearest), value out of range.</exception>
    internal static T Apply<T>(T settings, JsonElement section)
        where T : notnull => ApplyObject(settings, section, "");

    private static T ApplyObject<T>(T options, JsonElement section, string prefix)
        where T : notnull
    {
        foreach (JsonProperty property in section.EnumerateObject())
        {
            string key = prefix + property.Name;
            if (key == CurriculumFile.Section) continue; // training reads it; it is no setting of the game
            options = property.Value.ValueKind switch
            {
                JsonValueKind.Object when IsSection(options, key) => ApplyObject(options, property.Value, key + "."),
                JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null when Settings.Find(options, key) is { } setting =>
                    throw new UsageException($"'{key}' is {Describe(property.Value)}; allowed: {setting.Allowed}."),
                JsonValueKind.String => Settings.With(options, key, property.Value.GetString()!),
                _ => Settings.With(options, key, property.Value.GetRawText()),
            };
        }

        return options;
    }

    private static bool IsSection(object options, string key) =>
        Settings.Of(options).Any(setting => setting.Path.StartsWith(key + ".", StringComparison.OrdinalIgnoreCase));

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        _ => $"the value {value.GetRawText()}",
    };

    // The runtime's message ends with the position, which ours already gives.
    private static string Cause(JsonException exception)
    {
        int end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
