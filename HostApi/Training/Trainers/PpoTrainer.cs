using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training.Trainers;

/// <summary>PPO by self-play: a rollout of all matches, then epochs of minibatches; past selves and named opponents in some of the games.</summary>
internal sealed class PpoTrainer : ITrainer
{
    private readonly ulong seed;
    private readonly Func<string, float[]> readOpponent;
    private readonly RolloutBuffers rollout;
    private readonly INetworkEngine engine;
    private readonly OpponentSeats seats;
    private readonly RolloutCollector collector;
    private readonly PpoLearner learner;

    internal PpoTrainer(IEnvironment environment, IGame game, NetworkSpec network, PpoConfig config, OpponentPoolConfig pool, ulong seed, EngineChoice choice, Shard shard)
    {
        this.seed = seed;
        readOpponent = path => OpponentPolicies.Read(path, game, environment.Options, network);
        IDevice device = environment.Device;
        rollout = new RolloutBuffers(environment, config.Horizon, network.StateSize, config.Segment);
        engine = choice.Create(device, network, Math.Max(rollout.Rows, PpoLearner.MinibatchRows(config, rollout.Rows)));
        engine.Initialise(seed);
        seats = new OpponentSeats(environment, game.Score, rollout, engine, config.OpponentShare, config.Opponent, pool, engine.Another, shard);
        collector = new RolloutCollector(environment, engine, rollout, seats);
        learner = new PpoLearner(engine, rollout, config, seed, shard);
        AgentStepsPerUpdate = (long)rollout.Rows * config.Horizon * shard.Count;
        Episodes = new EpisodeMeans(game, environment, rollout.Episodes, shard);
        Live = new LiveLearner(learner, seats);
        collector.Reset(seed);
    }

    /// <inheritdoc/>
    public INetworkEngine Engine => engine;

    /// <inheritdoc/>
    public long AgentStepsPerUpdate { get; }

    /// <inheritdoc/>
    public OpponentPool? Pool => seats.Pool;

    /// <inheritdoc/>
    public ListedScores? Listed => seats.Scores;

    /// <inheritdoc/>
    public EpisodeMeans Episodes { get; }

    /// <inheritdoc/>
    public View<int> EpisodesFinished => rollout.EpisodesFinished.View;

    /// <inheritdoc/>
    public TimeSpan EnvironmentTime => collector.EnvironmentTime;

    /// <inheritdoc/>
    public bool TimesWork
    {
        set => collector.TimesWork = value;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<double> HeadEntropies => learner.HeadEntropies;

    /// <inheritdoc/>
    public ReadOnlySpan<double> TensorGradientNorms => learner.TensorGradientNorms;

    /// <inheritdoc/>
    public ILiveSettings Live { get; }

    /// <inheritdoc/>
    public PpoStatistics Update(long update, double progress, out TimeSpan collected)
    {
        if (seats.LacksPolicies) LoadOpponents();
        long start = Stopwatch.GetTimestamp();
        collector.Collect();
        collected = Stopwatch.GetElapsedTime(start);
        PpoStatistics statistics = learner.Update(progress);
        Episodes.End();
        seats.EndRollout(engine, seed, update + 1, (update + 1) * AgentStepsPerUpdate);
        return statistics;
    }

    /// <inheritdoc/>
    public void LoadOpponents() => seats.LoadPolicies(readOpponent);

    /// <inheritdoc/>
    public void Promote(long updates, long agentSteps, ReadOnlySpan<float> weights, double rating) => seats.Pool?.Promote(updates, agentSteps, weights, rating);

    /// <inheritdoc/>
    public void Save(SavedState state)
    {
        collector.Save(state);
        seats.Save(state);
        learner.Save(state);
    }

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        collector.Load(state);
        seats.Load(state);
        learner.Load(state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        learner.Dispose();
        collector.Dispose();
        seats.Dispose();
        engine.Dispose();
        rollout.Dispose();
    }
}
