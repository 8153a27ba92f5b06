using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>The rows of one minibatch, their network outputs, and the loss's gradient there.</summary>
internal sealed class Minibatch : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly IDevice device;
    private readonly RolloutViews views;
    private readonly View<float> states;
    private readonly View<float> outputs;
    private readonly View<float> outputGradients;

    /// <summary>Allocates for at most <paramref name="rows"/> rows: whole segments.</summary>
    internal Minibatch(RolloutBuffers rollout, int outputLength, int rows)
    {
        device = rollout.Device;
        bool bytes = rollout.ByteObservations is not null;
        views = new RolloutViews
        {
            Observations = Take<float>(rows, bytes ? 0 : rollout.ObservationLength, "observations"),
            ByteObservations = Take<byte>(rows, bytes ? rollout.ObservationLength : 0, "byte observations"),
            EpisodeStart = Take<byte>(rows, 1, "episode start"),
            ActionMasks = Take<uint>(rows, rollout.MaskWords, "action masks"),
            ContinuousActions = Take<float>(rows, rollout.Components, "continuous actions"),
            DiscreteActions = Take<int>(rows, rollout.Heads, "discrete actions"),
            LogProbs = Take<float>(rows, 1, "log-probs"),
            Values = Take<float>(rows, 1, "values"),
            Advantages = Take<float>(rows, 1, "advantages"),
            Returns = Take<float>(rows, 1, "returns"),
            RowWeights = Take<byte>(rows, 1, "row weights"),
        };
        states = Take<float>(rows / rollout.SegmentLength, rollout.StateSize, "segment states");
        outputs = Take<float>(rows, outputLength, "outputs");
        outputGradients = Take<float>(rows, outputLength, "output gradients");
    }

    /// <summary>The gathered rows.</summary>
    internal ref readonly RolloutViews Views => ref views;

    /// <summary>(rows, L + 1) float.</summary>
    internal View<float> Outputs => outputs;

    /// <summary>(rows, L + 1) float.</summary>
    internal View<float> OutputGradients => outputGradients;

    /// <summary>The gathered rows as sequences, each from the state with which it was collected.</summary>
    internal NetworkInput Input(int segments, int segmentLength) => new()
    {
        Observations = views.Observations,
        ByteObservations = views.ByteObservations,
        EpisodeStart = views.EpisodeStart,
        State = states,
        Sequences = segments,
        Slots = segmentLength,
    };

    /// <summary>Fills the first rows with <paramref name="segments"/> whole segments, from place <paramref name="firstSegment"/> of the order on.</summary>
    internal void Gather(RolloutBuffers rollout, IndexPermutation order, int firstSegment, int segments)
    {
        device.Launch(
            new GatherRows
            {
                Rollout = rollout.Views,
                Minibatch = views,
                Order = order,
                FirstSegment = firstSegment,
                SegmentLength = rollout.SegmentLength,
                Rows = rollout.Rows,
                ObservationLength = rollout.ObservationLength,
                Components = rollout.Components,
                Heads = rollout.Heads,
                MaskWords = rollout.MaskWords,
            },
            segments * rollout.SegmentLength);
        if (rollout.SegmentStates is not { } kept) return;
        device.Launch(
            new GatherStates { SegmentStates = kept.View, Minibatch = states, Order = order, FirstSegment = firstSegment, StateSize = rollout.StateSize }, segments);
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        foreach (IDisposable buffer in owned) buffer.Dispose();
    }

    private View<T> Take<T>(int rows, int width, string name)
        where T : unmanaged
    {
        if (width == 0) return default;
        DeviceBuffer<T> buffer = device.Allocate<T>((long)rows * width, $"minibatch: {name}");
        owned.Add(buffer);
        return buffer.View;
    }
}
