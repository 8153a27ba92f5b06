using System.Globalization;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>How to run a lockstep comparison.</summary>
public sealed record LockstepPlan
{
    /// <summary>Key of all draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Ticks to compare; every match.</summary>
    public int Ticks { get; init; } = 400;

    /// <summary>
    /// Who plays: "mixed" (changes by match: every built-in opponent, and stress), one name for all sides ("random", "stress"),
    /// or one per side ("random,scripted:strong"). "stress" mixes random actions with zeros, extremes, NaN and infinities.
    /// </summary>
    public string Drive { get; init; } = "mixed";

    /// <summary>How closely kernels and reference must agree.</summary>
    public Tolerances Tolerances { get; init; } = new();

    /// <summary>Runs after every step, before the comparison; for tests that corrupt a state or a buffer and see it caught.</summary>
    public Action<IEnvironment, StepBuffers, int>? AfterStep { get; init; }
}

/// <summary>What a comparison of one column found.</summary>
/// <param name="Name">State column or step buffer.</param>
/// <param name="Comparisons">Elements compared.</param>
/// <param name="MaxScaledError">Largest |actual − expected| / scale seen.</param>
/// <param name="Tolerance">Largest allowed; 0 = exact.</param>
public sealed record ColumnResult(string Name, long Comparisons, double MaxScaledError, double Tolerance);

/// <summary>The outcome of a lockstep comparison.</summary>
public sealed record LockstepReport
{
    /// <summary>Everything compared was equal within its tolerance.</summary>
    public bool Passed => First is null;

    /// <summary>The first difference, or null.</summary>
    public Difference? First { get; init; }

    /// <summary>Elements compared.</summary>
    public required long Comparisons { get; init; }

    /// <summary>Match-ticks compared.</summary>
    public required long TicksCompared { get; init; }

    /// <summary>Match-ticks that rounding may decide: counted, not compared.</summary>
    public required long TicksSetApart { get; init; }

    /// <summary>Match-ticks compared with a tolerance widened (up to 10 times) for contacts and motions that amplify rounding.</summary>
    public required long TicksAmplified { get; init; }

    /// <summary>Episodes that ended while comparing.</summary>
    public required long EpisodesFinished { get; init; }

    /// <summary>Share of match-ticks set apart, 0..1.</summary>
    public double ShareSetApart => TicksCompared + TicksSetApart == 0 ? 0 : (double)TicksSetApart / (TicksCompared + TicksSetApart);

    /// <summary>Why, and how often.</summary>
    public required IReadOnlyDictionary<string, long> Reasons { get; init; }

    /// <summary>Every column.</summary>
    public required IReadOnlyList<ColumnResult> Columns { get; init; }
}

/// <summary>A disagreement of kernels and reference, with all that is needed to see it again.</summary>
public sealed record Difference
{
    /// <summary>Game.</summary>
    public required string Game { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Global number of the match.</summary>
    public required int Match { get; init; }

    /// <summary>Tick of the run, from 0; −1 = the reset.</summary>
    public required int Tick { get; init; }

    /// <summary>Episode of the match before the tick.</summary>
    public required int Episode { get; init; }

    /// <summary>Tick of that episode before the tick.</summary>
    public required int EpisodeTick { get; init; }

    /// <summary>State column or step buffer.</summary>
    public required string Column { get; init; }

    /// <summary>Element: "player[3].velocityX", "observations[agent 2] ball offset".</summary>
    public required string Element { get; init; }

    /// <summary>What the reference says.</summary>
    public required double Expected { get; init; }

    /// <summary>What the kernels wrote.</summary>
    public required double Actual { get; init; }

    /// <summary>What 1 of the scaled error stands for; 0 = exact.</summary>
    public required double Scale { get; init; }

    /// <summary>Tolerance that was exceeded.</summary>
    public required Tolerance Tolerance { get; init; }

    /// <summary>Command line that shows it again.</summary>
    public required string Command { get; init; }

    /// <summary>The whole story in one paragraph.</summary>
    public override string ToString()
    {
        string when = Tick < 0 ? "after the reset" : $"after tick {Tick} of the run (episode {Episode}, tick {EpisodeTick} of it)";
        string allowed = Scale == 0
            ? $"The tolerance is 0 ({Tolerance.Allows})."
            : $"Scaled by {Number(Scale)} that is {Number(Math.Abs(Actual - Expected) / Scale)}; the tolerance is {Number(Tolerance.ScaledError)} ({Tolerance.Allows}).";
        return $"{Game}: kernels and reference differ in match {Match}, seed {Seed}, {when}: column {Column}, element {Element}: " +
            $"expected {Number(Expected)}, actual {Number(Actual)}, difference {Number(Actual - Expected)}. {allowed} Reproduce: {Command}";
    }

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
