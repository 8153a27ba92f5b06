using System.Diagnostics;
using Arena.HostApi.SelfPlay;
using Arena.HostApi.Training.Trainers;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Learners.Reinforce;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>One training run: environment, network, collector, learner and evaluator, joined.</summary>
/// <remarks>
/// <see cref="Update"/> collects a rollout and learns from it; <see cref="Evaluate"/> plays the present weights against the built-in
/// opponents and keeps the best. Neither writes files: <see cref="RunDirectory"/> does, for whoever drives the session. The
/// same seed gives the same weights on any number of threads, and with the same number of shards on any number of processes that they can be spread over:
/// those make the same calls in the same order.
/// </remarks>
public sealed class TrainingSession : IDisposable
{
    /// <summary>Seed of evaluations during training: apart from the training's and from the final table's games.</summary>
    public const ulong SelectionSeed = 800_000_001;

    private const int EvaluationsOfARun = 20;
    private const int ShortRun = 4; // a run shorter than this part of the game's own length is evaluated as often as one of that part, or it would be evaluation for the most

    private readonly IGame game;
    private readonly GameOptions evaluationOptions;
    private readonly GameOptions options;
    private readonly Ranks ranks;
    private readonly ShardGroup group;
    private readonly ShardTeam team;
    private readonly TrainingShard[] shards; // of this process
    private readonly ITrainer trainer;       // of the first of them: what it measures is over all
    private readonly Action<int> updateShard;
    private readonly PolicyEvaluator evaluator;
    private readonly StrengthMeter? strength;
    private readonly IDevice device;
    private readonly Stopwatch clock = new();
    private readonly EngineChoice engine;
    private readonly string precision;
    private string? rules;
    private ulong seed;
    private double bestMeasure = double.NegativeInfinity;
    private TimeSpan environmentBefore; // in the processes before this one

    /// <summary>Allocates everything and starts the first episodes.</summary>
    /// <param name="device">Where to train.</param>
    /// <param name="game">Which game.</param>
    /// <param name="options">Its options in training.</param>
    /// <param name="config">The learner's.</param>
    /// <param name="plan">How long and how often.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="stages">A curriculum; null: the same options from the first to the last update.</param>
    /// <param name="engine">What learns; null: the built-in engine. Everything that only plays uses the built-in engine.</param>
    /// <param name="ranks">The processes of the run; null: this one alone.</param>
    /// <param name="sums">Adds up gradients from device to device where every rank has one of its own; null: through the host. Not disposed of here.</param>
    /// <exception cref="UsageException">settings that do not go together.</exception>
    public TrainingSession(
        IDevice device, IGame game, GameOptions options, PpoConfig config, TrainingPlan plan, ulong seed, IReadOnlyList<CurriculumStage>? stages = null, EngineChoice? engine = null,
        Ranks? ranks = null, DeviceSums? sums = null)
    {
        config.Validate();
        (this.device, this.game, this.seed, this.options, this.ranks) = (device, game, seed, options, ranks ?? new Ranks());
        Plan = plan;
        this.engine = engine ?? EngineChoice.Builtin;
        precision = this.engine.Precision.ToString().ToLowerInvariant();
        group = new ShardGroup(this.ranks, ShardsHere(device, options, plan, this.ranks), sums);
        Network = plan.Network(game.Describe(options));
        evaluationOptions = ForEvaluation(game, options);
        team = new ShardTeam(group);
        shards = new TrainingShard[group.Local];
        updateShard = UpdateShard;
        try
        {
            team.Run(local => shards[local] = CreateShard(local, config, stages));
        }
        catch
        {
            team.Dispose();
            throw;
        }

        trainer = shards[0].Trainer;
        evaluator = new PolicyEvaluator(device, game, evaluationOptions, Network, Rated(Spec), plan.EvaluationGames, ranks);
        if (Sides == 2 && plan.GateGames > 0) strength = new StrengthMeter(device, game, evaluationOptions, Network, plan.GateGames, ranks);
        long planned = plan.AgentSteps > 0 ? plan.AgentSteps : game.Training.AgentSteps;
        PlannedUpdates = Math.Max(1, (planned + AgentStepsPerUpdate - 1) / AgentStepsPerUpdate);
        long every = plan.EvaluateEvery > 0 ? plan.EvaluateEvery : Math.Max(planned / EvaluationsOfARun, game.Training.AgentSteps / (EvaluationsOfARun * ShortRun));
        UpdatesPerEvaluation = Math.Max(1, every / AgentStepsPerUpdate);
        BestWeights = new float[Parameters.Length];
    }

    /// <summary>Sizes of the network.</summary>
    public NetworkSpec Network { get; }

    /// <summary>How long and how often.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>Competing sides of the game, 1 or 2.</summary>
    public int Sides => Spec.Sides;

    /// <summary>Past selves that are opponents; null where there are none.</summary>
    public OpponentPool? Pool => trainer.Pool;

    /// <summary>Sizes and names of the game.</summary>
    public EnvironmentSpec Spec => shards[0].Environment.Spec;

    /// <summary>Names and shapes of the weights.</summary>
    public ParameterLayout Parameters => trainer.Engine.Parameters;

    /// <summary>The algorithm, for what it measured.</summary>
    internal ITrainer Trainer => trainer;

    /// <summary>PPO: N·T; REINFORCE: N times the length of a full game.</summary>
    public long AgentStepsPerUpdate => trainer.AgentStepsPerUpdate;

    /// <summary>S: parts of the matches that are learned from by themselves.</summary>
    public int Shards => group.Count;

    /// <summary>Time of this process in the sums over shards, waiting for others included.</summary>
    public TimeSpan Communication => group.Waited;

    /// <summary>Updates of the whole run.</summary>
    public long PlannedUpdates { get; }

    /// <summary>Updates between two evaluations.</summary>
    public long UpdatesPerEvaluation { get; }

    /// <summary>Updates made.</summary>
    public long Updates { get; private set; }

    /// <summary>Agent-steps collected.</summary>
    public long AgentSteps => Updates * AgentStepsPerUpdate;

    /// <summary>All planned updates are made, or the curriculum has ended.</summary>
    public bool Finished => Updates >= PlannedUpdates || Curriculum?.StopReason is not null;

    /// <summary>Where the curriculum stands; null without one.</summary>
    public Curriculum? Curriculum => shards[0].Curriculum;

    /// <summary>Time in <see cref="Update"/>, whole and by part; and in <see cref="Evaluate"/>.</summary>
    public TrainingTimes Times { get; private set; }

    /// <summary>Whether to wait for the device around the environment, so that the times tell its work from the network's; slower on a GPU.</summary>
    internal bool TimesWork
    {
        set => trainer.TimesWork = value;
    }

    /// <summary>What the last update did.</summary>
    public PpoStatistics Statistics { get; private set; }

    /// <summary>Agent-steps behind <see cref="Scores"/>.</summary>
    public long EvaluatedAgentSteps { get; private set; }

    /// <summary>The last evaluation, one score per opponent; empty before the first.</summary>
    public IReadOnlyList<EvaluationScore> Scores { get; private set; } = [];

    /// <summary>Elo and promotion at the last evaluation; null before the first, in games with one side, and without a gate.</summary>
    public Strength? Strength { get; private set; }

    /// <summary>The evaluation of <see cref="BestWeights"/>.</summary>
    public IReadOnlyList<EvaluationScore> BestScores { get; private set; } = [];

    /// <summary>(P) the best weights evaluated so far.</summary>
    public float[] BestWeights { get; }

    /// <summary>Agent-steps behind <see cref="BestWeights"/>.</summary>
    public long BestAgentSteps { get; private set; }

    /// <summary>Options of evaluation games.</summary>
    public GameOptions EvaluationOptions => evaluationOptions;

    /// <summary>(P) a copy of the present weights.</summary>
    public float[] CopyWeights()
    {
        var copy = new float[Parameters.Length];
        device.CopyToHost(trainer.Engine.Weights, copy);
        return copy;
    }

    /// <summary>Collects one rollout and learns from it.</summary>
    /// <exception cref="NonFiniteTensorException">a number is NaN or infinite; names it.</exception>
    public void Update()
    {
        clock.Restart();
        team.Run(updateShard);
        Statistics = shards[0].Statistics;
        Updates++;
        Times = Times with
        {
            Collect = Times.Collect + shards[0].Collected,
            Learn = Times.Learn + clock.Elapsed - shards[0].Collected,
            Environment = environmentBefore + trainer.EnvironmentTime,
        };
    }

    /// <summary>Plays the present weights against the built-in opponents; true when they are the best so far.</summary>
    /// <remarks>Better means a larger mean of the lower bounds: luck in few games does not make a best policy.</remarks>
    public bool Evaluate(CancellationToken cancellation = default)
    {
        clock.Restart();
        Scores = evaluator.Measure(trainer.Engine.Weights, SelectionSeed, cancellation);
        Strength = strength?.After(trainer.Engine.Weights, AgentSteps, Scores, cancellation);
        if (Strength is { Promoted: true })
            foreach (TrainingShard shard in shards) shard.Trainer.Promote(Updates, AgentSteps, strength!.ChampionWeights, Strength.Rating.Elo);
        EvaluatedAgentSteps = AgentSteps;
        Times = Times with { Evaluate = Times.Evaluate + clock.Elapsed };
        if (Curriculum is not null) team.Run(local => shards[local].Curriculum!.AfterEvaluation(name => CurriculumMetrics.Value(this, name)));
        double measure = Scores.Average(score => score.Score.Lower);
        if (measure <= bestMeasure) return false;
        bestMeasure = measure;
        BestScores = Scores;
        BestAgentSteps = AgentSteps;
        device.CopyToHost<float>(trainer.Engine.Weights, BestWeights);
        return true;
    }

    /// <summary>What the episodes that ended in the last update were like.</summary>
    public EpisodeMeans Episodes => trainer.Episodes;

    /// <summary>Saves the whole run as it is between two updates; every component adds its own part here and in <see cref="Load"/>.</summary>
    public SavedState Save()
    {
        var state = new SavedState();
        state.Values.Write("session/rules", Rules);
        state.Values.Write("session/precision", precision);
        state.Write(SavedState.LearnerPolicy, new SavedPolicy(PolicyDescription.Of(game, evaluationOptions, Network, AgentSteps, seed), CopyWeights()));
        state.Values.Write("session/seed", seed);
        state.Values.Write("session/updates", Updates);
        state.Values.Write("session/evaluatedAgentSteps", EvaluatedAgentSteps);
        SavedScores.Write(state.Values, "session/scores", Scores);
        state.Values.Write("best/measure", bestMeasure);
        state.Values.Write("best/agentSteps", BestAgentSteps);
        SavedScores.Write(state.Values, "best/scores", BestScores);
        state.World.Write<float>("best/weights", BestWeights);
        Times.Save(state.Values);
        if (Curriculum is not null) state.Values.Write("curriculum/state", Curriculum.Save().ToJson());
        SavedState[] parts = [.. shards.Select((shard, local) => Shards == 1 ? state : state.AddShard(shard.Index, keepsRest: local == 0))];
        for (int local = 0; local < shards.Length; local++)
        {
            shards[local].Curriculum?.SaveMatches(parts[local].World);
            shards[local].Environment.Save(parts[local]);
        }

        strength?.Save(state);
        for (int local = 0; local < shards.Length; local++) shards[local].Trainer.Save(parts[local]);
        return state;
    }

    /// <summary>Restores what <see cref="Save"/> kept: what follows is what would have followed there, bit for bit.</summary>
    /// <exception cref="Arena.Kernels.UsageException">it is of another game, network or size; a session that refused must not be used.</exception>
    public void Load(SavedState state)
    {
        CheckSame(state);
        LoadWeights(state.ReadPolicy(SavedState.LearnerPolicy, Network));
        seed = state.Values.ReadULong("session/seed");
        Updates = state.Values.ReadLong("session/updates");
        EvaluatedAgentSteps = state.Values.ReadLong("session/evaluatedAgentSteps");
        Scores = SavedScores.Read(state.Values, "session/scores");
        bestMeasure = state.Values.ReadDouble("best/measure");
        BestAgentSteps = state.Values.ReadLong("best/agentSteps");
        BestScores = SavedScores.Read(state.Values, "best/scores");
        state.World.Read<float>("best/weights", BestWeights);
        Times = TrainingTimes.Load(state.Values);
        environmentBefore = Times.Environment;
        strength?.Load(state);
        foreach (TrainingShard shard in shards)
        {
            SavedState part = Shards == 1 ? state : state.OfShard(shard.Index);
            shard.Curriculum?.Load(CurriculumState.FromJson(state.Values.ReadText("curriculum/state"))); // slots before the matches that play by them
            shard.Curriculum?.LoadMatches(part.World);
            shard.Environment.Load(part);
            shard.Trainer.Load(part);
        }
    }

    /// <summary>Reads the policies that <see cref="PpoConfig.Opponent"/> names. A run that begins does so in its first update at the latest; a checkpoint carries them.</summary>
    /// <exception cref="Arena.Kernels.UsageException">one is missing, damaged, or of another game or network.</exception>
    public void LoadOpponents()
    {
        foreach (TrainingShard shard in shards) shard.Trainer.LoadOpponents();
    }

    /// <summary>Overwrites the present weights, and nothing else.</summary>
    /// <param name="weights">(P) float.</param>
    public void LoadWeights(ReadOnlySpan<float> weights)
    {
        foreach (TrainingShard shard in shards) shard.LoadWeights(weights);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        strength?.Dispose();
        evaluator.Dispose();
        team.Dispose();
        foreach (TrainingShard shard in shards) shard.Dispose();
    }

    /// <summary>Options of evaluation: what training changes for its own sake (random starts, cut episodes) is back at its default.</summary>
    public static GameOptions ForEvaluation(IGame game, GameOptions options)
    {
        IEnumerable<string> training = game.Training.OnlyInTraining ?? Settings.Changed(game.Training.Options, game.DefaultOptions).Select(setting => setting.Path);
        foreach (SettingInfo usual in training.Select(path => Settings.Find(game.DefaultOptions, path)))
            options = Settings.With(options, usual.Path, Settings.Format(usual.Default));
        return options;
    }

    // How many shards this process has.
    private static int ShardsHere(IDevice device, GameOptions options, TrainingPlan plan, Ranks ranks)
    {
        int all = plan.Shards == 0 ? ranks.Size : plan.Shards;
        if (all == 1) return 1;
        if (plan.Algorithm != Algorithm.Ppo)
            throw new UsageException($"--algorithm is {Settings.Format(plan.Algorithm)}, which learns from whole batches of games in one process; {all} shards are for ppo. Train with --algorithm ppo, or in one process with --shards 1.");
        if (all % ranks.Size != 0)
            throw new UsageException(
                $"The run has {all} shard{(all == 1 ? "" : "s")}, which {ranks.Size} MPI ranks cannot share equally; its gradients are added up by shards, so that their number is part of the run. Start it on " +
                $"{string.Join(", ", Enumerable.Range(1, Math.Min(all, 64)).Where(count => all % count == 0))} ranks, or begin a new run with --weights-only or --from.");
        TrainingShard.CheckDivision(options, all);
        if (all / ranks.Size > 1 && device is not CpuDevice)
            throw new UsageException($"Several shards in one process take the cores of a CPU; this is '{device.Name}'. Start one process per shard.");
        return all / ranks.Size;
    }

    private TrainingShard CreateShard(int local, PpoConfig config, IReadOnlyList<CurriculumStage>? stages)
    {
        bool owns = group.Local > 1; // a device takes launches from one thread
        IDevice own = owns ? new CpuDevice(new CpuDeviceOptions { Threads = Math.Max(1, ((CpuDevice)device).Threads / group.Local) }) : device;
        var shard = new TrainingShard(group.Shard(local), own, owns, game, options, (environment, part) => Plan.Algorithm == Algorithm.Ppo
            ? new PpoTrainer(environment, game, Network, config, Plan.Pool, seed, engine, part)
            : new ReinforceTrainer(environment, game, evaluationOptions, Network, Reinforce(config, Plan), seed, engine));
        if (stages is not null) shard.Curriculum = CreateCurriculum(shard, stages, config.Horizon);
        return shard;
    }

    private Curriculum CreateCurriculum(TrainingShard shard, IReadOnlyList<CurriculumStage> stages, int horizon)
    {
        EnvironmentSpec spec = shard.Environment.Spec;
        string[] opponents = spec.Sides == 2 ? Rated(spec) : [Opponents.Baseline(spec)];
        ILiveSettings live = shard.Trainer.Live;
        var created = new Curriculum(
            new CurriculumPlan(stages, shard.Environment, live, CurriculumMetrics.Names(spec, opponents), horizon), shard.Environment, live, seed, shard.Shard);
        created.Assign(shard.Trainer.EpisodesFinished, running: false);
        shard.Trainer.Episodes.Stage = created.Episodes;
        return created;
    }

    private void UpdateShard(int local) => shards[local].Update(Updates, (double)Updates / PlannedUpdates);

    private static ReinforceConfig Reinforce(PpoConfig config, TrainingPlan plan) => new()
    {
        Discount = config.Discount,
        LearningRate = config.LearningRate,
        MaxGradientNorm = config.MaxGradientNorm,
        TwoPolicies = plan.TwoPolicies,
    };

    private string Rules => rules ??= RulesFingerprint.Of(device, game, shards[0].Environment.Options with { MatchOffset = options.MatchOffset });

    // All that differs at once, where one of it would only be the first.
    private void CheckSame(SavedState state)
    {
        var differences = new List<string>();
        string savedRules = state.Values.ReadText("session/rules"), savedPrecision = state.Values.ReadText("session/precision");
        if (state.Policies.TryGetValue(SavedState.LearnerPolicy, out SavedPolicy? policy) && !NetworkText.Same(policy.Description.Network, Network))
            differences.Add($"its network is {NetworkText.Describe(policy.Description.Network)}, and {NetworkText.Describe(Network)} here");
        if (savedRules != Rules) differences.Add("the game is played by other rules here (another version, or other settings)");
        if (savedPrecision != precision) differences.Add($"its precision is {savedPrecision}, and {precision} here");
        if (differences.Count > 0) throw SavedState.Mismatch(string.Join("; ", differences));
    }

    // Everybody who plays by the rules of strength: the crowd that only chases is a workload, not a rung.
    private static string[] Rated(EnvironmentSpec spec) =>
        [.. spec.Opponents.Select(opponent => opponent.Name).Where(name => name != "scripted:chase")];
}
