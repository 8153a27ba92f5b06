using System.Globalization;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Conformance.Support;

/// <summary>Finds, for any game, other options that its running environment can take as a variant, and those it must refuse.</summary>
public static class Tunables
{
    /// <summary>The batch's options with as many settings changed as one variant can have; null where none can be.</summary>
    public static GameOptions? Changed(IEnvironment environment)
    {
        GameOptions changed = environment.Options;
        foreach (SettingInfo setting in Settings.Of(environment.Options))
            if (Other(setting) is { } text && Fits(environment, changed, setting.Path, text, out _) is { } fitting) changed = fitting;
        return changed.Equals(environment.Options) ? null : changed;
    }

    /// <summary>Settings that no variant may change, each with the message that says so; those that are not even valid are left out.</summary>
    public static IEnumerable<(SettingInfo Setting, string Message)> Refused(IEnvironment environment)
    {
        foreach (SettingInfo setting in Settings.Of(environment.Options))
            if (Larger(setting) is { } text && Fits(environment, environment.Options, setting.Path, text, out string message) is null) yield return (setting, message);
    }

    private static GameOptions? Fits(IEnvironment environment, GameOptions options, string path, string text, out string message)
    {
        message = "";
        try
        {
            GameOptions changed = Settings.With(options, path, text);
            environment.Variants.Check(changed);
            return changed;
        }
        catch (UsageException refused)
        {
            message = refused.Message;
            return null;
        }
    }

    // Another value, as far as possible a smaller one: episodes may become shorter, not longer.
    private static string? Other(SettingInfo setting) => setting.Default switch
    {
        bool flag => Settings.Format(!flag),
        Enum choice => Settings.Format(Enum.GetValues(setting.Type).Cast<Enum>().First(other => !other.Equals(choice))),
        int number => Settings.Format(number / 2 >= Math.Max(setting.Attribute.Min, 1) ? number / 2 : number + 1),
        float number => Settings.Format(number == 0f ? 0.25f : number * 0.75f),
        _ => null,
    };

    private static string? Larger(SettingInfo setting) =>
        setting.Default is int number ? (number + 1).ToString(CultureInfo.InvariantCulture) : Other(setting);
}
