using System.CommandLine;
using Arena.HostApi.Training;

namespace Arena.HostApi.Cli;

/// <summary><c>--network NAME</c>: a preset, which options of the network then change.</summary>
internal static class NetworkOption
{
    /// <summary>Adds the option.</summary>
    internal static Option<string?> AddTo(Command command, string help = "A network by name; --hidden-width, --core and the others change it further.")
    {
        var option = new Option<string?>("--network")
        {
            Description = help,
            HelpName = string.Join(" | ", NetworkPreset.All.Select(preset => preset.Name)),
        };
        command.Options.Add(option);
        return option;
    }

    /// <summary>The preset that was given, or null.</summary>
    /// <exception cref="Arena.Kernels.UsageException">there is no such network.</exception>
    internal static NetworkPreset? Find(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } name ? NetworkPreset.Find(name) : null;
}
