using Arena.Policy.SelfPlay;

namespace Arena.Policy.Tests;

public class StudentTTests
{
    // From a printed table: two-sided 95 %, n − 1 degrees of freedom.
    [Theory]
    [InlineData(2, 12.706)]
    [InlineData(3, 4.303)]
    [InlineData(4, 3.182)]
    [InlineData(5, 2.776)]
    [InlineData(6, 2.571)]
    [InlineData(11, 2.228)]
    [InlineData(30, 2.045)]
    [InlineData(61, 2.000)]
    [InlineData(99, 1.984)]
    public void Quantiles_are_those_of_a_printed_table(int samples, double expected) => Assert.Equal(expected, StudentT.Reach(samples), tolerance: 0.0005);

    [Fact]
    public void It_falls_towards_the_normal_quantile_and_needs_two_samples()
    {
        Assert.True(double.IsNaN(StudentT.Reach(0)) && double.IsNaN(StudentT.Reach(1)));
        for (int samples = 3; samples <= 2 * StudentT.Few; samples++) Assert.True(StudentT.Reach(samples) <= StudentT.Reach(samples - 1));
        Assert.Equal(Wilson.Z, StudentT.Reach(StudentT.Few));
        Assert.InRange(StudentT.Reach(StudentT.Few - 1) / Wilson.Z, 1, 1.0125);
    }

    [Theory]
    [InlineData(3, 1.96)]
    [InlineData(8, 1.96)]
    public void Intervals_of_few_normal_samples_cover_the_mean_19_times_of_20_and_with_the_normal_quantile_they_do_not(int samples, double wrong)
    {
        const int Trials = 20_000;
        var random = new Random(7);
        int covered = 0, coveredByWrong = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            var estimate = new MeanEstimate();
            for (int i = 0; i < samples; i++) estimate.Add(3 + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            if (estimate.Interval.Lower <= 3 && 3 <= estimate.Interval.Upper) covered++;
            if (Math.Abs(estimate.Mean - 3) <= wrong * estimate.StandardDeviation / Math.Sqrt(samples)) coveredByWrong++;
        }

        Assert.InRange(covered / (double)Trials, 0.944, 0.956); // 4 standard errors
        Assert.True(coveredByWrong / (double)Trials < 0.93);
    }
}
