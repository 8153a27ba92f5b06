using Arena.Kernels.Environments;

namespace Arena.Bench;

/// <summary>The games a suite runs over: those of the registry, under their default options, or "game/preset".</summary>
public static class BenchCases
{
    /// <summary>Every game once.</summary>
    public static IEnumerable<string> Games => Registry.Games.Select(game => game.Name);

    /// <summary>The game of "soccer" or "soccer/5v5", split at the slash.</summary>
    public static IGame Game(string[] name) => Registry.Find(name[0]);

    /// <summary>Its options.</summary>
    public static GameOptions Options(string[] name) =>
        name.Length == 1 ? Game(name).DefaultOptions : Game(name).Presets.Single(preset => preset.Name == name[1]).Options;
}
