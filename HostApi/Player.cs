using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Weights;

namespace Arena.HostApi;

/// <summary>Who plays a side: a built-in opponent by name, or a trained policy.</summary>
public sealed class Player
{
    private Player(string name, PolicyFile? policy)
    {
        Name = name;
        Policy = policy;
    }

    /// <summary>Name for reports: "scripted:normal", or the path of the policy as it was given; the file's, where a run has no best policy.</summary>
    public string Name { get; }

    /// <summary>The policy; null for a built-in opponent.</summary>
    public PolicyFile? Policy { get; }

    /// <summary>What whoever named it should know; null where it is what was named.</summary>
    internal string? Warning { get; private init; }

    /// <summary>A built-in opponent; whether the game has it is checked when it plays.</summary>
    public static Player BuiltIn(string name) => new(name, null);

    /// <summary>A policy.</summary>
    public static Player Of(PolicyFile policy, string? name = null) => new(name ?? policy.Path, policy);

    /// <summary>The policy in a file or a run directory.</summary>
    /// <param name="game">The game it shall play.</param>
    /// <param name="options">With these options.</param>
    /// <param name="path">File, or run directory whose best policy is meant.</param>
    /// <exception cref="UsageException">missing, damaged, foreign, or of another game or size.</exception>
    public static Player FromFile(IGame game, GameOptions options, string path)
    {
        string file = RunDirectory.Resolve(path);
        PolicyFile policy = PolicyFile.Load(file);
        policy.CheckFits(game, options);
        string? warning = RunDirectory.Warning(path, file);
        return new Player(warning is null ? path.TrimEnd('/', '\\') : file, policy) { Warning = warning };
    }

    /// <summary>A built-in opponent where the game has one of that name, otherwise a file or a run directory.</summary>
    /// <exception cref="UsageException">neither; names the nearest opponent.</exception>
    public static Player Parse(IGame game, GameOptions options, string text)
    {
        string[] builtIn = [.. game.Describe(options).Opponents.Select(opponent => opponent.Name)];
        if (builtIn.Contains(text)) return BuiltIn(text);
        if (Path.Exists(text)) return FromFile(game, options, text);
        throw new UsageException(
            $"'{game.Name}' has no built-in opponent '{text}', and there is no such file or run directory.{Nearest.Hint(text, builtIn)} It has: {string.Join(", ", builtIn)}.");
    }

    /// <summary>A name alone means a built-in opponent.</summary>
    public static implicit operator Player(string builtIn) => BuiltIn(builtIn);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
