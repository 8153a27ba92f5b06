using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Policy.Learners;

namespace Arena.Policy.Tests.Learners;

/// <summary>Rows with continuous and discrete actions, log-stds that are outputs, and tanh, through whole updates.</summary>
public class MixedActionTests
{
    private static readonly PpoConfig Config = new() { Horizon = 16, Minibatches = 4, Epochs = 4, LearningRate = 5e-3, TargetKl = 0, Discount = 0 };

    // T15, T27; a masked choice would be an error of the environment, which stops an update.
    [Theory]
    [InlineData(false, ActionSquash.Clip)]
    [InlineData(true, ActionSquash.Clip)]
    [InlineData(true, ActionSquash.Tanh)]
    public void Both_parts_are_learned_together(bool rowStd, ActionSquash squash)
    {
        using TrainingRun run = Run(rowStd, squash);
        double before = 0, after = 0;
        for (int update = 0; update < 80; update++)
        {
            run.Collector.Collect();
            double reward = run.Rollout.Rewards.ToArray().Average();
            if (update == 0) before = reward;
            if (update == 79) after = reward;
            Assert.InRange(run.Learner.Update(0).FirstMinibatchKl, -1e-6, 1e-6);
        }

        // At best 2; two floats near 0 and guessed choices give about 0.
        Assert.True(before < 0.5 && after > 1.2, $"mean reward {before:0.00} before, {after:0.00} after");
    }

    [Fact]
    public void Updates_allocate_nothing()
    {
        using TrainingRun run = Run(rowStd: true, ActionSquash.Tanh);
        for (int update = 0; update < 3; update++) run.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 3; update++) run.Update();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_discrete_part_draws_behind_the_continuous_one()
    {
        using TrainingRun run = Run(rowStd: false, ActionSquash.Clip);
        run.Collector.Collect();
        int width = run.Network.Spec.Outputs;
        using DeviceBuffer<float> outputs = run.Device.Allocate<float>((long)run.Rollout.Rows * width, "outputs");
        Policy.Networks.NetworkEngineExtensions.Forward(run.Network, run.Rollout.Observations!.View, run.Rollout.Rows, outputs.View, keepActivations: false);
        for (int row = 0; row < run.Rollout.Rows; row++)
        {
            float uniform = Philox.Uniform(LearnerRandom.Draw(1, (uint)row, 0, LearnerPurpose.ActionSampling, 1).X);
            var head = new CategoricalHead(outputs.View, width, 2, run.Rollout.ActionMasks!.View, 1, row, 0, MixedGame.HeadSize);
            Assert.Equal(SampleCategorical.Choose(head, uniform), run.Rollout.DiscreteActions!.View[row * 2]);
        }
    }

    [Theory]
    [InlineData(ActionSquash.Clip)]
    [InlineData(ActionSquash.Tanh)]
    public void The_environment_plays_the_squashed_sample(ActionSquash squash)
    {
        using TrainingRun run = Run(rowStd: false, squash);
        run.Collector.Collect();
        float[] raw = run.Rollout.ContinuousActions!.ToArray()[^(run.Rollout.Rows * 2)..], played = run.Rollout.EnvironmentActions!.ToArray();
        for (int i = 0; i < raw.Length; i++) Assert.Equal(squash == ActionSquash.Tanh ? MathF.Tanh(raw[i]) : Math.Clamp(raw[i], -1f, 1f), played[i]);
        Assert.Contains(raw, value => Math.Abs(value) > 1);
    }

    private static TrainingRun Run(bool rowStd, ActionSquash squash) => new(
        1, device => new MixedGame(device, new MixedGame.MixedOptions { NumEnvs = 32 }), Config, hidden: 32, builtin: true,
        change: spec => spec with { StateDependentStd = rowStd, Squash = squash });
}
