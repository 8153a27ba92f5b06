using System.Diagnostics;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Learners.Reinforce;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training.Trainers;

/// <summary>REINFORCE over whole games: one game of every match, one step of Adam per policy.</summary>
internal sealed class ReinforceTrainer : ITrainer
{
    /// <summary>Name of side 1's policy in a checkpoint.</summary>
    internal const string OtherPolicy = "policy-b";

    private readonly IGame game;
    private readonly GameOptions evaluationOptions;
    private readonly ulong seed;
    private readonly IDevice device;
    private readonly double rate;
    private readonly INetworkEngine[] engines;
    private readonly ReinforceLearner learner;

    internal ReinforceTrainer(
        IEnvironment environment, IGame game, GameOptions evaluationOptions, NetworkSpec network, ReinforceConfig config, ulong seed, EngineChoice choice)
    {
        (this.game, this.evaluationOptions, this.seed) = (game, evaluationOptions, seed);
        device = environment.Device;
        rate = config.LearningRate;
        EnvironmentSpec spec = environment.Spec;
        int rows = ReinforceLearner.MaxRows(spec, environment.NumEnvs);
        engines = [.. Enumerable.Range(0, ReinforceLearner.EnginesFor(spec, config)).Select(_ => choice.Create(device, network, rows))];
        for (int i = 0; i < engines.Length; i++) engines[i].Initialise(seed + (ulong)i); // two policies that begin apart
        learner = new ReinforceLearner(environment, engines, config, seed);
        AgentStepsPerUpdate = (long)environment.NumEnvs * spec.AgentsPerMatch * spec.EpisodeLimit;
        Episodes = new EpisodeMeans(game, environment, learner.Episodes) { BeginsAnew = true };
    }

    /// <inheritdoc/>
    public INetworkEngine Engine => engines[0];

    /// <summary>Every game at its full length; those that end early are counted alike.</summary>
    public long AgentStepsPerUpdate { get; }

    /// <inheritdoc/>
    public OpponentPool? Pool => null;

    /// <inheritdoc/>
    public ListedScores? Listed => null;

    /// <inheritdoc/>
    public EpisodeMeans Episodes { get; }

    /// <inheritdoc/>
    public View<int> EpisodesFinished => learner.Buffers.EpisodesFinished!.View;

    /// <inheritdoc/>
    public TimeSpan EnvironmentTime => learner.EnvironmentTime;

    /// <inheritdoc/>
    public bool TimesWork
    {
        set => learner.TimesWork = value;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<double> HeadEntropies => default;

    /// <inheritdoc/>
    public ReadOnlySpan<double> TensorGradientNorms => default;

    /// <inheritdoc/>
    public ILiveSettings Live =>
        throw new UsageException("A curriculum changes settings between episodes of one run of matches; REINFORCE begins all games anew in every batch. Use --algorithm ppo with --curriculum.");

    /// <inheritdoc/>
    public PpoStatistics Update(long update, double progress, out TimeSpan collected)
    {
        TimeSpan before = learner.CollectTime;
        ReinforceStatistics done = learner.Update();
        collected = learner.CollectTime - before;
        Episodes.End();
        return new PpoStatistics
        {
            Update = update,
            LearnerRows = done.LearnerRows,
            PolicyLoss = done.PolicyLoss,
            ValueLoss = double.NaN,
            TotalLoss = done.PolicyLoss,
            Entropy = done.Entropy,
            Std = double.NaN,
            ClippedActionShare = double.NaN,
            LegalShare = double.NaN,
            Kl = double.NaN,
            FirstMinibatchKl = double.NaN,
            RatioMax = double.NaN,
            ClipShare = double.NaN,
            BoundPenalty = double.NaN,
            Epochs = 1,
            GradientNorm = done.GradientNorm,
            ClippedGradientShare = double.NaN,
            ExplainedVariance = double.NaN,
            ValueMean = double.NaN,
            AdvantageStd = done.ReturnStd,
            TruncatedShare = 0,
            StateMax = double.NaN,
            RelativeStep = double.NaN,
            LearningRate = rate,
        };
    }

    /// <inheritdoc/>
    public void LoadOpponents()
    {
        // Whole games are played by the policies that learn.
    }

    /// <inheritdoc/>
    public void Promote(long updates, long agentSteps, ReadOnlySpan<float> weights, double rating)
    {
        // The champion of a run without a pool is an entry of its ladder only.
    }

    /// <inheritdoc/>
    public void Save(SavedState state)
    {
        state.Values.Write("reinforce/updates", learner.Updates);
        state.Values.Write("reinforce/seed", seed);
        Episodes.Save(state);
        for (int i = 0; i < engines.Length; i++) learner.Optimizers[i].Save(state, Prefix(i));
        if (engines.Length == 1) return;
        var weights = new float[engines[1].Parameters.Length];
        device.CopyToHost(engines[1].Weights, weights);
        state.Write(OtherPolicy, new SavedPolicy(PolicyDescription.Of(game, evaluationOptions, engines[1].Spec, learner.Updates * AgentStepsPerUpdate, seed), weights));
    }

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        learner.Updates = state.Values.ReadLong("reinforce/updates");
        ulong saved = state.Values.ReadULong("reinforce/seed");
        if (saved != seed) throw new UsageException($"The checkpoint was written with seed {saved}, and this run has {seed}; REINFORCE draws its games from it. Resume with the run's own seed.");
        Episodes.Load(state);
        for (int i = 0; i < engines.Length; i++) learner.Optimizers[i].Load(state, Prefix(i));
        if (engines.Length == 1) return;
        device.CopyToDevice<float>(state.ReadPolicy(OtherPolicy, engines[1].Spec), engines[1].Weights);
        engines[1].RefreshDerived();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        learner.Dispose();
        foreach (INetworkEngine engine in engines) engine.Dispose();
    }

    private static string Prefix(int engine) => engine == 0 ? "" : "b/";
}
