using Arena.HostApi.Measuring;
using Arena.Kernels.Random;

namespace Arena.HostApi.Tests.Measuring;

/// <summary>Comparisons of programs that are made up: their rates are numbers, and nothing is timed.</summary>
public sealed class AlternatingComparisonTests
{
    private const int Machines = 200;
    private const int Pairs = 12;

    [Fact]
    public void A_program_that_is_ten_per_cent_slower_is_found()
    {
        Verdict[] verdicts = [.. Enumerable.Range(0, Machines).Select(seed => Compare(seed, slower: 0.9))];
        Assert.True(verdicts.Count(verdict => verdict == Verdict.Slower) > 0.9 * Machines, $"{verdicts.Count(verdict => verdict == Verdict.Slower)} of {Machines}");
        Assert.DoesNotContain(Verdict.Faster, verdicts);
        Assert.True(Enumerable.Range(0, Machines).Count(seed => Compare(seed, slower: 1 / 0.9) == Verdict.Faster) > 0.9 * Machines);
    }

    [Fact]
    public void Equal_programs_are_told_apart_no_more_often_than_the_interval_allows()
    {
        int apart = Enumerable.Range(0, Machines).Count(seed => Compare(seed, slower: 1) != Verdict.NoDifferenceShown);
        Assert.InRange(apart, 0, (int)(0.08 * Machines)); // 3.9 % by the binomial with 12 pairs; 7.5 % is two and a half deviations above
    }

    [Fact]
    public void A_drift_of_the_machine_is_no_difference_and_would_be_one_without_the_turns()
    {
        // 1 % slower at every run, whoever runs.
        var rates = new List<double>();
        double Next()
        {
            rates.Add(100 * Math.Pow(0.99, rates.Count));
            return rates[^1];
        }

        ComparedRate compared = AlternatingComparison.Run(_ => One(Next()), Pairs)[0];
        Assert.Equal(Verdict.NoDifferenceShown, compared.Verdict);
        Assert.Equal(1 / 0.99, compared.Ratios[0], 12); // A first
        Assert.Equal(0.99, compared.Ratios[1], 12); // B first
        // The planted fault: A always first.
        (double lower, _) = AlternatingComparison.MedianInterval([.. rates.Chunk(2).Select(pair => pair[0] / pair[1])]);
        Assert.True(lower > 1);
    }

    [Fact]
    public void They_run_in_turns()
    {
        string order = string.Concat(AlternatingComparison.Order(6).Select(side => side == Side.This ? 'A' : 'B'));
        Assert.Equal("ABBAABBAABBA", order);
        var ran = new List<Side>();
        var shares = new List<double>();
        AlternatingComparison.Run(
            side =>
            {
                ran.Add(side);
                return One(1);
            },
            6, shares.Add);
        Assert.Equal(AlternatingComparison.Order(6), ran);
        Assert.Equal((12, 1.0), (shares.Count, shares[^1]));
    }

    [Fact]
    public void The_interval_goes_from_rank_to_rank()
    {
        // By the binomial with 1/2: of 6, P(none below) · 2 = 3.1 %; of 12, P(at most 2 below) · 2 = 3.9 % and of 3 14.6 %; of 20, P(at most 5) · 2 = 4.1 %.
        Assert.Equal((1, 6), AlternatingComparison.MedianInterval([6, 5, 4, 3, 2, 1]));
        Assert.Equal((3, 10), AlternatingComparison.MedianInterval([.. Enumerable.Range(1, 12).Select(i => (double)i)]));
        Assert.Equal((6, 15), AlternatingComparison.MedianInterval([.. Enumerable.Range(1, 20).Select(i => (double)i)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AlternatingComparison.MedianInterval([1, 2, 3, 4, 5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AlternatingComparison.Run(_ => One(1), 5));
    }

    [Fact]
    public void Only_figures_that_both_have_are_compared_and_a_rate_of_nothing_is_an_error()
    {
        ComparedRate compared = Assert.Single(AlternatingComparison.Run(
            side => side == Side.This ? new Dictionary<string, double> { ["a"] = 4, ["b"] = 2 } : new Dictionary<string, double> { ["b"] = 1, ["c"] = 3 }, 6));
        Assert.Equal(("b", 2.0, 1.0, 2.0, Verdict.Faster), (compared.What, compared.This, compared.Other, compared.Ratio, compared.Verdict));
        Assert.Throws<InvalidOperationException>(() => AlternatingComparison.Run(side => side == Side.This ? One(1) : new Dictionary<string, double> { ["other"] = 1 }, 6));
        foreach (double bad in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<InvalidOperationException>(() => AlternatingComparison.Run(side => One(side == Side.This ? 1 : bad), 6));
    }

    private static Dictionary<string, double> One(double rate) => new() { ["rate"] = rate };

    // A machine whose speed walks by some per cent from run to run, with a run in ten that other programs slow down by up to a half.
    private static Verdict Compare(int seed, double slower)
    {
        double speed = 1;
        uint run = 0;
        return AlternatingComparison.Run(
            side =>
            {
                UInt4 draw = Philox.Draw((ulong)seed, run++, 0, 0, 0, 0);
                speed *= 1 + 0.06 * (Philox.Uniform(draw.X) - 0.5);
                double disturbed = Philox.Uniform(draw.Y) < 0.1 ? 1 - 0.5 * Philox.Uniform(draw.Z) : 1;
                return One(1e6 * speed * disturbed * (1 + 0.06 * (Philox.Uniform(draw.W) - 0.5)) * (side == Side.This ? slower : 1));
            },
            Pairs)[0].Verdict;
    }
}
