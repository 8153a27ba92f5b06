using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Moba;

/// <summary>The MOBA's reference: exact in every element.</summary>
/// <remarks>
/// Written from the rule book (Kernels/Environments/Moba/README.md) with units as objects, plain loops over all of them, and maps, tables, hashes
/// and purposes of its own. Only the Philox block and the options are the kernels'.
/// </remarks>
public sealed class MobaReference : IGameReference
{
    /// <inheritdoc/>
    public string Game => "moba";

    /// <inheritdoc/>
    public IMatchReference Create(MatchSetup setup) => new MobaMatchReference(setup);
}

/// <summary>One match.</summary>
internal sealed class MobaMatchReference(MatchSetup setup) : IMatchReference
{
    private readonly MobaOptions options = (MobaOptions)setup.Options;
    private readonly Terrain map = Terrain.Of((uint)((MobaOptions)setup.Options).MapSeed);

    // All ten players of a tick are asked about one state.
    private IReadOnlyDictionary<string, double[]>? askedColumns;
    private MatchModel? askedState;

    public ExpectedTick Reset()
    {
        var state = new MatchModel(map);
        SpawnRules.BeginEpisode(state, setup.Seed, setup.Match, 0, options.ForceFlip);
        return Expect(state, [.. Enumerable.Range(0, Slots.Heroes).Select(_ => new float[Stats.Rewards])], new uint[Slots.Heroes]);
    }

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        MatchModel state = MobaColumns.Read(before, map);
        var tick = new MatchTick(state, setup.Seed, setup.Match);
        tick.Play(actions.Discrete);
        ScoreRules.Levels(tick);
        int? winner = ScoreRules.Winner(state);
        float[][] parts = ScoreRules.Parts(tick, winner, options, progress);
        for (int slot = 0; slot < Slots.Heroes; slot++)
            for (int part = 0; part < Stats.Rewards; part++) state.Hero(slot).RewardSums[part] += parts[slot][part];

        bool truncated = winner is null && state.Tick >= Limit(state.Episode);
        uint[] errors = [.. ByRow(slot => tick.Turns[slot].BadAction ? ErrorCode.ActionOutOfRange : 0u)];
        ExpectedValues? last = truncated ? Observations(state) : null;
        bool over = winner is not null || truncated;
        ExpectedValues? statistics = over ? ExpectedValues.Exact(MobaColumns.Statistics(state, winner, truncated)) : null;
        if (over) SpawnRules.BeginEpisode(state, setup.Seed, setup.Match, state.Episode + 1, options.ForceFlip);
        return Expect(state, parts, errors) with
        {
            Terminated = winner is not null,
            Truncated = truncated,
            FinalObservations = last,
            EpisodeStatistics = statistics,
        };
    }

    public double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent)
    {
        if (askedState is null || !ReferenceEquals(askedColumns, state)) (askedColumns, askedState) = (state, MobaColumns.Read(state, map));
        Unit hero = askedState.Hero(BeginRules.SlotOf(agent));
        int[] heads = new PlayerRules(askedState, setup.Seed, setup.Match, hero).Choose(opponent);
        return [.. heads.Select(head => (double)head)];
    }

    // With desync, the first episode of match m lasts (1 + m mod 16) sixteenths of the limit, but at least one tick.
    private int Limit(int episode) =>
        options.Desync && episode == 0 ? Math.Max(1, (int)((long)options.EpisodeLimit * (1 + (setup.Match % 16)) / 16)) : options.EpisodeLimit;

    private static IEnumerable<T> ByRow<T>(Func<int, T> ofSlot) => Enumerable.Range(0, Slots.Heroes).Select(row => ofSlot(BeginRules.SlotOf(row)));

    private ExpectedValues Observations(MatchModel state) => ExpectedValues.Exact([.. ByRow(slot => Observe(state, slot)).SelectMany(row => row)]);

    private double[] Observe(MatchModel state, int slot)
    {
        var sight = new SightRules(state, state.Hero(slot), options.EpisodeLimit);
        return options.Observation == MobaObservation.Grid ? sight.Grid() : sight.Entities();
    }

    // The reward is the sum of its parts in their order, in floats.
    private ExpectedTick Expect(MatchModel state, float[][] parts, uint[] errors) => new()
    {
        State = MobaColumns.Write(state),
        Observations = Observations(state),
        Rewards = ExpectedValues.Exact([.. ByRow(slot => (double)parts[slot].Aggregate(0f, (sum, part) => sum + part))]),
        RewardParts = ExpectedValues.Exact([.. ByRow(slot => parts[slot]).SelectMany(row => row.Select(part => (double)part))]),
        RowActive = [.. ByRow(slot => state.Hero(slot).Alive)],
        Errors = errors,
    };
}
