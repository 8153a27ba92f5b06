using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>A game's reference: makes one <see cref="IMatchReference"/> per match.</summary>
public interface IGameReference
{
    /// <summary>Name of the game in the registry.</summary>
    string Game { get; }

    /// <summary>The reference of one match.</summary>
    IMatchReference Create(MatchSetup setup);
}

/// <summary>What, besides state and actions, decides how a match goes on.</summary>
/// <param name="Options">The options of the batch; its size and match offset mean nothing to one match.</param>
/// <param name="Spec">Sizes and names under these options.</param>
/// <param name="Seed">Key of all draws.</param>
/// <param name="Match">Global number of the match.</param>
public sealed record MatchSetup(GameOptions Options, EnvironmentSpec Spec, ulong Seed, int Match);

/// <summary>The actions of all agents of one match.</summary>
/// <param name="Continuous">(A, components), or empty.</param>
/// <param name="Discrete">(A, heads), or empty.</param>
public sealed record MatchActions(float[] Continuous, int[] Discrete);

/// <summary>One match, written from the game's rules: says what its kernels must have computed.</summary>
public interface IMatchReference
{
    /// <summary>What a reset must write.</summary>
    ExpectedTick Reset();

    /// <summary>What one tick must write.</summary>
    /// <param name="before">The kernels' own state of this match before the tick, by column name.</param>
    /// <param name="actions">What the agents did.</param>
    /// <param name="progress">Progress of the reward schedule, 0..1.</param>
    ExpectedTick Step(IReadOnlyDictionary<string, double[]> before, MatchActions actions, float progress);

    /// <summary>What built-in opponent <paramref name="opponent"/> must do, or null where this reference does not judge it.</summary>
    /// <param name="state">The kernels' own state of this match, by column name.</param>
    /// <param name="agent">Agent within the match.</param>
    /// <param name="opponent">A name from <see cref="EnvironmentSpec.Opponents"/>.</param>
    /// <returns>Its continuous components followed by its discrete choices; exact.</returns>
    double[]? Act(IReadOnlyDictionary<string, double[]> state, int agent, string opponent);
}

/// <summary>Expected elements of one buffer or state column, for one match.</summary>
/// <param name="Values">One per element.</param>
/// <param name="Scales">What the value 1 of the scaled error stands for, per element; 0 = must be exact.</param>
public sealed record ExpectedValues(double[] Values, double[] Scales)
{
    /// <summary>As an expected value: the element must be what it was before (no result is ever NaN).</summary>
    public const double Untouched = double.NaN;

    /// <summary>Elements that must be equal.</summary>
    public static ExpectedValues Exact(params double[] values) => new(values, new double[values.Length]);

    /// <summary>Elements with one scale.</summary>
    public static ExpectedValues Scaled(double[] values, double scale)
    {
        var scales = new double[values.Length];
        Array.Fill(scales, scale);
        return new ExpectedValues(values, scales);
    }
}

/// <summary>What a tick did to one agent whose episodes are its own.</summary>
/// <param name="Terminated">The rules ended its episode.</param>
/// <param name="Truncated">The clock ended it.</param>
/// <param name="Starts">Its next observation is the first of an episode.</param>
public sealed record ExpectedLife(bool Terminated, bool Truncated, bool Starts);

/// <summary>Everything one match must hold after a tick or a reset.</summary>
public sealed record ExpectedTick
{
    /// <summary>Every state column by name.</summary>
    public required IReadOnlyDictionary<string, ExpectedValues> State { get; init; }

    /// <summary>(A, O) what each agent sees next.</summary>
    public required ExpectedValues Observations { get; init; }

    /// <summary>(A, MaskWords), or null without masks.</summary>
    public ExpectedValues? ActionMasks { get; init; }

    /// <summary>(A).</summary>
    public required ExpectedValues Rewards { get; init; }

    /// <summary>(A, components).</summary>
    public required ExpectedValues RewardParts { get; init; }

    /// <summary>The rules ended the episode; the same for all agents. Not used with <see cref="Lives"/>.</summary>
    public bool Terminated { get; init; }

    /// <summary>The clock ended it. Not used with <see cref="Lives"/>.</summary>
    public bool Truncated { get; init; }

    /// <summary>(A) where each agent has episodes of its own: what became of them; else null.</summary>
    public IReadOnlyList<ExpectedLife>? Lives { get; init; }

    /// <summary>(A) whether the next action of each agent counts.</summary>
    public required bool[] RowActive { get; init; }

    /// <summary>(A) bits of <see cref="ErrorCode"/>.</summary>
    public required uint[] Errors { get; init; }

    /// <summary>
    /// (A, O) the last observation, when <see cref="Truncated"/>; else null: the buffer must be untouched. So must elements that
    /// are <see cref="ExpectedValues.Untouched"/>.
    /// </summary>
    public ExpectedValues? FinalObservations { get; init; }

    /// <summary>(EpisodesPerMatch, RawStatistics), when an episode ended; else null, and untouched elements, as in <see cref="FinalObservations"/>.</summary>
    public ExpectedValues? EpisodeStatistics { get; init; }

    /// <summary>How much wider than usual float tolerances must be, where the tick amplifies rounding; 1 = usual.</summary>
    public double Amplification { get; init; } = 1;

    /// <summary>Other outcomes that rounding may choose (a near tie read the other way): the kernels must match one of all.</summary>
    public IReadOnlyList<ExpectedTick> Alternatives { get; init; } = [];

    /// <summary>
    /// How much wider float tolerances must be because the tick multiplies rounding, as the reference sees in itself; null = nothing to find out.
    /// Asked only where the tick matches no outcome at its usual tolerance. Above 10 the tick is counted apart, unless it matches at ten times the usual.
    /// </summary>
    public Func<double>? Growth { get; init; }

    /// <summary>Why rounding may decide this tick, so that it is counted apart and not compared; null = compare.</summary>
    public string? NearBoundary { get; init; }
}
