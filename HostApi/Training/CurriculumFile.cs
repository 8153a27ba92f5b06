using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Training;

/// <summary>Curricula as text: a JSON list of stages, in a file of its own, in the section "curriculum" of a configuration file, or shipped by name.</summary>
public static class CurriculumFile
{
    /// <summary>Key of the section in a configuration file.</summary>
    public const string Section = "curriculum";

    private const string ResourcePrefix = "Curricula.";
    private const string ResourceSuffix = ".json";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };
    private static readonly string[] StageKeys =
        ["name", "set", "ramp", "rampAgentSteps", "progress", "advanceWhen", "retreatWhen", "atMostAgentSteps", "continue", "rehearse"];
    private static readonly string[] ConditionKeys = ["metric", "atLeast", "atMost", "for", "episodes", "atMostTimes"];

    /// <summary>Names of the curricula shipped for a game.</summary>
    public static IReadOnlyList<string> Shipped(string game)
    {
        string prefix = ResourcePrefix + game + ".";
        return [.. typeof(CurriculumFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(ResourceSuffix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..^ResourceSuffix.Length]).Order(StringComparer.Ordinal)];
    }

    /// <summary>The stages that <paramref name="nameOrFile"/> means: shipped for the game, or a file with a list of stages or with the section.</summary>
    /// <exception cref="UsageException">neither; or the text is wrong: says where.</exception>
    public static IReadOnlyList<CurriculumStage> Find(string nameOrFile, string game)
    {
        if (Shipped(game).Contains(nameOrFile))
        {
            using Stream shipped = typeof(CurriculumFile).Assembly.GetManifestResourceStream(ResourcePrefix + game + "." + nameOrFile + ResourceSuffix)!;
            using var text = new StreamReader(shipped);
            return Parse(text.ReadToEnd(), $"Curriculum '{nameOrFile}'");
        }

        if (File.Exists(nameOrFile)) return Parse(File.ReadAllText(nameOrFile), $"Curriculum file '{nameOrFile}'");
        IReadOnlyList<string> names = Shipped(game);
        throw new UsageException(
            $"--curriculum is '{nameOrFile}', which is neither a file (looked in {Directory.GetCurrentDirectory()}) nor a curriculum of '{game}'.{Nearest.Hint(nameOrFile, names)} " +
            (names.Count == 0 ? "None is shipped for it." : $"Shipped: {string.Join(", ", names)}."));
    }

    /// <summary>The section of a configuration file: a list of stages, or the name of a curriculum; null where there is none.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="root">What it holds.</param>
    /// <param name="game">Whose curricula a name may mean.</param>
    /// <exception cref="UsageException">the section is wrong: says where.</exception>
    public static IReadOnlyList<CurriculumStage>? InConfiguration(string path, JsonElement root, string game)
    {
        if (!root.TryGetProperty(Section, out JsonElement section)) return null;
        if (section.ValueKind == JsonValueKind.String) return Find(section.GetString()!, game);
        return Read(section, $"Configuration file '{path}'");
    }

    /// <summary>Stages from text: a list, or an object with the key "curriculum".</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What it is, for messages.</param>
    /// <exception cref="UsageException">not JSON, an unknown key (names the nearest), or a value of another type.</exception>
    public static IReadOnlyList<CurriculumStage> Parse(string json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Lenient);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(Section, out JsonElement section)) root = section;
            return Read(root, source);
        }
        catch (JsonException damaged)
        {
            throw new UsageException($"{source} is not valid JSON, line {damaged.LineNumber + 1}, column {damaged.BytePositionInLine + 1}; expected is a list of stages: [ {{ \"name\": ..., ... }} ].");
        }
    }

    /// <summary>64 hexadecimal digits that are the same for the same stages; empty without any.</summary>
    public static string Fingerprint(IReadOnlyList<CurriculumStage>? stages) =>
        stages is null ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(writer => Write(writer, stages)))));

    /// <summary>Writes stages as they are read.</summary>
    internal static void Write(Utf8JsonWriter writer, IReadOnlyList<CurriculumStage> stages)
    {
        writer.WriteStartArray(Section);
        foreach (CurriculumStage stage in stages) WriteStage(writer, stage);
        writer.WriteEndArray();
    }

    private static List<CurriculumStage> Read(JsonElement list, string source)
    {
        if (list.ValueKind != JsonValueKind.Array) throw new UsageException($"{source}: a curriculum is a list of stages, not {Describe(list)}.");
        var stages = new List<CurriculumStage>();
        foreach (JsonElement element in list.EnumerateArray())
        {
            string name = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("name", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : "";
            string where = name.Length > 0 ? $"{source}, stage '{name}'" : $"{source}, stage {stages.Count + 1}";
            if (element.ValueKind != JsonValueKind.Object) throw new UsageException($"{where} is {Describe(element)}; expected is an object.");
            if (name.Length == 0) throw new UsageException($"{where} has no name; give it \"name\": \"...\".");
            stages.Add(ReadStage(new Node(element, where, StageKeys), name));
        }

        return stages;
    }

    private static CurriculumStage ReadStage(Node node, string name) => new()
    {
        Name = name,
        Set = node.Values("set", (_, value, _) => Text(value)),
        Ramp = node.Values("ramp", (key, value, where) => Range(value, where + ", " + key)),
        RampAgentSteps = node.Steps("rampAgentSteps"),
        Progress = node.Has("progress", out JsonElement progress)
            ? progress.ValueKind == JsonValueKind.Number ? new CurriculumRange(progress.GetDouble(), progress.GetDouble()) : Range(progress, node.Where + ", progress")
            : null,
        AdvanceWhen = Condition(node, "advanceWhen"),
        RetreatWhen = Condition(node, "retreatWhen"),
        AtMostAgentSteps = node.Steps("atMostAgentSteps"),
        Continue = node.Flag("continue"),
        Rehearse = node.Number("rehearse") ?? 0,
    };

    private static CurriculumCondition? Condition(Node stage, string key)
    {
        if (!stage.Has(key, out JsonElement element)) return null;
        if (element.ValueKind != JsonValueKind.Object)
            throw new UsageException($"{stage.Where}: '{key}' is {Describe(element)}; expected is {{ \"metric\": \"...\", \"atLeast\": ..., \"for\": ... }} or {{ \"metric\": \"stage/...\", \"atLeast\": ..., \"episodes\": ... }}.");
        var node = new Node(element, $"{stage.Where}, {key}", ConditionKeys);
        string metric = node.Has("metric", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : throw new UsageException($"{node.Where} has no 'metric'.");
        if (node.Has("for", out _) && node.Has("episodes", out _))
            throw new UsageException($"{node.Where} has both 'for' (evaluations) and 'episodes' (the stage's finished episodes); give one of them.");
        return new CurriculumCondition(metric, node.Number("atLeast"), node.Number("atMost"), node.Count("for", 1), node.Count("episodes", 0), node.Count("atMostTimes", 0));
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static CurriculumRange Range(JsonElement value, string where)
    {
        bool fits = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && value.EnumerateArray().All(end => end.ValueKind == JsonValueKind.Number);
        return fits ? new CurriculumRange(value[0].GetDouble(), value[1].GetDouble()) : throw new UsageException($"{where} is {Describe(value)}; expected is [from, to].");
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => value.GetRawText(),
    };

    private static void WriteStage(Utf8JsonWriter writer, CurriculumStage stage)
    {
        writer.WriteStartObject();
        writer.WriteString("name", stage.Name);
        writer.WriteStartObject("set");
        foreach ((string path, string text) in stage.Set) writer.WriteString(path, text);
        writer.WriteEndObject();
        writer.WriteStartObject("ramp");
        foreach ((string path, CurriculumRange range) in stage.Ramp) WriteRange(writer, path, range);
        writer.WriteEndObject();
        writer.WriteNumber("rampAgentSteps", stage.RampAgentSteps);
        if (stage.Progress is { } progress) WriteRange(writer, "progress", progress);
        WriteCondition(writer, "advanceWhen", stage.AdvanceWhen);
        WriteCondition(writer, "retreatWhen", stage.RetreatWhen);
        writer.WriteNumber("atMostAgentSteps", stage.AtMostAgentSteps);
        writer.WriteBoolean("continue", stage.Continue);
        writer.WriteNumber("rehearse", stage.Rehearse);
        writer.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter writer, string name, CurriculumRange range)
    {
        writer.WriteStartArray(name);
        writer.WriteNumberValue(range.From);
        writer.WriteNumberValue(range.To);
        writer.WriteEndArray();
    }

    private static void WriteCondition(Utf8JsonWriter writer, string name, CurriculumCondition? condition)
    {
        if (condition is null) return;
        writer.WriteStartObject(name);
        writer.WriteString("metric", condition.Metric);
        if (condition.AtLeast is { } least) writer.WriteNumber("atLeast", least);
        if (condition.AtMost is { } most) writer.WriteNumber("atMost", most);
        if (condition.OverEpisodes) writer.WriteNumber("episodes", condition.Episodes);
        else writer.WriteNumber("for", condition.For);
        if (condition.AtMostTimes > 0) writer.WriteNumber("atMostTimes", condition.AtMostTimes);
        writer.WriteEndObject();
    }

    /// <summary>An object with a fixed set of keys.</summary>
    private sealed class Node
    {
        private readonly JsonElement element;

        internal Node(JsonElement element, string where, string[] keys)
        {
            (this.element, Where) = (element, where);
            foreach (JsonProperty property in element.EnumerateObject())
                if (!keys.Contains(property.Name))
                    throw new UsageException($"{where}: unknown key '{property.Name}'.{Nearest.Hint(property.Name, keys)} The keys are: {string.Join(", ", keys)}.");
        }

        internal string Where { get; }

        internal bool Has(string key, out JsonElement value) => element.TryGetProperty(key, out value);

        internal double? Number(string key)
        {
            if (!Has(key, out JsonElement value)) return null;
            return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Wrong(key, value, "a number");
        }

        internal long Steps(string key)
        {
            if (!Has(key, out JsonElement value)) return 0;
            return value.ValueKind == JsonValueKind.Number && WholeNumber.TryParse(value.GetRawText(), out decimal steps) && steps is >= long.MinValue and <= long.MaxValue ? (long)steps : throw Wrong(key, value, "a whole number");
        }

        // A number that is given is at least 1.
        internal int Count(string key, int otherwise)
        {
            if (!Has(key, out JsonElement value)) return otherwise;
            long count = Steps(key);
            return count is >= 1 and <= int.MaxValue ? (int)count : throw Wrong(key, value, "a whole number of at least 1");
        }

        internal bool Flag(string key)
        {
            if (!Has(key, out JsonElement value)) return false;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(key, value, "true or false");
        }

        // Dotted keys or nested objects, as in a configuration file.
        internal Dictionary<string, T> Values<T>(string key, Func<string, JsonElement, string, T> read)
        {
            var found = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
            if (!Has(key, out JsonElement value)) return found;
            if (value.ValueKind != JsonValueKind.Object) throw Wrong(key, value, "an object: { \"setting\": value, ... }");
            Collect(value, "", found, (path, element) => read(path, element, $"{Where}, {key}"));
            return found;
        }

        private static void Collect<T>(JsonElement section, string prefix, Dictionary<string, T> found, Func<string, JsonElement, T> read)
        {
            foreach (JsonProperty property in section.EnumerateObject())
            {
                if (property.Value.ValueKind == JsonValueKind.Object) Collect(property.Value, prefix + property.Name + ".", found, read);
                else found[prefix + property.Name] = read(prefix + property.Name, property.Value);
            }
        }

        private UsageException Wrong(string key, JsonElement value, string expected) => new($"{Where}: '{key}' is {Describe(value)}; expected is {expected}.");
    }
}
