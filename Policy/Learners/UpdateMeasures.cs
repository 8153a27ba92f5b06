using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>What is measured around an update and not by the loss: how its episodes ended, how large the states are, how far the weights moved, every tensor's gradient.</summary>
internal sealed class UpdateMeasures : IDisposable
{
    /// <summary>Updates between two measurements of the tensors' gradients: two launches per tensor are too many for every update.</summary>
    internal const int TensorInterval = 50;

    // Places in the numbers read back: ends, change, then the largest state.
    private const int Largest = EndSum.Count + ChangeSum.Count;
    private const int Measures = Largest + 1;

    private readonly IDevice device;
    private readonly INetworkEngine engine;
    private readonly RolloutBuffers rollout;
    private readonly Shard shard;
    private readonly DeviceBuffer<float> before;
    private readonly DeviceBuffer<double> partials;
    private readonly MetricsPlace<double> sums;
    private readonly MetricsPlace<double> squaredNorms;
    private readonly (int Offset, int Length)[] tensors;
    private readonly double[] norms;
    private bool measuredTensors;

    internal UpdateMeasures(IDevice device, INetworkEngine engine, RolloutBuffers rollout, Shard? shard)
    {
        (this.device, this.engine, this.rollout, this.shard) = (device, engine, rollout, shard ?? Shard.Whole);
        tensors = [.. engine.Parameters.Tensors.Select(tensor => (tensor.Offset, tensor.Length))];
        before = device.Allocate<float>(engine.Parameters.Length, "learner: weights before the update");
        partials = device.Allocate<double>((long)Reduction.Lanes * int.Max(EndSum.Count, ChangeSum.Count), "learner: partial measures");
        sums = rollout.Metrics.Take<double>(Measures);
        squaredNorms = rollout.Metrics.Take<double>(tensors.Length);
        norms = new double[tensors.Length];
    }

    /// <summary>Truncated / all ends among the rows that are learned from; NaN when no episode ended.</summary>
    internal double TruncatedShare
    {
        get
        {
            double truncated = sums.Host[EndSum.Truncated], ends = sums.Host[EndSum.Terminated] + truncated;
            return ends > 0 ? truncated / ends : double.NaN;
        }
    }

    /// <summary>‖θ_after − θ_before‖ / ‖θ_before‖ of the whole update.</summary>
    internal double RelativeStep => Math.Sqrt(sums.Host[EndSum.Count + ChangeSum.Change] / Math.Max(double.Epsilon, sums.Host[EndSum.Count + ChangeSum.Before]));

    /// <summary>Largest abs(c) of an LSTM's states, abs(h) of a MinGRU's, behind the rollout's last slot; NaN without memory.</summary>
    internal double StateMax => rollout.States is null ? double.NaN : sums.Host[Largest];

    /// <summary>Norm per tensor of the last optimiser step's gradient; empty unless this update measured it.</summary>
    internal ReadOnlySpan<double> TensorNorms => measuredTensors ? norms : [];

    /// <summary>Before the first optimiser step.</summary>
    internal void Begin()
    {
        device.Launch(
            new SumEnds
            {
                Terminated = rollout.Terminated.View,
                Truncated = rollout.Truncated.View,
                Weights = rollout.RowWeights.View,
                Partials = partials.View,
            },
            Reduction.Lanes);
        device.Launch(new SumPartials { Partials = partials.View, Sums = sums.View, Columns = EndSum.Count }, EndSum.Count);
        MeasureStates();
        device.Launch(new CopyWeights { Source = engine.Weights, Destination = before.View }, engine.Parameters.Length);
    }

    /// <summary>After the last optimiser step.</summary>
    internal void End(long update)
    {
        device.Launch(new SumChange { Before = before.View, After = engine.Weights, Partials = partials.View }, Reduction.Lanes);
        device.Launch(
            new SumPartials { Partials = partials.View, Sums = sums.View.Slice(EndSum.Count, ChangeSum.Count), Columns = ChangeSum.Count }, ChangeSum.Count);
        measuredTensors = update % TensorInterval == 0;
        if (measuredTensors) MeasureTensors();
    }

    /// <summary>Once the block has been read: over all shards.</summary>
    internal void Finish()
    {
        shard.Sum(sums.Host[..EndSum.Count]); // what the weights did is the same everywhere
        if (rollout.States is not null) shard.Max(sums.Host.Slice(Largest, 1));
        if (!measuredTensors) return;
        for (int i = 0; i < norms.Length; i++) norms[i] = Math.Sqrt(squaredNorms.Host[i]);
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        before.Dispose();
        partials.Dispose();
    }

    private void MeasureStates()
    {
        if (rollout.States is not { } states) return;
        int first = engine.Spec.Core == NetworkCore.Lstm ? engine.Spec.CoreWidth : 0;
        device.Launch(new LargestState { States = states.View, StateSize = rollout.StateSize, First = first, Partials = partials.View }, Reduction.Lanes);
        device.Launch(new LargestPartial { Partials = partials.View, Largest = sums.View.Slice(Largest, 1) }, 1);
    }

    private void MeasureTensors()
    {
        for (int i = 0; i < tensors.Length; i++)
        {
            View<float> gradient = engine.Gradients.Slice(tensors[i].Offset, tensors[i].Length);
            device.Launch(new SquaredNormPartials { Gradients = gradient, Partials = partials.View }, Reduction.Lanes);
            device.Launch(new SumPartials { Partials = partials.View, Sums = squaredNorms.View.Slice(i, 1), Columns = 1 }, 1);
        }
    }
}
