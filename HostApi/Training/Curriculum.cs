using Arena.HostApi.Metrics;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>A curriculum on its way: which stage it is in, and what the next episode of every match plays by.</summary>
/// <remarks>
/// A session tells it the agent-steps after every update, the episodes that have ended, and the metrics after every evaluation. It puts the options of the present stage
/// into a slot of the environment's variants and assigns that slot to the matches' next episodes, so that no running match changes.
/// A slot is taken again when no match uses it; where none is free, new episodes keep the present slot until one is. Everything follows from
/// the seed, the agent-steps and the metrics.
/// </remarks>
public sealed class Curriculum : IDisposable
{
    /// <summary>Stages that are rehearsed at most, the latest ones: each takes a slot.</summary>
    public const int MaxRehearsed = 8;

    private const int None = -1;

    private readonly CurriculumPlan plan;
    private readonly IEnvironment environment;
    private readonly ILiveSettings learner;
    private readonly Shard shard;
    private readonly DeviceBuffer<byte> rehearsedSlots;
    private readonly byte[] rehearsed = new byte[MaxRehearsed];
    private readonly int[] slotStages;
    private readonly int[] slotLevels;
    private readonly int[] retreatsOf;
    private ulong seed;
    private int rehearsedCount;
    private int advances;
    private int retreats;
    private int slot;
    private int learnerLevel;
    private Judged judged;

    /// <summary>Starts the first stage; call <see cref="Assign"/> before the environment's reset.</summary>
    /// <param name="plan">Made for the same environment and learner.</param>
    /// <param name="environment">Whose matches it assigns.</param>
    /// <param name="learner">Whose settings it may change.</param>
    /// <param name="seed">Key of the rehearsal's draws.</param>
    /// <param name="shard">Which part of the run's matches the environment has: all shards take the same slots. The whole when null.</param>
    public Curriculum(CurriculumPlan plan, IEnvironment environment, ILiveSettings learner, ulong seed, Shard? shard = null)
    {
        (this.plan, this.environment, this.learner, this.seed, this.shard) = (plan, environment, learner, seed, shard ?? Shard.Whole);
        slotStages = new int[environment.Variants.Slots];
        slotLevels = new int[environment.Variants.Slots];
        retreatsOf = new int[plan.Stages.Count];
        Array.Fill(slotStages, None);
        rehearsedSlots = environment.Device.Allocate<byte>(MaxRehearsed, "curriculum: slots that are rehearsed");
        if (plan.ChangesOptions) environment.Variants.Prepare();
        if (plan.StageMetrics.Count > 0)
        {
            int owners = environment.NumEnvs * environment.Spec.EpisodesPerMatch;
            Episodes = new StageEpisodes(
                [.. plan.StageMetrics.Keys], [.. plan.StageMetrics.Values], owners, environment.Options.MatchOffset, environment.Options.Desync, this.shard) { Seed = seed };
        }

        Begin(0);
    }

    /// <summary>Index of the present stage; metric <c>curriculum/stage</c>.</summary>
    public int Stage { get; private set; }

    /// <summary>Its name.</summary>
    public string StageName => plan.Stages[Stage].Name;

    /// <summary>Number of stages.</summary>
    public int StageCount => plan.Stages.Count;

    /// <summary>Agent-steps since the stage began.</summary>
    public long StageAgentSteps { get; private set; }

    /// <summary>Part of the stage's ramp that new episodes play by.</summary>
    public int Level { get; private set; }

    /// <summary>Why the run must end, or null.</summary>
    public string? StopReason { get; private set; }

    /// <summary>Takes note of every finished episode, where a condition asks for them; else null.</summary>
    internal StageEpisodes? Episodes { get; }

    /// <summary>Progress of the reward schedule, 0..1, when a share <paramref name="ofRun"/> of the run is done.</summary>
    public double ProgressAt(double ofRun) => plan.ProgressAt(Stage, StageAgentSteps, ofRun);

    /// <summary>Chooses what the next episode of every match plays by.</summary>
    /// <param name="episodesFinished">(E) int: of each match.</param>
    /// <param name="running">False before a reset: then the next episode is number 0.</param>
    public void Assign(View<int> episodesFinished, bool running = true)
    {
        var share = (uint)Math.Min(uint.MaxValue, plan.Stages[Stage].Rehearse * 4294967296.0);
        Episodes?.Assigned(stage: Level != None, environment.Variants.Used && rehearsedCount > 0 ? share : 0, running);
        if (!environment.Variants.Used) return;
        environment.Device.Launch(
            new AssignVariants
            {
                EpisodesFinished = episodesFinished,
                EpisodesPerMatch = environment.Spec.EpisodesPerMatch,
                Next = environment.Variants.Next,
                Earlier = rehearsedSlots.View,
                EarlierCount = rehearsedCount,
                Present = (byte)slot,
                Rehearse = share,
                Ahead = running ? 1 : 0,
                MatchOffset = environment.Options.MatchOffset,
                Seed = seed,
            },
            environment.NumEnvs);
    }

    /// <summary>After an update: counts its agent-steps, ends a stage by its episodes or because it has lasted long enough, moves the ramp, assigns.</summary>
    public void AfterUpdate(long agentSteps, View<int> episodesFinished)
    {
        StageAgentSteps += agentSteps;
        Episodes?.Close();
        CurriculumStage stage = plan.Stages[Stage];
        judged = new Judged(Stage, Episodes?.Count ?? 0, MeanOf(stage.AdvanceWhen), MeanOf(stage.RetreatWhen));
        if (Decide(stage.AdvanceWhen?.Holds(judged.Advance) == true, stage.RetreatWhen?.Holds(judged.Retreat) == true)) stage = plan.Stages[Stage];
        if (stage.AtMostAgentSteps > 0 && StageAgentSteps >= stage.AtMostAgentSteps && StopReason is null)
        {
            if (stage.Continue) Begin(Stage + 1);
            else StopReason = FormattableString.Invariant($"stage '{stage.Name}' of the curriculum has had its {stage.AtMostAgentSteps:N0} agent-steps{Missed(stage)}");
        }

        Settle();
        Assign(episodesFinished);
    }

    /// <summary>After an evaluation: goes to the next stage, or back, if a condition has held for long enough. Takes effect with the next assignment.</summary>
    /// <param name="metric">Value of a metric by its name; NaN where it is undefined.</param>
    public void AfterEvaluation(Func<string, double> metric)
    {
        CurriculumStage stage = plan.Stages[Stage];
        Decide(Reached(stage.AdvanceWhen, metric, ref advances), Reached(stage.RetreatWhen, metric, ref retreats));
    }

    /// <summary>Sets what the last update was judged by, in the update that ends a stage still that stage's; nothing where no condition is over episodes.</summary>
    internal void FillEpisodes(MetricSample sample)
    {
        if (Episodes is null) return;
        sample.Set(CurriculumMetrics.Episodes, judged.Episodes);
        CurriculumStage stage = plan.Stages[judged.Stage];
        if (stage.AdvanceWhen is { OverEpisodes: true } advance) sample.SetKnown(advance.Metric, judged.Advance);
        if (stage.RetreatWhen is { OverEpisodes: true } retreat && retreat.Metric != stage.AdvanceWhen?.Metric) sample.SetKnown(retreat.Metric, judged.Retreat);
    }

    /// <summary>Saves what a shard's matches have of their own; the rest is in <see cref="Save"/>.</summary>
    internal void SaveMatches(SavedTensors world) => Episodes?.Save(world);

    /// <summary>Restores what <see cref="SaveMatches"/> kept.</summary>
    internal void LoadMatches(SavedTensors world) => Episodes?.Load(world);

    /// <summary>Where it stands.</summary>
    public CurriculumState Save() => new()
    {
        Stage = Stage,
        AgentSteps = StageAgentSteps,
        Advances = advances,
        Retreats = retreats,
        Level = Level,
        Slot = slot,
        Rehearsed = [.. rehearsed.Take(rehearsedCount).Select(earlier => (int)earlier)],
        SlotStages = [.. slotStages],
        SlotLevels = [.. slotLevels],
        RetreatsOf = CountsRetreats ? [.. retreatsOf] : null,
        Episodes = Episodes?.Save(),
        StopReason = StopReason,
        Stages = plan.Fingerprint,
        Seed = seed,
    };

    /// <summary>Continues where <paramref name="state"/> stood; the environment's state must be restored right after it.</summary>
    /// <exception cref="UsageException">a state of another curriculum.</exception>
    public void Load(CurriculumState state)
    {
        if (!Fits(state)) throw new UsageException("The saved state does not fit this curriculum: it was saved with other stages, or is damaged.");
        (Stage, StageAgentSteps, advances, retreats, Level, slot, StopReason, seed) =
            (state.Stage, state.AgentSteps, state.Advances, state.Retreats, state.Level, state.Slot, state.StopReason, state.Seed);
        state.SlotStages.CopyTo(slotStages, 0);
        state.SlotLevels.CopyTo(slotLevels, 0);
        state.RetreatsOf?.CopyTo(retreatsOf, 0);
        if (Episodes is not null)
        {
            Episodes.Seed = seed;
            Episodes.Load(state.Episodes!);
        }

        environment.Variants.Restore([.. slotStages.Select((stage, at) => stage == None ? null : plan.Options(stage, slotLevels[at]))]);
        SetRehearsed([.. state.Rehearsed.Select(earlier => (byte)earlier)]);
        learnerLevel = None;
        ApplyLearner(plan.LevelAt(Stage, StageAgentSteps));
    }

    /// <inheritdoc/>
    public void Dispose() => rehearsedSlots.Dispose();

    private void Begin(int stage)
    {
        Stage = stage;
        (StageAgentSteps, advances, retreats) = (0, 0, 0);
        Level = learnerLevel = None; // none of its options is in a slot yet
        Episodes?.Begin();
        Settle();
    }

    // Brings the options that new episodes should play by into slots, as far as slots are free.
    private void Settle()
    {
        int wanted = plan.LevelAt(Stage, StageAgentSteps);
        int earlier = plan.Stages[Stage].Rehearse > 0 ? Math.Min(Stage, MaxRehearsed) : 0;
        ApplyLearner(wanted);
        if (wanted == Level && rehearsedCount == earlier) return;
        if (wanted != Level && TakeSlot(Stage, wanted) is var taken and not None)
            (Level, slot) = (wanted, taken);

        // Until they all have a slot, those that have one are rehearsed.
        var slots = new List<byte>();
        for (int stage = Stage - earlier; stage < Stage; stage++)
            if (TakeSlot(stage, plan.LevelCount(stage) - 1, slots) is var found and not None) slots.Add((byte)found);
        SetRehearsed(slots);
    }

    // The slot that holds these options, or a free one that does from now on; None where all are in use.
    private int TakeSlot(int stage, int level, List<byte>? alsoTaken = null)
    {
        GameOptions options = plan.Options(stage, level);
        MatchVariants variants = environment.Variants;
        if (options.Equals(environment.Options)) return 0;
        for (int known = 1; known < variants.Slots; known++)
            if (options.Equals(variants[known])) return known;
        Span<int> users = stackalloc int[MatchVariants.MaxSlots];
        variants.CountUsers(users);
        shard.Sum(users);
        for (int free = 1; free < variants.Slots; free++)
        {
            bool assigned = free == slot || rehearsed.AsSpan(0, rehearsedCount).Contains((byte)free) || alsoTaken?.Contains((byte)free) == true;
            if (users[free] > 0 || assigned) continue;
            variants.Set(free, options);
            (slotStages[free], slotLevels[free]) = (stage, level);
            return free;
        }

        return None;
    }

    private void SetRehearsed(IReadOnlyCollection<byte> slots)
    {
        rehearsedCount = slots.Count;
        int at = 0;
        foreach (byte earlier in slots) rehearsed[at++] = earlier;
        rehearsedSlots.Write(rehearsed);
    }

    private void ApplyLearner(int level)
    {
        if (level == learnerLevel) return;
        learnerLevel = level;
        IReadOnlyList<string> values = plan.Learner(Stage, level);
        for (int i = 0; i < values.Count; i++) learner.Change(plan.LearnerPaths[i], values[i]);
    }

    private bool CountsRetreats => plan.Stages.Any(stage => stage.RetreatWhen is { AtMostTimes: > 0 });

    // Goes on, or else back. True: another stage has begun.
    private bool Decide(bool advance, bool retreat)
    {
        CurriculumStage stage = plan.Stages[Stage];
        if (advance && Stage + 1 == plan.Stages.Count)
        {
            StopReason ??= $"the last stage of the curriculum, '{stage.Name}', has reached {stage.AdvanceWhen}";
            return false;
        }

        if (!advance && (!retreat || (stage.RetreatWhen!.AtMostTimes is > 0 and var most && retreatsOf[Stage] >= most))) return false;
        if (!advance) retreatsOf[Stage]++;
        Begin(advance ? Stage + 1 : Stage - 1);
        return true;
    }

    // Undefined where the condition is about evaluations.
    private double MeanOf(CurriculumCondition? condition) => condition is { OverEpisodes: true } ? Episodes!.Mean(condition.Metric, condition.Episodes) : double.NaN;

    private static bool Reached(CurriculumCondition? condition, Func<string, double> metric, ref int inARow)
    {
        if (condition is null or { OverEpisodes: true }) return false;
        double value = metric(condition.Metric);
        if (double.IsNaN(value)) return false; // nothing was measured: the row goes on with the next evaluation
        inARow = condition.Holds(value) ? inARow + 1 : 0;
        return inARow >= condition.For;
    }

    private static string Missed(CurriculumStage stage) => stage.AdvanceWhen is { } condition ? $" without reaching {condition}" : "";

    private bool Fits(CurriculumState state)
    {
        if (state.Stages != plan.Fingerprint || state.SlotStages.Length != slotStages.Length || state.SlotLevels.Length != slotStages.Length) return false;
        bool SlotFits(int at) => at == 0 || (at > 0 && at < slotStages.Length && state.SlotStages[at] != None);
        bool Known(int stage, int level) => stage >= 0 && stage < plan.Stages.Count && level >= 0 && level < plan.LevelCount(stage);
        return Known(state.Stage, Math.Max(0, state.Level)) && state.Level >= None && state.AgentSteps >= 0 && SlotFits(state.Slot)
            && state.SlotStages.Zip(state.SlotLevels).All(pair => pair.First == None || Known(pair.First, pair.Second))
            && state.Rehearsed.Length <= MaxRehearsed && state.Rehearsed.All(SlotFits)
            && state.RetreatsOf?.Length == (CountsRetreats ? plan.Stages.Count : null)
            && (Episodes is null ? state.Episodes is null : state.Episodes is not null && Episodes.Fits(state.Episodes));
    }

    /// <summary>What the last update was judged by: of which stage, after how many of its episodes, and the means of its two conditions.</summary>
    private readonly record struct Judged(int Stage, long Episodes, double Advance, double Retreat);
}
