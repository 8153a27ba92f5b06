using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Policy.Learners;

namespace Arena.HostApi.Tests;

/// <summary>A simulation that diverged is counted and named, in training and in evaluation.</summary>
public class DivergenceTests
{
    [Theory]
    [InlineData(2, 6, 1)]
    [InlineData(6, 6, 0)] // the match plays, but its episode is not one of the four that count
    [InlineData(-1, 0, 0)]
    public void An_evaluation_lists_the_episodes_that_counted_and_diverged(int match, int step, int expected)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new CreatureOptions { MaxTicks = 10, MatchOffset = 100 };
        using var matches = new FirstEpisodes(device, new DivergingGame(step, match), options with { NumEnvs = 8 });
        matches.Play([("random", null)], 3, wanted: 4, null, CancellationToken.None);
        Assert.Equal(expected, matches.Diverged!.Count);
        if (expected == 0) return;
        Assert.Equal(new Divergence(102, 0, 7, CreatureGuard.Causes[CreatureGuard.Position]), matches.Diverged[0]);
        Assert.Equal(["Diverged: 1 episode; the guard of the simulation ended and reset it. That is:", "  match 102, episode 0, tick 7: a position is not finite or beyond 64 m (ball: 1024 m)"],
            DivergenceText.Lines(1, matches.Diverged));
    }

    [Fact]
    public void A_share_of_episodes_has_Wilsons_interval_and_returns_are_split_by_who_grants_them()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        SoloResult result = Evaluation.Solo(device, new CreatureGame(), new CreatureOptions { MaxTicks = 12 }, ["random"], new EvaluationPlan { Games = 10 })[0];
        StatisticEstimate Of(string name) => result.Statistics.Single(statistic => statistic.Info.Name == name);
        Assert.Equal((0, 0, true), (Of("fell").Interval.Value, Of("fell").Interval.Lower, Of("fell").IsShare));
        Assert.Equal(0.2775, Of("fell").Interval.Upper, 1e-4); // 0 of 10
        Assert.Equal(Of("speed").Player.Interval, Of("speed").Interval);
        double Sum(Func<RewardGrant, bool> granted) => new CreatureGame().Describe(new CreatureOptions()).RewardComponents
            .Where(component => granted(component.Grant)).Sum(component => Of($"reward {component.Name}").Player.Mean);
        Assert.Equal(Sum(grant => grant == RewardGrant.Environment), Of("return environment").Player.Mean, 1e-4);
        Assert.Equal(Sum(grant => grant == RewardGrant.Agent), Of("return agent").Player.Mean, 1e-4);
        Assert.InRange(Of("overlap").Player.Mean, 0, 28);
    }

    [Fact]
    public void The_command_says_that_nothing_diverged()
    {
        using StringWriter output = new(), error = new();
        int code = CommandLine.Run(["eval", "creature", "--a", "random", "--games", "2", "--max-ticks", "5", "--threads", "1"], output, error);
        Assert.True(code == 0, error.ToString());
        Assert.Contains("random: Diverged: none.", output.ToString());
    }

    [Fact]
    public void The_command_warns_of_a_creature_that_cannot_stand()
    {
        string file = Path.GetTempFileName() + ".json";
        try
        {
            SkeletonFile ant = BuiltinSkeletons.Find(BuiltinSkeletons.Ant)!;
            SkeletonFile lame = ant with { Name = "lame", Bodies = [.. ant.Bodies.Select((body, index) => body with { Foot = body.Foot && index < 5 && body.Middle.X > 0 })] };
            File.WriteAllText(file, SkeletonWriter.Write(lame, indented: true));
            using StringWriter output = new(), error = new();
            Assert.Equal(0, CommandLine.Run(["eval", "creature", "--a", "random", "--games", "2", "--max-ticks", "5", "--threads", "1", "--skeleton", file], output, error));
            Assert.Contains("WARNING: 'lame': the centre of mass", error.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_training_counts_all_and_lists_the_first()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var config = new PpoConfig { Horizon = 8, Minibatches = 2, Epochs = 1 };
        using var session = new TrainingSession(device, new DivergingGame(9, 3), new CreatureOptions { NumEnvs = 4 }, config, new TrainingPlan { AgentSteps = 1000, HiddenWidth = 8, EvaluationGames = 2 }, seed: 1);
        session.Update();
        Assert.Equal((true, 0, 0L), (session.Episodes.Guarded, session.Episodes.Diverged, session.Episodes.TotalDiverged));
        session.Update();
        Assert.Equal((1, 1L), (session.Episodes.Diverged, session.Episodes.TotalDiverged));
        session.Update();
        Assert.Equal((0, 1L), (session.Episodes.Diverged, session.Episodes.TotalDiverged));
        Assert.Equal((3, 10), Assert.Single(session.Episodes.FirstDiverged) is var one ? (one.Match, one.Tick) : default);
    }
}
