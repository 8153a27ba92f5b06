using System.Numerics;
using Arena.Policy.Distributed;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.Distributed;

/// <summary>Sums over shards: in the order of shards, bit for bit, however the shards are spread over processes.</summary>
public sealed class ShardSumTests
{
    // Every way to spread them evenly.
    private static readonly (int Ranks, int Local)[] Spreads = [(1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (4, 1), (1, 4), (3, 2), (2, 3)];

    [Theory]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    public void Three_shards_are_added_from_left_to_right(int ranks, int local)
    {
        // (1e8 + 1) + −1e8 is 0 in float: the 1 is lost first. In another order it is 1.
        float[] own = [1e8f, 1f, -1e8f];
        foreach (float[] sum in Sums<float>(ranks, local, shard => [own[shard]])) Assert.Equal([0f], sum);
        float[] other = [1e8f, -1e8f, 1f];
        foreach (float[] sum in Sums<float>(ranks, local, shard => [other[shard]])) Assert.Equal([1f], sum);
    }

    [Fact]
    public void Any_spread_gives_the_bits_of_a_plain_loop() =>
        Prop.ForAll(
            Gen.Elements(Spreads).ToArbitrary(), Gen.OneOf(Gen.Choose(0, 40), Gen.Choose(2_000, 20_000)).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(),
            (spread, length, seed) =>
            {
                float[][] given = Values(spread.Ranks * spread.Local, length, seed);
                float[] expected = InOrder(given);
                foreach (float[] sum in Sums<float>(spread.Ranks, spread.Local, shard => [.. given[shard]])) Assert.Equal(expected, sum);
                double[][] doubles = [.. given.Select(values => values.Select(value => (double)value / 3).ToArray())];
                foreach (double[] sum in Sums<double>(spread.Ranks, spread.Local, shard => [.. doubles[shard]])) Assert.Equal(InOrder(doubles), sum);
            }).Check(TestSize.Cases(12, 200));

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    public void Arrays_longer_than_a_block_pass_in_several(int ranks, int local)
    {
        float[][] given = Values(2, (1 << 21) + 12_345, 7); // a block is 8 MiB
        foreach (float[] sum in Sums<float>(ranks, local, shard => [.. given[shard]])) Assert.True(InOrder(given).AsSpan().SequenceEqual(sum));
    }

    [Fact]
    public void Sums_in_another_order_have_other_bits() // so that the tests above can tell
    {
        float[][] given = Values(4, 5_000, 11);
        float[] pairwise = [.. Enumerable.Range(0, 5_000).Select(i => given[0][i] + given[1][i] + (given[2][i] + given[3][i]))];
        Assert.NotEqual(InOrder(given), pairwise);
        Assert.NotEqual(InOrder(given), InOrder([.. given.Reverse()]));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    [InlineData(2, 2)]
    public void Largest_values_and_gathered_ones_are_of_all_shards(int ranks, int local)
    {
        var results = OnShards(ranks, local, shard =>
        {
            double[] largest = [shard.Index, -shard.Index, 5];
            shard.Max(largest);
            var all = new ulong[shard.Count];
            shard.Gather((ulong)(100 + shard.Index), all);
            return (largest, all);
        });
        Assert.All(results, result =>
        {
            Assert.Equal([3, 0, 5], result.largest);
            Assert.Equal([100, 101, 102, 103], result.all);
        });
    }

    [Fact]
    public void A_shard_that_fails_ends_the_others_and_its_reason_is_given()
    {
        var group = new ShardGroup(new Ranks(), 3);
        using var team = new ShardTeam(group);
        var failure = Assert.Throws<InvalidOperationException>(() => team.Run(local =>
        {
            if (local == 1) throw new InvalidOperationException("of shard 1");
            group.Shard(local).Sum(new float[10].AsSpan());
        }));
        Assert.Equal("of shard 1", failure.Message);
        Assert.Throws<InvalidOperationException>(() => team.Run(_ => { }));
    }

    [Fact]
    public void After_the_first_call_nothing_is_allocated()
    {
        var group = new ShardGroup(new Ranks(), 2);
        using var team = new ShardTeam(group);
        float[][] values = [new float[40_000], new float[40_000]];
        double[][] few = [new double[9], new double[9]];
        Shard[] shards = [group.Shard(0), group.Shard(1)];
        Action<int> work = local =>
        {
            shards[local].Sum(values[local].AsSpan());
            shards[local].Max(few[local]);
        };
        for (int i = 0; i < 3; i++) team.Run(work);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) team.Run(work);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Ranks_decide_together()
    {
        string[] seen = RankThreads.Run(3, ranks =>
        {
            long first = ranks.FromFirst(10L + ranks.Rank);
            bool any = ranks.Any(ranks.Rank == 2), none = ranks.Any(false);
            return $"{first} {any} {none} {string.Join('+', ranks.Gather(new string('x', ranks.Rank)))} {ranks.FromFirst($"from {ranks.Rank}")}";
        });
        Assert.All(seen, text => Assert.Equal("10 True False +x+xx from 0", text));
        var alone = new Ranks();
        Assert.Equal((7L, true, false, "own"), (alone.FromFirst(7L), alone.Any(true), alone.Any(false), alone.FromFirst("own")));
    }

    private static T[][] Sums<T>(int ranks, int local, Func<int, T[]> own)
        where T : unmanaged, IAdditionOperators<T, T, T> =>
        OnShards(ranks, local, shard =>
        {
            T[] values = own(shard.Index);
            shard.Sum(values.AsSpan());
            return values;
        });

    private static T[] OnShards<T>(int ranks, int local, Func<Shard, T> work) =>
        [.. RankThreads.Run(ranks, rank =>
        {
            var group = new ShardGroup(rank, local);
            using var team = new ShardTeam(group);
            var results = new T[local];
            team.Run(i => results[i] = work(group.Shard(i)));
            return results;
        }).SelectMany(results => results)];

    private static T[] InOrder<T>(T[][] given)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        T[] sum = [.. given[0]];
        foreach (T[] next in given.Skip(1))
            for (int i = 0; i < sum.Length; i++) sum[i] += next[i];
        return sum;
    }

    private static float[][] Values(int shards, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, shards).Select(_ => Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 4)))).ToArray())];
    }
}
