using System.CommandLine;
using Arena.HostApi.Training;

namespace Arena.HostApi.Cli;

/// <summary><c>--network NAME</c>: a preset, which options of the network then change.</summary>
internal static class NetworkOption
{
    /// <summary>Adds the option.</summary>
    internal static Option<string?> AddTo(Command command)
    {
        var option = new Option<string?>("--network")
        {
            Description = "A network by name; --hidden-width, --core and the others change it further.",
            HelpName = string.Join(" | ", NetworkPreset.All.Select(preset => preset.Name)),
        };
        command.Options.Add(option);
        return option;
    }

    /// <summary><paramref name="plan"/> with the preset that was given, if one was.</summary>
    /// <exception cref="Arena.Kernels.UsageException">there is no such network.</exception>
    internal static TrainingPlan Apply(ParseResult parsed, Option<string?> option, TrainingPlan plan) =>
        parsed.GetValue(option) is { } name ? NetworkPreset.Find(name).Apply(plan) : plan;
}
