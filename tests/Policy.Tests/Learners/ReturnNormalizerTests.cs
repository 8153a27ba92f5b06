using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Learners;

/// <summary>Rewards in units of the return's deviation: their own unit does not matter, and a resumed run goes on to the bit.</summary>
public class ReturnNormalizerTests
{
    private static readonly PpoConfig Small = new() { Horizon = 16, Minibatches = 4, SegmentLength = 8, NormalizeReturns = true };

    // Eight is a power of two: every sum scales exactly.
    [Fact]
    public void Rewards_times_8_give_the_same_bits_and_times_10_the_same_weights()
    {
        Assert.Equal(Trained(Small, 1, 4), Trained(Small, 8, 4));
        Assert.InRange(Largest(Trained(Small, 1, 2), Trained(Small, 10, 2)), 0, 1e-5);
        PpoConfig off = Small with { NormalizeReturns = false };
        Assert.True(Largest(Trained(off, 1, 2), Trained(off, 10, 2)) > 1e-4); // without it they do not
    }

    [Fact]
    public void Logged_rewards_stay_raw_and_the_gradient_sees_scaled_ones()
    {
        using TrainingRun run = Run(Small);
        run.Collector.Collect();
        float[] raw = run.Rollout.Rewards.ToArray();
        run.Learner.Update(0);
        Assert.Equal(raw, run.Rollout.Rewards.ToArray());
        double[] moments = run.Learner.ReturnNormalizer!.Moments.ToArray();
        double deviation = Math.Sqrt(moments[2] / moments[0]);
        // The last slot's return is r/σ + γV' where no episode ended: its distance from the raw one is the scaling alone.
        float[] values = run.Rollout.Values.ToArray(), returns = run.Rollout.Returns.ToArray();
        int rows = run.Rollout.Rows, last = 15 * rows, seen = 0;
        for (int row = 0; row < rows; row++)
        {
            if (run.Rollout.Terminated.View[last + row] + run.Rollout.Truncated.View[last + row] > 0) continue;
            Assert.Equal(raw[last + row] / deviation + 0.99 * values[last + rows + row], returns[last + row], 1e-5);
            seen++;
        }

        Assert.True(seen > 0 && Math.Abs(deviation - 1) > 0.01);
    }

    [Fact]
    public void A_resumed_run_goes_on_to_the_bit_on_any_number_of_threads()
    {
        using TrainingRun whole = Run(Small), loaded = Run(Small, threads: 3), forgetful = Run(Small);
        for (int update = 0; update < 2; update++) whole.Update();
        var state = new SavedState();
        whole.Save(state);
        loaded.Load(state);
        state.CheckAllRead();
        forgetful.Load(state);
        forgetful.Learner.ReturnNormalizer!.Running.View.AsSpan().Clear(); // the planted bug: returns that begin anew
        foreach (TrainingRun run in new[] { whole, loaded, forgetful })
            for (int update = 0; update < 2; update++) run.Update();
        Assert.Equal(whole.Network.Weights.AsSpan().ToArray(), loaded.Network.Weights.AsSpan().ToArray());
        Assert.Equal(whole.Learner.ReturnNormalizer!.Moments.ToArray(), loaded.Learner.ReturnNormalizer!.Moments.ToArray());
        Assert.NotEqual(whole.Learner.ReturnNormalizer.Moments.ToArray(), forgetful.Learner.ReturnNormalizer.Moments.ToArray());
    }

    [Fact]
    public void Scaling_allocates_nothing()
    {
        using TrainingRun run = Run(Small);
        for (int update = 0; update < 3; update++) run.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) run.Update();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double Largest(float[] one, float[] two) => one.Zip(two, (a, b) => Math.Abs((double)a - b)).Max();

    private static float[] Trained(PpoConfig config, float factor, int updates)
    {
        using TrainingRun run = Run(config);
        for (int update = 0; update < updates; update++)
        {
            run.Collector.Collect();
            foreach (ref float reward in run.Rollout.Rewards.View.AsSpan()) reward *= factor;
            run.Learner.Update(0);
        }

        return run.Network.Weights.AsSpan().ToArray();
    }

    private static TrainingRun Run(PpoConfig config, int threads = 1) => new(
        "soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 24, Desync = true }, config, threads, builtin: true);
}
