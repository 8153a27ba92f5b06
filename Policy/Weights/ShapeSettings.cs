using System.Globalization;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.Weights;

/// <summary>Which settings of a game decide the sizes a network must have, and what they mean.</summary>
/// <remarks>
/// Found by trying: a setting belongs to the shape when another value of it changes observation length, observation kind,
/// actions, or <see cref="EnvironmentSpec.Meaning"/>. So a new game, or a new setting, needs no list of its own. A text always belongs: it may hold a whole creature, and there is no
/// other text to try.
/// </remarks>
public static class ShapeSettings
{
    // They say how many matches run and how they begin, never what an agent sees.
    private static readonly string[] BatchSettings = ["numEnvs", "matchOffset", "desync"];

    /// <summary>Path and value of every such setting, in the order of the options: ("teamSize", "3").</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(IGame game, GameOptions options)
    {
        EnvironmentSpec spec = game.Describe(options);
        return [.. Settings.Of(options)
            .Where(setting => !BatchSettings.Contains(setting.Path) && (setting.Type == typeof(string) || OtherValues(setting).Any(value => Changes(game, options, setting.Path, value, spec))))
            .Select(setting => KeyValuePair.Create(setting.Path, Settings.Format(setting.Default)))];
    }

    /// <summary>Do both take the same networks?</summary>
    public static bool SameShape(EnvironmentSpec a, EnvironmentSpec b) =>
        a.Observation.Kind == b.Observation.Kind && a.Observation.Length == b.Observation.Length
        && a.Action.Continuous.Count == b.Action.Continuous.Count
        && a.Action.Discrete.Select(head => head.Size).SequenceEqual(b.Action.Discrete.Select(head => head.Size))
        && a.Meaning == b.Meaning;

    private static bool Changes(IGame game, GameOptions options, string path, string value, EnvironmentSpec spec)
    {
        try
        {
            return !SameShape(spec, game.Describe(Settings.With(options, path, value)));
        }
        catch (UsageException)
        {
            return false; // outside the range, or not together with the other settings
        }
    }

    // Real numbers are strengths and speeds; no game makes a size of one.
    private static IEnumerable<string> OtherValues(SettingInfo setting)
    {
        if (setting.Default is bool flag) return [Settings.Format(!flag)];
        if (setting.Type.IsEnum) return Enum.GetNames(setting.Type);
        if (setting.Default is not (int or long)) return [];
        long value = Convert.ToInt64(setting.Default, CultureInfo.InvariantCulture);
        return new[] { value + 1, value - 1 }.Select(other => other.ToString(CultureInfo.InvariantCulture));
    }
}
