using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Learning;

/// <summary>The records of what has ended, against a plain loop over the owners.</summary>
public class GatherFinishedTests
{
    private const int Width = 2;

    // Owners 1 and 3 finished; 1 has drawn its next opponent (so the game before counts), 3 has not.
    [Fact]
    public void A_case_worked_by_hand()
    {
        using var memory = new LearningMemory();
        (int[] records, long total) = Gather(
            memory, seen: [4, 4, 4, 4], finished: [4, 5, 4, 6], statistics: [0, 0, 1.5f, 2.5f, 0, 0, 3.5f, 4.5f], opponents: [9, 7, 9, 6], previous: [8, 3, 8, 2], drawn: [4, 4, 4, 6]);
        Assert.Equal(19, total);
        Assert.Equal([1, 5, 3, Bits(1.5f), Bits(2.5f), 3, 6, 6, Bits(3.5f), Bits(4.5f)], records);
    }

    // More owners than lanes, so that a lane holds several.
    [Fact]
    public void Records_are_those_of_a_plain_loop() =>
        Prop.ForAll(Gen.Choose(1, 5_000).Zip(Gen.Choose(0, 1_000_000)).ToArbitrary(), one => Agrees(one.Item1, one.Item2, planted: false)).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Lanes_that_do_not_know_where_they_begin_are_caught() => Assert.False(Agrees(owners: 3_000, seed: 5, planted: true));

    private static bool Agrees(int owners, int seed, bool planted)
    {
        using var memory = new LearningMemory();
        var random = new System.Random(seed);
        double share = random.NextDouble();
        int[] seen = [.. Enumerable.Range(0, owners).Select(_ => random.Next(100))];
        int[] finished = [.. seen.Select(count => count + (random.NextDouble() < share ? random.Next(1, 3) : 0))];
        int[] opponents = Numbers(random, owners), previous = Numbers(random, owners);
        int[] drawn = [.. finished.Select(count => count - random.Next(2))];
        float[] statistics = random.Array(owners * Width, -1, 1);
        var expected = new List<int>();
        for (int owner = 0; owner < owners; owner++)
        {
            if (finished[owner] == seen[owner]) continue;
            expected.AddRange([owner, finished[owner], drawn[owner] == finished[owner] ? opponents[owner] : previous[owner]]);
            for (int i = 0; i < Width; i++) expected.Add(Bits(statistics[owner * Width + i]));
        }

        (int[] records, long total) = Gather(memory, seen, finished, statistics, opponents, previous, drawn, planted);
        return total == finished.Sum(count => (long)count) && records.SequenceEqual(expected);
    }

    private static (int[] Records, long Total) Gather(
        LearningMemory memory, int[] seen, int[] finished, float[] statistics, int[] opponents, int[] previous, int[] drawn, bool planted = false)
    {
        int owners = seen.Length, size = (owners + Reduction.Lanes - 1) / Reduction.Lanes;
        View<int> before = memory.Of(seen), now = memory.Of(finished), records = memory.Zeros<int>(owners * (FinishedRecord.Count + Width));
        View<long> ended = memory.Zeros<long>(Reduction.Lanes), totals = memory.Zeros<long>(Reduction.Lanes), sums = memory.Zeros<long>(2);
        LearningMemory.RunEach(new CountFinished { Finished = now, Seen = before, Ended = ended, Totals = totals, Size = size }, Reduction.Lanes);
        new PlaceFinished { Ended = ended, Totals = totals, Sums = sums }.Run(0);
        var gather = new GatherFinished
        {
            Finished = now,
            Seen = before,
            Statistics = memory.Of(statistics),
            Opponents = memory.Of(opponents),
            Previous = memory.Of(previous),
            Drawn = memory.Of(drawn),
            Places = planted ? memory.Zeros<long>(Reduction.Lanes) : ended,
            Records = records,
            RecordStatistics = LearningMemory.Floats(records),
            Width = Width,
            Size = size,
        };
        LearningMemory.RunEach(gather, owners);
        return (records.AsSpan()[..((int)sums[0] * (FinishedRecord.Count + Width))].ToArray(), sums[1]);
    }

    private static int[] Numbers(System.Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(10))];

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
