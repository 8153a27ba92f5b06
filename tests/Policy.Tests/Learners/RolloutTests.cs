using Arena.Policy.Networks;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;

namespace Arena.Policy.Tests.Learners;

public class RolloutTests
{
    private static readonly PpoConfig Small = new() { Horizon = 16, Minibatches = 4 };

    // T12: what the environment showed last is kept, although slot t + 1 already shows the next episode.
    [Fact]
    public void The_last_observation_before_a_truncation_is_valued()
    {
        using var run = new TrainingRun("corridor", new CorridorOptions { NumEnvs = 16, MaxTicks = 16 }, Small);
        run.Collector.Collect();
        byte[] truncated = run.Rollout.Truncated.ToArray();
        float[] finals = run.Rollout.FinalObservations!.ToArray(), observations = run.Rollout.Observations!.ToArray();
        int clock = CorridorConstants.Cells + 2, seen = 0;
        for (int i = 0; i < truncated.Length; i++)
        {
            if (truncated[i] == 0) continue;
            int row = i % 16;
            seen++;
            Assert.Equal(0f, finals[row * CorridorConstants.ObservationLength + clock]); // no time left
            Assert.Equal(1f, observations[(i + 16) * CorridorConstants.ObservationLength + clock]); // all of it
            Assert.Equal(1, run.Rollout.EpisodeStart.ToArray()[i + 16]);
        }

        Assert.True(seen > 4, $"only {seen} truncations");
        float[] outputs = new float[16 * run.Engine.Spec.Outputs];
        using var buffer = run.Device.Allocate<float>(outputs.Length, "outputs");
        run.Engine.Forward(run.Rollout.FinalObservations!.View, 16, buffer.View, keepActivations: false);
        for (int row = 0; row < 16; row++) Assert.Equal(buffer.View[row * run.Engine.Spec.Outputs + 2], run.Rollout.FinalValues.View[row]);
    }

    [Fact]
    public void A_rollout_begins_where_the_last_one_ended()
    {
        using var run = new TrainingRun("soccer", new SoccerOptions { NumEnvs = 4, TeamSize = 2 }, Small);
        run.Collector.Collect();
        int width = run.Environment.Spec.Observation.Length * run.Rollout.Rows;
        float[] last = run.Rollout.Observations!.ToArray()[(16 * width)..];
        byte[] starts = run.Rollout.EpisodeStart.ToArray()[(16 * run.Rollout.Rows)..];
        run.Collector.Collect();
        Assert.Equal(last, run.Rollout.Observations!.ToArray()[..width]);
        Assert.Equal(starts, run.Rollout.EpisodeStart.ToArray()[..run.Rollout.Rows]);
        Assert.Equal(2, run.Collector.Update);
    }

    [Fact]
    public void The_environment_plays_the_clipped_sample_and_the_opponent_its_own()
    {
        using var run = new TrainingRun("soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1 }, Small);
        run.Collector.Collect();
        int components = run.Environment.Spec.Action.Continuous.Count, rows = run.Rollout.Rows;
        float[] raw = run.Rollout.ContinuousActions!.ToArray()[^(rows * components)..], played = run.Rollout.EnvironmentActions!.ToArray();
        byte[] weights = run.Rollout.RowWeights.ToArray()[^rows..];
        Assert.Equal(2, weights.Count(w => w == 0)); // matches 3 and 7, one side each
        for (int row = 0; row < rows; row++)
        {
            bool same = Enumerable.Range(row * components, components).All(i => played[i] == Math.Clamp(raw[i], -1, 1));
            Assert.Equal(weights[row] == 1, same);
        }
    }

    [Fact]
    public void Opponents_change_sides_only_where_an_episode_begins()
    {
        using var run = new TrainingRun("soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1, MaxTicks = 20, Desync = true }, Small);
        int changes = 0;
        for (int update = 0; update < 6; update++)
        {
            run.Collector.Collect();
            byte[] weights = run.Rollout.RowWeights.ToArray(), starts = run.Rollout.EpisodeStart.ToArray();
            int rows = run.Rollout.Rows;
            for (int i = rows; i < weights.Length; i++)
            {
                if (weights[i] == weights[i - rows]) continue;
                changes++;
                Assert.Equal(1, starts[i]);
            }
        }

        Assert.True(changes > 4, $"only {changes} changes");
    }

    [Fact]
    public void Without_a_share_or_a_second_side_nobody_else_plays()
    {
        using var soccer = new TrainingRun("soccer", new SoccerOptions { NumEnvs = 8, TeamSize = 1 }, Small with { OpponentShare = 0 });
        soccer.Collector.Collect();
        Assert.All(soccer.Rollout.RowWeights.ToArray(), weight => Assert.Equal(1, weight));
        using var corridor = new TrainingRun("corridor", new CorridorOptions { NumEnvs = 8 }, Small);
        corridor.Collector.Collect();
        Assert.All(corridor.Rollout.RowWeights.ToArray(), weight => Assert.Equal(1, weight));
    }

    // T10: draws go by global row, so a match does not notice which others run beside it.
    [Fact]
    public void A_match_collected_alone_equals_the_same_match_of_a_batch()
    {
        using var batch = new TrainingRun("soccer", new SoccerOptions { NumEnvs = 6, TeamSize = 1 }, Small);
        using var alone = new TrainingRun("soccer", new SoccerOptions { NumEnvs = 1, MatchOffset = 3, TeamSize = 1 }, Small with { Minibatches = 1 });
        batch.Collector.Collect();
        alone.Collector.Collect();
        int components = batch.Environment.Spec.Action.Continuous.Count;
        float[] all = batch.Rollout.ContinuousActions!.ToArray(), one = alone.Rollout.ContinuousActions!.ToArray();
        float[] rewards = batch.Rollout.Rewards.ToArray(), ownRewards = alone.Rollout.Rewards.ToArray();
        for (int t = 0; t < 16; t++)
            for (int row = 0; row < 2; row++)
            {
                Assert.Equal(rewards[t * 12 + 6 + row], ownRewards[t * 2 + row]);
                for (int i = 0; i < components; i++) Assert.Equal(all[(t * 12 + 6 + row) * components + i], one[(t * 2 + row) * components + i]);
            }
    }

    [Fact]
    public void What_cannot_be_learned_from_is_refused_in_words()
    {
        UsageException bytes = Assert.Throws<UsageException>(() => new TrainingRun("corridor", new CorridorOptions { NumEnvs = 8, Observation = ObservationKind.Byte }, Small));
        Assert.Contains("gives bytes", bytes.Message, StringComparison.Ordinal);
        UsageException minibatches = Assert.Throws<UsageException>(() => new TrainingRun("corridor", new CorridorOptions { NumEnvs = 2 }, Small));
        Assert.Contains("--minibatches is 4", minibatches.Message, StringComparison.Ordinal);
        UsageException segment = Assert.Throws<UsageException>(() => (Small with { SegmentLength = 5 }).Validate());
        Assert.Contains("does not divide", segment.Message, StringComparison.Ordinal);
        UsageException discount = Assert.Throws<UsageException>(() => Settings.With(Small, "discount", "1.5"));
        Assert.Contains("--discount", discount.Message, StringComparison.Ordinal);
    }
}
