using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;

namespace Arena.Policy.Tests.Learners;

public class PpoLearnerTests
{
    private static readonly PpoConfig Small = new() { Horizon = 16, Minibatches = 4, SegmentLength = 8 };

    // T15.
    [Theory]
    [InlineData("soccer")]
    [InlineData("corridor")]
    public void The_first_minibatch_finds_the_policy_that_acted(string game)
    {
        using TrainingRun run = Run(game, Small);
        for (int update = 0; update < 3; update++)
        {
            PpoStatistics statistics = run.Update();
            Assert.InRange(statistics.FirstMinibatchKl, -1e-6, 1e-6);
            Assert.True(statistics.Kl > 1e-9);
        }
    }

    // T18.
    [Theory]
    [InlineData("soccer")]
    [InlineData("corridor")]
    public void Weights_are_the_same_bytes_on_1_2_and_3_threads(string game)
    {
        float[] one = Train(game, threads: 1), two = Train(game, threads: 2), three = Train(game, threads: 3);
        Assert.Equal(one, two);
        Assert.Equal(one, three);
        Assert.NotEqual(one, Train(game, threads: 1, seed: 2));
    }

    // T16, through the whole update.
    [Fact]
    public void Rows_of_weight_0_do_not_reach_the_weights()
    {
        using TrainingRun one = Run("soccer", Small), other = Run("soccer", Small);
        one.Collector.Collect();
        other.Collector.Collect();
        Assert.True(other.SpoilRowsOfWeight0() > 0);
        one.Learner.Update(0);
        other.Learner.Update(0);
        Assert.Equal(one.Engine.Weights.AsSpan().ToArray(), other.Engine.Weights.AsSpan().ToArray());
    }

    // T27.
    [Theory]
    [InlineData("soccer")]
    [InlineData("corridor")]
    public void Collecting_and_learning_allocate_nothing(string game)
    {
        using TrainingRun run = Run(game, Small);
        for (int update = 0; update < 3; update++) run.Update();
        long device = run.Device.AllocatedBytes, before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) run.Update(0.5);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, run.Device.AllocatedBytes);
    }

    // T28.
    [Theory]
    [InlineData("reward", "slot 5, row 2, match 1")]
    [InlineData("observation", "slot 5, row 2, match 1, element 3")]
    [InlineData("value", "slot 5, row 2, match 1")]
    [InlineData("log-prob", "slot 5, row 2, match 1")]
    [InlineData("weight", "actor.bias[1]")]
    [InlineData("final observation", "row 2, match 1, element 3")]
    public void A_planted_nan_is_named_with_its_place_and_update(string tensor, string place)
    {
        using TrainingRun run = Run("soccer", Small);
        run.Update();
        if (tensor == "weight") run.Engine.Weights[run.Engine.Parameters["actor.bias"].Offset + 1] = float.NaN;
        run.Collector.Collect();
        int at = 5 * run.Rollout.Rows + 2, width = run.Environment.Spec.Observation.Length;
        if (tensor == "reward") run.Rollout.Rewards.View[at] = float.PositiveInfinity;
        if (tensor == "observation") run.Rollout.Observations!.View[at * width + 3] = float.NaN;
        if (tensor == "value") run.Rollout.Values.View[at] = float.NaN;
        if (tensor == "log-prob") run.Rollout.LogProbs.View[at] = float.NaN;
        if (tensor == "final observation") run.Rollout.FinalObservations!.View[2 * width + 3] = float.NaN;
        float[] weights = run.Engine.Weights.AsSpan().ToArray();
        NonFiniteTensorException failure = Assert.Throws<NonFiniteTensorException>(() => run.Learner.Update(0));
        Assert.Equal((tensor, 1), (failure.Tensor, failure.Update));
        Assert.Contains($"update 1: first non-finite tensor is {tensor} ({place})", failure.Message, StringComparison.Ordinal);
        Assert.Equal(weights, run.Engine.Weights.AsSpan().ToArray());
    }

    [Fact]
    public void A_gradient_that_is_not_finite_leaves_the_weights_alone_and_stops()
    {
        using TrainingRun run = Run("soccer", Small with { Minibatches = 1, Epochs = 1, SegmentLength = 0 });
        run.Collector.Collect();
        int counted = run.Rollout.RowWeights.ToArray().IndexOf((byte)1);
        run.Rollout.Rewards.View[counted] = 1e25f; // finite, but the square of its gradient is not
        float[] weights = run.Engine.Weights.AsSpan().ToArray();
        NonFiniteTensorException failure = Assert.Throws<NonFiniteTensorException>(() => run.Learner.Update(0));
        Assert.Equal("gradient", failure.Tensor);
        Assert.Equal(1, run.Learner.Optimizer.ReadSkipped());
        Assert.Equal(weights, run.Engine.Weights.AsSpan().ToArray());
    }

    [Fact]
    public void An_update_that_moves_too_far_stops_early()
    {
        using TrainingRun far = Run("corridor", Small with { LearningRate = 0.05, Epochs = 10 });
        Assert.InRange(far.Update().Epochs, 1, 9);
        using TrainingRun never = Run("corridor", Small with { LearningRate = 0.05, Epochs = 10, TargetKl = 0 });
        Assert.Equal(10, never.Update().Epochs);
    }

    [Fact]
    public void Every_step_refreshes_the_engine_and_the_rate_falls_to_0()
    {
        using TrainingRun run = Run("corridor", Small with { TargetKl = 0 });
        PpoStatistics statistics = run.Update(0.25);
        Assert.Equal(8, run.Engine.Refreshes);
        Assert.Equal(8, run.Learner.Optimizer.Steps);
        Assert.Equal(0.75e-3, statistics.LearningRate, 1e-12);
        float[] weights = run.Engine.Weights.AsSpan().ToArray();
        run.Update(1);
        Assert.Equal(weights, run.Engine.Weights.AsSpan().ToArray());
        Assert.Equal(run.Rollout.Rows * 16, statistics.LearnerRows);
        Assert.InRange(statistics.Entropy, 0.6, Math.Log(2)); // two choices, but at the left wall one
    }

    [Fact]
    public void What_an_update_logs_agrees_with_what_lies_in_its_buffers()
    {
        using TrainingRun run = Run("corridor", Small with { Epochs = 1, Minibatches = 1, SegmentLength = 0 });
        run.Collector.Collect();
        float[] before = run.Engine.Weights.AsSpan().ToArray();
        byte[] terminated = run.Rollout.Terminated.ToArray(), truncated = run.Rollout.Truncated.ToArray(), weights = run.Rollout.RowWeights.ToArray();
        uint[] masks = run.Rollout.ActionMasks!.ToArray();
        PpoStatistics statistics = run.Learner.Update(0);

        int ends = Enumerable.Range(0, weights.Length).Count(i => weights[i] == 1 && terminated[i] + truncated[i] > 0);
        int cut = Enumerable.Range(0, weights.Length).Count(i => weights[i] == 1 && truncated[i] == 1 && terminated[i] == 0);
        Assert.True(ends > 0);
        Assert.Equal((double)cut / ends, statistics.TruncatedShare, 1e-12);
        Assert.Equal(weights.Index().Where(row => row.Item == 1).Average(row => System.Numerics.BitOperations.PopCount(masks[row.Index]) / 2.0), statistics.LegalShare, 1e-6);

        float[] after = run.Engine.Weights.AsSpan().ToArray();
        double moved = Math.Sqrt(before.Zip(after, (b, a) => ((double)a - b) * ((double)a - b)).Sum()), length = Math.Sqrt(before.Sum(b => (double)b * b));
        Assert.Equal(moved / length, statistics.RelativeStep, 1e-9);
        Assert.InRange(statistics.RelativeStep, 1e-6, 1);

        // One optimiser step: its gradient is still there, and the tensors' norms make up the whole norm.
        float[] gradient = run.Engine.Gradients.AsSpan().ToArray();
        double[] norms = run.Learner.TensorGradientNorms.ToArray();
        Assert.Equal(run.Engine.Parameters.Tensors.Count, norms.Length);
        foreach ((int i, var tensor) in run.Engine.Parameters.Tensors.Index())
            Assert.Equal(Math.Sqrt(gradient.AsSpan(tensor.Offset, tensor.Length).ToArray().Sum(g => (double)g * g)), norms[i], 1e-9);
        Assert.Equal(statistics.GradientNorm, Math.Sqrt(norms.Sum(n => n * n)), 1e-9);

        Assert.Equal(statistics.Entropy, Assert.Single(run.Learner.HeadEntropies.ToArray()), 1e-12);
        Assert.InRange(statistics.FirstMinibatchKl, 0, 1e-6);
        Assert.InRange(statistics.RatioMax, 1 - 1e-4, 1 + 1e-4);
        Assert.Equal((0, 0, 1), (statistics.SkippedSteps, statistics.ErrorRows, statistics.Epochs));
        Assert.True(double.IsNaN(statistics.Std) && double.IsNaN(statistics.ClippedActionShare));
        Assert.Equal(
            statistics.PolicyLoss + Small.ValueCoefficient * statistics.ValueLoss - Small.EntropyCoefficient * statistics.Entropy, statistics.TotalLoss, 1e-12);
    }

    [Fact]
    public void Tensors_are_measured_in_every_fiftieth_update()
    {
        using TrainingRun run = Run("soccer", Small);
        run.Update();
        Assert.NotEmpty(run.Learner.TensorGradientNorms.ToArray());
        PpoStatistics statistics = run.Update();
        Assert.Empty(run.Learner.TensorGradientNorms.ToArray());
        Assert.Equal(0.6, statistics.Std, 0.05);
        Assert.InRange(statistics.ClippedActionShare, 0.05, 0.2); // 2·(1 − Φ(1/0.6)) = 0.096 with means of 0
        Assert.True(double.IsNaN(statistics.LegalShare));
        run.Learner.Updates = 50;
        run.Update();
        Assert.NotEmpty(run.Learner.TensorGradientNorms.ToArray());
    }

    private static float[] Train(string game, int threads, ulong seed = 1)
    {
        using TrainingRun run = Run(game, Small, threads, seed);
        for (int update = 0; update < 3; update++) run.Update(update / 3.0);
        return run.Engine.Weights.AsSpan().ToArray();
    }

    private static TrainingRun Run(string game, PpoConfig config, int threads = 1, ulong seed = 1) => game == "soccer"
        ? new TrainingRun(game, new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }, config, threads, seed)
        : new TrainingRun(game, new CorridorOptions { NumEnvs = 8, Desync = true, Masks = true }, config, threads, seed);
}
