using Arena.HostApi;
using Arena.Kernels.Environments;
using Arena.Validation;

namespace Arena.Bench;

/// <summary>What a suite over games runs on: a game of the registry and a number of matches; printed "soccer × 1024".</summary>
/// <param name="Game">The game.</param>
/// <param name="Options">Its options, number of matches included.</param>
/// <param name="AgentStepsPerOperation">Agent-steps in what one line of the table is the time of.</param>
/// <param name="Preset">Name of the options, or empty.</param>
public sealed record GameCase(IGame Game, GameOptions Options, double AgentStepsPerOperation, string Preset = "")
{
    private const long MostBytes = 1L << 30; // of state and results, for each of the batches a suite makes

    /// <summary>Whether the game has a scalar reference to be compared with.</summary>
    public bool HasReference => References.Games.Contains(Game.Name);

    /// <summary>Every game of the registry under its default options, with each number of matches that fits the memory.</summary>
    /// <param name="matches">Numbers of matches to try; the first is taken in any case.</param>
    /// <param name="agentSteps">Agent-steps of an operation, from the game's sizes and the number of matches.</param>
    public static IEnumerable<GameCase> All(int[] matches, Func<EnvironmentSpec, int, double> agentSteps) =>
        Registry.Games.SelectMany(game => matches.Where((count, i) => i == 0 || Fits(game, count)).Select(count => Of(game, game.DefaultOptions, "", count, agentSteps)));

    /// <summary>One game under default options or a preset.</summary>
    public static GameCase Of(string game, string preset, int matches, Func<EnvironmentSpec, int, double> agentSteps)
    {
        IGame found = Registry.Find(game);
        return Of(found, preset.Length == 0 ? found.DefaultOptions : found.Presets.Single(known => known.Name == preset).Options, preset, matches, agentSteps);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Game.Name}{(Preset.Length > 0 ? "/" : "")}{Preset} × {Options.NumEnvs}";

    private static GameCase Of(IGame game, GameOptions options, string preset, int matches, Func<EnvironmentSpec, int, double> agentSteps) =>
        new(game, options with { NumEnvs = matches, Desync = true }, agentSteps(game.Describe(options), matches), preset);

    private static bool Fits(IGame game, int matches)
    {
        using var one = VectorEnv.Create(game.Name, game.DefaultOptions with { NumEnvs = 1 });
        EnvironmentSpec spec = one.Spec;
        long perAgent = sizeof(float) * (2L * spec.Observation.Length + spec.RewardComponents.Count + spec.RawStatistics + 16);
        return matches * (one.Environment.State.BytesPerMatch + spec.AgentsPerMatch * perAgent) <= MostBytes;
    }
}
