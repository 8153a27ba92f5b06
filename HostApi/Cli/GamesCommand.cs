using System.CommandLine;
using System.CommandLine.Parsing;
using Arena.Kernels.Environments;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary><c>arena games [GAME]</c>: what exists, and everything about one game.</summary>
internal static class GamesCommand
{
    internal static Command Create(CliContext context)
    {
        var command = new Command("games", "List the games, or everything about one: sizes, presets, opponents, observations, actions, rewards, settings.");
        command.Arguments.Add(new Argument<string?>("GAME") { Description = "Show this game in full.", Arity = ArgumentArity.ZeroOrOne });
        command.SetAction(_ =>
        {
            if (context.Game is { } game) WriteGame(context.Terminal, game);
            else WriteList(context.Terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteList(Terminal terminal)
    {
        var table = new ResultTable("Games", "game", "sides", "agents", "actions", "observation", "episode limit", "opponents", "what it is")
        {
            RightAligned = column => column is 1 or 2,
        };
        foreach (IGame game in Registry.Games)
        {
            EnvironmentSpec spec = game.Describe(game.DefaultOptions);
            table.Add(game.Name, Numbers.Text($"{spec.Sides}"), Numbers.Text($"{spec.AgentsPerMatch}"), Actions(spec.Action), Observation(spec),
                Limit(spec), string.Join(", ", spec.Opponents.Select(opponent => opponent.Name)), game.Summary);
        }

        table.Write(terminal);
        terminal.Output.WriteLine($"'{ThisProgram.Command("games", "GAME")}' shows presets, settings and everything else of one game.");
    }

    private static void WriteGame(Terminal terminal, IGame game)
    {
        EnvironmentSpec spec = game.Describe(game.DefaultOptions);
        terminal.Output.WriteLine($"{game.Name}: {game.Summary}");
        terminal.Output.WriteLine(Numbers.Text(
            $"{spec.Sides} side{(spec.Sides == 1 ? "" : "s")}, {spec.AgentsPerMatch} agent{(spec.AgentsPerMatch == 1 ? "" : "s")}, {Actions(spec.Action)}, observation {Observation(spec)}, ") +
            Numbers.Text($"{(spec.EpisodeLimit == 0 ? "episodes without a clock" : $"at most {spec.EpisodeLimit} ticks")}{(spec.TickSeconds > 0 ? Numbers.Text($" of {spec.TickSeconds} s") : "")} (with default settings)"));
        terminal.Output.WriteLine();
        WriteChoices(terminal, game, spec);
        WriteInterface(terminal, spec);
        WriteSettings(terminal, game);
    }

    private static void WriteChoices(Terminal terminal, IGame game, EnvironmentSpec spec)
    {
        var presets = new ResultTable("Presets (--preset NAME)", "name", "what it is", "agents", "observation") { RightAligned = column => column == 2 };
        foreach (GamePreset preset in game.Presets)
        {
            EnvironmentSpec sizes = game.Describe(preset.Options);
            presets.Add(preset.Name, preset.Help, Numbers.Text($"{sizes.AgentsPerMatch}"), Observation(sizes));
        }

        presets.Write(terminal);
        var opponents = new ResultTable("Built-in opponents", "name", "plays") { RightAligned = _ => false };
        foreach (OpponentInfo opponent in spec.Opponents) opponents.Add(opponent.Name, opponent.Description);
        opponents.Write(terminal);
    }

    private static void WriteInterface(Terminal terminal, EnvironmentSpec spec)
    {
        var fields = new ResultTable($"Observation of one agent ({Observation(spec)})", "offset", "length", "min", "max", "unit of 1", "field") { RightAligned = column => column < 4 };
        foreach (ObservationField field in spec.Observation.Fields)
            fields.Add(Numbers.Text($"{field.Offset}"), Numbers.Text($"{field.Length}"), Numbers.Text($"{field.Min:0.###}"), Numbers.Text($"{field.Max:0.###}"), field.Unit, field.Name);
        fields.Write(terminal);
        var actions = new ResultTable("Actions of one agent", "index", "name", "values") { RightAligned = column => column == 0 };
        int at = 0;
        foreach (string component in spec.Action.Continuous) actions.Add(Numbers.Text($"{at++}"), component, "float -1..1");
        for (int head = 0; head < spec.Action.Discrete.Count; head++)
        {
            string choices = head < spec.Action.Choices.Count ? ": " + string.Join(", ", spec.Action.Choices[head]) : "";
            actions.Add(Numbers.Text($"{at++}"), spec.Action.Discrete[head].Name, Numbers.Text($"int 0..{spec.Action.Discrete[head].Size - 1}{choices}"));
        }

        actions.Write(terminal);
        var rewards = new ResultTable("Rewards", "component", "granted by", "weight", "final weight") { RightAligned = column => column > 1 };
        foreach (RewardComponent component in spec.RewardComponents)
            rewards.Add(component.Name, component.Grant.ToString().ToLowerInvariant(), Numbers.Text($"{component.Weight}"), Numbers.Text($"{component.FinalWeight}"));
        rewards.Write(terminal);
        var statistics = new ResultTable("Statistics of a finished episode", "name", "unit", "per", "meaning") { RightAligned = _ => false };
        foreach (StatisticInfo statistic in spec.Statistics)
            statistics.Add(statistic.Name, statistic.Unit, statistic.PerSide ? "side" : spec.EpisodesOf == EpisodeOwner.Agent ? "agent" : "match", statistic.Meaning);
        statistics.Write(terminal);
    }

    private static void WriteSettings(Terminal terminal, IGame game)
    {
        var settings = new ResultTable("Settings (as options, or as paths in --set and --config)", "option", "default", "allowed", "unit", "meaning") { RightAligned = _ => false };
        foreach (SettingInfo setting in Settings.Of(game.DefaultOptions))
        {
            string zero = setting.Attribute.Zero.Length > 0 ? $" 0 = {setting.Attribute.Zero}." : "";
            settings.Add(setting.OptionName, Settings.Format(setting.Default), setting.Allowed, setting.Attribute.Unit, setting.Attribute.Help + zero);
        }

        settings.Write(terminal);
    }

    private static string Limit(EnvironmentSpec spec) => spec.EpisodeLimit == 0 ? "none" : Numbers.Text($"{spec.EpisodeLimit} ticks");

    private static string Actions(ActionSpec action)
    {
        string continuous = action.Continuous.Count == 0 ? "" : Numbers.Text($"{action.Continuous.Count} continuous");
        string discrete = action.Discrete.Count == 0 ? "" : Numbers.Text($"discrete [{string.Join(", ", action.Discrete.Select(head => head.Size))}]");
        return string.Join(" + ", new[] { continuous, discrete }.Where(part => part.Length > 0)) + (action.HasMasks ? ", masked" : "");
    }

    private static string Observation(EnvironmentSpec spec) =>
        Numbers.Text($"{spec.Observation.Length} {spec.Observation.Kind.ToString().ToLowerInvariant()}s");
}
