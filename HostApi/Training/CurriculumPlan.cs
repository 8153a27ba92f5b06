using System.Globalization;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

namespace Arena.HostApi.Training;

/// <summary>The stages of a curriculum, checked against a run and turned into options: everything that can be wrong is found here, before training.</summary>
public sealed class CurriculumPlan
{
    /// <summary>Parts of a ramp: each has options of its own, and an environment holds 16 sets.</summary>
    public const int RampLevels = 16;

    /// <summary>Episodes over which a condition may take a mean.</summary>
    public const int MaxEpisodes = 100_000;

    /// <summary>Prefix of a setting of the learner.</summary>
    public const string LearnerPrefix = "learner.";

    private readonly Level[][] levels;

    /// <summary>Checks and resolves.</summary>
    /// <param name="stages">At least one.</param>
    /// <param name="environment">What is trained on; its options are the run's own.</param>
    /// <param name="learner">Whose settings may be changed.</param>
    /// <param name="metrics">Names that conditions may use.</param>
    /// <param name="horizon">T: a rollout has memory for so many last observations per row as episodes of the run's own length need.</param>
    /// <exception cref="UsageException">the first thing wrong: names stage, key and what is allowed.</exception>
    public CurriculumPlan(IReadOnlyList<CurriculumStage> stages, IEnvironment environment, ILiveSettings learner, IReadOnlyList<string> metrics, int horizon)
    {
        if (stages.Count == 0) throw new UsageException("The curriculum has no stage; give at least one, or leave the curriculum out.");
        Stages = stages;
        Fingerprint = CurriculumFile.Fingerprint(stages);
        LearnerPaths = [.. stages.SelectMany(stage => InStage(stage, () => LearnerPathsOf(stage, learner))).Distinct().Order()];
        levels = new Level[stages.Count][];
        for (int index = 0; index < stages.Count; index++)
        {
            CurriculumStage stage = stages[index];
            int at = index;
            levels[index] = InStage(stage, () =>
            {
                Check(stage, at, stages, metrics);
                return LevelsOf(stage, environment, learner, horizon);
            });
        }

        ChangesOptions = levels.Any(stage => stage.Any(level => !level.Options.Equals(environment.Options)));
        StageMetrics = OverEpisodes(stages);
        CheckOwners(environment.Spec);
    }

    /// <summary>The stages.</summary>
    public IReadOnlyList<CurriculumStage> Stages { get; }

    /// <summary>The same for the same stages.</summary>
    public string Fingerprint { get; }

    /// <summary>Settings of the learner that some stage changes.</summary>
    public IReadOnlyList<string> LearnerPaths { get; }

    /// <summary>Metrics over the stages' own episodes that some condition names, with the most episodes that one asks for.</summary>
    public IReadOnlyDictionary<string, int> StageMetrics { get; }

    /// <summary>Parts that the ramp of a stage has; 1 without a ramp.</summary>
    public int LevelCount(int stage) => levels[stage].Length;

    /// <summary>Whether any stage plays by other options than the run's own.</summary>
    public bool ChangesOptions { get; }

    /// <summary>Options of the game in a part of a stage's ramp.</summary>
    public GameOptions Options(int stage, int level) => levels[stage][level].Options;

    /// <summary>Values of <see cref="LearnerPaths"/> in a part of a stage's ramp.</summary>
    public IReadOnlyList<string> Learner(int stage, int level) => levels[stage][level].Learner;

    /// <summary>The part that the ramp of a stage has reached: 0 at first, the last one in the last 16th.</summary>
    public int LevelAt(int stage, long agentSteps)
    {
        int count = levels[stage].Length;
        return count == 1 ? 0 : agentSteps >= Stages[stage].RampLength ? count - 1 : (int)(agentSteps * count / Stages[stage].RampLength);
    }

    /// <summary>Progress of the reward schedule, 0..1.</summary>
    /// <param name="stage">Index of the stage.</param>
    /// <param name="agentSteps">Since it began.</param>
    /// <param name="ofRun">Share of the run that is done: what holds where the stage says nothing.</param>
    public double ProgressAt(int stage, long agentSteps, double ofRun)
    {
        if (Stages[stage].Progress is not { } range) return ofRun;
        return range.From == range.To ? range.From : range.At(Math.Min(1.0, (double)agentSteps / Stages[stage].RampLength));
    }

    private static void Check(CurriculumStage stage, int index, IReadOnlyList<CurriculumStage> stages, IReadOnlyList<string> metrics)
    {
        if (stages.Take(index).Any(other => other.Name == stage.Name)) throw new UsageException("there is another stage of that name; names must be unique.");
        if (stage.Ramp.Keys.FirstOrDefault(stage.Set.ContainsKey) is { } both) throw new UsageException($"'{both}' is both in 'set' and in 'ramp'; leave it out of one.");
        if (stage.AtMostAgentSteps < 0 || stage.RampAgentSteps < 0) throw new UsageException("agent-steps must not be negative.");
        if (stage.Rehearse is not (>= 0 and < 1)) throw new UsageException(FormattableString.Invariant($"'rehearse' is {stage.Rehearse}; allowed are shares from 0 to below 1."));
        if (stage.Rehearse > 0 && index == 0) throw new UsageException("'rehearse' is set, but there is no earlier stage to rehearse.");
        bool moves = stage.Ramp.Count > 0 || (stage.Progress is { } progress && progress.From != progress.To);
        if (moves && stage.RampLength == 0) throw new UsageException("its ramp has no length; set 'rampAgentSteps' or 'atMostAgentSteps'.");
        if (stage.Progress is { } range && (range.From is not (>= 0 and <= 1) || range.To is not (>= 0 and <= 1))) throw new UsageException("'progress' must be within 0..1.");
        if (stage.Continue && stage.AtMostAgentSteps == 0) throw new UsageException("'continue' is set without 'atMostAgentSteps', after which it would continue.");
        if (stage.Continue && index == stages.Count - 1) throw new UsageException("'continue' is set, but it is the last stage; leave it out, and the run ends there.");
        if (stage.RetreatWhen is not null && index == 0) throw new UsageException("'retreatWhen' is set, but there is no earlier stage.");
        if (index < stages.Count - 1 && stage.AdvanceWhen is null && !stage.Continue)
            throw new UsageException("it never ends: set 'advanceWhen', or 'atMostAgentSteps' with 'continue'.");
        if (stage.AdvanceWhen is { } advance) Check(advance, metrics, retreats: false);
        if (stage.RetreatWhen is { } retreat) Check(retreat, metrics, retreats: true);
    }

    private static void Check(CurriculumCondition condition, IReadOnlyList<string> metrics, bool retreats)
    {
        string metric = condition.Metric;
        if (!metrics.Contains(metric)) throw new UsageException($"there is no metric '{metric}'.{Nearest.Hint(metric, metrics)} The metrics are: {string.Join(", ", metrics)}.");
        if (condition.AtLeast is null && condition.AtMost is null) throw new UsageException($"the condition on '{metric}' has no bound; give 'atLeast' or 'atMost'.");
        if (condition.For < 1) throw new UsageException($"'for' is {condition.For}; allowed are 1 and more evaluations.");
        if (condition.Episodes is < 0 or > MaxEpisodes) throw new UsageException($"'episodes' is {condition.Episodes}; allowed are 1 to {MaxEpisodes} finished episodes.");
        if (condition.OverEpisodes && condition.For > 1) throw new UsageException($"the condition on '{metric}' has both 'for' (evaluations) and 'episodes'; give one of them.");
        if (CurriculumMetrics.IsOfStage(metric) && !condition.OverEpisodes)
            throw new UsageException($"the condition on '{metric}' does not say over how many of the stage's episodes; give 'episodes', for example 512.");
        if (condition.OverEpisodes && !CurriculumMetrics.IsOfStage(metric))
            throw new UsageException(
                $"'episodes' is set for '{metric}', which is no mean over the stage's own episodes; allowed are {string.Join(", ", metrics.Where(CurriculumMetrics.IsOfStage))}. " +
                "Use 'for' with other metrics.");
        if (condition.AtMostTimes < 0) throw new UsageException($"'atMostTimes' is {condition.AtMostTimes}; allowed are 1 and more retreats.");
        if (condition.AtMostTimes > 0 && !retreats) throw new UsageException("'atMostTimes' is set in 'advanceWhen'; it limits retreats: put it into 'retreatWhen'.");
    }

    // Who rehearses is drawn per match, and a life of one agent does not follow it.
    private void CheckOwners(EnvironmentSpec spec)
    {
        if (StageMetrics.Count > 0 && ChangesOptions && spec.EpisodesPerMatch > 1)
            throw new UsageException(
                $"The curriculum has conditions over episodes, but in '{spec.Game}' episodes are an agent's own, and stages change options of the game for whole matches. " +
                "Use metrics of evaluations with 'for'.");
    }

    // Metrics of conditions over episodes, and the most episodes that each is asked for.
    private static IReadOnlyDictionary<string, int> OverEpisodes(IReadOnlyList<CurriculumStage> stages) =>
        stages.SelectMany(stage => new[] { stage.AdvanceWhen, stage.RetreatWhen }).OfType<CurriculumCondition>().Where(condition => condition.OverEpisodes)
            .GroupBy(condition => condition.Metric).OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Max(condition => condition.Episodes));

    private Level[] LevelsOf(CurriculumStage stage, IEnvironment environment, ILiveSettings learner, int horizon)
    {
        var found = new Level[stage.Ramp.Count == 0 ? 1 : RampLevels];
        for (int level = 0; level < found.Length; level++)
        {
            GameOptions options = environment.Options;
            object live = learner.Settings;
            foreach ((string path, string text) in Values(stage, level, options, live))
            {
                if (IsLearners(path)) live = Settings.With(live, path[LearnerPrefix.Length..], text);
                else options = Settings.With(options, path, text);
            }

            if (!options.Equals(environment.Options)) CheckOptions(options, environment, horizon);
            found[level] = new Level(options, [.. LearnerPaths.Select(path => Settings.Get(live, path))]);
        }

        return found;
    }

    private static void CheckOptions(GameOptions options, IEnvironment environment, int horizon)
    {
        EnvironmentSpec described = environment.Variants.Check(options);
        int needed = Finals(described, horizon), allocated = Finals(environment.Spec, horizon);
        if (needed > allocated)
            throw new UsageException(
                $"its episodes end after {described.EpisodeLimit} ticks, so that {needed} of them may be cut in one rollout of {horizon}; this run has memory for {allocated}. " +
                "Use longer episodes, or a smaller --horizon.");
    }

    // As RolloutBuffers.Finals; without a clock nothing but the rules ends an episode.
    private static int Finals(EnvironmentSpec spec, int horizon) => spec.TruncationSpacing == 0 ? 1 : 1 + (horizon - 1) / spec.TruncationSpacing;

    private static IEnumerable<(string Path, string Text)> Values(CurriculumStage stage, int level, GameOptions options, object learner)
    {
        foreach ((string path, string text) in stage.Set) yield return (path, text);
        foreach ((string path, CurriculumRange range) in stage.Ramp)
        {
            SettingInfo setting = IsLearners(path) ? Settings.Find(learner, path[LearnerPrefix.Length..]) : Settings.Find(options, path);
            if (setting.Type == typeof(bool) || setting.Type == typeof(string) || setting.Type.IsEnum)
                throw new UsageException($"'{path}' is in 'ramp', but it is no number; allowed: {setting.Allowed}. Put it into 'set'.");
            double value = range.At((double)level / (RampLevels - 1));
            bool whole = setting.Type == typeof(int) || setting.Type == typeof(long);
            yield return (path, (whole ? Math.Round(value) : value).ToString("R", CultureInfo.InvariantCulture));
        }
    }

    private static string[] LearnerPathsOf(CurriculumStage stage, ILiveSettings learner) =>
        [.. stage.Set.Keys.Concat(stage.Ramp.Keys).Where(IsLearners).Select(path => LearnerPath(path, learner))];

    private static string LearnerPath(string path, ILiveSettings learner)
    {
        string known = Settings.Find(learner.Settings, path[LearnerPrefix.Length..]).Path;
        return learner.Changeable.Contains(known)
            ? known
            : throw new UsageException($"'{path}' is fixed for a run; those that may change in it are {string.Join(", ", learner.Changeable.Select(name => LearnerPrefix + name))}.");
    }

    private static bool IsLearners(string path) => path.StartsWith(LearnerPrefix, StringComparison.OrdinalIgnoreCase);

    private static T InStage<T>(CurriculumStage stage, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"Stage '{stage.Name}' of the curriculum: {wrong.Message}");
        }
    }

    private sealed record Level(GameOptions Options, string[] Learner);
}
