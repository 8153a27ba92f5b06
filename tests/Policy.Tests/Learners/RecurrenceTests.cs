using Arena.Kernels.Device;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Validation.Learning;

namespace Arena.Policy.Tests.Learners;

/// <summary>What a network remembers, from collecting to learning: the same states, zero where an episode begins.</summary>
public class RecurrenceTests
{
    private static readonly PpoConfig Small = new() { Horizon = 16, Minibatches = 4, SegmentLength = 8, LearningRate = 0.01 };

    /// <summary>Core, and whether the product's engine runs it.</summary>
    public static TheoryData<NetworkCore, bool> Engines => new() { { NetworkCore.MinGru, false }, { NetworkCore.MinGru, true }, { NetworkCore.Lstm, true } };

    // T15: with resets inside segments, and states cut between segments and between rollouts.
    [Theory]
    [MemberData(nameof(Engines))]
    public void Learning_finds_the_values_and_probabilities_that_collecting_found(NetworkCore core, bool builtin)
    {
        using TrainingRun run = Corridor(core, builtin);
        int resets = 0;
        for (int update = 0; update < 4; update++)
        {
            run.Collector.Collect();
            byte[] starts = run.Rollout.EpisodeStart.ToArray();
            resets += Enumerable.Range(0, 16 * run.Rollout.Rows).Count(i => starts[i] != 0 && i / run.Rollout.Rows % 8 != 0);
            Assert.InRange(Distance(run), 0, 1e-5);
            Assert.InRange(run.Learner.Update(0).FirstMinibatchKl, -1e-6, 1e-6);
        }

        Assert.True(resets > 20, $"only {resets} resets inside segments");
    }

    [Fact]
    public void Learning_from_wrong_states_or_over_resets_is_caught()
    {
        using TrainingRun run = Corridor(NetworkCore.MinGru, builtin: false);
        run.Update();
        run.Collector.Collect();
        Assert.InRange(Distance(run), 0, 1e-5);
        run.Engine.IgnoresEpisodeStart = true;
        Assert.True(Distance(run) > 1e-3);
        run.Engine.IgnoresEpisodeStart = false;
        run.Rollout.SegmentStates!.View.AsSpan().Clear();
        Assert.True(Distance(run) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void States_go_on_from_rollout_to_rollout_and_valuing_what_follows_leaves_them_alone(NetworkCore core, bool builtin)
    {
        using TrainingRun run = Corridor(core, builtin);
        run.Collector.Collect();
        float[] states = run.Rollout.States!.ToArray(), values = run.Rollout.Values.ToArray()[(16 * run.Rollout.Rows)..];
        run.Collector.Collect();
        byte[] starts = run.Rollout.EpisodeStart.ToArray();
        float[] kept = run.Rollout.SegmentStates!.ToArray();
        int size = run.Rollout.StateSize, carried = 0;
        for (int row = 0; row < run.Rollout.Rows; row++)
        {
            Assert.Equal(values[row], run.Rollout.Values.View[row]); // the same weights, the same state, the same observation
            carried += starts[row] == 0 ? 1 : 0;
            for (int i = row * size; i < (row + 1) * size; i++) Assert.Equal(starts[row] != 0 ? 0f : states[i], kept[i]);
        }

        Assert.InRange(carried, 1, run.Rollout.Rows - 1);
    }

    // T12: the value of a cut episode comes from its own last observation and its own memory.
    [Fact]
    public void A_truncation_is_valued_by_the_last_observation_with_the_state_carried_into_it()
    {
        using TrainingRun run = Corridor(NetworkCore.MinGru, builtin: false);
        run.Collector.Collect();
        run.Collector.Collect();
        int rows = run.Rollout.Rows, width = run.Rollout.ObservationLength, size = run.Rollout.StateSize, seen = 0, told = 0;
        using DeviceBuffer<float> observations = run.Device.Allocate<float>(9L * width, "observations"), outputs = run.Device.Allocate<float>(9 * 3, "outputs");
        using DeviceBuffer<byte> starts = run.Device.Allocate<byte>(9, "starts");
        for (int row = 0; row < rows; row++)
        {
            int place = row * run.Rollout.Finals, t = run.Rollout.FinalSteps.View[place];
            if (t < 0) continue;
            // The slots of its segment up to t, and then the final observation as one slot more.
            int first = t / 8 * 8, slots = t - first + 2;
            for (int slot = 0; slot < slots; slot++)
            {
                View<float> from = slot == slots - 1
                    ? run.Rollout.FinalObservations!.View.Slice(place * width, width)
                    : run.Rollout.Observations!.View.Slice(((first + slot) * rows + row) * width, width);
                from.AsSpan().CopyTo(observations.View.AsSpan().Slice(slot * width, width));
                starts.View[slot] = slot == slots - 1 ? (byte)0 : run.Rollout.EpisodeStart.View[(first + slot) * rows + row];
            }

            run.Network.Forward(
                new NetworkInput
                {
                    Observations = observations.View,
                    EpisodeStart = starts.View,
                    State = run.Rollout.SegmentStates!.View.Slice((first / 8 * rows + row) * size, size),
                    Sequences = 1,
                    Slots = slots,
                },
                outputs.View,
                keepActivations: false);
            Assert.Equal(outputs.View[slots * 3 - 1], run.Rollout.FinalValues.View[place], 1e-6);
            Assert.Equal(1, run.Rollout.Truncated.View[t * rows + row]);
            seen++;
            // The planted bug: the value of what the automatic reset shows next, with its fresh memory.
            if (Math.Abs(run.Rollout.Values.View[(t + 1) * rows + row] - run.Rollout.FinalValues.View[place]) > 1e-3) told++;
        }

        Assert.True(seen > 4 && told == seen, $"{seen} truncations, of which {told} tell the bug");
    }

    [Theory]
    [InlineData(NetworkCore.None)]
    [InlineData(NetworkCore.MinGru)]
    public void A_horizon_longer_than_an_episode_keeps_every_truncation(NetworkCore core)
    {
        // In three ticks nobody reaches an end: every episode is cut.
        PpoConfig config = Small with { Horizon = 16, SegmentLength = 4 };
        using var run = new TrainingRun("corridor", new CorridorOptions { NumEnvs = 7, MaxTicks = 3, Memory = true }, config, core: core);
        for (int update = 0; update < 2; update++)
        {
            run.Collector.Collect();
            int rows = run.Rollout.Rows, places = run.Rollout.Finals;
            Assert.Equal(6, places);
            int first = update == 0 ? 2 : 1; // slot 16 was tick 1 of its episode
            for (int row = 0; row < rows; row++)
            {
                int[] steps = run.Rollout.FinalSteps.ToArray()[(row * places)..((row + 1) * places)];
                int[] expected = [.. Enumerable.Range(0, places).Select(k => first + 3 * k < 16 ? first + 3 * k : -1)];
                Assert.Equal(expected, steps);
                for (int k = 0; k < places && steps[k] >= 0; k++) // no time left
                    Assert.Equal(0f, run.Rollout.FinalObservations!.View[(row * places + k) * CorridorConstants.ObservationLength + 11]);
            }

            float[] values = run.Rollout.Values.ToArray(), finals = run.Rollout.FinalValues.ToArray(), rewards = run.Rollout.Rewards.ToArray();
            run.Learner.Update(0);
            // Advantages are normalised in place by then, returns are not.
            for (int row = 0; row < rows; row++)
            {
                SlotOutcome[] slots = [.. Enumerable.Range(0, 16).Select(t => new SlotOutcome(
                    rewards[t * rows + row], values[t * rows + row], false, t % 3 == first % 3, t % 3 == first % 3 ? finals[row * places + (t - first) / 3] : double.NaN))];
                double[] advantages = AdvantageReference.Advantages(slots, values[16 * rows + row], config.Discount, config.GaeLambda);
                for (int t = 0; t < 16; t++) Assert.Equal(advantages[t] + values[t * rows + row], run.Rollout.Returns.View[t * rows + row], 1e-5);
            }
        }
    }

    // T16.
    [Theory]
    [MemberData(nameof(Engines))]
    public void Rows_of_weight_0_do_not_reach_the_weights(NetworkCore core, bool builtin)
    {
        using TrainingRun one = Soccer(core, builtin), other = Soccer(core, builtin);
        one.Collector.Collect();
        other.Collector.Collect();
        Assert.True(other.SpoilRowsOfWeight0() > 0);
        one.Learner.Update(0);
        other.Learner.Update(0);
        Assert.Equal(one.Network.Weights.AsSpan().ToArray(), other.Network.Weights.AsSpan().ToArray());
    }

    // T18.
    [Theory]
    [MemberData(nameof(Engines))]
    public void Weights_are_the_same_bytes_on_1_2_and_3_threads(NetworkCore core, bool builtin)
    {
        float[] Train(int threads)
        {
            using TrainingRun run = Soccer(core, builtin, threads);
            for (int update = 0; update < 3; update++) run.Update(update / 3.0);
            return run.Network.Weights.AsSpan().ToArray();
        }

        float[] one = Train(1);
        Assert.Equal(one, Train(2));
        Assert.Equal(one, Train(3));
    }

    // T27.
    [Theory]
    [MemberData(nameof(Engines))]
    public void Collecting_and_learning_allocate_nothing(NetworkCore core, bool builtin)
    {
        using TrainingRun run = Corridor(core, builtin);
        for (int update = 0; update < 3; update++) run.Update();
        long device = run.Device.AllocatedBytes, before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) run.Update(0.5);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, run.Device.AllocatedBytes);
    }

    [Fact]
    public void A_game_whose_clock_runs_faster_than_its_episode_limit_is_refused()
    {
        using TrainingRun run = Corridor(NetworkCore.None, builtin: false);
        run.Collector.Collect();
        run.Rollout.FinalCounts.View[3] = run.Rollout.Finals + 1;
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => run.Learner.Update(0));
        Assert.Contains("row 3, match 3: the clock ended 3 episodes within 16 slots", failure.Message, StringComparison.Ordinal);
    }

    // Largest distance of any value or log-prob of the rollout from what the present weights say about its segments.
    private static double Distance(TrainingRun run)
    {
        RolloutBuffers rollout = run.Rollout;
        int width = rollout.ObservationLength, slots = rollout.SegmentLength, outputLength = run.Network.Spec.Outputs;
        using DeviceBuffer<float> observations = run.Device.Allocate<float>((long)slots * width, "observations"), outputs = run.Device.Allocate<float>(slots * outputLength, "outputs");
        using DeviceBuffer<byte> starts = run.Device.Allocate<byte>(slots, "starts");
        double distance = 0;
        for (int segment = 0; segment < rollout.Horizon / slots * rollout.Rows; segment++)
        {
            int chunk = segment / rollout.Rows, row = segment % rollout.Rows;
            for (int slot = 0; slot < slots; slot++)
            {
                int at = (chunk * slots + slot) * rollout.Rows + row;
                rollout.Observations!.View.Slice(at * width, width).AsSpan().CopyTo(observations.View.AsSpan().Slice(slot * width, width));
                starts.View[slot] = rollout.EpisodeStart.View[at];
            }

            View<float> state = rollout.SegmentStates!.View.Slice(segment * rollout.StateSize, rollout.StateSize);
            run.Network.Forward(
                new NetworkInput { Observations = observations.View, EpisodeStart = starts.View, State = state, Sequences = 1, Slots = slots },
                outputs.View,
                keepActivations: false);
            for (int slot = 0; slot < slots; slot++)
            {
                int at = (chunk * slots + slot) * rollout.Rows + row;
                double[] logits = [outputs.View[slot * outputLength], outputs.View[slot * outputLength + 1]];
                double logProb = PolicyLossReference.CategoricalLogProb([rollout.DiscreteActions!.View[at]], [logits], [[true, true]]);
                distance = Math.Max(distance, Math.Abs(logProb - rollout.LogProbs.View[at]));
                distance = Math.Max(distance, Math.Abs(outputs.View[slot * outputLength + outputLength - 1] - rollout.Values.View[at]));
            }
        }

        return distance;
    }

    private static TrainingRun Corridor(NetworkCore core, bool builtin) =>
        new("corridor", new CorridorOptions { NumEnvs = 12, Desync = true, Memory = true, MaxTicks = 11 }, Small, core: core, builtin: builtin);

    private static TrainingRun Soccer(NetworkCore core, bool builtin, int threads = 1) =>
        new("soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }, Small, threads, core: core, builtin: builtin);
}
