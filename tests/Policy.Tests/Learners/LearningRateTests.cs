using Arena.Kernels.Environments.Corridor;
using Arena.Policy.Learners;

namespace Arena.Policy.Tests.Learners;

/// <summary>How the learning rate rises and falls.</summary>
public class LearningRateTests
{
    // η = 0.1. Linear at ¼: ¾. Cosine at ¼: ½(1 + √½) = 0.853553, at ½: ½, at 1: 0. Four updates of warm-up: ¼, ½, ¾, 1, 1 of it.
    [Fact]
    public void Schedules_worked_by_hand()
    {
        var linear = new PpoConfig { LearningRate = 0.1 };
        PpoConfig cosine = linear with { Schedule = LearningRateSchedule.Cosine }, constant = linear with { Schedule = LearningRateSchedule.Constant };
        foreach ((double progress, double rate) in new[] { (0, 0.1), (0.25, 0.075), (1, 0), (2, 0) }) Assert.Equal(rate, linear.LearningRateAt(progress, 5), 1e-12);
        foreach ((double progress, double rate) in new[] { (0, 0.1), (0.25, 0.0853553), (0.5, 0.05), (1, 0), (2, 0) }) Assert.Equal(rate, cosine.LearningRateAt(progress, 0), 1e-7);
        PpoConfig warm = constant with { WarmUpUpdates = 4 };
        Assert.Equal([0.025, 0.05, 0.075, 0.1, 0.1], Enumerable.Range(0, 5).Select(update => Math.Round(warm.LearningRateAt(0.5, update), 12)));
        Assert.Equal(0.025, (cosine with { WarmUpUpdates = 4 }).LearningRateAt(0.5, 1), 1e-12);
    }

    [Fact]
    public void Updates_made_count_for_the_warm_up()
    {
        var config = new PpoConfig { Horizon = 8, Minibatches = 1, WarmUpUpdates = 2, LearningRate = 0.001, Schedule = LearningRateSchedule.Cosine };
        using var run = new TrainingRun("corridor", new CorridorOptions { NumEnvs = 4 }, config);
        Assert.Equal(0.0005, run.Update(0).LearningRate, 1e-12);
        Assert.Equal(0.0005, run.Update(0.5).LearningRate, 1e-12);
        Assert.Equal(0.001, run.Update(0).LearningRate, 1e-12);
    }
}
