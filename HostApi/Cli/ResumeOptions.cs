using System.CommandLine;
using System.Globalization;
using Arena.HostApi.Distributed;
using Arena.HostApi.Training;
using Arena.Kernels.Environments;
using Arena.Kernels;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;

namespace Arena.HostApi.Cli;

/// <summary>Everything training was asked for.</summary>
internal sealed record TrainingRequest(GameRequest Game, PpoConfig Learner, TrainingPlan Plan, IReadOnlyList<CurriculumStage>? Curriculum)
{
    /// <summary>What runs the network that learns.</summary>
    internal EngineRequest Engine { get; init; } = EngineRequest.Auto;

    /// <summary>How ranks on GPUs add up their gradients.</summary>
    internal ExchangeKind Exchange { get; init; }
}

/// <summary>The options of <c>arena train</c> that say where it begins and where it pauses.</summary>
internal sealed class ResumeOptions
{
    // They say how a run is watched, not what it learns.
    private static readonly string[] AlwaysFree = ["checkpointMinutes", "finalGames"];
    private static readonly string[] FreeToReschedule = ["agentSteps", "evaluateEvery"];

    private readonly Option<string?> resume = CliOption.Text("--resume", "Go on with a run, with its own settings: a run directory (its newest checkpoint), or one checkpoint's folder.", "RUN");
    private readonly Option<string?> from = CliOption.Text("--from", "Begin a new run with the weights of a policy file or of a run's best policy.", "FILE|RUN");
    private readonly Option<string?> until = CliOption.Text("--until", "Pause after this update, or this share of all (both counted from the run's beginning).", "UPDATE|SHARE%");
    private readonly Option<bool> reschedule = CliOption.Flag("--reschedule", "With --resume: allow another --agent-steps or --evaluate-every; rates and rewards then follow the new plan.");
    private readonly Option<bool> weightsOnly = CliOption.Flag("--weights-only", "With --resume: begin a new run with the weights alone; every setting may differ.");

    private ResumeOptions()
    {
    }

    /// <summary>Adds them to <paramref name="command"/>.</summary>
    internal static ResumeOptions AddTo(Command command)
    {
        var options = new ResumeOptions();
        foreach (Option option in new Option[] { options.resume, options.from, options.until, options.reschedule, options.weightsOnly }) command.Options.Add(option);
        return options;
    }

    /// <summary>The configuration of the run named by --resume in a command line that is not parsed yet; null where there is none.</summary>
    /// <exception cref="UsageException">no such run.</exception>
    internal static RunConfig? Find(string[] args) => CommandLine.OptionIn(args, "--resume") is { } named ? RunConfig.OfRun(ResumePlace.Of(named).Run) : null;

    /// <summary>Where to pause.</summary>
    /// <exception cref="UsageException">neither an update nor a share.</exception>
    internal PausePoint Until(ParseResult parsed) => PausePoint.Parse(parsed.GetValue(until));

    /// <summary>Where training begins; holds the run's checkpoints where it is resumed.</summary>
    /// <exception cref="UsageException">options that do not go together or differ from the run's, no checkpoint, no such policy.</exception>
    internal StartingPoint Read(ParseResult parsed, TrainingRequest request, RunConfig? run, Action<string> say, Ranks ranks)
    {
        string? named = parsed.GetValue(resume), policy = parsed.GetValue(from);
        if (named is not null && policy is not null)
            throw new UsageException($"--resume ('{named}') goes on with a run and --from ('{policy}') begins a new one; give one of them.");
        if (named is null && (parsed.GetValue(reschedule) || parsed.GetValue(weightsOnly)))
            throw new UsageException("--reschedule and --weights-only say how to go on with a run; give --resume RUN, too.");
        if (policy is not null) return StartingPoint.OfPolicy(policy, request, say);
        if (named is null) return StartingPoint.Nothing;
        ResumePlace place = ResumePlace.Of(named);
        if (parsed.GetValue(weightsOnly)) return StartingPoint.OfWeights(place, say, ranks);
        CheckSame(request, run!, parsed.GetValue(reschedule));
        return StartingPoint.OfCheckpoint(place, say, Math.Max(1, run!.Plan.Shards), ranks);
    }

    private static void CheckSame(TrainingRequest request, RunConfig run, bool rescheduled)
    {
        string[] free = rescheduled ? [.. AlwaysFree, .. FreeToReschedule] : AlwaysFree;
        string[] differences =
        [
            .. Differences(request.Game.Options, run.Options, []), .. Differences(request.Learner, run.Learner, []), .. Differences(request.Plan, run.Plan, free),
            .. request.Game.Seed == run.Seed ? Array.Empty<string>() : [$"--seed is {request.Game.Seed} (the run has {run.Seed})"],
            .. CurriculumFile.Fingerprint(request.Curriculum) == CurriculumFile.Fingerprint(run.Curriculum) ? Array.Empty<string>() : ["the curriculum is another"],
        ];
        if (differences.Length == 0) return;
        throw new UsageException(
            $"The run has other settings: {string.Join(", ", differences)}. Leave them out to go on as it was; another plan is allowed with --reschedule, and anything with --weights-only, which begins a new run.");
    }

    private static IEnumerable<string> Differences(object given, object stored, string[] free) =>
        Settings.Changed(given, stored).Where(setting => !free.Contains(setting.Path))
            .Select(setting => $"{setting.OptionName} is {Settings.Format(setting.Default)} (the run has {Settings.Get(stored, setting.Path)})");
}

/// <summary>What --resume names.</summary>
/// <param name="Run">The run directory.</param>
/// <param name="Checkpoint">Name of one checkpoint; null for the newest.</param>
internal sealed record ResumePlace(string Run, string? Checkpoint)
{
    /// <summary>RUN, or RUN/checkpoints/000004100.</summary>
    internal static ResumePlace Of(string named)
    {
        string path = named.TrimEnd('/', '\\');
        string? folder = Path.GetDirectoryName(path);
        return folder is not null && Path.GetFileName(folder) == CheckpointStore.FolderName && !File.Exists(Path.Join(path, RunConfig.FileName))
            ? new ResumePlace(Path.GetDirectoryName(folder) is { Length: > 0 } run ? run : ".", Path.GetFileName(path))
            : new ResumePlace(path, null);
    }
}

/// <summary>Where a training pauses, as it was asked for.</summary>
/// <param name="Text">"40" or "12.5%"; empty for the plan's end.</param>
/// <param name="Update">The update; 0 where a share was given.</param>
/// <param name="Share">Share of all planned updates, 0..1; 0 where an update was given.</param>
internal sealed record PausePoint(string Text, long Update, double Share)
{
    /// <summary>The plan's end.</summary>
    internal static PausePoint End { get; } = new("", 0, 0);

    /// <summary>"--until 40", as run.json notes it.</summary>
    internal string Reason => $"--until {Text}";

    /// <summary>Reads what was given; null or "0" is the plan's end.</summary>
    /// <exception cref="UsageException">neither an update nor a share.</exception>
    internal static PausePoint Parse(string? text)
    {
        if (text is null or "0") return End;
        if (WholeNumber.TryParse(text, out decimal update) && update is >= 0 and <= long.MaxValue) return update == 0 ? End : new PausePoint(text, (long)update, 0);
        if (text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100)
            return new PausePoint(text, 0, percent / 100);
        throw new UsageException($"--until is '{text}'; allowed are whole numbers from 0 (0 = the plan's end), and shares of the plan above 0% up to 100%, as in 12.5%.");
    }

    /// <summary>The update after which to pause.</summary>
    /// <param name="planned">All planned updates.</param>
    internal long In(long planned) => this == End ? long.MaxValue : Update > 0 ? Update : (long)Math.Ceiling(planned * Share);
}
