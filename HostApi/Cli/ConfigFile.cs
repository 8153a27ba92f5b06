using System.Text.Json;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Game settings from a JSON file: nested objects or dotted keys, comments and trailing commas allowed.</summary>
/// <example><c>{ "teamSize": 5, "physics": { "ballDrag": 0.4 }, "rewards.win": 1 }</c></example>
internal static class ConfigFile
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>A copy of <paramref name="options"/> with the file's values.</summary>
    /// <exception cref="UsageException">no such file, not JSON (says where), unknown key (names the nearest), value out of range.</exception>
    internal static GameOptions Apply(GameOptions options, string path)
    {
        if (!File.Exists(path))
            throw new UsageException($"--config names '{path}', but there is no such file (looked in {Directory.GetCurrentDirectory()}).");
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path), Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new UsageException($"It holds {Describe(document.RootElement)}; expected is an object: {{ \"setting\": value, ... }}.");
            return ApplyObject(options, document.RootElement, "");
        }
        catch (JsonException damaged)
        {
            throw new UsageException(
                $"Configuration file '{path}' is not valid JSON, line {damaged.LineNumber + 1}, column {damaged.BytePositionInLine + 1}: {Cause(damaged)} " +
                "Expected is an object: { \"setting\": value, ... }.");
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"Configuration file '{path}': {wrong.Message}");
        }
    }

    private static GameOptions ApplyObject(GameOptions options, JsonElement section, string prefix)
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

    private static bool IsSection(GameOptions options, string key) =>
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
