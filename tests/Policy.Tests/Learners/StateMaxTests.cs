using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Learners;

/// <summary>The metric of recurrent states.</summary>
public class StateMaxTests
{
    [Theory]
    [InlineData(NetworkCore.None)]
    [InlineData(NetworkCore.Lstm)]
    [InlineData(NetworkCore.MinGru)]
    public void The_largest_state_is_that_behind_the_last_slot(NetworkCore core)
    {
        using var run = new TrainingRun(
            "soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1 }, new PpoConfig { Horizon = 16, Minibatches = 4, SegmentLength = 8 }, core: core, builtin: true);
        run.Update();
        double measured = run.Update().StateMax;
        if (core == NetworkCore.None)
        {
            Assert.True(double.IsNaN(measured));
            return;
        }

        int size = run.Rollout.StateSize, first = core == NetworkCore.Lstm ? size / 2 : 0;
        float[] states = run.Rollout.States!.ToArray();
        Assert.Equal(states.Where((_, i) => i % size >= first).Max(Math.Abs), measured);
        Assert.True(measured > 0);
    }
}
