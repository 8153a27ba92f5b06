using Arena.Kernels.Device;
using Arena.Kernels.Learning;

namespace Arena.Kernels.Tests.Learning;

/// <summary>Sums that are only logged: how episodes ended, how far weights moved.</summary>
public class MeasureTests
{
    // Slots: none, terminated, truncated, both (terminated wins), truncated but not learned from.
    [Fact]
    public void Ends_are_counted_where_rows_are_learned_from() =>
        Assert.Equal([2, 1], Ends([0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0]));

    [Fact]
    public void Every_end_is_counted_once_however_many_rows_a_lane_has()
    {
        var random = new System.Random(3);
        byte[] terminated = Flags(random), truncated = Flags(random), weights = Flags(random);
        int Count(Func<int, bool> of) => Enumerable.Range(0, weights.Length).Count(i => weights[i] == 1 && of(i));
        double[] expected = [Count(i => terminated[i] == 1), Count(i => terminated[i] == 0 && truncated[i] == 1)];
        Assert.Equal(expected, Ends(terminated, truncated, weights));
        Assert.NotEqual(expected, Ends(truncated, terminated, weights)); // planted: the flags exchanged
    }

    // 3-4-5: moved by (3, 4) from (0, 2).
    [Fact]
    public void A_change_is_the_sum_of_squared_differences() => Assert.Equal([25, 4], Change([0, 2], [3, 6], 1));

    [Fact]
    public void A_change_has_the_same_bits_on_any_number_of_threads()
    {
        var random = new System.Random(4);
        float[] before = random.Array(5_000, -1, 1), after = random.Array(5_000, -1, 1);
        double[] one = Change(before, after, 1);
        Assert.Equal(one, Change(before, after, 3));
        Assert.Equal(before.Zip(after, (b, a) => ((double)a - b) * ((double)a - b)).Sum(), one[ChangeSum.Change], 1e-9);
        Assert.Equal(before.Sum(b => (double)b * b), one[ChangeSum.Before], 1e-9);
    }

    private static byte[] Flags(System.Random random) => [.. Enumerable.Range(0, 3_500).Select(_ => (byte)random.Next(2))];

    private static double[] Ends(byte[] terminated, byte[] truncated, byte[] weights)
    {
        using var memory = new LearningMemory(threads: 2);
        View<double> partials = memory.Zeros<double>(Reduction.Lanes * EndSum.Count);
        memory.Device.Launch(
            new SumEnds { Terminated = memory.Of(terminated), Truncated = memory.Of(truncated), Weights = memory.Of(weights), Partials = partials }, Reduction.Lanes);
        return memory.Sum(partials, EndSum.Count);
    }

    private static double[] Change(float[] before, float[] after, int threads)
    {
        using var memory = new LearningMemory(threads);
        View<double> partials = memory.Zeros<double>(Reduction.Lanes * ChangeSum.Count);
        memory.Device.Launch(new SumChange { Before = memory.Of(before), After = memory.Of(after), Partials = partials }, Reduction.Lanes);
        return memory.Sum(partials, ChangeSum.Count);
    }
}
