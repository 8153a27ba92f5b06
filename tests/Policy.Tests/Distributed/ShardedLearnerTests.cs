using Arena.Kernels.Device;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Tests.Learners;
using Arena.Tests;

namespace Arena.Policy.Tests.Distributed;

/// <summary>What shards compute together is what one learner computes from all rows, up to the rounding of sums in another order.</summary>
public sealed class ShardedLearnerTests
{
    private const int Matches = 12;

    // One minibatch of all rows: the only case in which the rows of a minibatch are the same for any number of shards.
    private static readonly PpoConfig Once = new()
    {
        Horizon = 16, SegmentLength = 8, Epochs = 1, Minibatches = 1, OpponentShare = 0.25, NormalizeReturns = true, PastKlCoefficient = 0.3, ValueClipRange = 0.2, TargetKl = 0,
    };

    [Theory]
    [InlineData("soccer", NetworkCore.None, 2)]
    [InlineData("soccer", NetworkCore.Lstm, 3)]
    [InlineData("corridor", NetworkCore.None, 3)]
    [InlineData("corridor", NetworkCore.MinGru, 2)]
    public void One_step_of_several_shards_is_one_step_of_the_whole(string game, NetworkCore core, int shards)
    {
        Outcome whole = Update(game, core, Shard.Whole, Matches);
        foreach (Outcome part in Together(game, core, shards))
        {
            Close(whole.Gradients, part.Gradients, 1e-5);
            Close(whole.Sums, part.Sums, 1e-9);
            Assert.Equal(whole.Statistics.LearnerRows, part.Statistics.LearnerRows);
            Close(Numbers(whole.Statistics), Numbers(part.Statistics), 1e-5);
        }
    }

    [Fact]
    public void A_shard_alone_would_show()
    {
        Outcome whole = Update("soccer", NetworkCore.None, Shard.Whole, Matches), half = Update("soccer", NetworkCore.None, Shard.Whole, Matches / 2);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Close(whole.Gradients, half.Gradients, 1e-5));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Close(whole.Sums, half.Sums, 1e-9));
    }

    [Fact]
    public void Shards_have_the_same_weights_after_updates_with_many_minibatches_and_orders_of_their_own()
    {
        float[][] host = Weights(onDevice: false), device = Weights(onDevice: true);
        Assert.Equal(host[0], host[1]);
        Assert.Equal(host[0], host[2]);
        Assert.All(device, weights => Assert.Equal(host[0], weights)); // whether sums go through the host or from device to device
    }

    private static float[][] Weights(bool onDevice) => RankThreads.Run(3, ranks =>
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using DeviceSums? sums = onDevice ? new DeviceSums(device, new ThreadExchange(ranks)) : null;
        using TrainingRun run = Run("soccer", NetworkCore.Lstm, new ShardGroup(ranks, 1, sums).Shard(0), Matches / 3, Once with { Epochs = 2, Minibatches = 3, VTrace = true });
        for (int i = 0; i < 3; i++) run.Update();
        return run.Network.Weights.AsSpan().ToArray();
    });

    private static Outcome[] Together(string game, NetworkCore core, int shards) =>
        RankThreads.Run(shards, ranks => Update(game, core, new ShardGroup(ranks, 1).Shard(0), Matches / shards));

    private static Outcome Update(string game, NetworkCore core, Shard shard, int matches)
    {
        using TrainingRun run = Run(game, core, shard, matches, Once);
        PpoStatistics statistics = run.Update(0.5);
        var gradients = new float[run.Network.Gradients.Length];
        run.Device.CopyToHost(run.Network.Gradients, gradients);
        var sums = new List<double>(run.Learner.ReturnNormalizer!.Moments.ToArray());
        if (run.Learner.Normalizer is { } normalizer) sums.AddRange([.. normalizer.Counts.ToArray(), .. normalizer.Means.ToArray(), .. normalizer.Squares.ToArray()]);
        return new Outcome([.. gradients.Select(value => (double)value)], [.. sums], statistics);
    }

    private static TrainingRun Run(string game, NetworkCore core, Shard shard, int matches, PpoConfig config)
    {
        GameOptions options = game == "soccer"
            ? new SoccerOptions { TeamSize = 1, MaxTicks = 12, Desync = true }
            : new CorridorOptions { Masks = true, MaxTicks = 6, Desync = true };
        return new TrainingRun(
            game, options with { NumEnvs = matches, MatchOffset = shard.Index * matches }, config, core: core, builtin: true, shard: shard,
            change: spec => spec with { NormalizeObservations = true });
    }

    // Every number that is a mean, a share, a norm or a maximum over rows.
    private static double[] Numbers(in PpoStatistics s) =>
    [
        s.PolicyLoss, s.ValueLoss, s.TotalLoss, s.Entropy, s.Std, s.ClippedActionShare, s.LegalShare, s.Kl, s.PastKl ?? double.NaN, s.RatioMax, s.ClipShare, s.BoundPenalty, s.GradientNorm,
        s.ExplainedVariance, s.ValueMean, s.AdvantageStd, s.TruncatedShare, s.StateMax,
    ];

    // Relative to the largest: gradients and sums near 0 are differences of large numbers.
    private static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max();
        for (int i = 0; i < expected.Length; i++)
            Assert.True(double.IsNaN(expected[i]) ? double.IsNaN(actual[i]) : Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"number {i} is {actual[i]:R}, expected {expected[i]:R}");
    }

    private sealed record Outcome(double[] Gradients, double[] Sums, PpoStatistics Statistics);
}
