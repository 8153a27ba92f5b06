using System.CommandLine;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>What a command was asked to run: the game with its resolved options, the seed, and where.</summary>
internal sealed record GameRequest(IGame Game, GameOptions Options, ulong Seed, int Threads, string DeviceName)
{
    /// <summary>Makes the device; the caller disposes of it.</summary>
    internal IDevice CreateDevice() => DeviceChoice.Create(DeviceName, Threads);

    /// <summary>The options that differ from the game's defaults: "--team-size 5 --envs 64", or "defaults".</summary>
    internal string Changes
    {
        get
        {
            IEnumerable<string> changed = Settings.Changed(Options, Game.DefaultOptions)
                .Select(setting => $"{setting.OptionName} {Settings.Format(setting.Default)}");
            return string.Join(' ', changed.DefaultIfEmpty("defaults"));
        }
    }
}

/// <summary>The argument GAME and the options every command with a game has, the game's own settings included.</summary>
/// <remarks>Later wins: defaults, <c>--preset</c>, <c>--config</c>, <c>--set</c>, the settings' own options.</remarks>
internal sealed class GameInputs
{
    private readonly GameOptions? start;
    private readonly Option<string?> preset = CliOption.Text("--preset", "Named option set of the game ('arena games GAME' lists them).", "NAME");
    private readonly Option<string?> config = CliOption.Text("--config", "JSON file with settings of the game; unknown keys are errors.", "FILE");
    private readonly Option<string[]> set = new("--set") { Description = "A setting of the game by its path; may be repeated.", HelpName = "PATH=VALUE" };
    private readonly Option<int> threads = CliOption.Whole("--threads", "Threads that run kernels; 0 = all cores.", 0, 0, 1024);
    private readonly Option<string> device = CliOption.Choice("--device", "Where kernels run.", "auto", DeviceChoice.Names);
    private readonly Option<ulong> seed;
    private readonly IGame? game;

    private GameInputs(IGame? game, GameOptions? start, ulong defaultSeed)
    {
        this.game = game;
        this.start = start;
        seed = CliOption.Seed(defaultSeed);
    }

    /// <summary>The game's settings as options of the command; empty without a game.</summary>
    internal List<(SettingInfo Setting, Option<string?> Option)> GameSettings { get; } = [];

    /// <summary>Adds all of it to <paramref name="command"/>, whose own options come first and win where names meet.</summary>
    internal static GameInputs AddTo(Command command, IGame? game, int defaultEnvs, ulong defaultSeed = 1) =>
        AddTo(command, game, game is null ? null : game.DefaultOptions with { NumEnvs = defaultEnvs }, defaultSeed);

    /// <summary>The same, beginning with other options than the game's defaults.</summary>
    internal static GameInputs AddTo(Command command, IGame? game, GameOptions? start, ulong defaultSeed = 1)
    {
        var inputs = new GameInputs(game, start, defaultSeed);
        command.Arguments.Add(new Argument<string>("GAME") { Description = "Which game ('arena games' lists them)." });
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

    /// <summary>The file of <c>--config</c>, or null.</summary>
    internal string? ConfigFileOf(ParseResult parsed) => parsed.GetValue(config);

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="UsageException">the first thing wrong.</exception>
    internal GameRequest Read(ParseResult parsed)
    {
        GameOptions options = start!;
        if (parsed.GetValue(preset) is { } presetName) options = ApplyPreset(options, presetName);
        if (parsed.GetValue(config) is { } file) options = ConfigFile.Apply(options, file);
        foreach (string assignment in parsed.GetValue(set) ?? []) options = ApplyAssignment(options, assignment);
        foreach ((SettingInfo setting, Option<string?> option) in GameSettings)
            if (parsed.GetValue(option) is { } text) options = Settings.With(options, setting.Path, text);
        game!.Describe(options); // combinations of settings
        return new GameRequest(game, options, parsed.GetValue(seed), parsed.GetValue(threads), parsed.GetValue(device)!);
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
