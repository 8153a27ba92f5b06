using System.Globalization;
using Arena.Kernels;
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
        List<string> words = ["validate", game.Name, "--seed", Text(plan.Seed), "--ticks", Text(ticks), "--envs", Text(options.NumEnvs)];
        if (plan.Drive != new LockstepPlan().Drive) words.AddRange(["--drive", plan.Drive]);
        if (device != "cpu") words.AddRange(["--device", device]);
        foreach ((string path, string value) in Changed(game, options, "numEnvs")) words.AddRange(["--set", $"{path}={value}"]);
        return ThisProgram.Command(words);

        static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
    }
}
