using System.Text.Json;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Settings in JSON: nested objects or dotted keys, comments and trailing commas allowed.</summary>
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
    /// <param name="path">The file.</param>
    /// <param name="option">What named it, for messages.</param>
    /// <exception cref="UsageException">no such file, not JSON (says where), or not an object.</exception>
    internal static JsonElement Read(string path, string option = "--config")
    {
        if (!File.Exists(path))
            throw new UsageException($"{option} names '{path}', but there is no such file (looked in {Directory.GetCurrentDirectory()}).");
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

    /// <summary>A copy of a record of settings with the values of these entries.</summary>
    /// <param name="settings">The record.</param>
    /// <param name="entries">Paths, whole or as far as a section of the record, and their values.</param>
    /// <param name="given">Gets the paths of the settings that were given.</param>
    /// <exception cref="UsageException">unknown key (names the nearest), value out of range, or a setting that is given twice.</exception>
    internal static T Apply<T>(T settings, IEnumerable<KeyValuePair<string, JsonElement>> entries, HashSet<string> given)
        where T : notnull
    {
        foreach ((string path, JsonElement value) in entries)
        {
            if (value.ValueKind == JsonValueKind.Object && IsSection(settings, path))
            {
                settings = Apply(settings, value.EnumerateObject().Select(property => KeyValuePair.Create($"{path}.{property.Name}", property.Value)), given);
                continue;
            }

            SettingInfo setting = Settings.Find(settings, path);
            if (!given.Add(setting.Path)) throw new UsageException($"'{path}' is given twice (names ignore case and hyphens); keep one of the two.");
            settings = Settings.With(settings, setting.Path, Text(path, value, setting.Allowed));
        }

        return settings;
    }

    /// <summary>Whether <paramref name="key"/> is a setting of the record, a section of it, or a dotted path that begins with one.</summary>
    internal static bool Knows(object settings, string key)
    {
        string first = Plain(key.Split('.')[0]);
        return Settings.Of(settings).Any(setting => Plain(setting.Path.Split('.')[0]) == first);
    }

    /// <summary>A value in words, for messages.</summary>
    internal static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        _ => $"the value {value.GetRawText()}",
    };

    private static string Text(string path, JsonElement value, string allowed) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null => throw new UsageException($"'{path}' is {Describe(value)}; allowed: {allowed}."),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static bool IsSection(object settings, string key)
    {
        string section = Plain(key) + ".";
        return Settings.Of(settings).Any(setting => Plain(setting.Path).StartsWith(section, StringComparison.Ordinal));
    }

    private static string Plain(string path) => path.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    // The runtime's message ends with the position, which ours already gives.
    private static string Cause(JsonException exception)
    {
        int end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
