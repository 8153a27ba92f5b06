namespace Arena.HostApi.Training;

/// <summary>One stage of a curriculum: what it changes in the run's own settings, and when it ends.</summary>
/// <remarks>Settings that a stage does not name have the run's values: nothing carries over from the stage before.</remarks>
public sealed record CurriculumStage
{
    /// <summary>Unique name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Settings by path, as text: of the game ("rewards.goal"), or of the learner ("learner.entropyCoefficient").</summary>
    public IReadOnlyDictionary<string, string> Set { get; init; } = new Dictionary<string, string>();

    /// <summary>Settings that move from one value to another while the stage lasts, linearly in agent-steps, in <see cref="CurriculumPlan.RampLevels"/> equal parts.</summary>
    public IReadOnlyDictionary<string, CurriculumRange> Ramp { get; init; } = new Dictionary<string, CurriculumRange>();

    /// <summary>Agent-steps over which <see cref="Ramp"/> and <see cref="Progress"/> move; 0 = <see cref="AtMostAgentSteps"/>.</summary>
    public long RampAgentSteps { get; init; }

    /// <summary>Progress of the reward schedule, 0..1, moving as <see cref="Ramp"/> does but without parts; null = the share of the run that is done.</summary>
    public CurriculumRange? Progress { get; init; }

    /// <summary>The next stage begins when this holds; in the last stage the run ends.</summary>
    public CurriculumCondition? AdvanceWhen { get; init; }

    /// <summary>The stage before begins again when this holds.</summary>
    public CurriculumCondition? RetreatWhen { get; init; }

    /// <summary>Agent-steps after which the run ends, or the next stage begins (<see cref="Continue"/>); 0 = no limit.</summary>
    public long AtMostAgentSteps { get; init; }

    /// <summary>Go on with the next stage after <see cref="AtMostAgentSteps"/>.</summary>
    public bool Continue { get; init; }

    /// <summary>Share of the episodes that play an earlier stage as it was at its end, 0 to below 1; each equally likely.</summary>
    public double Rehearse { get; init; }

    /// <summary>Length of the ramp in agent-steps; 0 = nothing moves.</summary>
    internal long RampLength => RampAgentSteps > 0 ? RampAgentSteps : AtMostAgentSteps;
}

/// <summary>A value that moves.</summary>
/// <param name="From">At the start of the stage.</param>
/// <param name="To">At the end of its ramp.</param>
public readonly record struct CurriculumRange(double From, double To)
{
    /// <summary>The value when a share 0..1 of the way is done; exact at both ends.</summary>
    public double At(double share) => share >= 1 ? To : From + (To - From) * share;
}

/// <summary>A bound on a metric: of an evaluation, in several of them in a row; or of the stage's latest finished episodes, after every update.</summary>
/// <param name="Metric">"eval/random/score_lower"; "stage/success".</param>
/// <param name="AtLeast">Smallest value, or null.</param>
/// <param name="AtMost">Largest value, or null.</param>
/// <param name="For">Consecutive evaluations.</param>
/// <param name="Episodes">Episodes of the stage over which the mean is taken; 0 = a condition on evaluations.</param>
/// <param name="AtMostTimes">How often it may end a stage; 0 = always.</param>
public sealed record CurriculumCondition(string Metric, double? AtLeast, double? AtMost, int For = 1, int Episodes = 0, int AtMostTimes = 0)
{
    /// <summary>Whether it is about the stage's own episodes.</summary>
    public bool OverEpisodes => Episodes > 0;

    /// <summary>Whether <paramref name="value"/> is within the bounds; an undefined one (NaN) is not.</summary>
    public bool Holds(double value) => !double.IsNaN(value) && (AtLeast is not { } least || value >= least) && (AtMost is not { } most || value <= most);

    /// <summary>In words.</summary>
    public override string ToString()
    {
        string over = OverEpisodes ? FormattableString.Invariant($" over {Episodes:N0} episodes") : For > 1 ? $" in {For} evaluations in a row" : "";
        return FormattableString.Invariant(
            $"{Metric} {(AtLeast is { } least ? $"at least {least}" : "")}{(AtLeast is not null && AtMost is not null ? " and " : "")}{(AtMost is { } most ? $"at most {most}" : "")}{over}");
    }
}
