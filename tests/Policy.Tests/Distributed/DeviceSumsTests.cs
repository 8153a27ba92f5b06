using System.Numerics;
using Arena.Kernels.Device;
using Arena.Policy.Distributed;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.Distributed;

/// <summary>Sums over ranks on devices: the same bits as on the host.</summary>
public class DeviceSumsTests
{
    // (1e8 + 1) + −1e8 is 0 in floats, 1e8 + (1 − 1e8) is 0 too, but (1e8 − 1e8) + 1 is 1: the order shows.
    [Fact]
    public void The_order_of_ranks_decides()
    {
        float[] given = [1e8f, -1e8f, 1f];
        Assert.All(Sums<float>(3, rank => [given[rank]]), sum => Assert.Equal([1f], sum));
        Assert.All(Sums<float>(3, rank => [given[(rank + 2) % 3]]), sum => Assert.Equal([0f], sum));
    }

    // Below and above what is gathered whole, and lengths that ranks do not divide.
    [Fact]
    public void Floats_are_summed_as_on_the_host() =>
        Prop.ForAll(Cases.ToArbitrary(), one => Agrees(one.Ranks, rank => Numbers(one.Seed + rank, one.Length, value => (float)value))).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void Doubles_are_summed_as_on_the_host() =>
        Prop.ForAll(Cases.ToArbitrary(), one => Agrees(one.Ranks, rank => Numbers(one.Seed + rank, one.Length, value => value))).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void A_sum_in_another_order_would_be_noticed()
    {
        float[][] given = [.. Enumerable.Range(0, 4).Select(rank => Numbers(rank, 50_001, value => (float)value))];
        Assert.NotEqual(InOrder([.. given.Reverse()]), Sums(4, rank => given[rank])[0]);
    }

    // What other types there are goes through the host.
    [Fact]
    public void Integers_go_through_the_host()
    {
        int[][] sums = RankThreads.Run(2, ranks => OnRank(ranks, exchange: true, (device, shard) =>
        {
            using DeviceBuffer<int> numbers = device.Allocate<int>(3, "numbers");
            numbers.Write([1, 2, 3 + ranks.Rank]);
            shard.Sum(device, numbers.View);
            return numbers.ToArray();
        }));
        Assert.All(sums, sum => Assert.Equal([2, 4, 7], sum));
    }

    [Fact]
    public void Several_shards_in_a_process_are_refused()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var sums = new DeviceSums(device, new ThreadExchange(ThreadCommunicator.Create(1)[0]));
        Assert.Throws<ArgumentException>(() => new ShardGroup(new Ranks(), 2, sums));
    }

    private static Gen<(int Ranks, int Length, int Seed)> Cases =>
        from ranks in Gen.Choose(2, 5)
        from length in Gen.Frequency((2, Gen.Choose(1, 200)), (1, Gen.Choose(20_000, 90_000)))
        from seed in Gen.Choose(0, 1_000_000)
        select (ranks, length, seed);

    private static bool Agrees<T>(int ranks, Func<int, T[]> own)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        T[] expected = InOrder([.. Enumerable.Range(0, ranks).Select(own)]);
        T[][] there = Sums(ranks, own), host = Sums(ranks, own, exchange: false);
        return there.All(sum => sum.AsSpan().SequenceEqual(expected)) && host.All(sum => sum.AsSpan().SequenceEqual(expected));
    }

    private static T[][] Sums<T>(int ranks, Func<int, T[]> own, bool exchange = true)
        where T : unmanaged, IAdditionOperators<T, T, T> => RankThreads.Run(ranks, rank => OnRank(rank, exchange, (device, shard) =>
        {
            T[] values = own(rank.Rank);
            using DeviceBuffer<T> numbers = device.Allocate<T>(values.Length, "numbers");
            for (int round = 0; round < 2; round++) // the second time in memory that the first one used
            {
                numbers.Write(values);
                shard.Sum(device, numbers.View);
            }

            return numbers.ToArray();
        }));

    private static T OnRank<T>(Ranks ranks, bool exchange, Func<CpuDevice, Shard, T> work)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using DeviceSums? sums = exchange ? new DeviceSums(device, new ThreadExchange(ranks)) : null;
        return work(device, new ShardGroup(ranks, 1, sums).Shard(0));
    }

    private static T[] InOrder<T>(T[][] given)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        T[] sum = [.. given[0]];
        foreach (T[] next in given.Skip(1))
            for (int i = 0; i < sum.Length; i++) sum[i] += next[i];
        return sum;
    }

    private static T[] Numbers<T>(int seed, int length, Func<double, T> convert)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => convert((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 4))))];
    }
}
