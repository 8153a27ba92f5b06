using Arena.Kernels.Environments.Snake;

namespace Arena.Validation.Snake;

/// <summary>Snake's reference: exact in every element.</summary>
/// <remarks>
/// Written from the rule book (Kernels/Environments/Snake/README.md) without its grid phases: bodies are ordered lists of cells,
/// meals are sets of cells, and causes of death come from comparing every snake with every other.
/// </remarks>
public sealed class SnakeReference : IGameReference
{
    /// <inheritdoc/>
    public string Game => "snake";

    /// <inheritdoc/>
    public IMatchReference Create(MatchSetup setup) => new SnakeMatch(setup);
}

/// <summary>One arena.</summary>
internal sealed class SnakeMatch(MatchSetup setup) : IMatchReference
{
    private readonly SnakeOptions options = (SnakeOptions)setup.Options;

    public ExpectedTick Reset()
    {
        var arena = new ArenaModel(options) { Steps = new double[options.Snakes * options.RingLength / 4], Totals = new double[SnakeTotal.Count] };
        new SpawnRules(arena, setup).BeginArena(0);
        return SnakeColumns.Expect(arena, [.. arena.Snakes.Select(_ => new TickResult())], setup);
    }

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        ArenaModel arena = SnakeColumns.Read(before, options);
        TickResult[] results = new TickRules(arena, setup).Play(actions.Discrete);
        return SnakeColumns.Expect(arena, results, setup);
    }

    public double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent) =>
        [new PlayerRules(SnakeColumns.Read(state, options), setup).Choose(agent, opponent)];
}
