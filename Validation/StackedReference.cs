using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>Any game's reference with stacked observations: what each agent saw and did before, written from the options' meaning.</summary>
/// <remarks>A row is its frames, the present one first, then its actions, the last one first; all of it zero before the agent's episode.</remarks>
internal sealed class StackedReference : IMatchReference
{
    private readonly IMatchReference inner;
    private readonly EnvironmentSpec plain;
    private readonly GameOptions options;
    private readonly int width;

    private StackedReference(IMatchReference inner, EnvironmentSpec plain, GameOptions options)
    {
        (this.inner, this.plain, this.options) = (inner, plain, options);
        width = options.FrameStack * plain.Observation.Length + options.ActionStack * ActionWidth(plain.Action);
    }

    /// <summary>The reference of one match, stacked where the options ask for it.</summary>
    public static IMatchReference Create(IGame game, IGameReference reference, GameOptions options, ulong seed, int match)
    {
        EnvironmentSpec plain = game.Describe(options with { FrameStack = 1, ActionStack = 0 });
        IMatchReference inner = reference.Create(new MatchSetup(options, plain, seed, match));
        return Stacking.Wanted(options) ? new StackedReference(inner, plain, options) : inner;
    }

    public ExpectedTick Reset() => Stack(inner.Reset(), previous: null, actions: null);

    public ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress)
    {
        double[] previous = before[StackedEnvironment.ColumnName];
        ExpectedTick tick = inner.Step(before, actions, progress);
        return Stack(tick, previous, actions) with { Alternatives = [.. tick.Alternatives.Select(other => Stack(other, previous, actions))] };
    }

    public double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent) => inner.Act(state, agent, opponent);

    private ExpectedTick Stack(ExpectedTick tick, double[]? previous, MatchActions? actions)
    {
        bool begins = previous is null || tick.Terminated || tick.Truncated;
        ExpectedValues rows = Rows(tick.Observations, begins ? null : previous, actions);
        return tick with
        {
            State = new Dictionary<string, ExpectedValues>(tick.State) { [StackedEnvironment.ColumnName] = rows },
            Observations = rows,
            FinalObservations = tick.FinalObservations is { } last ? Rows(last, previous, actions) : null,
        };
    }

    // (A, width): the frames before come from the rows as they were, and are exact.
    private ExpectedValues Rows(ExpectedValues frames, double[]? previous, MatchActions? actions)
    {
        int frame = plain.Observation.Length, allFrames = options.FrameStack * frame;
        var values = new List<double>();
        var scales = new List<double>();
        for (int agent = 0; agent < plain.AgentsPerMatch; agent++)
        {
            double[] old = previous is null ? new double[width] : previous[(agent * width)..((agent + 1) * width)];
            values.AddRange(frames.Values[(agent * frame)..((agent + 1) * frame)]);
            values.AddRange(old[..(allFrames - frame)]);
            if (options.ActionStack > 0)
            {
                double[] action = previous is null ? new double[ActionWidth(plain.Action)] : Action(agent, actions!);
                values.AddRange(action);
                values.AddRange(old[allFrames..(width - action.Length)]);
            }

            scales.AddRange(frames.Scales[(agent * frame)..((agent + 1) * frame)]);
            scales.AddRange(new double[width - frame]);
        }

        return new ExpectedValues([.. values], [.. scales]);
    }

    // Components between −1 and 1, then every head's choices, one-hot. A bad value is no action.
    private double[] Action(int agent, MatchActions actions)
    {
        bool bytes = plain.Observation.Kind == ObservationKind.Byte;
        int components = plain.Action.Continuous.Count, heads = plain.Action.Discrete.Count;
        var elements = new List<double>();
        for (int i = 0; i < components; i++)
        {
            float value = actions.Continuous[agent * components + i];
            double played = float.IsFinite(value) ? Math.Clamp((double)value, -1, 1) : 0;
            elements.Add(bytes ? Math.Floor((float)((float)(127 * played) + 128.5)) : played);
        }

        for (int head = 0; head < heads; head++)
            for (int choice = 0; choice < plain.Action.Discrete[head].Size; choice++)
                elements.Add(actions.Discrete[agent * heads + head] != choice ? 0 : bytes ? 255 : 1);
        return [.. elements];
    }

    private static int ActionWidth(ActionSpec action) => action.Continuous.Count + action.Discrete.Sum(head => head.Size);
}
