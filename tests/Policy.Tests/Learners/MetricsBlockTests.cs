using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.SelfPlay;

namespace Arena.Policy.Tests.Learners;

/// <summary>What an update brings to the host: one block, and in it what the columns say.</summary>
public class MetricsBlockTests
{
    private static readonly GameOptions Matches = Registry.Find("soccer").DefaultOptions with { NumEnvs = 16, Desync = true };

    private static readonly PpoConfig Config = new() { Horizon = 16, Minibatches = 2, Epochs = 3, TargetKl = 0 };

    // Pool, opponents, statistics of episodes, guards and losses: not a byte beside the block.
    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(100.0, 2)] // a limit on the KL looks at it between the epochs
    public void An_update_with_a_pool_copies_one_block(double targetKl, int looks)
    {
        PpoConfig config = Config with { TargetKl = targetKl };
        using var run = new TrainingRun("soccer", Matches, config, builtin: true, pool: new OpponentPoolConfig { Fraction = 0.5, Slots = 2, AdmitEveryUpdates = 1_000_000 });
        Warm(run, updates: 60);
        long ended = 0;
        for (int update = 60; update < 120; update++)
        {
            long before = run.Device.TransferredBytes;
            run.Update();
            long beside = run.Device.TransferredBytes - before - run.Rollout.Metrics.BytesRead;
            Assert.InRange(beside, looks * sizeof(double), looks * 1_024); // a look is one epoch's sums
            ended += run.Rollout.Episodes.Count;
            before = run.Device.TransferredBytes;
            run.Seats.EndRollout(run.Network, seed: 1, update + 1, (update + 1) * 768L);
            Assert.Equal(2 * sizeof(uint), run.Device.TransferredBytes - before); // the slots' odds, to the device
        }

        Assert.True(ended > 20);
    }

    // Half as many again as last time were expected; whoever ends more costs a second copy, and nothing is lost.
    [Fact]
    public void Records_beyond_those_expected_are_fetched()
    {
        const int Owners = 100;
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var block = new MetricsBlock(device);
        using DeviceBuffer<int> finished = device.Allocate<int>(Owners, "finished");
        using DeviceBuffer<float> statistics = device.Allocate<float>(Owners * 3, "statistics");
        using var episodes = new FinishedEpisodes(device, block, finished.View, statistics.View);
        foreach (int count in new[] { 0, 1, 90, 100, 3, 0, 60 })
        {
            episodes.Begin();
            for (int owner = 0; owner < count; owner++)
            {
                finished.View[owner]++;
                for (int i = 0; i < 3; i++) statistics.View[owner * 3 + i] = owner * 10 + i;
            }

            episodes.Gather();
            Assert.Equal(count, episodes.Count);
            Assert.Equal(finished.ToArray().Sum(), episodes.Total);
            for (int i = 0; i < count; i++)
            {
                (int owner, int number, int opponent) = episodes.Record(i, out ReadOnlySpan<float> episode);
                Assert.Equal((i, finished.View[i], 0), (owner, number, opponent));
                Assert.Equal([i * 10f, i * 10f + 1, i * 10f + 2], episode.ToArray());
            }
        }
    }

    [Fact]
    public void Places_do_not_overlap_and_are_not_given_out_late()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var block = new MetricsBlock(device);
        MetricsPlace<int> three = block.Take<int>(3), tail = block.TakeTail(5);
        MetricsPlace<double> two = block.Take<double>(2);
        for (int i = 0; i < 3; i++) three.View[i] = i + 1;
        for (int i = 0; i < 2; i++) two.View[i] = 10.5 + i;
        for (int i = 0; i < 5; i++) tail.View[i] = 100 + i;
        block.TailBytes = 2 * sizeof(int);
        block.Fetch();
        Assert.Equal([1, 2, 3], three.Host.ToArray());
        Assert.Equal([10.5, 11.5], two.Host.ToArray());
        Assert.Equal([100, 101, 0, 0, 0], tail.Host.ToArray());
        Assert.Equal(5 * 8, block.BytesRead);
        block.FetchTail(5 * sizeof(int));
        Assert.Equal([100, 101, 102, 103, 104], tail.Host.ToArray());
        Assert.Throws<InvalidOperationException>(() => block.Take<int>(1));
        Assert.Throws<InvalidOperationException>(() => block.TakeTail(1));
    }

    private static void Warm(TrainingRun run, int updates)
    {
        for (int update = 0; update < updates; update++)
        {
            run.Update();
            run.Seats.EndRollout(run.Network, seed: 1, update + 1, (update + 1) * 768L);
        }
    }
}
