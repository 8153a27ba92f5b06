using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Learners;

/// <summary>Running mean and variance of observations: over the rows that count, never in the middle of a rollout's use.</summary>
public class ObservationNormalizerTests
{
    private static readonly PpoConfig Small = new() { Horizon = 16, Minibatches = 4, SegmentLength = 8, WeightDecay = 0.1, LearningRate = 0.01 };

    [Fact]
    public void Mean_and_scale_are_those_of_every_row_that_counted()
    {
        using TrainingRun run = Run();
        int width = run.Rollout.ObservationLength;
        var counted = new List<float[]>();
        var all = new List<float[]>();
        for (int update = 0; update < 4; update++)
        {
            run.Collector.Collect();
            for (int i = 0; i < 16 * run.Rollout.Rows; i++)
            {
                float[] row = run.Rollout.Observations!.View.Slice(i * width, width).AsSpan().ToArray();
                all.Add(row);
                if (run.Rollout.RowWeights.View[i] == 1) counted.Add(row);
            }

            run.Learner.Update(0);
        }

        Assert.Null(FirstDifference(run, counted));
        Assert.NotNull(FirstDifference(run, all)); // the planted bug: rows of somebody else
        Assert.NotNull(FirstDifference(run, [.. counted.TakeLast(counted.Count / 4)])); // and: the last rollout alone
    }

    [Fact]
    public void A_rollout_is_learned_from_with_the_normalisation_it_was_collected_with()
    {
        using TrainingRun run = Run(), early = Run();
        for (int update = 0; update < 3; update++) Assert.InRange(run.Update().FirstMinibatchKl, -1e-6, 1e-6);
        early.Update();
        early.Collector.Collect();
        early.Learner.Normalizer!.Absorb(early.Rollout); // the planted bug: before learning
        Assert.True(early.Learner.Update(0).FirstMinibatchKl > 1e-5);
    }

    [Fact]
    public void Neither_gradient_nor_weight_decay_reaches_mean_and_scale()
    {
        using TrainingRun run = Run();
        run.Update();
        float[] before = Both(run);
        float other = run.Network.Weights[run.Network.Parameters["encoder.0.weight"].Offset];
        run.Update();
        int at = run.Network.Parameters["normalizer.mean"].Offset, length = 2 * run.Rollout.ObservationLength;
        Assert.All(run.Network.Gradients.Slice(at, length).AsSpan().ToArray(), gradient => Assert.Equal(0f, gradient));
        Assert.NotEqual(other, run.Network.Weights[run.Network.Parameters["encoder.0.weight"].Offset]);
        // Rows of weight 0 leave mean and scale as they are, so only an optimiser step could move them.
        run.Collector.Collect();
        run.Rollout.RowWeights.View.AsSpan().Clear();
        float[] now = Both(run);
        run.Learner.Update(0);
        Assert.Equal(now, Both(run));
        Assert.NotEqual(before, now);
    }

    [Fact]
    public void Threads_change_no_bit_and_saved_sums_go_on()
    {
        using TrainingRun one = Run(), three = Run(threads: 3), loaded = Run();
        for (int update = 0; update < 2; update++)
        {
            one.Update();
            three.Update();
        }

        Assert.Equal(one.Network.Weights.AsSpan().ToArray(), three.Network.Weights.AsSpan().ToArray());
        Assert.Equal(one.Learner.Normalizer!.Means.ToArray(), three.Learner.Normalizer!.Means.ToArray());
        Assert.Equal(one.Learner.Normalizer.Squares.ToArray(), three.Learner.Normalizer.Squares.ToArray());

        var state = new SavedState();
        one.Learner.Normalizer.Save(state);
        loaded.Learner.Normalizer!.Load(state);
        one.Collector.Collect();
        one.Learner.Normalizer.Absorb(one.Rollout);
        loaded.Learner.Normalizer.Absorb(one.Rollout);
        Assert.Equal(one.Learner.Normalizer.Squares.ToArray(), loaded.Learner.Normalizer.Squares.ToArray());
        Assert.Equal(Tensor(one, "normalizer.scale"), Tensor(loaded, "normalizer.scale"));
    }

    [Fact]
    public void Absorbing_allocates_nothing()
    {
        using TrainingRun run = Run();
        for (int update = 0; update < 3; update++) run.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) run.Update();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // Two passes in double over all rows at once.
    private static string? FirstDifference(TrainingRun run, List<float[]> rows)
    {
        float[] mean = Tensor(run, "normalizer.mean"), scale = Tensor(run, "normalizer.scale");
        for (int i = 0; i < mean.Length; i++)
        {
            double average = rows.Average(row => (double)row[i]), variance = rows.Average(row => Math.Pow(row[i] - average, 2));
            if (run.Learner.Normalizer!.Counts.View[i] != rows.Count) return $"element {i}: {run.Learner.Normalizer.Counts.View[i]} rows, expected {rows.Count}";
            if (Math.Abs(mean[i] - average) > 1e-6) return $"element {i}: mean {mean[i]}, expected {average}";
            double expected = 1 / Math.Sqrt(variance + 1e-8);
            if (Math.Abs(scale[i] - expected) > 1e-5 * expected) return $"element {i}: scale {scale[i]}, expected {expected}";
        }

        return null;
    }

    private static float[] Both(TrainingRun run) => [.. Tensor(run, "normalizer.mean"), .. Tensor(run, "normalizer.scale")];

    private static float[] Tensor(TrainingRun run, string name) =>
        run.Network.Weights.Slice(run.Network.Parameters[name].Offset, run.Network.Parameters[name].Length).AsSpan().ToArray();

    private static TrainingRun Run(int threads = 1) => new(
        "soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }, Small, threads, builtin: true,
        change: spec => spec with { NormalizeObservations = true });
}
