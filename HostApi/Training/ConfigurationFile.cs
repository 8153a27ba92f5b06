using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

namespace Arena.HostApi.Training;

/// <summary>A configuration file for one game: settings of the game at the top, or sections as in a run's config.json, in any subset.</summary>
/// <remarks>
/// All of it is checked when it is read, whatever the command takes of it later: a key that nothing knows is an error, so that no value is dropped. What
/// tells where and when a run was made (<see cref="Descriptive"/>, the keys of run.json) may stand in it and changes nothing.
/// </remarks>
internal sealed class ConfigurationFile
{
    /// <summary>Names of the sections.</summary>
    internal const string ForGame = "settings", ForLearner = "learner", ForPlan = "plan", ForNetwork = "network";

    private static readonly string[] Sections = [ForGame, ForLearner, ForPlan, ForNetwork];
    private static readonly string[] Values = ["game", "seed", "threads", "engine", "precision", CurriculumFile.Section];
    private readonly JsonElement root;

    private ConfigurationFile(string path, JsonElement root, IGame game) => (Path, this.root, Game) = (path, root, game);

    /// <summary>What run.json says of a run.</summary>
    internal static IReadOnlyList<string> Descriptive { get; } =
    [
        "commit", "version", "dotnet", "system", "device", "instructionSet", "ranks", "checkedBuild", "commandLine", "startedFrom", "resumedFrom", "started", "finished", "exitReason",
    ];

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>The game it is for.</summary>
    internal IGame Game { get; }

    /// <summary>Whether it is of a run: it names the game, and its settings are in their section.</summary>
    internal bool OfRun => root.TryGetProperty("game", out _) && root.TryGetProperty(ForGame, out _);

    /// <summary>The seed; null where it says none.</summary>
    internal ulong? Seed { get; private init; }

    /// <summary>The threads; null where it says none.</summary>
    internal int? Threads { get; private init; }

    /// <summary>The engine and its precision, each null where it says none.</summary>
    internal (string? Engine, string? Precision) Engine { get; private init; }

    /// <summary>The curriculum; null without one.</summary>
    internal IReadOnlyList<CurriculumStage>? Curriculum => CurriculumFile.InConfiguration(Path, root, Game.Name);

    /// <summary>Reads what <c>--config</c> names, for a game that is known.</summary>
    /// <exception cref="UsageException">no such file, not JSON, of another game, an unknown key (names the nearest), or a value that is not allowed.</exception>
    internal static ConfigurationFile Read(string path, IGame game)
    {
        JsonElement root = ConfigFile.Read(path);
        if (root.TryGetProperty("game", out JsonElement named) && !(named.ValueKind == JsonValueKind.String && named.GetString() == game.Name))
            throw new UsageException($"--config names '{path}', the configuration of a run of '{named}', not of '{game.Name}'. Give it to the command with '{named}', or change 'game' in it.");
        ConfigurationFile file = Of(path, root, game);
        file.Apply(ForLearner, new PpoConfig());
        file.Apply(ForPlan, new TrainingPlan());
        NetworkSection.CheckKeys(file);
        _ = file.Settled(game.DefaultOptions);
        _ = file.Curriculum;
        return file;
    }

    /// <summary>The same, with keys of the first level checked and those below them when they are asked for.</summary>
    internal static ConfigurationFile Of(string path, JsonElement root, IGame game)
    {
        var keys = new ConfigurationFile(path, root, game);
        foreach (JsonProperty property in root.EnumerateObject()) keys.CheckKey(property);
        return new ConfigurationFile(path, root, game) { Seed = keys.Whole("seed", ulong.MaxValue), Threads = (int?)keys.Whole("threads", 1024), Engine = keys.ReadEngine() };
    }

    /// <summary>" Did you mean 'learner.learningRate'?" where a section has a setting of this name, or the nearest of the candidates.</summary>
    internal static string Hint(string key, IEnumerable<string> candidates)
    {
        foreach ((string section, object settings) in new (string, object)[] { (ForLearner, new PpoConfig()), (ForPlan, new TrainingPlan()) })
            if (Settings.Of(settings).FirstOrDefault(setting => setting.Path.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } meant) return $" Did you mean '{section}.{meant.Path}'?";
        return Nearest.Hint(key, candidates);
    }

    /// <summary>A copy of <paramref name="options"/> with the game's settings of the file.</summary>
    internal GameOptions Settled(GameOptions options)
    {
        var given = new HashSet<string>();
        options = Checked("", () => ConfigFile.Apply(options, Flat(), given));
        return Checked(ForGame, () => ConfigFile.Apply(options, Entries(ForGame), given));
    }

    /// <summary>A copy of <paramref name="settings"/> with the values of a section.</summary>
    internal T Apply<T>(string section, T settings)
        where T : notnull => Apply(section, settings, []);

    /// <summary>A copy of <paramref name="plan"/> with the plan of the file and with the network it describes.</summary>
    /// <param name="plan">Settings that the file does not name.</param>
    /// <param name="spec">The game that is trained, with the settings of the file.</param>
    /// <exception cref="UsageException">also where <c>network</c> cannot be had with what is given beside it; says why.</exception>
    internal TrainingPlan Plan(TrainingPlan plan, EnvironmentSpec spec)
    {
        var given = new HashSet<string>();
        plan = Apply(ForPlan, plan, given);
        return Checked(ForNetwork, () => NetworkSection.Apply(Entries(ForNetwork), plan, given, spec));
    }

    /// <summary>The keys and values of a section; empty without it.</summary>
    internal IReadOnlyList<KeyValuePair<string, JsonElement>> Entries(string section)
    {
        IEnumerable<JsonProperty> whole = root.TryGetProperty(section, out JsonElement values) ? values.EnumerateObject() : [];
        return [.. whole.Select(property => KeyValuePair.Create(property.Name, property.Value)),
            .. root.EnumerateObject().Where(property => property.Name.StartsWith(section + ".", StringComparison.Ordinal)).Select(property => KeyValuePair.Create(property.Name[(section.Length + 1)..], property.Value))];
    }

    /// <summary>What <paramref name="read"/> gives; its errors name the file and the section.</summary>
    internal T Checked<T>(string section, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"Configuration file '{Path}'{(section.Length > 0 ? $", section '{section}'" : "")}: {wrong.Message}");
        }
    }

    private T Apply<T>(string section, T settings, HashSet<string> given)
        where T : notnull => Checked(section, () => ConfigFile.Apply(settings, Entries(section), given));

    // A name of a section or of a value always means that; settings of the game that are called so can be given in "settings".
    private IEnumerable<KeyValuePair<string, JsonElement>> Flat() => root.EnumerateObject()
        .Where(property => !IsOwn(property.Name) && ConfigFile.Knows(Game.DefaultOptions, property.Name)).Select(property => KeyValuePair.Create(property.Name, property.Value));

    private static bool IsOwn(string key) => Values.Contains(key) || Sections.Contains(key.Split('.')[0]);

    private void CheckKey(JsonProperty property)
    {
        string key = property.Name;
        if (Sections.Contains(key) && property.Value.ValueKind != JsonValueKind.Object)
            throw new UsageException($"Configuration file '{Path}', section '{key}': it is {ConfigFile.Describe(property.Value)}; expected is an object: {{ \"setting\": value, ... }}.");
        if (IsOwn(key) || ConfigFile.Knows(Game.DefaultOptions, key) || Descriptive.Contains(key)) return;
        IReadOnlyList<SettingInfo> settings = Settings.Of(Game.DefaultOptions);
        string[] own = [.. Sections, .. Values];
        throw new UsageException(
            $"Configuration file '{Path}': unknown key '{key}'.{Hint(key, [.. own, .. settings.Select(setting => setting.Path)])} Allowed are {string.Join(", ", own)}, " +
            $"and the settings of '{Game.Name}': {string.Join(", ", settings.Select(setting => setting.Path))}.");
    }

    private ulong? Whole(string key, ulong max)
    {
        if (!root.TryGetProperty(key, out JsonElement value)) return null;
        return value.ValueKind == JsonValueKind.Number && WholeNumber.TryParse(value.GetRawText(), out decimal number) && number >= 0 && number <= max
            ? (ulong)number
            : throw new UsageException($"Configuration file '{Path}': '{key}' is {ConfigFile.Describe(value)}; allowed are whole numbers 0..{max}.");
    }

    private (string? Engine, string? Precision) ReadEngine()
    {
        string? Word(string key) => root.TryGetProperty(key, out JsonElement word) ? word.ToString() : null;
        (string? engine, string? precision) = (Word("engine"), Word("precision"));
        var request = new EngineRequest(engine ?? EngineRequest.Auto.Engine, precision ?? EngineRequest.Auto.Precision);
        return EngineOptions.Known(request)
            ? (engine, precision)
            : throw new UsageException($"Configuration file '{Path}': engine is '{request.Engine}' and precision '{request.Precision}'; allowed are {EngineOptions.Words}.");
    }
}
