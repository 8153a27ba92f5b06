using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Policy.Learners;
using Arena.Tests;

namespace Arena.Policy.Tests.Learners;

/// <summary>The ant with the settings that the game ships: the critic understands what it sees, and the ant begins to walk.</summary>
public class CreatureLearningTests
{
    [Fact]
    public void The_shipped_settings_learn()
    {
        (double speed, double explained) = Train(Shipped(), TestSize.Of(16, 80));
        string measured = FormattableString.Invariant($"{speed:F3} m/s, explained variance {explained:F3}");
        Assert.True(explained > 0.5, measured);
        if (!TestSize.Full) return;
        Assert.True(speed > 0.4, measured);
        Assert.InRange(Train(Shipped() with { NormalizeReturns = false }, 80).Speed, -0.1, 0.6 * speed);
    }

    [Fact]
    public void A_learner_that_stands_still_is_noticed() => Assert.InRange(Train(Shipped() with { LearningRate = 0 }, 2).Explained, -10, 0.2);

    private static PpoConfig Shipped() =>
        PpoConfig.For(new CreatureGame());

    // Mean speed in the episodes under way, and what the critic explained in the last update.
    private static (double Speed, double Explained) Train(PpoConfig config, int updates)
    {
        IGame game = new CreatureGame();
        using var run = new TrainingRun("creature", game.Training.Options, config, hidden: 64, builtin: true);
        PpoStatistics last = new();
        for (int update = 0; update < updates; update++) last = run.Update((double)update / 490);
        StateColumn statistics = run.Environment.State["statistics"];
        double way = 0, ticks = 0;
        for (int env = 0; env < run.Environment.NumEnvs; env++)
        {
            double[] values = statistics.ReadMatch(env);
            way += values[CreatureStatistic.Along];
            ticks += values[CreatureStatistic.Ticks];
        }

        return (way / Math.Max(1, ticks) * CreatureConstants.TicksPerSecond, last.ExplainedVariance);
    }
}
