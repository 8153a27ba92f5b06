using Arena.HostApi.Distributed;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Distributed;
using Arena.Policy.Tests.Distributed;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>The calls of NCCL against functions that do what its manual says, and when it is used.</summary>
public class NcclTests
{
    // Gathered whole, and in pieces that do not come out even.
    [Theory]
    [InlineData(2, 100)]
    [InlineData(3, 50_001)]
    [InlineData(4, 33_333)]
    public void Sums_through_it_are_those_of_the_host(int ranks, int length)
    {
        float[][] there = Sums(ranks, length, nccl: true), host = Sums(ranks, length, nccl: false);
        Assert.All(there, sum => Assert.Equal(host[0], sum));
        Assert.NotEqual(there[0], Values(0, length));
        Assert.Equal(0, FakeNccl.Open);
    }

    [Fact]
    public void It_is_named_with_its_version() =>
        Assert.All(OnRanks(2, (ranks, device) =>
        {
            using NcclExchange? exchange = NcclExchange.Open(ExchangeKind.Auto, ranks, device, () => FakeNccl.Create(), () => $"node:{ranks.Rank}");
            return exchange!.Name;
        }), name => Assert.Equal("NCCL 2.27.3", name));

    [Theory]
    [InlineData("cpu", "rank 1 runs on 'cpu'")]
    [InlineData("library", "rank 1 cannot load NCCL (tried: libnccl.so.2, libnccl.so)")]
    [InlineData("shared", "2 ranks share 1 GPUs (node:0)")]
    public void Where_a_rank_cannot_all_go_through_the_host_or_are_refused(string wrong, string reason)
    {
        Assert.All(Try(ExchangeKind.Auto, wrong), text => Assert.Equal("", text));
        Assert.All(Try(ExchangeKind.Host, wrong), text => Assert.Equal("", text));
        Assert.All(Try(ExchangeKind.Nccl, wrong), text => Assert.Equal(
            $"--exchange is nccl, but {reason}. Every rank needs a GPU of its own and libnccl.so.2 (ARENA_NCCL names one that is not found by itself); --exchange host adds up through MPI.", text));
    }

    [Fact]
    public void A_call_that_fails_says_which_and_what_to_do()
    {
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => Sums(2, 40_000, nccl: true, broken: "ncclGroupEnd"));
        Assert.Equal("ncclGroupEnd failed: invalid usage (code 5). NCCL_DEBUG=WARN makes the library say more; --exchange host does without it.", failure.Message);
    }

    [Fact]
    public void One_process_needs_none()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        Assert.Null(NcclExchange.Open(ExchangeKind.Nccl, new Ranks(), device, () => throw new InvalidOperationException("not to be loaded"), () => null));
    }

    [Theory]
    [InlineData(null, null, 4, null)]       // no launcher
    [InlineData("1", null, 4, "1")]
    [InlineData("5", null, 4, "1")]         // more ranks than GPUs
    [InlineData("2", "4, 5,7", 8, "7")]     // of those that the batch system gave
    [InlineData("1", "3", 8, null)]         // it gave one to each
    [InlineData("1", "GPU-a,GPU-b", 0, "GPU-b")]
    [InlineData("1", null, 1, null)]
    [InlineData("1", null, 0, null)]        // nobody knows how many there are
    public void A_rank_takes_the_GPU_of_its_number_on_the_machine(string? local, string? visible, int installed, string? expected) =>
        Assert.Equal(expected, RankGpu.Choose(name => name == "OMPI_COMM_WORLD_LOCAL_RANK" ? local : name == RankGpu.VisibleVariable ? visible : null, installed));

    private static string[] Try(ExchangeKind kind, string wrong) => OnRanks(2, (ranks, device) =>
    {
        try
        {
            using NcclExchange? exchange = NcclExchange.Open(
                kind, ranks, device, () => wrong == "library" && ranks.Rank == 1 ? null : FakeNccl.Create(),
                () => wrong == "cpu" && ranks.Rank == 1 ? null : wrong == "shared" ? "node:0" : $"node:{ranks.Rank}");
            return exchange?.Name ?? "";
        }
        catch (UsageException refusal)
        {
            return refusal.Message;
        }
    });

    private static float[][] Sums(int size, int length, bool nccl, string broken = "") => OnRanks(size, (ranks, device) =>
    {
        using NcclExchange? exchange = NcclExchange.Open(nccl ? ExchangeKind.Nccl : ExchangeKind.Host, ranks, device, () => FakeNccl.Create(broken), () => $"node:{ranks.Rank}");
        using DeviceSums? sums = exchange is null ? null : new DeviceSums(device, exchange);
        using DeviceBuffer<float> numbers = device.Allocate<float>(length, "numbers");
        numbers.Write(Values(ranks.Rank, length));
        new ShardGroup(ranks, 1, sums).Shard(0).Sum(device, numbers.View);
        return numbers.ToArray();
    });

    private static float[] Values(int rank, int length)
    {
        var random = new Random(rank);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 4))))];
    }

    private static T[] OnRanks<T>(int size, Func<Ranks, CpuDevice, T> work) => RankThreads.Run(size, ranks =>
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        return work(ranks, device);
    });
}
