using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>Names of built-in opponents and the controller numbers behind them.</summary>
public static class Opponents
{
    /// <summary>Name for "played from outside", controller 0.</summary>
    public const string Outside = "outside";

    /// <summary>Controller number of <paramref name="name"/>: 0 for <see cref="Outside"/>, k + 1 for opponent k.</summary>
    /// <exception cref="UsageException">the game has no such opponent; names the nearest and lists all.</exception>
    public static byte ControllerOf(EnvironmentSpec spec, string name)
    {
        if (name == Outside) return 0;
        for (int k = 0; k < spec.Opponents.Count; k++)
            if (spec.Opponents[k].Name == name) return (byte)(k + 1);
        IEnumerable<string> names = spec.Opponents.Select(opponent => opponent.Name);
        throw new UsageException(
            $"'{spec.Game}' has no built-in opponent '{name}'.{Nearest.Hint(name, names)} It has: {string.Join(", ", names)}.");
    }

    /// <summary>The script a game is measured against: "scripted:normal" where it exists, else its first script, else its first opponent.</summary>
    public static string Baseline(EnvironmentSpec spec) =>
        spec.Opponents.FirstOrDefault(opponent => opponent.Name == "scripted:normal")?.Name
        ?? spec.Opponents.FirstOrDefault(opponent => opponent.Name.StartsWith("scripted:", StringComparison.Ordinal))?.Name
        ?? spec.Opponents[0].Name;
}
