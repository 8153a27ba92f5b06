using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Random;
using static Arena.Kernels.Environments.Corridor.CorridorConstants;

namespace Arena.Validation.Corridor;

/// <summary>The corridor's reference: exact, to the last bit of its few floats.</summary>
public sealed class CorridorReference : IGameReference
{
    /// <inheritdoc/>
    public string Game => "corridor";

    /// <inheritdoc/>
    public IMatchReference Create(MatchSetup setup) => new CorridorMatch(setup);
}

/// <summary>Where the walker is.</summary>
/// <param name="Cell">0..8.</param>
/// <param name="Cue">0 = none (the right end pays), 1 = the left end pays, 2 = the right end pays.</param>
/// <param name="Tick">Ticks since the episode began.</param>
/// <param name="Episode">Episodes before this one.</param>
/// <param name="Return">Rewards so far; a float's value.</param>
public sealed record CorridorPosition(int Cell, int Cue, int Tick, int Episode, double Return);

/// <summary>One corridor.</summary>
internal sealed class CorridorMatch(MatchSetup setup) : IMatchReference
{
    // The rewards are floats by definition; so is their running sum.
    private const float GoalReward = 1f;
    private const float WrongEndReward = -1f;
    private const float StepReward = -0.01f;

    private readonly CorridorOptions options = (CorridorOptions)setup.Options;

    public ExpectedTick Reset() => Expect(Begin(0), goal: 0, step: 0, error: 0);

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        CorridorPosition start = Read(before);
        (int direction, uint error) = Direction(start, actions);
        if (options.Memory && start.Tick == 0) direction = 0; // it waits while it is shown the cue
        int cell = Math.Clamp(start.Cell + direction, 0, Cells - 1);
        bool atEnd = cell is 0 or Cells - 1;
        bool paying = cell == (start.Cue == 1 ? 0 : Cells - 1);
        bool arrived = paying || (atEnd && start.Cue != 0);
        bool late = !arrived && start.Tick + 1 >= Limit(start.Episode);
        bool terminated = arrived || (late && options.Clock == ClockEnd.Terminate);
        bool truncated = late && options.Clock == ClockEnd.Truncate;
        float goal = !arrived ? 0 : paying ? GoalReward : WrongEndReward;
        float step = arrived ? 0 : StepReward;
        CorridorPosition end = start with { Cell = cell, Tick = start.Tick + 1, Return = (float)(start.Return + (double)(float)((double)goal + step)) };
        if (!terminated && !truncated) return Expect(end, goal, step, error);
        return Expect(Begin(start.Episode + 1), goal, step, error) with
        {
            Terminated = terminated,
            Truncated = truncated,
            FinalObservations = truncated ? ExpectedValues.Exact(Observe(end)) : null,
            EpisodeStatistics = ExpectedValues.Exact(end.Return, end.Tick, paying ? 1 : 0),
        };
    }

    public double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent)
    {
        CorridorPosition now = Read(state);
        bool random = opponent == "random";
        uint word = Philox.Draw(setup.Seed, (uint)setup.Match, (uint)now.Episode, (uint)now.Tick, 0, RandomPolicyPurpose).X;
        if (options.Actions == CorridorActions.Continuous)
            return [random ? Philox.Symmetric(word) : now.Cue == 1 ? -1 : 1];
        bool wall = options.Masks && now.Cell == 0;
        return [wall ? 1 : random ? word >> 31 : now.Cue == 1 ? 0 : 1];
    }

    private static CorridorPosition Read(IReadOnlyDictionary<string, double[]> columns) =>
        new((int)columns["cell"][0], (int)columns["cue"][0], (int)columns["tick"][0], (int)columns["episode"][0], columns["return"][0]);

    private CorridorPosition Begin(int episode)
    {
        uint word = Philox.Draw(setup.Seed, (uint)setup.Match, (uint)episode, 0, 0, CuePurpose).X;
        return new CorridorPosition(StartCell, options.Memory ? 1 + (int)(word % 2) : 0, 0, episode, 0);
    }

    // A bad action does nothing.
    private (int Direction, uint Error) Direction(CorridorPosition at, MatchActions actions)
    {
        if (options.Actions == CorridorActions.Continuous)
        {
            float value = actions.Continuous[0];
            return float.IsFinite(value) ? (value < 0 ? -1 : 1, 0u) : (0, ErrorCode.ActionNotFinite);
        }

        return actions.Discrete[0] switch
        {
            0 when options.Masks && at.Cell == 0 => (0, ErrorCode.ActionMasked),
            0 => (-1, 0),
            1 => (1, 0),
            _ => (0, ErrorCode.ActionOutOfRange),
        };
    }

    // With desync, the first episode of match m lasts (1 + m mod 16) sixteenths of the limit, but at least one tick.
    private int Limit(int episode) =>
        options.Desync && episode == 0 ? Math.Max(1, (int)((long)options.MaxTicks * (1 + setup.Match % 16) / 16)) : options.MaxTicks;

    private double[] Observe(CorridorPosition at)
    {
        var row = new double[ObservationLength];
        row[at.Cell] = 1;
        if (at.Tick == 0 && at.Cue > 0) row[Cells + at.Cue - 1] = 1;
        row[Cells + 2] = (float)(1 - (double)(float)((double)at.Tick / options.MaxTicks));
        if (options.Observation == ObservationKind.Byte)
            for (int i = 0; i < row.Length; i++) row[i] = Math.Floor((double)(float)(row[i] * 255) + 0.5);
        return row;
    }

    private ExpectedTick Expect(CorridorPosition at, float goal, float step, uint error) => new()
    {
        State = new Dictionary<string, ExpectedValues>
        {
            ["cell"] = ExpectedValues.Exact(at.Cell),
            ["cue"] = ExpectedValues.Exact(at.Cue),
            ["tick"] = ExpectedValues.Exact(at.Tick),
            ["episode"] = ExpectedValues.Exact(at.Episode),
            ["return"] = ExpectedValues.Exact(at.Return),
        },
        Observations = ExpectedValues.Exact(Observe(at)),
        ActionMasks = options.Masks ? ExpectedValues.Exact(at.Cell == 0 ? 0b10 : 0b11) : null,
        Rewards = ExpectedValues.Exact(goal + step),
        RewardParts = ExpectedValues.Exact(goal, step),
        RowActive = [true],
        Errors = [error],
    };
}
