using System.CommandLine;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

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
    private readonly Option<string?> preset = CliOption.Text("--preset", $"Named option set of the game ('{ThisProgram.Command("games", "GAME")}' lists them).", "NAME");
    private readonly Option<string?> config = CliOption.Text("--config", "JSON file with settings of the game, or with sections as in a run's config.json, any of them; unknown keys are errors.", "FILE");
    private readonly Option<string[]> set = new("--set") { Description = "A setting of the game by its path; in training also learner.PATH and plan.PATH; may be repeated.", HelpName = "PATH=VALUE" };
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
        string help = $"Which game ('{ThisProgram.Command("games")}' lists them).";
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

    /// <summary>The file of <c>--config</c>, all of it checked; null without one.</summary>
    /// <exception cref="UsageException">it is not one of this game; says where and why.</exception>
    internal ConfigurationFile? File(ParseResult parsed) => parsed.GetValue(config) is { } path ? ConfigurationFile.Read(path, game!) : null;

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="UsageException">the first thing wrong.</exception>
    internal GameRequest Read(ParseResult parsed)
    {
        ConfigurationFile? file = File(parsed);
        GameOptions options = OptionsOfFile(parsed, file);
        foreach (Assignment assignment in Assignments(parsed, ConfigurationFile.ForGame)) options = Assigned(options, assignment);
        foreach ((SettingInfo setting, Option<string?> option) in GameSettings)
            if (parsed.GetValue(option) is { } text) options = Settings.With(options, setting.Path, text);
        options = options.WithFiles(ReadText);
        game!.Describe(options); // combinations of settings
        return new GameRequest(game, options, InTraining(parsed, seed, file?.Seed), InTraining(parsed, threads, file?.Threads), parsed.GetValue(device)!);
    }

    /// <summary>The learner's settings: those of the file, then of <c>--set learner.PATH</c>, on top of <paramref name="given"/>.</summary>
    internal PpoConfig Learner(ParseResult parsed, PpoConfig given) =>
        Assigned(parsed, ConfigurationFile.ForLearner, File(parsed) is { } file ? file.Apply(ConfigurationFile.ForLearner, given) : given);

    /// <summary>The same of the plan; <paramref name="network"/>, a network by name, comes between the file and <c>--set</c>.</summary>
    internal TrainingPlan Plan(ParseResult parsed, TrainingPlan given, NetworkPreset? network)
    {
        if (File(parsed) is { } file) given = file.Plan(given, game!.Describe(OptionsOfFile(parsed, file).WithFiles(ReadText)));
        return Assigned(parsed, ConfigurationFile.ForPlan, network?.Apply(given) ?? given);
    }

    // What the option says, or the file where it says nothing; other commands than training leave that part of a file alone.
    private T InTraining<T>(ParseResult parsed, Option<T> option, T? file)
        where T : struct => Training && file is { } value && parsed.GetResult(option) is not { Implicit: false } ? value : parsed.GetValue(option);

    private GameOptions OptionsOfFile(ParseResult parsed, ConfigurationFile? file)
    {
        GameOptions options = parsed.GetValue(preset) is { } name ? ApplyPreset(start!, name) : start!;
        return file is null ? options : ApplyFile(options, file);
    }

    private T Assigned<T>(ParseResult parsed, string section, T settings)
        where T : notnull => Assignments(parsed, section).Aggregate(settings, (changed, assignment) => Settings.With(changed, assignment.Path, assignment.Value));

    private GameOptions Assigned(GameOptions options, Assignment assignment)
    {
        if (!Training || ConfigFile.Knows(options, assignment.Path)) return Settings.With(options, assignment.Path, assignment.Value);
        string[] sections = [ConfigurationFile.ForLearner, ConfigurationFile.ForPlan], own = [.. Settings.Of(options).Select(setting => setting.Path)];
        throw new UsageException(
            $"--set names '{assignment.Path}', which is no setting of '{game!.Name}'.{ConfigurationFile.Hint(assignment.Path, [.. own, .. sections.Select(section => section + "." + assignment.Path.Split('.')[^1])])} " +
            $"Allowed are learner.PATH, plan.PATH and: {string.Join(", ", own)}.");
    }

    // Those of one section, without its name.
    private IEnumerable<Assignment> Assignments(ParseResult parsed, string section) =>
        (parsed.GetValue(set) ?? []).Select(text => Assignment.Parse(text, Training)).Where(assignment => assignment.Section == section);

    // The only place where an option's file is opened: what comes out says everything by itself.
    private static string ReadText(string path)
    {
        try
        {
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' could not be read: {failed.Message} (looked in {Directory.GetCurrentDirectory()}).");
        }
    }

    // Outside training, a run's own settings are taken without what training changes for its own sake (matches, random starts).
    private GameOptions ApplyFile(GameOptions options, ConfigurationFile file)
    {
        GameOptions applied = file.Settled(options);
        if (Training || !file.OfRun) return applied;
        foreach (string path in Settings.Changed(game!.DefaultOptions, game.Training.Options).Select(setting => setting.Path).Append("numEnvs"))
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
}
