using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Kernels.Random;

namespace Arena.Validation.Creature;

/// <summary>The creatures' reference.</summary>
public sealed class CreatureReference : IGameReference
{
    /// <inheritdoc/>
    public string Game => "creature";

    /// <inheritdoc/>
    public IMatchReference Create(MatchSetup setup) => new CreatureMatchReference(setup);
}

/// <summary>Compares <see cref="CreatureMatch"/> with the kernels of one match.</summary>
internal sealed class CreatureMatchReference(MatchSetup setup) : IMatchReference
{
    private static readonly CreatureScales Scales = new();

    private readonly CreatureOptions options = (CreatureOptions)setup.Options;

    private readonly CreatureMatch match = new(
        (CreatureOptions)setup.Options, SkeletonWriter.Write(Skeletons.Find(((CreatureOptions)setup.Options).Skeleton)), setup.Seed, setup.Match);

    public ExpectedTick Reset() => Expect(match.Begin(0), null, new double[CreatureReward.Count], 0);

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        TickOutcome tick = match.Play(CreatureColumns.Read(before, match.Model), actions.Continuous);
        bool ended = tick.Terminated || tick.Truncated;
        return Expect(tick.Next, ended ? null : before, tick.Parts, tick.BadActions > 0 ? ErrorCode.ActionNotFinite : 0) with
        {
            Terminated = tick.Terminated,
            Truncated = tick.Truncated,
            FinalObservations = tick.Truncated ? Observations(tick.Played) : null,
            EpisodeStatistics = ended ? CreatureColumns.Statistics(tick.Played) : null,
            NearBoundary = tick.Doubt,
        };
    }

    public double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent)
    {
        if (opponent != "random") return null;
        var actions = new double[match.Model.Actions];
        for (int axis = 0; axis < actions.Length; axis++)
        {
            UInt4 draw = Philox.Draw(
                setup.Seed, (uint)setup.Match, (uint)state["episode"][0], (uint)state["tick"][0], (uint)(axis / 4), CreaturePurpose.RandomPolicy);
            actions[axis] = Philox.Symmetric((axis % 4) switch { 0 => draw.X, 1 => draw.Y, 2 => draw.Z, _ => draw.W });
        }

        return actions;
    }

    private ExpectedTick Expect(Snapshot next, IReadOnlyDictionary<string, double[]>? before, double[] parts, uint errors) => new()
    {
        State = CreatureColumns.Write(next, before, Scales),
        Observations = Observations(next),
        Rewards = ExpectedValues.Scaled([parts.Sum()], 100),
        RewardParts = ExpectedValues.Scaled(parts, 100),
        RowActive = [true],
        Errors = [errors],
    };

    // Velocities are seen as a half, spins as a fifth, joint rates as a tenth, loads as they are.
    private ExpectedValues Observations(Snapshot state)
    {
        double[] row = match.Observe(state);
        var layout = CreatureLayout.Of(Skeletons.Find(options.Skeleton), options.PreviousActions);
        var scales = new double[row.Length];
        Array.Fill(scales, 400);
        Array.Fill(scales, 1600, CreatureLayout.Spin, 3);
        Array.Fill(scales, 800, layout.Rates, layout.Axes);
        return new ExpectedValues(row, scales);
    }
}
