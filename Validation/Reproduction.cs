using System.Globalization;
using System.Text;
using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>Settings and command lines that bring a run back.</summary>
internal static class Reproduction
{
    /// <summary>Settings that differ from the game's defaults, but for those in <paramref name="except"/>.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Changed(IGame game, GameOptions options, params string[] except) =>
    [
        .. Settings.Changed(options, game.DefaultOptions)
            .Where(setting => !except.Contains(setting.Path))
            .Select(setting => KeyValuePair.Create(setting.Path, Settings.Format(setting.Default))),
    ];

    /// <summary>"arena validate soccer --seed 7 --ticks 200 --envs 8 --set teamSize=5".</summary>
    public static string Command(IGame game, GameOptions options, LockstepPlan plan, int ticks, string device)
    {
        var command = new StringBuilder();
        command.Append(CultureInfo.InvariantCulture, $"arena validate {game.Name} --seed {plan.Seed} --ticks {ticks} --envs {options.NumEnvs}");
        if (plan.Drive != new LockstepPlan().Drive) command.Append(CultureInfo.InvariantCulture, $" --drive {plan.Drive}");
        if (device != "cpu") command.Append(CultureInfo.InvariantCulture, $" --device {device}");
        foreach ((string path, string value) in Changed(game, options, "numEnvs")) command.Append(CultureInfo.InvariantCulture, $" --set {path}={value}");
        return command.ToString();
    }
}
