using Arena.Kernels.Device;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;
using Arena.Validation.Learning;

namespace Arena.Policy.Tests.Learners;

/// <summary>V-trace inside whole updates: what is recomputed before a pass, and that nothing else changes.</summary>
public class VTraceLearnerTests
{
    private static readonly PpoConfig Small = new()
    {
        Horizon = 16,
        Minibatches = 5,
        SegmentLength = 8,
        LearningRate = 0.02,
        TargetKl = 0,
        VTrace = true,
    };

    // One pass leaves the weights with which two passes estimate anew: each row is then forwarded alone and judged in double.
    [Theory]
    [InlineData(NetworkCore.None)]
    [InlineData(NetworkCore.MinGru)]
    [InlineData(NetworkCore.Lstm)]
    public void The_second_pass_learns_from_the_references_returns(NetworkCore core)
    {
        using TrainingRun first = Corridor(core, Small with { Epochs = 1 }), both = Corridor(core, Small with { Epochs = 2 });
        first.Collector.Collect();
        both.Collector.Collect();
        first.Learner.Update(0);
        both.Learner.Update(0);
        (double corrected, double ignored) = Distance(first, both.Rollout.Returns.ToArray());
        Assert.InRange(corrected, 0, 1e-4);
        Assert.True(ignored > 1e-2, $"a correction that is ignored differs by {ignored} only");
        // What the value loss is clipped around and ratios are measured from stays as it was collected.
        Assert.Equal(first.Rollout.Values.ToArray(), both.Rollout.Values.ToArray());
        Assert.Equal(first.Rollout.LogProbs.ToArray(), both.Rollout.LogProbs.ToArray());
    }

    // A rate of 0 moves nothing: every ratio is 1, whatever the actions are made of.
    [Theory]
    [InlineData("free", false)]
    [InlineData("rows", false)]
    [InlineData("mixed", false)]
    [InlineData("mixed", true)]
    public void A_policy_that_has_not_moved_keeps_its_returns(string actions, bool moves)
    {
        using TrainingRun plain = Actions(actions, Small with { VTrace = false }), corrected = Actions(actions, Small);
        plain.Update(moves ? 0 : 1);
        corrected.Update(moves ? 0 : 1);
        float[] expected = plain.Rollout.Returns.ToArray(), actual = corrected.Rollout.Returns.ToArray();
        double distance = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(moves ? distance > 1e-2 : distance < 1e-4, $"returns differ by {distance}");
    }

    [Fact]
    public void The_first_pass_and_what_is_logged_of_it_are_the_same_without()
    {
        using TrainingRun plain = Soccer(Small with { VTrace = false, Epochs = 1 }), corrected = Soccer(Small with { Epochs = 1 });
        Assert.Equal(plain.Update(), corrected.Update());
        Assert.Equal(Weights(plain), Weights(corrected));
        using TrainingRun plainTwice = Soccer(Small with { VTrace = false }), twice = Soccer(Small);
        Assert.Equal(plainTwice.Update().ExplainedVariance, twice.Update().ExplainedVariance);
        Assert.NotEqual(Weights(plainTwice), Weights(twice));
    }

    [Theory]
    [InlineData(NetworkCore.None)]
    [InlineData(NetworkCore.Lstm)]
    public void Weights_are_the_same_bytes_on_any_number_of_threads_and_updates_allocate_nothing(NetworkCore core)
    {
        using TrainingRun one = Soccer(Small, 1, core), two = Soccer(Small, 2, core);
        for (int update = 0; update < 3; update++)
        {
            one.Update();
            two.Update();
        }

        Assert.Equal(Weights(one), Weights(two));
        long device = one.Device.AllocatedBytes, before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) one.Update(0.5);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, one.Device.AllocatedBytes);
    }

    [Fact]
    public void Rows_of_weight_0_do_not_reach_the_weights()
    {
        using TrainingRun one = Soccer(Small), other = Soccer(Small);
        one.Collector.Collect();
        other.Collector.Collect();
        Assert.True(other.SpoilRowsOfWeight0() > 0);
        one.Learner.Update(0);
        other.Learner.Update(0);
        Assert.Equal(Weights(one), Weights(other));
    }

    [Fact]
    public void A_resumed_run_goes_on_exactly()
    {
        using TrainingRun whole = Soccer(Small, core: NetworkCore.Lstm), resumed = Soccer(Small, core: NetworkCore.Lstm);
        whole.Update();
        var state = new SavedState();
        whole.Save(state);
        resumed.Load(state);
        whole.Update();
        resumed.Update();
        Assert.Equal(Weights(whole), Weights(resumed));
    }

    // Largest distance of returns from the reference's under the run's weights, with the correction and with every ratio 1.
    private static (double Corrected, double Ignored) Distance(TrainingRun run, float[] returns)
    {
        RolloutBuffers rollout = run.Rollout;
        int rows = rollout.Rows, horizon = rollout.Horizon;
        double corrected = 0, ignored = 0;
        for (int row = 0; row < rows; row++)
        {
            var slots = new SlotOutcome[horizon];
            var ratios = new double[horizon];
            for (int first = 0; first < horizon; first += rollout.SegmentLength)
            {
                View<float> state = rollout.SegmentStates is { } kept ? kept.View.Slice((first / rollout.SegmentLength * rows + row) * rollout.StateSize, rollout.StateSize) : default;
                float[] outputs = Forward(run, rollout.Observations!.View, [.. Enumerable.Range(first, rollout.SegmentLength).Select(t => t * rows + row)], state, starts: true);
                for (int t = first; t < first + rollout.SegmentLength; t++)
                {
                    int at = t * rows + row, from = (t - first) * 3;
                    double logProb = PolicyLossReference.CategoricalLogProb([rollout.DiscreteActions!.View[at]], [[outputs[from], outputs[from + 1]]], [[true, true]]);
                    ratios[t] = Math.Exp(logProb - rollout.LogProbs.View[at]);
                    slots[t] = new SlotOutcome(rollout.Rewards.View[at], outputs[from + 2], rollout.Terminated.View[at] != 0, rollout.Truncated.View[at] != 0, double.NaN);
                }
            }

            for (int place = row * rollout.Finals; place < (row + 1) * rollout.Finals; place++)
            {
                if (rollout.FinalSteps.View[place] is var t && t < 0) continue;
                View<float> state = rollout.FinalStates is { } kept ? kept.View.Slice(place * rollout.StateSize, rollout.StateSize) : default;
                slots[t] = slots[t] with { FinalValue = Forward(run, rollout.FinalObservations!.View, [place], state, starts: false)[2] };
            }

            View<float> carried = rollout.States is { } states ? states.View.Slice(row * rollout.StateSize, rollout.StateSize) : default;
            double last = Forward(run, rollout.Observations!.View, [horizon * rows + row], carried, starts: true)[2];
            double[] expected = AdvantageReference.VTrace(slots, last, ratios, .99, .95), plain = AdvantageReference.Advantages(slots, last, .99, .95);
            for (int t = 0; t < horizon; t++)
            {
                corrected = Math.Max(corrected, Math.Abs(expected[t] + slots[t].Value - returns[t * rows + row]));
                ignored = Math.Max(ignored, Math.Abs(plain[t] + slots[t].Value - returns[t * rows + row]));
            }
        }

        return (corrected, ignored);
    }

    // (slots, 3): two logits and the value of one sequence.
    private static float[] Forward(TrainingRun run, View<float> observations, int[] at, View<float> state, bool starts)
    {
        int width = run.Rollout.ObservationLength;
        using DeviceBuffer<float> seen = run.Device.Allocate<float>(at.Length * width, "observations"), outputs = run.Device.Allocate<float>(at.Length * 3, "outputs");
        using DeviceBuffer<byte> start = run.Device.Allocate<byte>(at.Length, "starts");
        for (int i = 0; i < at.Length; i++)
        {
            observations.Slice(at[i] * width, width).AsSpan().CopyTo(seen.View.AsSpan().Slice(i * width, width));
            start.View[i] = starts ? run.Rollout.EpisodeStart.View[at[i]] : (byte)0;
        }

        run.Network.Forward(
            new NetworkInput { Observations = seen.View, EpisodeStart = start.View, State = state, Sequences = 1, Slots = at.Length }, outputs.View, keepActivations: false);
        return outputs.ToArray();
    }

    private static float[] Weights(TrainingRun run) => run.Network.Weights.AsSpan().ToArray();

    private static TrainingRun Corridor(NetworkCore core, PpoConfig config) =>
        new("corridor", new CorridorOptions { NumEnvs = 13, Desync = true, Memory = true, MaxTicks = 7 }, config, core: core, builtin: true);

    private static TrainingRun Soccer(PpoConfig config, int threads = 1, NetworkCore core = NetworkCore.None) =>
        new("soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }, config, threads, core: core, builtin: true);

    private static TrainingRun Actions(string actions, PpoConfig config) => actions == "mixed"
        ? new TrainingRun(1, device => new MixedGame(device, new MixedGame.MixedOptions { NumEnvs = 16 }), config, builtin: true)
        : new TrainingRun(
            "soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }, config, builtin: true,
            change: spec => spec with { StateDependentStd = actions == "rows" });
}
