using System.CommandLine;
using System.Text.Json;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>What a command was asked to run: the game with its resolved options, the seed, and where.</summary>
internal sealed record GameRequest(IGame Game, GameOptions Options, ulong Seed, int Threads, string DeviceName)
{
    private const int LongestShown = 48; // characters; the name in a skeleton's text is among them

    /// <summary>Makes the device; the caller disposes of it.</summary>
    /// <param name="terminal">Told on its error stream what is doubtful about the options, and which device it is and why.</param>
    /// <param name="use">What runs on it.</param>
    internal IDevice CreateDevice(Terminal terminal, DeviceUse use)
    {
        foreach (string warning in Options.Warnings()) terminal.Error.WriteLine($"WARNING: {warning}");
        return DeviceChoice.Create(DeviceName, Threads, use, terminal.Error.WriteLine);
    }

    /// <summary>The options that differ from the game's defaults, whole, for files: "--team-size 5 --envs 64", or "defaults".</summary>
    internal string Changes => ChangesWith(value => value);

    /// <summary>The same for people: a value that is a whole file's text shows its beginning.</summary>
    internal string ShownChanges => ChangesWith(value => value.Length > LongestShown ? value[..LongestShown] + "…" : value);

    private string ChangesWith(Func<string, string> shown) => string.Join(
        ' ',
        Settings.Changed(Options, Game.DefaultOptions).Select(setting => $"{setting.OptionName} {shown(Settings.Format(setting.Default))}").DefaultIfEmpty("defaults"));
}

/// <summary>The argument GAME and the options every command with a game has, the game's own settings included.</summary>
/// <remarks>Later wins: defaults, <c>--preset</c>, <c>--config</c>, <c>--set</c>, the settings' own options.</remarks>
internal sealed class GameInputs
{
    private readonly GameOptions? start;
    private readonly Option<string?> preset = CliOption.Text("--preset", "Named option set of the game ('arena games GAME' lists them).", "NAME");
    private readonly Option<string?> config = CliOption.Text("--config", "JSON file with settings of the game, or a run's config.json; unknown keys are errors.", "FILE");
    private readonly Option<string[]> set = new("--set") { Description = "A setting of the game by its path; may be repeated.", HelpName = "PATH=VALUE" };
    private readonly Option<string> device = CliOption.Choice("--device", "Where kernels run.", "auto", DeviceChoice.Names);
    private readonly Option<int> threads;
    private readonly Option<ulong> seed;
    private readonly IGame? game;

    private GameInputs(IGame? game, GameOptions? start, ulong defaultSeed, int defaultThreads)
    {
        this.game = game;
        this.start = start;
        seed = CliOption.Seed(defaultSeed);
        threads = CliOption.Whole("--threads", "Threads that run kernels; 0 = all cores.", defaultThreads, 0, 1024);
    }

    /// <summary>Whether this trains: a run's config.json then counts as a whole. Other commands take from it what games are played with.</summary>
    internal bool Training { get; init; }

    /// <summary>The game's settings as options of the command; empty without a game.</summary>
    internal List<(SettingInfo Setting, Option<string?> Option)> GameSettings { get; } = [];

    /// <summary>Adds all of it to <paramref name="command"/>, whose own options come first and win where names meet.</summary>
    /// <remarks>A game with large matches says so by its own default number of them, which is the most a command takes unless told otherwise.</remarks>
    internal static GameInputs AddTo(Command command, IGame? game, int defaultEnvs, ulong defaultSeed = 1) =>
        AddTo(command, game, game is null ? null : game.DefaultOptions with { NumEnvs = Math.Min(defaultEnvs, game.DefaultOptions.NumEnvs) }, defaultSeed);

    /// <summary>The same, beginning with other options than the game's defaults; the game may be an option where the first word is something else.</summary>
    internal static GameInputs AddTo(Command command, IGame? game, GameOptions? start, ulong defaultSeed = 1, int defaultThreads = 0, bool training = false, bool asOption = false)
    {
        var inputs = new GameInputs(game, start, defaultSeed, defaultThreads) { Training = training };
        const string help = "Which game ('arena games' lists them).";
        if (asOption) command.Options.Add(new Option<string>("--game") { Description = help, HelpName = "GAME", Required = true });
        else command.Arguments.Add(new Argument<string>("GAME") { Description = help });
        foreach (Option option in new Option[] { inputs.seed, inputs.threads, inputs.device, inputs.preset, inputs.config, inputs.set })
            command.Options.Add(option);
        if (game is null) return inputs;
        foreach (SettingInfo setting in Settings.Of(game.DefaultOptions))
        {
            if (command.Options.Any(option => option.Name == setting.OptionName)) continue; // still reachable by --set
            var option = new Option<string?>(setting.OptionName) { Description = setting.Attribute.Help, HelpName = setting.Allowed, Hidden = true };
            command.Options.Add(option);
            inputs.GameSettings.Add((setting, option));
        }

        return inputs;
    }

    /// <summary>The curriculum in the file of <c>--config</c>; null without one.</summary>
    /// <exception cref="UsageException">it is not one; says where.</exception>
    internal IReadOnlyList<CurriculumStage>? Curriculum(ParseResult parsed) =>
        parsed.GetValue(config) is { } file ? CurriculumFile.InConfiguration(file, ConfigFile.Read(file), game!.Name) : null;

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="UsageException">the first thing wrong.</exception>
    internal GameRequest Read(ParseResult parsed)
    {
        GameOptions options = start!;
        if (parsed.GetValue(preset) is { } presetName) options = ApplyPreset(options, presetName);
        ulong chosenSeed = parsed.GetValue(seed);
        if (parsed.GetValue(config) is { } file)
        {
            JsonElement root = ConfigFile.Read(file);
            RunConfig? run = RunConfig.Of(file, root);
            options = run is null ? ConfigFile.Apply(options, file, root) : ApplyRun(options, run);
            if (run is not null && Training && parsed.GetResult(seed) is not { Implicit: false }) chosenSeed = run.Seed;
        }

        foreach (string assignment in parsed.GetValue(set) ?? []) options = ApplyAssignment(options, assignment);
        foreach ((SettingInfo setting, Option<string?> option) in GameSettings)
            if (parsed.GetValue(option) is { } text) options = Settings.With(options, setting.Path, text);
        options = options.WithFiles(ReadText);
        game!.Describe(options); // combinations of settings
        return new GameRequest(game, options, chosenSeed, parsed.GetValue(threads), parsed.GetValue(device)!);
    }

    // The only place where an option's file is opened: what comes out says everything by itself.
    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' could not be read: {failed.Message} (looked in {Directory.GetCurrentDirectory()}).");
        }
    }

    /// <summary>The run whose config.json was given as --config; null where it was not, or is not a run's.</summary>
    internal RunConfig? Run(ParseResult parsed) => parsed.GetValue(config) is { } file ? RunConfig.Of(file, ConfigFile.Read(file)) : null;

    // Outside training, what training changes for its own sake (matches, random starts) is left as the command has it.
    private GameOptions ApplyRun(GameOptions options, RunConfig run)
    {
        if (run.Game.Name != game!.Name)
            throw new UsageException($"--config names '{run.Path}', the configuration of a run of '{run.Game.Name}', not of '{game.Name}'.");
        GameOptions applied = run.Apply("settings", options);
        if (Training) return applied;
        foreach (string path in Settings.Changed(game.DefaultOptions, game.Training.Options).Select(setting => setting.Path).Append("numEnvs"))
            applied = Settings.With(applied, path, Settings.Get(options, path));
        return applied;
    }

    // Only what the preset changes, so that it does not undo the command's own number of matches.
    private GameOptions ApplyPreset(GameOptions options, string name)
    {
        GamePreset chosen = game!.Presets.FirstOrDefault(known => known.Name == name)
            ?? throw new UsageException(
                $"'{game.Name}' has no preset '{name}'.{Nearest.Hint(name, game.Presets.Select(known => known.Name))} " +
                (game.Presets.Count == 0 ? "It has none." : $"It has: {string.Join(", ", game.Presets.Select(known => known.Name))}."));
        foreach (SettingInfo value in Settings.Changed(chosen.Options, game.DefaultOptions))
            options = Settings.With(options, value.Path, Settings.Format(value.Default));
        return options;
    }

    private static GameOptions ApplyAssignment(GameOptions options, string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new UsageException($"--set is '{assignment}'; expected is PATH=VALUE, as in --set physics.ballDrag=0.4.");
        return Settings.With(options, assignment[..equals], assignment[(equals + 1)..]);
    }
}
