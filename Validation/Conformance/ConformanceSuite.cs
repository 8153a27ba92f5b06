using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation.Conformance;

/// <summary>One thing that every game must do.</summary>
/// <param name="Name">What it is, in words: "same seed, same bytes".</param>
/// <param name="Run">Plays matches and throws <see cref="ConformanceException"/> where it does not hold.</param>
public sealed record ConformanceCheck(string Name, Action<ConformanceCase> Run)
{
    /// <summary>Games that it is about; by default all.</summary>
    public Func<EnvironmentSpec, bool> Applies { get; init; } = static _ => true;
}

/// <summary>What came of one check.</summary>
/// <param name="Check">The check.</param>
/// <param name="Problem">Where and how it failed, or what never came up; null where it held.</param>
/// <param name="Failed">Whether it failed.</param>
public sealed record ConformanceResult(ConformanceCheck Check, string? Problem, bool Failed);

/// <summary>
/// What can be asked of any game without a reference for its rules: that results repeat, whatever the threads and the batch; that every output is written
/// and in its range; that episodes, rewards, actions and snapshots are as the contract says (docs/adding-an-environment.md).
/// </summary>
/// <remarks>
/// The checks play small batches on the CPU, by recorded random actions and by the game's built-in players. A test project calls <c>Run</c>, or one
/// check per test; they throw no other framework's exceptions. Kernels that write outside their buffers are caught in a checked build alone.
/// </remarks>
public static class ConformanceSuite
{
    /// <summary>Fields are adjacent and cover the row.</summary>
    public static ConformanceCheck Fields { get; } = new("fields are adjacent and cover the row", ObservationChecks.Fields);

    /// <summary>Observations are finite and in their ranges.</summary>
    public static ConformanceCheck Ranges { get; } = new("observations are finite and in their ranges", ObservationChecks.Ranges);

    /// <summary>Entity records lie inside the row.</summary>
    public static ConformanceCheck Entities { get; } = new("entity records lie inside the row", ObservationChecks.Entities) { Applies = spec => spec.Observation.Entities.Count > 0 };

    /// <summary>Every result is written in every tick.</summary>
    public static ConformanceCheck Written { get; } = new("every result is written in every tick", ObservationChecks.Written);

    /// <summary>Observing again gives the same rows.</summary>
    public static ConformanceCheck ObservedAgain { get; } = new("observing again gives the same rows", ObservationChecks.ObservedAgain);

    /// <summary>A reset is a fresh episode.</summary>
    public static ConformanceCheck FreshReset { get; } = new("a reset is a fresh episode", EpisodeChecks.FreshReset);

    /// <summary>Episodes end once, within their limit, and the next begins.</summary>
    public static ConformanceCheck Ends { get; } = new("episodes end once, within their limit, and the next begins", EpisodeChecks.Ends);

    /// <summary>Desync cuts first episodes alone.</summary>
    public static ConformanceCheck Desync { get; } = new("desync cuts first episodes alone", EpisodeChecks.Desync) { Applies = spec => spec.EpisodeLimit > 0 };

    /// <summary>The last observation of a truncated episode is kept.</summary>
    public static ConformanceCheck FinalObservation { get; } = new("the last observation of a truncated episode is kept", EpisodeChecks.FinalObservation) { Applies = spec => spec.EpisodeLimit > 0 };

    /// <summary>Reward parts sum to the reward.</summary>
    public static ConformanceCheck PartsSum { get; } = new("reward parts sum to the reward", RewardChecks.PartsSum);

    /// <summary>Leaving the parts out changes nothing else.</summary>
    public static ConformanceCheck WithoutParts { get; } = new("leaving the parts out changes nothing else", RewardChecks.WithoutParts);

    /// <summary>Rewards stay finite as weights move.</summary>
    public static ConformanceCheck Progress { get; } = new("rewards stay finite as weights move", RewardChecks.Progress);

    /// <summary>Finished episodes report every statistic.</summary>
    public static ConformanceCheck Statistics { get; } = new("finished episodes report every statistic", RewardChecks.Statistics);

    /// <summary>Built-in players act legally.</summary>
    public static ConformanceCheck BuiltInPlayers { get; } = new("built-in players act legally", ActionChecks.BuiltInPlayers);

    /// <summary>Rows played from outside are left alone.</summary>
    public static ConformanceCheck LeftAlone { get; } = new("rows played from outside are left alone", ActionChecks.LeftAlone);

    /// <summary>A bad action is flagged in its row alone.</summary>
    public static ConformanceCheck BadActions { get; } = new("a bad action is flagged in its row alone", ActionChecks.BadActions);

    /// <summary>A masked action is flagged in its row alone.</summary>
    public static ConformanceCheck MaskedActions { get; } = new("a masked action is flagged in its row alone", ActionChecks.MaskedActions) { Applies = spec => spec.Action.HasMasks };

    /// <summary>Actions far out of range keep it finite.</summary>
    public static ConformanceCheck LargeActions { get; } = new("actions far out of range keep it finite", ActionChecks.LargeActions);

    /// <summary>Same seed, same bytes.</summary>
    public static ConformanceCheck SameSeed { get; } = new("same seed, same bytes", DeterminismChecks.SameSeedTwice);

    /// <summary>Other numbers of matches, threads and chunks change nothing.</summary>
    public static ConformanceCheck OtherBatches { get; } = new("other numbers of matches, threads and chunks change nothing", DeterminismChecks.OtherBatches);

    /// <summary>A match alone is the match in a batch.</summary>
    public static ConformanceCheck OneMatchAlone { get; } = new("a match alone is the match in a batch", DeterminismChecks.OneMatchAlone);

    /// <summary>Another seed, another game.</summary>
    public static ConformanceCheck AnotherSeed { get; } = new("another seed, another game", DeterminismChecks.AnotherSeed);

    /// <summary>Matches in another order give the same results.</summary>
    public static ConformanceCheck Permuted { get; } = new("matches in another order give the same results", DeterminismChecks.Permuted) { Applies = spec => !spec.DrawsInEveryTick };

    /// <summary>A copied state goes on identically.</summary>
    public static ConformanceCheck CopiedState { get; } = new("a copied state goes on identically", SnapshotChecks.CopiedState);

    /// <summary>All checks.</summary>
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        Fields, Ranges, Entities, Written, ObservedAgain, FreshReset,
        Ends, Desync, FinalObservation, PartsSum, WithoutParts, Progress,
        Statistics, BuiltInPlayers, LeftAlone, BadActions, MaskedActions, LargeActions,
        SameSeed, OtherBatches, OneMatchAlone, AnotherSeed, Permuted, CopiedState,
    ];

    /// <summary>Runs every check that is about the game.</summary>
    /// <param name="subject">What is checked.</param>
    /// <param name="progress">Called with the number of checks done and how many there are.</param>
    /// <param name="cancellation">Ends it between two checks, with an exception.</param>
    /// <returns>One result per check, in their order; what throws anything but what a check or a checked build's index throws is passed on.</returns>
    public static IReadOnlyList<ConformanceResult> Run(ConformanceCase subject, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        ConformanceCheck[] checks = [.. All.Where(check => check.Applies(subject.Spec))];
        var results = new List<ConformanceResult>();
        foreach (ConformanceCheck check in checks)
        {
            cancellation.ThrowIfCancellationRequested();
            results.Add(Run(check, subject));
            progress?.Invoke(results.Count, checks.Length);
        }

        return results;
    }

    private static ConformanceResult Run(ConformanceCheck check, ConformanceCase subject)
    {
        try
        {
            check.Run(subject);
            return new ConformanceResult(check, null, Failed: false);
        }
        catch (ConformanceException found)
        {
            return new ConformanceResult(check, found.Message, !found.NotSeen);
        }
        catch (IndexOutOfRangeException outside) // a checked build names the index
        {
            return new ConformanceResult(check, $"{outside.Message}{Where(outside)}", Failed: true);
        }
    }

    // The method of the game that used the index, and its line where the build knows it.
    private static string Where(Exception outside)
    {
        foreach (StackFrame frame in new StackTrace(outside, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method || type.Namespace == typeof(View<>).Namespace) continue;
            return $" It was in {type.Name}.{method.Name}{(frame.GetFileName() is { } file ? $" ({Path.GetFileName(file)}:{frame.GetFileLineNumber()})" : "")}.";
        }

        return "";
    }
}
