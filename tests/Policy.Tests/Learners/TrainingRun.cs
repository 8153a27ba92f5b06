using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Learners;

/// <summary>Environment, engine, rollout, collector and learner together, on a device of its own.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly INetworkEngine engine;

    /// <summary>Joins them; <paramref name="core"/> gives the network a memory, <paramref name="builtin"/> the engine of the product, <paramref name="choice"/> another one.</summary>
    internal TrainingRun(
        string game, GameOptions options, PpoConfig config, int threads = 1, ulong seed = 1, int hidden = 16, NetworkCore core = NetworkCore.None,
        bool builtin = false, Func<NetworkSpec, NetworkSpec>? change = null, OpponentPoolConfig? pool = null,
        EngineChoice? choice = null, Shard? shard = null)
        : this(threads, device => Registry.Find(game).Create(device, options), config, seed, hidden, core, builtin, change, pool, Registry.Find(game).Score, choice, shard)
    {
    }

    /// <summary>The same with an environment that is not in the registry.</summary>
    internal TrainingRun(
        int threads, Func<CpuDevice, IEnvironment> create, PpoConfig config, ulong seed = 1, int hidden = 16, NetworkCore core = NetworkCore.None,
        bool builtin = false, Func<NetworkSpec, NetworkSpec>? change = null, OpponentPoolConfig? pool = null, EpisodeScore? score = null,
        EngineChoice? choice = null, Shard? shard = null)
    {
        Device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        Environment = create(Device);
        ActionSpec action = Environment.Spec.Action;
        var spec = new NetworkSpec(
            Environment.Spec.Observation.Length, [hidden, hidden], Activation.Tanh, action.Continuous.Count, [.. action.Discrete.Select(head => head.Size)])
        {
            Core = core,
            CoreWidth = core == NetworkCore.None ? 0 : hidden,
        };
        spec = change?.Invoke(spec) ?? spec;
        Rollout = new RolloutBuffers(Environment, config.Horizon, spec.StateSize, config.Segment);
        int rows = Math.Max(Rollout.Rows, PpoLearner.MinibatchRows(config, Rollout.Rows));
        engine = builtin || choice is not null ? Create(choice ?? EngineChoice.Builtin, spec, rows, seed) : new ScalarEngine(Device, spec, rows, (int)seed);
        Seats = new OpponentSeats(
            Environment, score ?? (_ => 0.5), Rollout, engine, config.OpponentShare, config.Opponent, pool ?? new OpponentPoolConfig { Fraction = 0 },
            choice is null ? rows => new BuiltinEngine(Device, spec, rows) : engine.Another, shard);
        Collector = new RolloutCollector(Environment, engine, Rollout, Seats);
        Learner = new PpoLearner(engine, Rollout, config, seed, shard);
        Collector.Reset(seed);
    }

    internal CpuDevice Device { get; }

    internal IEnvironment Environment { get; }

    internal RolloutBuffers Rollout { get; }

    /// <summary>Either engine.</summary>
    internal INetworkEngine Network => engine;

    /// <summary>The scalar one, with its planted bugs.</summary>
    internal ScalarEngine Engine => (ScalarEngine)engine;

    internal OpponentSeats Seats { get; }

    internal RolloutCollector Collector { get; }

    internal PpoLearner Learner { get; }

    internal PpoStatistics Update(double progress = 0)
    {
        Collector.Collect();
        return Learner.Update(progress);
    }

    /// <summary>Update number <paramref name="update"/>, and what follows it for the opponents.</summary>
    internal void PlayUpdate(int update)
    {
        Update();
        Seats.EndRollout(Network, seed: 1, update + 1, (update + 1) * (long)Rollout.RowWeights.Length);
    }

    /// <summary>A run of some updates, and one that is saved after <paramref name="saved"/> of them and goes on in another, end with the same weights and opponents.</summary>
    internal static void MustGoOn(TrainingRun whole, TrainingRun first, TrainingRun second, int saved, int updates)
    {
        for (int update = 0; update < updates; update++) whole.PlayUpdate(update);
        for (int update = 0; update < saved; update++) first.PlayUpdate(update);
        var state = new SavedState();
        first.Save(state);
        second.Load(state);
        state.CheckAllRead();
        for (int update = saved; update < updates; update++) second.PlayUpdate(update);
        Assert.Equal(whole.Network.Weights.AsSpan().ToArray(), second.Network.Weights.AsSpan().ToArray());
        Assert.Equal(whole.Seats.Opponents.AsSpan().ToArray(), second.Seats.Opponents.AsSpan().ToArray());
    }

    /// <summary>Writes nonsense into every row of the rollout that must not be learned from; returns how many there are.</summary>
    internal int SpoilRowsOfWeight0()
    {
        int spoiled = 0;
        int actions = Environment.Spec.Action.Continuous.Count;
        for (int i = 0; i < Rollout.RowWeights.Length; i++)
        {
            if (Rollout.RowWeights.View[i] == 1) continue;
            spoiled++;
            Rollout.Rewards.View[i] = 1_000;
            Rollout.LogProbs.View[i] = 3;
            Rollout.ContinuousActions!.View[(long)i * actions] = 7;
        }

        return spoiled;
    }

    internal void Save(SavedState state)
    {
        state.World.Write<float>("weights", Device, Network.Weights);
        Environment.Save(state);
        Collector.Save(state);
        Seats.Save(state);
        Learner.Save(state);
    }

    internal void Load(SavedState state)
    {
        state.World.Read("weights", Device, Network.Weights);
        Network.RefreshDerived();
        Environment.Load(state);
        Collector.Load(state);
        Seats.Load(state);
        Learner.Load(state);
    }

    public void Dispose()
    {
        Learner.Dispose();
        Collector.Dispose();
        Seats.Dispose();
        engine.Dispose();
        Rollout.Dispose();
        Environment.Dispose();
        Device.Dispose();
    }

    private INetworkEngine Create(EngineChoice choice, NetworkSpec spec, int rows, ulong seed)
    {
        INetworkEngine created = choice.Create(Device, spec, rows);
        created.Initialise(seed);
        return created;
    }
}
