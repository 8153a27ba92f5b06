using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Arena.Kernels.Environments;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary>Help pages: the command's own options first, then the settings of the game that was named.</summary>
internal sealed class CliHelp(HelpAction standard, CliContext context) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Lets <c>--help</c> of every command show this page.</summary>
    internal static void Customize(RootCommand root, CliContext context)
    {
        foreach (Option option in root.Options)
        {
            if (option is not HelpOption { Action: HelpAction standard }) continue;
            standard.MaxWidth = context.Terminal.Width;
            option.Action = new CliHelp(standard, context);
        }
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = standard.Invoke(parseResult);
        Command command = parseResult.CommandResult.Command;
        if (command.Options.Any(option => option.Name == "--set")) WriteGameSettings(command);
        return code;
    }

    private void WriteGameSettings(Command command)
    {
        TextWriter output = context.Terminal.Output;
        if (context.Game is not { } game)
        {
            string example = Registry.Games[0].Name;
            output.WriteLine($"Every setting of a game is an option too: '{ThisProgram.Command(command.Name, example, "--help")}' lists those of {example}.");
            return;
        }

        output.WriteLine($"Settings of {game.Name} (also as keys of --config and paths of --set):");
        SettingInfo[] settings = [.. Settings.Of(game.DefaultOptions).Where(setting => command.Options.Any(option => option.Name == setting.OptionName))];
        string[] names = [.. settings.Select(setting => $"  {setting.OptionName} <{setting.Allowed.Replace(" ", "", StringComparison.Ordinal)}>")];
        int column = names.Max(name => name.Length) + 2;
        foreach ((SettingInfo setting, string name) in settings.Zip(names))
            WrappedText.Write(output, name.PadRight(column), Describe(setting), Math.Max(column + 20, context.Terminal.Width));
    }

    private static string Describe(SettingInfo setting)
    {
        string unit = setting.Attribute.Unit.Length > 0 ? $" [{setting.Attribute.Unit}]" : "";
        string zero = setting.Attribute.Zero.Length > 0 ? $"; 0 = {setting.Attribute.Zero}" : "";
        return $"{setting.Attribute.Help}{unit} (default {Settings.Format(setting.Default)}{zero})";
    }
}
