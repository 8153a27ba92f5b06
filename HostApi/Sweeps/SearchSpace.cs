using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Random;
using Arena.Policy.Learners;

namespace Arena.HostApi.Sweeps;

/// <summary>A configuration in which some values are ranges or lists: what a sweep tries.</summary>
/// <remarks>
/// The sections are those of a run's config.json (<c>settings</c>, <c>learner</c>, <c>plan</c>), and <c>network</c> for named networks. A value alone is
/// fixed; a list is a choice among equals; <c>{ "min": a, "max": b, "scale": "log" }</c> is a range. Draws are functions of (seed, trial, dimension), so
/// every process that works on a sweep draws the same trials.
/// </remarks>
internal sealed class SearchSpace
{
    private const uint DrawSalt = 0x53776570;
    private const string NetworkKey = "network";

    private readonly List<Dimension> dimensions = [];
    private readonly List<(string Section, string Path, string Value)> fixedValues = [];
    private readonly IGame game;
    private readonly string source;

    private SearchSpace(IGame game, string source, string text)
    {
        (this.game, this.source, Text) = (game, source, text);
    }

    /// <summary>The file's JSON, as it is kept with the sweep.</summary>
    internal string Text { get; }

    /// <summary>"learner.learningRate" and so on, in the order of the file.</summary>
    internal IReadOnlyList<string> Names => [.. dimensions.Select(dimension => dimension.Name)];

    /// <summary>Reads the file.</summary>
    /// <exception cref="UsageException">no such file, no such setting (names the nearest), an empty or impossible range, nothing to search.</exception>
    internal static SearchSpace Read(string path, IGame game) => Parse(game, path, ConfigFile.Read(path, "--search").GetRawText());

    /// <summary>Reads its text.</summary>
    /// <param name="game">What is trained.</param>
    /// <param name="source">Where the text is from, for messages.</param>
    /// <param name="text">A JSON object.</param>
    /// <exception cref="UsageException">as <see cref="Read"/>.</exception>
    internal static SearchSpace Parse(IGame game, string source, string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        var space = new SearchSpace(game, source, text);
        foreach (JsonProperty section in document.RootElement.EnumerateObject())
        {
            if (section.Name == NetworkKey) space.ReadNetwork(section.Value);
            else if (section.Value.ValueKind == JsonValueKind.Object && SectionDefaults(game, section.Name) is { } defaults) space.ReadSection(section.Name, defaults, section.Value, "");
            else throw space.Wrong($"it has '{section.Name}'{Nearest.Hint(section.Name, ["settings", "learner", "plan", NetworkKey])}; allowed are the objects settings, learner and plan, as in a run's config.json, and network: a name or a list of names");
        }

        if (space.dimensions.Count == 0)
            throw space.Wrong("no value in it is a list or a range, so there is nothing to search; as in { \"learner\": { \"learningRate\": { \"min\": 1e-4, \"max\": 3e-3, \"scale\": \"log\" } } }");
        return space;
    }

    /// <summary>The values of a trial, one per <see cref="Names"/>; trial 0 has the game's own defaults.</summary>
    internal IReadOnlyList<string> Values(ulong seed, int trial) =>
        [.. dimensions.Select((dimension, index) => trial == 0 ? dimension.Default : dimension.At(Uniform(seed, trial, index)))];

    /// <summary>The trial's configuration, which <c>train --config</c> takes.</summary>
    internal string Config(ulong seed, int trial)
    {
        var sections = new JsonObject { ["game"] = game.Name, ["settings"] = new JsonObject() };
        void Put(string section, string path, string value)
        {
            if (section == NetworkKey) return;
            if (sections[section] is not JsonObject values) sections[section] = values = [];
            Type type = Settings.Find(SectionDefaults(game, section)!, path).Type;
            values[path] = type.IsEnum || type == typeof(string) ? value : JsonNode.Parse(value);
        }

        foreach ((string section, string path, string value) in fixedValues) Put(section, path, value);
        IReadOnlyList<string> drawn = Values(seed, trial);
        for (int i = 0; i < drawn.Count; i++) Put(dimensions[i].Section, dimensions[i].Path, drawn[i]);
        return sections.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    /// <summary>The trial's named network; null for the game's own.</summary>
    internal string? Network(ulong seed, int trial)
    {
        int at = dimensions.FindIndex(dimension => dimension.Section == NetworkKey);
        string? named = at >= 0 ? Values(seed, trial)[at] : fixedValues.FirstOrDefault(value => value.Section == NetworkKey).Value;
        return string.IsNullOrEmpty(named) ? null : named;
    }

    // In [0, 1), with 53 bits.
    private static double Uniform(ulong seed, int trial, int dimension)
    {
        UInt4 block = Philox.Block(new UInt4((uint)trial, (uint)dimension, DrawSalt, 0), (uint)seed, (uint)(seed >> 32));
        return ((((ulong)block.X << 32) | block.Y) >> 11) * (1.0 / (1UL << 53));
    }

    private static object? SectionDefaults(IGame game, string section) => section switch
    {
        "settings" => game.Training.Options,
        "learner" => PpoConfig.For(game),
        "plan" => TrainingPlan.For(game),
        _ => null,
    };

    private void ReadNetwork(JsonElement value)
    {
        string[] names = [.. (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value]).Select(one =>
            one.ValueKind == JsonValueKind.String ? NetworkPreset.Find(one.GetString()!).Name : throw Wrong($"network is {one.GetRawText()}; allowed is the name of a network, or a list of names"))];
        if (value.ValueKind == JsonValueKind.Array) dimensions.Add(new Choices(NetworkKey, "", "", Several(NetworkKey, names)));
        else fixedValues.Add((NetworkKey, "", names[0]));
    }

    private void ReadSection(string section, object defaults, JsonElement values, string prefix)
    {
        foreach (JsonProperty property in values.EnumerateObject())
        {
            string path = prefix + property.Name;
            JsonElement value = property.Value;
            if (value.ValueKind == JsonValueKind.Object && !value.TryGetProperty("min", out _) && !value.TryGetProperty("max", out _))
            {
                ReadSection(section, defaults, value, path + ".");
                continue;
            }

            SettingInfo setting = Checked(() => Settings.Find(defaults, path));
            string Legal(JsonElement one)
            {
                string text = one.ValueKind == JsonValueKind.String ? one.GetString()! : one.GetRawText();
                return Checked(() => Settings.Get(Settings.With(defaults, setting.Path, text), setting.Path));
            }

            string byDefault = Settings.Format(setting.Default);
            if (value.ValueKind == JsonValueKind.Array) dimensions.Add(new Choices(section, setting.Path, byDefault, Several($"{section}.{path}", [.. value.EnumerateArray().Select(Legal)])));
            else if (value.ValueKind == JsonValueKind.Object) dimensions.Add(ReadRange(section, setting, byDefault, value, Legal));
            else fixedValues.Add((section, setting.Path, Legal(value)));
        }
    }

    private Span ReadRange(string section, SettingInfo setting, string byDefault, JsonElement range, Func<JsonElement, string> legal)
    {
        string name = $"{section}.{setting.Path}";
        foreach (JsonProperty property in range.EnumerateObject())
            if (property.Name is not ("min" or "max" or "scale")) throw Wrong($"the range of {name} has '{property.Name}'; a range has min, max and, if wanted, scale");
        if (!range.TryGetProperty("min", out JsonElement low) || !range.TryGetProperty("max", out JsonElement high) || low.ValueKind != JsonValueKind.Number || high.ValueKind != JsonValueKind.Number)
            throw Wrong($"the range of {name} is {range.GetRawText()}; it needs the numbers min and max");
        string scale = range.TryGetProperty("scale", out JsonElement given) ? given.ToString() : "linear";
        if (scale is not ("linear" or "log")) throw Wrong($"the scale of {name} is '{scale}'; allowed are linear and log");
        if (setting.Type == typeof(bool) || setting.Type == typeof(string) || setting.Type.IsEnum) throw Wrong($"{name} is no number, so it has no range; give a list of its values: {setting.Allowed}");
        double min = low.GetDouble(), max = high.GetDouble();
        if (!(min < max)) throw Wrong($"the range of {name} is from {low.GetRawText()} to {high.GetRawText()}; min must be below max");
        if (scale == "log" && min <= 0) throw Wrong($"the range of {name} begins at {low.GetRawText()}, but a log scale needs min above 0");
        legal(low);
        legal(high);
        return new Span(section, setting.Path, byDefault, min, max, scale == "log", setting.Type);
    }

    private string[] Several(string name, string[] values) =>
        values.Distinct().Count() is var count && count == values.Length && count >= 2 ? values : throw Wrong($"{name} is a list of {values.Length} values; allowed are at least two different ones");

    private T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"Search space '{source}': {wrong.Message}");
        }
    }

    private UsageException Wrong(string what) => new($"Search space '{source}': {what}.");

    private abstract record Dimension(string Section, string Path, string Default)
    {
        internal string Name => Path.Length == 0 ? Section : $"{Section}.{Path}";

        internal abstract string At(double uniform);
    }

    private sealed record Choices(string Section, string Path, string Default, string[] Values) : Dimension(Section, Path, Default)
    {
        internal override string At(double uniform) => Values[(int)(uniform * Values.Length)];
    }

    private sealed record Span(string Section, string Path, string Default, double Min, double Max, bool Log, Type Type) : Dimension(Section, Path, Default)
    {
        // Whole numbers are drawn from intervals of equal width around them on a linear scale, so that the ends are as likely as the others.
        internal override string At(double uniform)
        {
            bool whole = Type == typeof(int) || Type == typeof(long);
            (double low, double high) = whole && !Log ? (Min - 0.5, Max + 0.5) : (Min, Max);
            double value = Log ? Min * Math.Pow(Max / Min, uniform) : low + uniform * (high - low);
            if (whole) return ((long)Math.Clamp(Math.Round(value), Min, Max)).ToString(CultureInfo.InvariantCulture);
            value = Math.Clamp(double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), Min, Max); // five digits are all that can matter, and all that one wants to read
            return value.ToString("R", CultureInfo.InvariantCulture);
        }
    }
}
