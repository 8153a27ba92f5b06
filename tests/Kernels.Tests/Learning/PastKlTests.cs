using Arena.Kernels.Learning;
using Arena.Tests;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

/// <summary>The penalty for distance to past selves: its gradient is that of the divergence, 0 where there is none.</summary>
public class PastKlTests
{
    // By hand: N(0, σ²) to N(2σ, σ²) is 2²/2 nat; (¾, ¼) to (½, ½) is ¾ ln 1.5 − ¼ ln 2. Any two Gaussians: the integral of p·ln(p/q).
    [Fact]
    public void The_reference_is_the_divergence()
    {
        double sigma = PolicyLossReference.StandardDeviation(0.4);
        Assert.Equal(2, PolicyLossReference.GaussianKl([0], [0.4], [2 * sigma], [0.4]), 1e-12);
        Assert.Equal(0.75 * Math.Log(1.5) - 0.25 * Math.Log(2), PolicyLossReference.CategoricalKl([[Math.Log(3), 0, 9]], [[0, 0, -9]], [[true, true, false]]), 1e-12);
        const double Step = 1e-4;
        double integral = 0;
        for (double x = -6; x < 6; x += Step)
        {
            double p = PolicyLossReference.GaussianLogProb([x], [0.3], [0.2]), q = PolicyLossReference.GaussianLogProb([x], [-0.1], [0.5]);
            integral += Math.Exp(p) * (p - q) * Step;
        }

        Assert.Equal(integral, PolicyLossReference.GaussianKl([0.3], [0.2], [-0.1], [0.5]), 1e-9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_agree_with_differences_of_the_reference(bool rowStd)
    {
        for (int seed = 0; seed < TestSize.Of(4, 100); seed++)
        {
            var c = new PastKlCase(seed, rowStd, 64);
            Assert.Null(FirstDifference(c, (_, g) => g));
            // Planted: every kind of output with the wrong sign.
            Assert.Contains("output 0", FirstDifference(c, (i, g) => i == 0 ? -g : g));
            if (rowStd) Assert.Contains("output 2", FirstDifference(c, (i, g) => i == 2 ? -g : g));
            else Assert.Contains("log-std 0", FirstDifference(c, (i, g) => i < 0 ? -g : g));
            Assert.Contains($"output {c.FirstLogit}", FirstDifference(c, (i, g) => i == c.FirstLogit ? -g : g));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sums_are_rows_and_nats(bool rowStd)
    {
        var c = new PastKlCase(5, rowStd, 1_100); // some lanes have two rows
        double[] sums = c.Run().Sums;
        Assert.Equal(c.Weight, sums[PastKlSum.Weight]);
        double expected = Enumerable.Range(0, c.Rows).Where(row => c.Weights[row] == 1).Sum(row => c.Kl(row));
        Assert.True(CaseRandom.Close(sums[PastKlSum.Kl], expected, 1e-5, 1e-4), $"{sums[PastKlSum.Kl]}, expected {expected}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_added_where_the_policies_are_the_same(bool rowStd)
    {
        var c = new PastKlCase(6, rowStd, 300);
        c.Outputs.CopyTo(c.Past, 0);
        c.RawLogStds.CopyTo(c.PastRawLogStds, 0);
        var (gradients, logStds, sums) = c.Run(start: true);
        for (int i = 0; i < gradients.Length; i++) Assert.Equal(c.Started(i), gradients[i]);
        Assert.All(logStds, gradient => Assert.Equal(0f, gradient));
        Assert.Equal(0, sums[PastKlSum.Kl]);
    }

    [Fact]
    public void It_is_added_to_what_the_loss_wrote_and_leaves_ignored_rows_masked_choices_and_values_alone()
    {
        var c = new PastKlCase(7, rowStd: true, 300);
        float[] added = c.Run().Gradients, joined = c.Run(start: true).Gradients;
        int untouched = 0;
        for (int i = 0; i < added.Length; i++)
        {
            int row = i / c.Width, at = i % c.Width;
            bool legal = at < c.FirstLogit || (at < c.Width - 1 && c.Legal(row).SelectMany(head => head).ElementAt(at - c.FirstLogit));
            if (c.Weights[row] == 0 || !legal)
            {
                untouched++;
                Assert.Equal((0f, c.Started(i)), (added[i], joined[i]));
            }
            else Assert.Equal(c.Started(i) + added[i], joined[i], 1e-7f);
        }

        Assert.InRange(untouched, c.Rows * 2, c.Rows * (c.Width - 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bits_do_not_depend_on_threads(bool rowStd)
    {
        var c = new PastKlCase(8, rowStd, 2_500);
        var one = c.Run();
        foreach (int threads in new[] { 2, 3 })
        {
            var other = c.Run(threads);
            Assert.Equal(one.Gradients, other.Gradients);
            Assert.Equal(one.LogStdGradients, other.LogStdGradients);
            Assert.Equal(one.Sums, other.Sums);
        }
    }

    [Fact]
    public void An_average_of_weights_goes_its_share_of_the_way()
    {
        using var memory = new LearningMemory();
        var past = memory.Of(1f, -2f);
        memory.Device.Launch(new FollowWeights { Weights = memory.Of(3f, -2f), Past = past, Rate = 0.25f }, 2);
        Assert.Equal([1.5f, -2f], past.AsSpan().ToArray());
    }

    private static string? FirstDifference(PastKlCase c, Func<int, float, float> planted)
    {
        var (gradients, logStds, _) = c.Run();
        for (int row = 0; row < c.Rows; row++)
            for (int i = 0; i < c.Width; i++)
            {
                double expected = c.Weights[row] == 0 ? 0 : c.Difference(row, output: i), actual = planted(i, gradients[row * c.Width + i]) * c.Weight;
                if (!CaseRandom.Close(actual, expected, 1e-5, 2e-6)) return $"row {row}, output {i}: {actual}, expected {expected}";
            }

        for (int j = 0; j < (c.RowStd ? 0 : PastKlCase.Components); j++)
        {
            double expected = Enumerable.Range(0, c.Rows).Where(row => c.Weights[row] == 1).Sum(row => c.Difference(row, logStd: j));
            double actual = planted(-1 - j, logStds[j]) * c.Weight;
            if (!CaseRandom.Close(actual, expected, 1e-5, 1e-5)) return $"log-std {j}: {actual}, expected {expected}";
        }

        return null;
    }
}
