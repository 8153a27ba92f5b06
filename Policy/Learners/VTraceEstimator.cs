using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>Estimates the advantages of a rollout anew under the present weights, corrected by V-trace (<see cref="ComputeVTrace"/>).</summary>
/// <remarks>
/// Values and log-probs of all T·N rows come from the forward passes the learner makes anyway, minibatch by minibatch and without
/// backward; what follows the last slot and what a truncation cut off is valued with the state it was collected with. The
/// rollout keeps its values and log-probs: the probability ratio and the clip of the value loss go on measuring from the weights that acted.
/// It costs one more forward over the rollout per pass after the first. Nothing of it lasts beyond an update.
/// </remarks>
internal sealed class VTraceEstimator : IDisposable
{
    private readonly INetworkEngine engine;
    private readonly RolloutBuffers rollout;
    private readonly ActionHead head;
    private readonly Minibatch minibatch;
    private readonly int maxRows;
    private readonly int minibatches;
    private readonly DeviceBuffer<float> rowLogProbs;
    private readonly DeviceBuffer<float> logProbs;
    private readonly DeviceBuffer<float> values;
    private readonly DeviceBuffer<float> finalValues;
    private readonly DeviceBuffer<double> sums;

    /// <summary>Takes the memory; engine, head and minibatch stay the learner's.</summary>
    internal VTraceEstimator(INetworkEngine engine, RolloutBuffers rollout, ActionHead head, Minibatch minibatch, int maxRows, int minibatches)
    {
        (this.engine, this.rollout, this.head, this.minibatch, this.maxRows, this.minibatches) = (engine, rollout, head, minibatch, maxRows, minibatches);
        rowLogProbs = rollout.Device.Allocate<float>(maxRows, "V-trace: log-probs of a minibatch");
        logProbs = rollout.Device.Allocate<float>(rollout.LogProbs.Length, "V-trace: log-probs");
        values = rollout.Device.Allocate<float>(rollout.Values.Length, "V-trace: values");
        finalValues = rollout.Device.Allocate<float>(rollout.FinalValues.Length, "V-trace: final values");
        sums = rollout.Device.Allocate<double>(AdvantageSum.Count, "V-trace: advantage sums");
    }

    /// <summary>Writes the rollout's advantages and returns.</summary>
    /// <param name="order">Order of the segments, of which minibatches are made; the result does not depend on it.</param>
    /// <param name="estimate">Advantages without correction, of which everything but the values is used.</param>
    /// <returns>(<see cref="AdvantageSum.Count"/>) double for the sums of their normalisation: the statistics of an update are those of its first estimate.</returns>
    internal View<double> Estimate(IndexPermutation order, ComputeAdvantages estimate)
    {
        head.Refresh();
        for (int batch = 0; batch < minibatches; batch++) Recompute(order, batch);
        int last = rollout.Horizon, width = rollout.ObservationLength;
        Value(
            new NetworkInput
            {
                Observations = rollout.Slot(rollout.Observations, last, width),
                ByteObservations = rollout.Slot(rollout.ByteObservations, last, width),
                EpisodeStart = rollout.Slot(rollout.EpisodeStart, last),
                State = rollout.States?.View ?? default,
            },
            rollout.Slot(values, last));
        Value(
            new NetworkInput
            {
                Observations = rollout.FinalObservations?.View ?? default,
                ByteObservations = rollout.FinalByteObservations?.View ?? default,
                State = rollout.FinalStates?.View ?? default,
            },
            finalValues.View);
        estimate.Values = values.View;
        estimate.FinalValues = finalValues.View;
        rollout.Device.Launch(
            new ComputeVTrace { Estimate = estimate, ActedLogProbs = rollout.LogProbs.View, LogProbs = logProbs.View, Weights = rollout.RowWeights.View },
            rollout.Rows);
        return sums.View;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rowLogProbs.Dispose();
        logProbs.Dispose();
        values.Dispose();
        finalValues.Dispose();
        sums.Dispose();
    }

    private void Recompute(IndexPermutation order, int batch)
    {
        int first = (int)((long)order.Count * batch / minibatches), segments = (int)((long)order.Count * (batch + 1) / minibatches) - first;
        int rows = segments * rollout.SegmentLength, outputLength = engine.Spec.Outputs;
        minibatch.Gather(rollout, order, first, segments);
        engine.Forward(minibatch.Input(segments, rollout.SegmentLength), minibatch.Outputs, keepActivations: false);
        View<float> outputs = minibatch.Outputs.Slice(0, (long)rows * outputLength);
        head.LogProbs(new PpoLossArguments { Minibatch = minibatch.Views, Outputs = outputs, Rows = rows }, rowLogProbs.View);
        rollout.Device.Launch(
            new ScatterOutcomes
            {
                LogProbs = rowLogProbs.View,
                Outputs = outputs,
                RolloutLogProbs = logProbs.View,
                RolloutValues = values.View,
                Order = order,
                FirstSegment = first,
                SegmentLength = rollout.SegmentLength,
                Rows = rollout.Rows,
                OutputLength = outputLength,
            },
            rows);
    }

    // Values of adjacent single observations, in chunks of at most a minibatch's rows.
    private void Value(in NetworkInput all, View<float> into)
    {
        for (long first = 0; first < into.Length; first += maxRows)
        {
            int rows = (int)Math.Min(maxRows, into.Length - first);
            NetworkInput part = new()
            {
                Observations = Part(all.Observations, first, rows, rollout.ObservationLength),
                ByteObservations = Part(all.ByteObservations, first, rows, rollout.ObservationLength),
                EpisodeStart = Part(all.EpisodeStart, first, rows, 1),
                State = Part(all.State, first, rows, rollout.StateSize),
                Sequences = rows,
                Slots = 1,
            };
            engine.Forward(part, minibatch.Outputs, keepActivations: false);
            rollout.Device.Launch(
                new TakeValues { Outputs = minibatch.Outputs, Values = into.Slice(first, rows), OutputLength = engine.Spec.Outputs }, rows);
        }
    }

    private static View<T> Part<T>(View<T> of, long first, int rows, int width)
        where T : unmanaged => of.Length == 0 ? default : of.Slice(first * width, (long)rows * width);
}
