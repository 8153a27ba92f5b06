using System.Diagnostics;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners.Reinforce;

/// <summary>REINFORCE (Williams 1992) over batches of whole games, with one policy per side.</summary>
/// <remarks>
/// g = −(1/games)·Σ_games Σ_t Ĝ_t ∇ ln π(a_t; o_t), where ln π of a side is the sum over its agents, Ĝ the discounted return from t to the
/// end, normalised over all ticks of the batch. Side 1's return is the negation of side 0's. No critic, no entropy bonus, one step of
/// Adam per batch. The loss kernels are those of PPO with a ratio of exactly 1 (the weights have not changed since the
/// actions were drawn) and without its other terms; the network's value output gets no gradient. Sums have a fixed order.
/// </remarks>
public sealed class ReinforceLearner : IDisposable
{
    /// <summary>Rows of one forward and backward pass at most: a few hundred kilobytes of activations per layer.</summary>
    private const int RowsPerPass = 8_192;

    private readonly IEnvironment environment;
    private readonly IDevice device;
    private readonly IReadOnlyList<INetworkEngine> engines;
    private readonly ReinforceConfig config;
    private readonly ulong seed;
    private readonly GameCollector games;
    private readonly Optimizer[] optimizers;
    private readonly NonFiniteGuard[] guards;
    private readonly DeviceBuffer<float> returns;
    private readonly DeviceBuffer<double> partials;
    private readonly MetricsBlock metrics;
    private readonly MetricsPlace<double> returnSums;
    private readonly MetricsPlace<double> lossSums;
    private readonly MetricsPlace<double> squaredNorms;
    private readonly DeviceBuffer<double> gameCount;
    private readonly DeviceBuffer<float> outputs;
    private readonly DeviceBuffer<float> outputGradients;
    private readonly int ticksPerPass;
    private int usedSums;

    /// <summary>Allocates everything a batch needs.</summary>
    /// <param name="environment">What is played; one game of every match is a batch.</param>
    /// <param name="engines">One network, or one per side (<see cref="EnginesFor"/>); MaxRows at least <see cref="MaxRows"/>.</param>
    /// <param name="config">Checked here.</param>
    /// <param name="seed">Of games and actions.</param>
    /// <exception cref="UsageException">a setting out of range, or a game or network this learner does not take.</exception>
    public ReinforceLearner(IEnvironment environment, IReadOnlyList<INetworkEngine> engines, ReinforceConfig config, ulong seed)
    {
        config.Validate();
        Check(environment, engines, config);
        (this.environment, this.engines, this.config, this.seed) = (environment, engines, config, seed);
        device = environment.Device;
        int sideRows = environment.NumEnvs * environment.Spec.AgentsPerSide, width = engines[0].Spec.Outputs;
        ticksPerPass = Math.Max(1, RowsPerPass / sideRows);
        games = new GameCollector(environment, engines);
        optimizers = [.. engines.Select(engine => new Optimizer(device, engine, config.Optimizer))];
        int columns = games.Sides[0].Head.LossColumns, rows = ticksPerPass * sideRows, passes = Passes(environment.Spec.EpisodeLimit);
        returns = device.Allocate<float>((long)environment.Spec.EpisodeLimit * environment.NumEnvs, "reinforce: returns");
        partials = device.Allocate<double>((long)Reduction.Lanes * Math.Max(columns, AdvantageSum.Count), "reinforce: partial sums");
        metrics = new MetricsBlock(device);
        returnSums = metrics.Take<double>(AdvantageSum.Count);
        lossSums = metrics.Take<double>(passes * games.Sides.Count * columns);
        squaredNorms = metrics.Take<double>(engines.Count);
        Episodes = new FinishedEpisodes(device, metrics, Buffers.EpisodesFinished!.View, Buffers.EpisodeStatistics?.View ?? default);
        gameCount = device.Allocate<double>(1, "reinforce: games");
        gameCount.Write([environment.NumEnvs]);
        outputs = device.Allocate<float>((long)rows * width, "reinforce: outputs");
        outputGradients = device.Allocate<float>((long)rows * width, "reinforce: output gradients");
        guards = [.. engines.Select(Guard)];
    }

    /// <summary>Updates made.</summary>
    public long Updates { get; set; }

    /// <summary>One per network.</summary>
    public IReadOnlyList<Optimizer> Optimizers => optimizers;

    /// <summary>The matches' episode statistics and counters.</summary>
    public StepBuffers Buffers => games.Buffers;

    /// <summary>Who finished a game in the last batch.</summary>
    public FinishedEpisodes Episodes { get; }

    /// <summary>Time in the environment since the beginning, on the host's clock.</summary>
    public TimeSpan EnvironmentTime => games.EnvironmentTime;

    /// <summary>Whether to wait for the device around the environment, so that its time is of the work and not of launching it.</summary>
    public bool TimesWork
    {
        get => games.TimesWork;
        set => games.TimesWork = value;
    }

    /// <summary>The batch that was played last.</summary>
    internal GameCollector Games => games;

    /// <summary>Time spent playing since the beginning, on the host's clock.</summary>
    public TimeSpan CollectTime { get; private set; }

    /// <summary>Networks that a game needs: two where each side has its own.</summary>
    public static int EnginesFor(EnvironmentSpec spec, ReinforceConfig config) => config.TwoPolicies ? spec.Sides : 1;

    /// <summary>Rows of the largest pass.</summary>
    public static int MaxRows(EnvironmentSpec spec, int numEnvs) => Math.Max(numEnvs * spec.AgentsPerSide, RowsPerPass);

    /// <summary>Plays a batch and learns from it.</summary>
    /// <exception cref="NonFiniteTensorException">a number is NaN or infinite; names it.</exception>
    /// <exception cref="UsageException">the clock cut a game.</exception>
    public ReinforceStatistics Update()
    {
        long start = Stopwatch.GetTimestamp();
        int ticks = games.Play(seed, Updates);
        Episodes.Gather(); // all matches began anew, so whatever ended is new
        CollectTime += Stopwatch.GetElapsedTime(start);
        EstimateReturns(ticks);
        foreach (Optimizer optimizer in optimizers) optimizer.ClearGradients();
        for (int side = 0; side < games.Sides.Count; side++) Learn(side, ticks);
        foreach (NonFiniteGuard guard in guards) guard.Look();
        for (int i = 0; i < engines.Count; i++) Step(i);
        metrics.Fetch();
        foreach (NonFiniteGuard guard in guards) guard.Check(Updates);
        ReinforceStatistics statistics = Summarise(ticks);
        Updates++;
        return statistics;
    }

    /// <summary>One column of <see cref="LossSum"/> over the last batch.</summary>
    internal double LossSums(int column)
    {
        int columns = games.Sides[0].Head.LossColumns;
        double sum = 0;
        for (int i = 0; i < usedSums; i++) sum += lossSums.Host[i * columns + column];
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        games.Dispose();
        foreach (Optimizer optimizer in optimizers) optimizer.Dispose();
        foreach (NonFiniteGuard guard in guards) guard.Dispose();
        foreach (IDisposable buffer in new IDisposable[] { Episodes, metrics, returns, partials, gameCount, outputs, outputGradients })
            buffer.Dispose();
    }

    private void EstimateReturns(int ticks)
    {
        int envs = environment.NumEnvs;
        View<float> all = returns.View.Slice(0, (long)ticks * envs);
        View<byte> playing = games.Playing.Slice(0, (long)ticks * envs);
        device.Launch(
            new GameReturns { SideReward = games.SideReward, Length = games.Length, Returns = all, NumEnvs = envs, Ticks = ticks, Discount = (float)config.Discount },
            envs);
        device.Launch(new SumAdvantages { Advantages = all, Returns = all, Weights = playing, Partials = partials.View }, Reduction.Lanes);
        device.Launch(new SumPartials { Partials = partials.View, Sums = returnSums.View, Columns = AdvantageSum.Count }, AdvantageSum.Count);
        device.Launch(new NormalizeAdvantages { Advantages = all, Sums = returnSums.View }, checked((int)all.Length));
        for (int side = 0; side < games.Sides.Count; side++) games.Sides[side].Spread(all, playing, ticks); // by index: an enumerator would be an allocation
    }

    // Whole ticks per pass, in order; backward passes add up in the engine's flat gradient.
    private void Learn(int side, int ticks)
    {
        SideGames played = games.Sides[side];
        INetworkEngine engine = engines[side % engines.Count];
        int width = engine.Spec.Outputs, columns = played.Head.LossColumns;
        for (int first = 0; first < ticks; first += ticksPerPass)
        {
            int rows = Math.Min(ticksPerPass, ticks - first) * played.Rows;
            RolloutViews slice = played.Slice((long)first * played.Rows, rows);
            engine.Forward(slice.Observations, rows, outputs.View, keepActivations: true);
            View<double> sums = lossSums.View.Slice((long)(first / ticksPerPass * games.Sides.Count + side) * columns, columns);
            played.Head.LossGradient(new PpoLossArguments
            {
                Minibatch = slice,
                Outputs = outputs.View.Slice(0, (long)rows * width),
                OutputGradients = outputGradients.View.Slice(0, (long)rows * width),
                WeightSum = gameCount.View,
                Partials = partials.View,
                Columns = columns,
                Rows = rows,
                ClipRange = float.MaxValue,
            });
            device.Launch(new ReduceLoss { Partials = partials.View, Sums = sums, Columns = columns }, columns);
            engine.Backward(outputGradients.View.Slice(0, (long)rows * width), rows);
            played.Head.AddParameterGradients(sums);
        }
    }

    private void Step(int index)
    {
        View<double> norm = squaredNorms.View.Slice(index, 1);
        device.Launch(new SquaredNormPartials { Gradients = engines[index].Gradients, Partials = partials.View }, Reduction.Lanes);
        device.Launch(new SumPartials { Partials = partials.View, Sums = norm, Columns = 1 }, 1);
        optimizers[index].Step(config.LearningRate, norm, guards[index].Veto);
        engines[index].RefreshDerived();
    }

    private ReinforceStatistics Summarise(int ticks)
    {
        ReadOnlySpan<double> hostReturns = returnSums.Host;
        usedSums = Passes(ticks) * games.Sides.Count;
        double rows = Math.Max(1, LossSums(LossSum.Weight));
        double count = hostReturns[AdvantageSum.Weight], mean = hostReturns[AdvantageSum.Advantage] / count;
        return new ReinforceStatistics
        {
            Update = Updates,
            Games = environment.NumEnvs,
            Ticks = (long)count,
            LearnerRows = (long)rows,
            ReturnMean = mean,
            ReturnStd = Math.Sqrt(Math.Max(0, hostReturns[AdvantageSum.AdvantageSquared] / count - mean * mean)),
            PolicyLoss = LossSums(LossSum.Policy) / rows,
            Entropy = LossSums(LossSum.Entropy) / rows,
            GradientNorm = Math.Sqrt(squaredNorms.Host[0]),
            OtherGradientNorm = Math.Sqrt(squaredNorms.Host[^1]),
        };
    }

    private int Passes(int ticks) => (ticks + ticksPerPass - 1) / ticksPerPass;

    private NonFiniteGuard Guard(INetworkEngine engine)
    {
        var guard = new NonFiniteGuard(device, metrics, capacity: 4);
        guard.Add("weight", engine.Weights, index => $"element {index}");
        guard.Add("reward", games.SideReward, index => $"tick {index / environment.NumEnvs}, match {index % environment.NumEnvs}");
        guard.Add("return", returns.View, index => $"tick {index / environment.NumEnvs}, match {index % environment.NumEnvs}");
        guard.Add("gradient", engine.Gradients, index => $"element {index}");
        return guard;
    }

    private static void Check(IEnvironment environment, IReadOnlyList<INetworkEngine> engines, ReinforceConfig config)
    {
        EnvironmentSpec spec = environment.Spec;
        if (engines.Count != EnginesFor(spec, config))
            throw new ArgumentException($"{engines.Count} networks were given; {EnginesFor(spec, config)} are needed.", nameof(engines));
        if (environment.Options.Desync)
            throw new UsageException("REINFORCE learns from whole games, but --desync cuts the first of every match; turn it off.");
        if (spec.EpisodeLimit == 0 || spec.EpisodesOf != EpisodeOwner.Match)
            throw new UsageException($"REINFORCE learns from whole games that a clock ends; '{spec.Game}' with these options has none. Learn with --algorithm ppo.");
        if (spec.Observation.Kind != ObservationKind.Float)
            throw new UsageException($"'{spec.Game}' with these options has byte observations; REINFORCE takes float observations: choose them by --observation, or learn with --algorithm ppo.");
        if (engines[0].Spec.Core != NetworkCore.None)
            throw new UsageException("REINFORCE trains networks without memory; choose one without --core, or learn with --algorithm ppo.");
        if (engines[0].Spec.Observations != spec.Observation.Length)
            throw new UsageException($"The network takes {engines[0].Spec.Observations} inputs; an observation of '{spec.Game}' has {spec.Observation.Length} elements.");
    }
}
