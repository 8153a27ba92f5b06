using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Random;

namespace Arena.Validation.Soccer;

/// <summary>Soccer's reference.</summary>
public sealed class SoccerReference : IGameReference
{
    /// <inheritdoc/>
    public string Game => "soccer";

    /// <inheritdoc/>
    public IMatchReference Create(MatchSetup setup) => new SoccerMatchReference(setup);
}

/// <summary>Compares <see cref="SoccerMatch"/> with the kernels of one match.</summary>
internal sealed class SoccerMatchReference(MatchSetup setup) : IMatchReference
{
    private readonly SoccerOptions options = (SoccerOptions)setup.Options;
    private readonly SoccerMatch match = new((SoccerOptions)setup.Options, setup.Seed, setup.Match);

    private Pitch Pitch => match.Pitch;

    public ExpectedTick Reset()
    {
        var margins = new Margins(Pitch);
        GameState start = StartRules.Episode(Pitch, setup.Seed, setup.Match, 0, margins);
        double[][] nothing = [.. Enumerable.Range(0, Pitch.Agents).Select(_ => new double[SoccerReward.Count])];
        return Expect(start, nothing, new uint[Pitch.Agents], 0) with { NearBoundary = margins.Reason };
    }

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        GameState start = SoccerColumns.Read(before, Pitch);
        var errors = new uint[Pitch.Agents];
        var played = new PlayerAction[Pitch.Agents];
        for (int agent = 0; agent < Pitch.Agents; agent++) (played[agent], errors[agent]) = ActionRules.Read(options.Actions, actions, agent);
        TickResult tick = match.Play(start, played, progress);
        return Expect(tick, errors, progress) with
        {
            Alternatives = [.. Enumerable.Range(0, tick.Readings).Select(reading => Expect(match.Play(start, played, progress, reading), errors, progress))],
        };
    }

    private ExpectedTick Expect(TickResult tick, uint[] errors, double progress) =>
        Expect(tick.Next, tick.RewardParts, errors, progress) with
        {
            Terminated = tick.Terminated,
            Truncated = tick.Truncated,
            FinalObservations = tick.Truncated ? Observations(tick.Played) : null,
            EpisodeStatistics = tick.Ended ? SoccerColumns.Statistics(tick.Played, Pitch) : null,
            NearBoundary = tick.NearBoundary,
            Amplification = tick.Amplification,
        };

    public double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent)
    {
        if (opponent != "random") return null;
        UInt4 draw = Philox.Draw(
            setup.Seed, (uint)setup.Match, (uint)state["episode"][0], (uint)state["tick"][0], (uint)agent, SoccerPurpose.RandomPolicy);
        return options.Actions == SoccerActions.Continuous
            ? [Philox.Symmetric(draw.X), Philox.Symmetric(draw.Y), Philox.Symmetric(draw.Z), Philox.Symmetric(draw.W)]
            : [Philox.Below(draw.X, SoccerConstants.Directions), Philox.Below(draw.Y, SoccerConstants.Directions)];
    }

    private ExpectedTick Expect(GameState next, double[][] parts, uint[] errors, double progress)
    {
        double[] scales = SoccerColumns.RewardScales(Pitch, progress);
        return new ExpectedTick
        {
            State = SoccerColumns.Write(next, Pitch),
            Observations = Observations(next),
            Rewards = ExpectedValues.Scaled([.. parts.Select(row => row.Sum())], scales.Max()),
            RewardParts = new ExpectedValues([.. parts.SelectMany(row => row)], [.. parts.SelectMany(_ => scales)]),
            RowActive = [.. Enumerable.Repeat(true, Pitch.Agents)],
            Errors = errors,
        };
    }

    // Observations are of unit range by their own definition.
    private ExpectedValues Observations(GameState state) =>
        ExpectedValues.Scaled([.. Enumerable.Range(0, Pitch.Agents).SelectMany(agent => match.Observe(state, agent))], 1);
}
