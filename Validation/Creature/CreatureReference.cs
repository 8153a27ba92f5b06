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
    private const int MostGrazing = 3;
    private const int Readings = 32;
    private const double ReadingsToKernels = 6; // the kernels were at most 3.7 times as far off as the farthest of sixteen readings

    private static readonly CreatureScales Scales = new();

    private readonly CreatureTables tables = Skeletons.Compiled(((CreatureOptions)setup.Options).Skeleton);

    private readonly CreatureMatch match = new(
        (CreatureOptions)setup.Options, SkeletonWriter.Write(Skeletons.Find(((CreatureOptions)setup.Options).Skeleton)), setup.Seed, setup.Match);

    public ExpectedTick Reset() => Expect(match.Begin(0), null, new double[CreatureReward.Count], 0);

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        TickOutcome tick = match.Play(CreatureColumns.Read(before, match.Model), actions.Continuous);
        return Expect(tick, before) with
        {
            NearBoundary = tick.GrazingFeet.Count > MostGrazing ? "many feet touch by a hair" : tick.Doubt,
            Alternatives = [.. WithFeet(tick).Select(reading => Expect(reading, before))],
            Growth = () => Growth(tick, before, actions.Continuous),
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

    // How far readings of the same state that differ by last bits part within the tick, as a multiple of what is allowed.
    private double Growth(TickOutcome tick, IReadOnlyDictionary<string, double[]> before, IReadOnlyList<float> actions)
    {
        ExpectedValues[] exact = Floats(tick, before);
        double farthest = 0;
        for (int reading = 1; reading <= Readings; reading++)
        {
            TickOutcome other = match.Play(CreatureColumns.Read(before, match.Model), actions, reading);
            if (other.Terminated != tick.Terminated) return double.PositiveInfinity;
            farthest = Math.Max(farthest, exact.Zip(Floats(other, before), Apart).Max());
        }

        return ReadingsToKernels * farthest / new Tolerances().OneStep.ScaledError;
    }

    // Everything in which a tick may be off, at its end and before any new episode.
    private ExpectedValues[] Floats(TickOutcome tick, IReadOnlyDictionary<string, double[]> before)
    {
        ExpectedTick played = Expect(tick.Played, before, tick.Parts, 0);
        return [.. played.State.OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => column.Value), played.Observations, played.RewardParts, played.Rewards];
    }

    private static double Apart(ExpectedValues a, ExpectedValues b) =>
        a.Values.Zip(b.Values, (x, y) => Math.Abs(x - y)).Zip(a.Scales, (error, scale) => scale == 0 ? 0 : error / scale).Max();

    private ExpectedTick Expect(TickOutcome tick, IReadOnlyDictionary<string, double[]> before)
    {
        bool ended = tick.Terminated || tick.Truncated;
        return Expect(tick.Next, ended ? null : before, tick.Parts, tick.BadActions > 0 ? ErrorCode.ActionNotFinite : 0) with
        {
            Terminated = tick.Terminated,
            Truncated = tick.Truncated,
            FinalObservations = tick.Truncated ? Observations(tick.Played) : null,
            EpisodeStatistics = ended ? CreatureColumns.Reported(tick.Played) : null,
        };
    }

    // Every combination of the feet that touch by a hair, but the one already computed.
    private static IEnumerable<TickOutcome> WithFeet(TickOutcome tick)
    {
        for (int choice = 1; choice < 1 << Math.Min(tick.GrazingFeet.Count, MostGrazing); choice++)
        {
            TickOutcome reading = tick;
            for (int i = 0; i < tick.GrazingFeet.Count; i++)
                if ((choice >> i & 1) != 0) reading = reading.WithFoot(tick.GrazingFeet[i]);
            yield return reading;
        }
    }

    private ExpectedTick Expect(Snapshot next, IReadOnlyDictionary<string, double[]>? before, double[] parts, uint errors) => new()
    {
        State = CreatureColumns.Write(next, before, Scales, tables),
        Observations = Observations(next),
        Rewards = ExpectedValues.Scaled([parts.Sum()], Scales.Reward + parts.Sum(Math.Abs)),
        RewardParts = new ExpectedValues(parts, [.. parts.Select(part => Scales.Reward + Math.Abs(part))]),
        RowActive = [true],
        Errors = [errors],
    };

    // Velocities are seen as a half or a fifth, spins as a fifth, the difference of two as a tenth, loads as they are, heights tenfold.
    private ExpectedValues Observations(Snapshot state)
    {
        double[] row = match.Observe(state);
        CreatureLayout layout = match.Layout;
        var scales = new double[row.Length];
        void Set(int from, int count, double scale) => Array.Fill(scales, scale, from, count);
        Array.Fill(scales, 4 * Scales.Turn);
        Set(CreatureLayout.Velocity, 3, Scales.Velocity / 2);
        Set(CreatureLayout.Spin, 3, Scales.Spin / 5);
        Set(layout.Rates, layout.Axes, 2 * Scales.Spin / 10);
        Set(layout.FeetAt, 2 * layout.Feet, Scales.Load);
        Set(layout.Previous, layout.PreviousActions * layout.Actions, 0);
        Set(layout.Ball + 3, 3, 2 * Scales.Velocity / 5);
        Set(layout.Heights, CreatureConstants.HeightSamples, 10 * Scales.Place);
        for (int foot = 0; foot < layout.Feet; foot++) scales[layout.FeetAt + 2 * foot] = 0;
        return new ExpectedValues(row, scales);
    }
}
