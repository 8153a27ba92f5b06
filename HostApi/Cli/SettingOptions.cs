using System.CommandLine;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>The settings of a record (a learner's, a plan's) as options of a command.</summary>
internal sealed class SettingOptions<T>
    where T : class, new()
{
    private readonly T defaults;
    private readonly List<(SettingInfo Setting, Option<string?> Option)> options = [];

    private SettingOptions(T defaults) => this.defaults = defaults;

    /// <summary>Adds one option per setting to <paramref name="command"/>; <paramref name="changes"/> (path, value) change the defaults first.</summary>
    internal static SettingOptions<T> AddTo(Command command, IReadOnlyList<KeyValuePair<string, string>> changes)
    {
        var defaults = new T();
        foreach ((string path, string value) in changes) defaults = Settings.With(defaults, path, value);
        return AddTo(command, defaults);
    }

    /// <summary>The same with the values of <paramref name="defaults"/> as defaults.</summary>
    internal static SettingOptions<T> AddTo(Command command, T defaults)
    {
        var added = new SettingOptions<T>(defaults);
        foreach (SettingInfo setting in Settings.Of(defaults))
        {
            string zero = setting.Attribute.Zero.Length > 0 ? $"; 0 = {setting.Attribute.Zero}" : "";
            var option = new Option<string?>(setting.OptionName)
            {
                Description = $"{setting.Attribute.Help} [default: {Settings.Format(setting.Default)}{zero}]",
                HelpName = setting.Allowed,
            };
            command.Options.Add(option);
            added.options.Add((setting, option));
        }

        return added;
    }

    /// <summary>The settings whose options are on the command line; their values are those of <paramref name="values"/>.</summary>
    internal IEnumerable<SettingInfo> Given(ParseResult parsed, T values)
    {
        HashSet<string> given = [.. options.Where(pair => parsed.GetValue(pair.Option) is not null).Select(pair => pair.Setting.Path)];
        return Settings.Of(values).Where(setting => given.Contains(setting.Path));
    }

    /// <summary>The record with what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="change">Changes the defaults first: a configuration file does.</param>
    /// <exception cref="Arena.Kernels.UsageException">a value that is not of its type and range.</exception>
    internal T Read(ParseResult parsed, Func<T, T>? change = null)
    {
        T values = change is null ? defaults : change(defaults);
        foreach ((SettingInfo setting, Option<string?> option) in options)
            if (parsed.GetValue(option) is { } text) values = Settings.With(values, setting.Path, text);
        return values;
    }
}
