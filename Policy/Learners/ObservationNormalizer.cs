using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Learners;

/// <summary>Running mean and variance of every observation element, applied by the network as (x − mean)·scale.</summary>
/// <remarks>
/// Mean and scale lie among the weights ("normalizer.mean", "normalizer.scale"), so that files, players and exports have them; no gradient
/// reaches them. The sums behind them stay here, in double. One update's rows are joined after it was learned from: collection and
/// learning of a rollout must see the same network. Evaluation never changes them.
/// </remarks>
public sealed class ObservationNormalizer : IDisposable
{
    private readonly IDevice device;
    private readonly INetworkEngine engine;
    private readonly Shard shard;
    private readonly int length;
    private readonly DeviceBuffer<double> partials;
    private readonly DeviceBuffer<double> laneCounts;
    private readonly View<float> mean;
    private readonly View<float> scale;

    /// <summary>Takes the memory; nothing has been seen yet.</summary>
    /// <param name="device">Where the network runs.</param>
    /// <param name="engine">A network with <see cref="NetworkSpec.NormalizeObservations"/> and float observations.</param>
    /// <param name="shard">Over whose rows, with those of the other shards, it runs; the only one when null.</param>
    public ObservationNormalizer(IDevice device, INetworkEngine engine, Shard? shard = null)
    {
        this.shard = shard ?? Shard.Whole;
        this.device = device;
        this.engine = engine;
        length = engine.Spec.Observations;
        partials = device.Allocate<double>((long)SumObservations.Lanes * 2 * length, "normaliser: partial sums");
        laneCounts = device.Allocate<double>(SumObservations.Lanes, "normaliser: rows per lane");
        Counts = device.Allocate<double>(length, "normaliser: counts");
        Means = device.Allocate<double>(length, "normaliser: means");
        Squares = device.Allocate<double>(length, "normaliser: squares");
        mean = Tensor("normalizer.mean");
        scale = Tensor("normalizer.scale");
    }

    /// <summary>(O) double: rows seen, of every element the same. With the two below it belongs into a checkpoint.</summary>
    public DeviceBuffer<double> Counts { get; }

    /// <summary>(O) double: mean.</summary>
    public DeviceBuffer<double> Means { get; }

    /// <summary>(O) double: sum of squared distances from the mean.</summary>
    public DeviceBuffer<double> Squares { get; }

    /// <summary>Joins the rows of weight 1 of a rollout, and lets the network apply the result from its next pass on.</summary>
    public void Absorb(RolloutBuffers rollout)
    {
        RolloutViews seen = rollout.Views;
        device.Launch(
            new SumObservations
            {
                Observations = seen.Observations,
                Weights = seen.RowWeights,
                Means = Means.View,
                Partials = partials.View,
                Counts = laneCounts.View,
                ObservationLength = length,
            },
            SumObservations.Lanes);
        shard.Sum(device, partials.View);
        shard.Sum(device, laneCounts.View);
        device.Launch(
            new MergeMoments
            {
                Partials = partials.View,
                LaneCounts = laneCounts.View,
                Counts = Counts.View,
                Means = Means.View,
                Squares = Squares.View,
                Mean = mean,
                Scale = scale,
                ObservationLength = length,
            },
            length);
        engine.RefreshDerived();
    }

    /// <summary>Saves the sums; what the network applies is saved with its weights.</summary>
    public void Save(SavedState state)
    {
        state.Optimizer.Write("normalizer/counts", Counts);
        state.Optimizer.Write("normalizer/means", Means);
        state.Optimizer.Write("normalizer/squares", Squares);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="Arena.Kernels.UsageException">it is of observations of another length.</exception>
    public void Load(SavedState state)
    {
        state.Optimizer.Read("normalizer/counts", Counts);
        state.Optimizer.Read("normalizer/means", Means);
        state.Optimizer.Read("normalizer/squares", Squares);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        partials.Dispose();
        laneCounts.Dispose();
        Counts.Dispose();
        Means.Dispose();
        Squares.Dispose();
    }

    private View<float> Tensor(string name) => engine.Weights.Slice(engine.Parameters[name].Offset, length);
}
