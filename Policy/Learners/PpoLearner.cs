using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Learners;

/// <summary>Proximal policy optimisation (Schulman et al., arXiv 1707.06347) on a collected rollout.</summary>
/// <remarks>
/// The order of things: advantages, their normalisation over the whole rollout, then epochs of minibatches: gather, forward,
/// loss gradient, backward, clip, AdamW. A minibatch is whole segments: a network with memory starts each from the state it was
/// collected with, and gradients stop there (truncated backpropagation through time). Every sum has a fixed order, so the same seed gives the same weights on any number
/// of threads (if the engine keeps that too). After warm-up an update allocates nothing. Where the matches of a run are divided into shards, each shard learns from
/// its own rows in an order of its own, and gradients and sums are added up over the shards.
/// </remarks>
public sealed class PpoLearner : IDisposable
{
    /// <summary>An update ends early when an epoch's mean KL passes this many times the target.</summary>
    private const double EarlyStopFactor = 1.5;

    private readonly IDevice device;
    private readonly INetworkEngine engine;
    private readonly RolloutBuffers rollout;
    private readonly Shard shard;
    private PpoConfig config;
    private ulong seed;
    private readonly ActionHead head;
    private readonly Optimizer optimizer;
    private readonly Minibatch minibatch;
    private readonly LearnerGuards guards;
    private readonly ObservationNormalizer? normalizer;
    private readonly ReturnNormalizer? returnNormalizer;
    private View<float> rewards; // of the present rollout, as they are learned from
    private readonly PastPolicy? past;
    private readonly DeviceBuffer<double> partials;
    private readonly DeviceBuffer<double> weightSums;
    private readonly UpdateMeasures measures;
    private readonly VTraceEstimator? vTrace;
    private readonly StatisticsReader reader;
    private readonly int segments;
    private readonly int outputLength;

    /// <summary>Allocates everything an update needs.</summary>
    /// <param name="engine">The network; MaxRows at least the rows of a minibatch (<see cref="MinibatchRows"/>).</param>
    /// <param name="rollout">What is learned from; its horizon is the config's.</param>
    /// <param name="config">Checked here.</param>
    /// <param name="seed">Key of the segment order.</param>
    /// <param name="shard">Which part of the run's matches the rollout is; the whole when null.</param>
    /// <exception cref="UsageException">a setting out of range, or more minibatches than segments.</exception>
    public PpoLearner(INetworkEngine engine, RolloutBuffers rollout, PpoConfig config, ulong seed, Shard? shard = null)
    {
        config.Validate();
        if (config.Horizon != rollout.Horizon)
            throw new ArgumentException($"The rollout has {rollout.Horizon} slots, the config says {config.Horizon}.", nameof(rollout));
        if (config.Segment != rollout.SegmentLength)
            throw new ArgumentException($"The rollout has segments of {rollout.SegmentLength} slots, the config says {config.Segment}.", nameof(rollout));
        int rows = MinibatchRows(config, rollout.Rows);
        if (engine.MaxRows < rows)
            throw new ArgumentException($"The engine takes {engine.MaxRows} rows at a time; a minibatch has {rows}.", nameof(engine));
        (this.engine, this.rollout, this.config, this.seed, this.shard) = (engine, rollout, config, seed, shard ?? Shard.Whole);
        device = rollout.Device;
        outputLength = engine.Spec.Outputs;
        segments = rollout.Rows * (config.Horizon / config.Segment);
        head = ActionHead.Create(device, rollout.Spec.Action, engine, rows);
        optimizer = new Optimizer(device, engine, config);
        minibatch = new Minibatch(rollout, outputLength, rows);
        guards = new LearnerGuards(device, engine, rollout);
        normalizer = engine.Spec.NormalizeObservations ? new ObservationNormalizer(device, engine, shard) : null;
        returnNormalizer = config.NormalizeReturns ? new ReturnNormalizer(rollout, shard) : null;
        past = PastPolicy.Create(rollout, engine, config, rows, shard);
        int columns = head.LossColumns;
        partials = device.Allocate<double>((long)Reduction.Lanes * Math.Max(Math.Max(columns, AdvantageSum.Count), config.Minibatches), "learner: partial sums");
        weightSums = device.Allocate<double>(config.Minibatches, "learner: weights of the minibatches");
        measures = new UpdateMeasures(device, engine, rollout, shard);
        vTrace = config.VTrace ? new VTraceEstimator(engine, rollout, head, minibatch, rows, config.Minibatches) : null;
        reader = new StatisticsReader(device, rollout.Metrics, config, rollout.Spec.Action, engine.Spec.Squash, columns, this.shard);
    }

    /// <summary>Updates made.</summary>
    public long Updates { get; set; }

    /// <summary>The optimiser, whose moments and step count belong into a checkpoint.</summary>
    public Optimizer Optimizer => optimizer;

    /// <summary>(H) mean entropy of every discrete head in the last update; nat; valid until the next.</summary>
    public ReadOnlySpan<double> HeadEntropies => reader.HeadEntropies;

    /// <summary>
    /// Norm of the last optimiser step's gradient, per tensor of <see cref="ParameterLayout.Tensors"/>; empty unless the last update
    /// measured it, which every fiftieth does. Valid until the next update.
    /// </summary>
    public ReadOnlySpan<double> TensorGradientNorms => measures.TensorNorms;

    /// <summary>The observation normaliser, whose sums belong into a checkpoint; null where the network has none.</summary>
    public ObservationNormalizer? Normalizer => normalizer;

    /// <summary>The scale of rewards, whose sums belong into a checkpoint; null without <see cref="PpoConfig.NormalizeReturns"/>.</summary>
    public ReturnNormalizer? ReturnNormalizer => returnNormalizer;

    /// <summary>The reference of the KL-to-past penalty; null without one.</summary>
    internal PastPolicy? Past => past;

    /// <summary>What it learns by at present; a change takes effect with the next update, of those settings that <see cref="LiveLearner"/> lists.</summary>
    internal PpoConfig Config
    {
        get => config;
        set => config = value;
    }

    /// <summary>Rows of the largest minibatch of a rollout with <paramref name="rolloutRows"/> rows per slot.</summary>
    /// <exception cref="UsageException">more minibatches than segments.</exception>
    public static int MinibatchRows(PpoConfig config, int rolloutRows)
    {
        long count = (long)rolloutRows * (config.Horizon / config.Segment);
        if (config.Minibatches > count)
            throw new UsageException(
                $"--minibatches is {config.Minibatches}, but a rollout has {count} segments of {config.Segment} slots; use fewer minibatches, more matches, or shorter segments.");
        return checked((int)((count + config.Minibatches - 1) / config.Minibatches * config.Segment));
    }

    /// <summary>Learns from the rollout as it is now.</summary>
    /// <param name="progress">Share of the planned updates already made, 0..1; moves the learning rate.</param>
    /// <exception cref="NonFiniteTensorException">a number is NaN or infinite; names tensor, place and update.</exception>
    /// <exception cref="InvalidOperationException">the environment reported an action it could not play, or a head had no legal choice.</exception>
    public PpoStatistics Update(double progress)
    {
        EstimateAdvantages();
        guards.LookAtRollout();
        measures.Begin();
        double rate = config.LearningRateAt(progress, Updates);
        past?.Begin(progress);
        int epoch = 0;
        bool far = false;
        while (epoch < config.Epochs && !far)
        {
            // Every shard has an order of its own.
            var order = new IndexPermutation(segments, LearnerRandom.Draw(seed, (uint)epoch, (ulong)Updates, LearnerPurpose.SegmentPermutation, (uint)shard.Index));
            if (epoch > 0 && vTrace is not null) Normalize(vTrace.Estimate(order, Advantages()));
            SumWeights(order);
            for (int batch = 0; batch < config.Minibatches; batch++) Learn(order, epoch, batch, rate);
            epoch++;
            far = config.TargetKl > 0 && epoch < config.Epochs && reader.KlOf(epoch - 1) > EarlyStopFactor * config.TargetKl;
        }

        guards.LookAtResult();
        measures.End(Updates);
        rollout.Metrics.Fetch(); // the one wait for the device
        guards.CheckRollout(Updates);
        reader.Finish(epoch);
        guards.CheckResult(Updates, reader.FirstNonFiniteNorm(epoch));
        measures.Finish();
        normalizer?.Absorb(rollout);
        past?.Follow();
        PpoStatistics statistics = reader.Summarise(Updates, epoch, rate) with
        {
            TruncatedShare = measures.TruncatedShare,
            StateMax = measures.StateMax,
            RelativeStep = measures.RelativeStep,
        };
        if (past is not null) statistics = past.Add(statistics);
        Updates++;
        return statistics;
    }

    /// <summary>Saves everything an update depends on beside weights and rollout.</summary>
    public void Save(SavedState state)
    {
        state.Values.Write("learner/updates", Updates);
        state.Values.Write("learner/seed", seed);
        optimizer.Save(state);
        normalizer?.Save(state);
        returnNormalizer?.Save(state);
        past?.Save(state);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="UsageException">it is of another network.</exception>
    public void Load(SavedState state)
    {
        Updates = state.Values.ReadLong("learner/updates");
        seed = state.Values.ReadULong("learner/seed");
        optimizer.Load(state);
        normalizer?.Load(state);
        returnNormalizer?.Load(state);
        past?.Load(state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        head.Dispose();
        optimizer.Dispose();
        minibatch.Dispose();
        guards.Dispose();
        measures.Dispose();
        vTrace?.Dispose();
        normalizer?.Dispose();
        returnNormalizer?.Dispose();
        past?.Dispose();
        partials.Dispose();
        weightSums.Dispose();
    }

    private void EstimateAdvantages()
    {
        rewards = returnNormalizer is null ? rollout.Rewards.View : returnNormalizer.Absorb(config.Discount); // once per rollout
        device.Launch(Advantages(), rollout.Rows);
        Normalize(reader.AdvantageSums);
    }

    private ComputeAdvantages Advantages() => new()
    {
        Rewards = rewards,
        Terminated = rollout.Terminated.View,
        Truncated = rollout.Truncated.View,
        Values = rollout.Values.View,
        FinalValues = rollout.FinalValues.View,
        FinalSteps = rollout.FinalSteps.View,
        Advantages = rollout.Advantages.View,
        Returns = rollout.Returns.View,
        Horizon = rollout.Horizon,
        Rows = rollout.Rows,
        Finals = rollout.Finals,
        Discount = (float)config.Discount,
        Decay = (float)(config.Discount * config.GaeLambda),
    };

    // Over the whole rollout; sums are those of AdvantageSum, before normalising.
    private void Normalize(View<double> sums)
    {
        device.Launch(
            new SumAdvantages
            {
                Advantages = rollout.Advantages.View,
                Returns = rollout.Returns.View,
                Weights = rollout.RowWeights.View,
                Partials = partials.View,
            },
            Reduction.Lanes);
        device.Launch(new SumPartials { Partials = partials.View, Sums = sums, Columns = AdvantageSum.Count }, AdvantageSum.Count);
        shard.Sum(device, sums);
        device.Launch(new NormalizeAdvantages { Advantages = rollout.Advantages.View, Sums = sums }, checked((int)rollout.Advantages.Length));
    }

    // One minibatch: gather → forward → loss gradient → backward → step.
    private void Learn(IndexPermutation order, int epoch, int batch, double rate)
    {
        int first = (int)((long)segments * batch / config.Minibatches), last = (int)((long)segments * (batch + 1) / config.Minibatches);
        int rows = (last - first) * config.Segment, step = epoch * config.Minibatches + batch;
        minibatch.Gather(rollout, order, first, last - first);
        head.Refresh();
        engine.Forward(minibatch.Input(last - first, config.Segment), minibatch.Outputs, keepActivations: true);
        View<double> sums = reader.LossSums.Slice((long)step * head.LossColumns, head.LossColumns);
        View<double> weightSum = weightSums.View.Slice(batch, 1);
        LossGradient(rows, weightSum, sums);
        past?.AddGradient(minibatch, minibatch.Input(last - first, config.Segment), weightSum, step, sums);
        optimizer.ClearGradients();
        engine.Backward(minibatch.OutputGradients, rows);
        head.AddParameterGradients(sums);
        shard.Sum(device, engine.Gradients);
        device.Launch(new SquaredNormPartials { Gradients = engine.Gradients, Partials = partials.View }, Reduction.Lanes);
        View<double> squaredNorm = reader.SquaredNorms.Slice(step, 1);
        device.Launch(new SumPartials { Partials = partials.View, Sums = squaredNorm, Columns = 1 }, 1);
        optimizer.Step(rate, squaredNorm, guards.Veto);
        engine.RefreshDerived();
    }

    // W of every minibatch of an epoch, over all shards: known before the first forward pass, so it costs one exchange per epoch.
    private void SumWeights(IndexPermutation order)
    {
        device.Launch(
            new SumSegmentWeights
            {
                Weights = rollout.RowWeights.View,
                Partials = partials.View,
                Order = order,
                Minibatches = config.Minibatches,
                SegmentLength = config.Segment,
                Rows = rollout.Rows,
            },
            Reduction.Lanes);
        device.Launch(new SumPartials { Partials = partials.View, Sums = weightSums.View, Columns = config.Minibatches }, config.Minibatches);
        shard.Sum(device, weightSums.View);
    }

    private void LossGradient(int rows, View<double> weightSum, View<double> sums)
    {
        head.LossGradient(new PpoLossArguments
        {
            Minibatch = minibatch.Views,
            Outputs = minibatch.Outputs.Slice(0, (long)rows * outputLength),
            OutputGradients = minibatch.OutputGradients.Slice(0, (long)rows * outputLength),
            WeightSum = weightSum,
            Partials = partials.View,
            Columns = head.LossColumns,
            Rows = rows,
            ClipRange = (float)config.ClipRange,
            ValueClipRange = (float)config.ValueClipRange,
            ValueCoefficient = (float)config.ValueCoefficient,
            EntropyCoefficient = (float)config.EntropyCoefficient,
            BoundCoefficient = (float)config.BoundCoefficient,
        });
        device.Launch(new ReduceLoss { Partials = partials.View, Sums = sums, Columns = head.LossColumns }, head.LossColumns);
    }
}
