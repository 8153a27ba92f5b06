using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>What is checked: a game under certain options.</summary>
/// <param name="Game">The game; it need not be registered.</param>
/// <param name="Options">Its options. How many matches there are, and which, is up to each check.</param>
public sealed record ConformanceCase(IGame Game, GameOptions Options)
{
    /// <summary>What messages call it.</summary>
    public string Name { get; init; } = Game.Name;

    /// <summary>Most ticks that one check plays; fewer where a match's state is large. Fewer than an episode's limit may leave checks with nothing to see.</summary>
    public int Ticks { get; init; } = 500;

    /// <summary>Sizes and names.</summary>
    public EnvironmentSpec Spec => Game.Describe(Options);

    /// <summary>A batch of matches of it.</summary>
    /// <param name="matches">How many.</param>
    /// <param name="seed">Seed of the matches and of the recorded actions.</param>
    /// <param name="offset">Global number of the first.</param>
    /// <param name="threads">Threads of the device.</param>
    /// <param name="chunk">Indices that a thread takes at a time; 0: the device's choice.</param>
    /// <param name="desync">Whether first episodes are cut at different lengths.</param>
    public GameBatch Batch(int matches, ulong seed = 1, int offset = 0, int threads = 1, int chunk = 0, bool desync = false) =>
        new(this, Options with { NumEnvs = matches, MatchOffset = offset, Desync = desync }, seed, threads, chunk);
}
