using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Weights;

namespace Arena.Policy.Learners;

/// <summary>Divides rewards by the running standard deviation of the discounted return, so that their unit does not matter to the critic.</summary>
/// <remarks>
/// A rollout's returns are joined before it is learned from: nothing in its collection used the rewards. The mean is not subtracted,
/// which would change what is optimal. The scaled rewards are a copy; what is logged stays raw. Costs three launches and (T, N) floats.
/// </remarks>
public sealed class ReturnNormalizer : IDisposable
{
    private readonly IDevice device;
    private readonly RolloutBuffers rollout;
    private readonly Shard shard;
    private readonly DeviceBuffer<double> partials;
    private readonly DeviceBuffer<float> scale;
    private readonly DeviceBuffer<float> scaled;

    /// <summary>Takes the memory; nothing has been seen yet.</summary>
    /// <param name="rollout">Whose rewards are scaled.</param>
    /// <param name="shard">Over whose rows, with those of the other shards, it runs; the only one when null.</param>
    public ReturnNormalizer(RolloutBuffers rollout, Shard? shard = null)
    {
        (this.rollout, device, this.shard) = (rollout, rollout.Device, shard ?? Shard.Whole);
        partials = device.Allocate<double>((long)Reduction.Lanes * ReturnMoment.Columns, "return normaliser: partial sums");
        scale = device.Allocate<float>(1, "return normaliser: factor");
        scaled = device.Allocate<float>(rollout.Rewards.Length, "return normaliser: scaled rewards");
        Moments = device.Allocate<double>(ReturnMoment.Columns, "return normaliser: moments");
        Running = device.Allocate<double>(rollout.Rows, "return normaliser: running returns");
    }

    /// <summary>(<see cref="ReturnMoment.Columns"/>) double: slots seen, mean, sum of squared distances from it. With the next it belongs into a checkpoint.</summary>
    public DeviceBuffer<double> Moments { get; }

    /// <summary>(N) double: every row's discounted return behind the last slot, 0 where its episode ended there.</summary>
    public DeviceBuffer<double> Running { get; }

    /// <summary>Joins the rollout as it is now, once, and scales its rewards.</summary>
    /// <param name="discount">γ, 0..1.</param>
    /// <returns>(T, N) float: the scaled rewards; valid until the next call.</returns>
    public View<float> Absorb(double discount)
    {
        device.Launch(
            new SumReturns
            {
                Rewards = rollout.Rewards.View,
                Terminated = rollout.Terminated.View,
                Truncated = rollout.Truncated.View,
                Weights = rollout.RowWeights.View,
                Running = Running.View,
                Moments = Moments.View,
                Partials = partials.View,
                Horizon = rollout.Horizon,
                Rows = rollout.Rows,
                Discount = discount,
            },
            Reduction.Lanes);
        shard.Sum(device, partials.View);
        device.Launch(new MergeReturns { Partials = partials.View, Moments = Moments.View, Scale = scale.View }, 1);
        device.Launch(new ScaleRewards { Rewards = rollout.Rewards.View, Scale = scale.View, Scaled = scaled.View }, checked((int)scaled.Length));
        return scaled.View;
    }

    /// <summary>Saves moments and running returns; the factor follows from them.</summary>
    public void Save(SavedState state)
    {
        state.Optimizer.Write("returnNormalizer/moments", Moments);
        state.World.Write("returnNormalizer/running", Running);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="Arena.Kernels.UsageException">it lacks them, or is of another number of rows.</exception>
    public void Load(SavedState state)
    {
        state.Optimizer.Read("returnNormalizer/moments", Moments);
        state.World.Read("returnNormalizer/running", Running);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        partials.Dispose();
        scale.Dispose();
        scaled.Dispose();
        Moments.Dispose();
        Running.Dispose();
    }
}
