using Arena.Kernels.Learning;
using Arena.Tests;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

public class LossTests
{
    // T13. Entropy and bound coefficients large enough to be seen.
    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 0.1)]
    [InlineData(true, 0.0)]
    [InlineData(true, 0.1)]
    public void Gradients_agree_with_differences_of_the_reference(bool discrete, double valueClip)
    {
        for (int seed = 0; seed < TestSize.Of(4, 100); seed++) Assert.Null(FirstDifference(Case(seed, discrete, valueClip), g => g));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Planted_errors_are_caught(bool discrete)
    {
        LossCase c = Case(1, discrete, 0.1);
        Assert.NotNull(FirstDifference(c, gradient => -gradient));
        Assert.NotNull(FirstDifference(c, gradient => gradient * 1.001f));
        c.Coefficients = c.Coefficients with { Entropy = 0.3 };
        Assert.NotNull(FirstDifference(c, g => g, kernel: Case(1, discrete, 0.1)));
        c.Coefficients = c.Coefficients with { Entropy = 0.05, ClipRange = 0.1 };
        Assert.NotNull(FirstDifference(c, g => g, kernel: Case(1, discrete, 0.1)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sums_agree_with_the_reference(bool discrete)
    {
        LossCase c = Case(7, discrete, 0.1);
        double[] sums = c.Run().Sums;
        RowLoss[] rows = [.. Enumerable.Range(0, c.Rows).Where(row => c.Weights[row] == 1).Select(row => c.Reference(row))];
        Assert.Equal(c.Weight, sums[LossSum.Weight]);
        Assert.True(CaseRandom.Close(sums[LossSum.Policy], rows.Sum(r => r.Policy), 1e-5, 1e-4));
        Assert.True(CaseRandom.Close(sums[LossSum.Value], rows.Sum(r => r.Value), 1e-5, 1e-4));
        Assert.True(CaseRandom.Close(sums[LossSum.Entropy], rows.Sum(r => r.Entropy), 1e-5, 1e-4));
        Assert.True(CaseRandom.Close(sums[LossSum.Kl], rows.Sum(r => r.Kl), 1e-4, 1e-3));
        Assert.True(CaseRandom.Close(sums[LossSum.Bound], rows.Sum(r => r.Bound), 1e-5, 1e-4));
        Assert.InRange(sums[LossSum.Clipped], c.Rows / 10, c.Rows * 9 / 10); // the case holds both kinds
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_logged_beside_the_loss_agrees_with_the_reference(bool discrete)
    {
        for (int seed = 0; seed < TestSize.Of(4, 100); seed++)
        {
            LossCase c = Case(seed, discrete, 0.1, rows: 1_100); // some lanes have two rows
            double[] sums = c.Run().Sums;
            Assert.Null(FirstLoggedDifference(c, sums));
            // Planted: a maximum that is added up like the others, and entropies in each other's columns.
            (double ratio, double first, double last) = (sums[LossSum.RatioMax], sums[LossSum.Count], sums[^1]);
            sums[LossSum.RatioMax] += ratio;
            Assert.StartsWith("largest ratio", FirstLoggedDifference(c, sums));
            (sums[LossSum.RatioMax], sums[LossSum.Count], sums[^1]) = (ratio, last, first);
            if (discrete) Assert.StartsWith("entropy of head 0", FirstLoggedDifference(c, sums));
        }
    }

    private static string? FirstLoggedDifference(LossCase c, double[] sums)
    {
        RowLoss[] rows = [.. Enumerable.Range(0, c.Rows).Where(row => c.Weights[row] == 1).Select(row => c.Reference(row))];
        var expected = new List<(string Name, double Actual, double Expected)> { ("largest ratio", sums[LossSum.RatioMax], rows.Max(r => r.Ratio)) };
        if (!c.Discrete)
        {
            expected.Add(("std", sums[LossSum.Std], rows.Sum(r => r.Std)));
            expected.Add(("clipped actions", sums[LossSum.ClippedActions], rows.Sum(r => r.ClippedActions)));
        }
        else
        {
            expected.Add(("legal", sums[LossSum.Legal], rows.Sum(r => r.Legal)));
            for (int head = 0; head < LossCase.HeadSizes.Length; head++)
                expected.Add(($"entropy of head {head}", sums[LossSum.Count + head], rows.Sum(r => r.HeadEntropies[head])));
        }

        foreach ((string name, double actual, double wanted) in expected)
            if (!CaseRandom.Close(actual, wanted, 1e-5, 1e-4)) return $"{name}: {actual}, expected {wanted}";
        return null;
    }

    // By hand: σ = e^(−1.5) with ρ = 0; one of three samples outside [−1, 1].
    [Fact]
    public void One_row_by_hand()
    {
        LossCase c = Case(1, false, 0, rows: 1);
        c.Weights[0] = 1;
        Array.Clear(c.RawLogStds);
        (c.Actions[0], c.Actions[1], c.Actions[2]) = (0.2f, -1.3f, 1f);
        double[] sums = c.Run().Sums;
        Assert.Equal(Math.Exp(-1.5), sums[LossSum.Std], 1e-6);
        Assert.Equal(1.0 / 3, sums[LossSum.ClippedActions], 1e-6);
        LossCase discrete = Case(1, true, 0, rows: 1);
        discrete.Weights[0] = 1;
        discrete.Masks[0] = 0b11000_01_010; // heads of 3, 2 and 5: one, one and two legal
        (discrete.DiscreteActions[0], discrete.DiscreteActions[1], discrete.DiscreteActions[2]) = (1, 0, 3);
        Array.Clear(discrete.Outputs);
        sums = discrete.Run().Sums;
        Assert.Equal(0.4, sums[LossSum.Legal], 1e-6);
        Assert.Equal((0.0, 0.0), (sums[LossSum.Count], sums[LossSum.Count + 1])); // a single choice has no entropy
        Assert.Equal(Math.Log(2), sums[LossSum.Count + 2], 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bits_do_not_depend_on_threads_or_on_the_loop(bool discrete)
    {
        LossCase c = Case(9, discrete, 0.1, rows: 2_500); // lanes with three rows and lanes with two
        var one = c.Run();
        foreach (var other in new[] { c.Run(threads: 2), c.Run(threads: 3), c.Run(each: true) })
        {
            Assert.Equal(one.Gradients, other.Gradients);
            Assert.Equal(one.LogStdGradients, other.LogStdGradients);
            Assert.Equal(one.Sums, other.Sums);
        }
    }

    // T16.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_stands_in_rows_of_weight_0_changes_nothing(bool discrete)
    {
        LossCase c = Case(11, discrete, 0.1, rows: 1_500);
        var before = c.Run();
        for (int row = 0; row < c.Rows; row++)
        {
            if (c.Weights[row] == 1) continue;
            for (int i = 0; i < c.Width; i++)
            {
                Assert.Equal(0f, before.Gradients[row * c.Width + i]);
                c.Outputs[row * c.Width + i] = float.NaN;
            }

            c.Advantages[row] = c.Returns[row] = c.OldLogProbs[row] = float.PositiveInfinity;
        }

        var after = c.Run();
        Assert.Equal(before.Gradients, after.Gradients);
        Assert.Equal(before.LogStdGradients, after.LogStdGradients);
        Assert.Equal(before.Sums, after.Sums);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Masked_logits_and_empty_heads_get_exactly_no_gradient(bool discrete)
    {
        if (!discrete)
        {
            LossCase none = Case(12, false, 0);
            Array.Clear(none.Weights);
            Assert.All(none.Run().Gradients, gradient => Assert.Equal(0f, gradient));
            return;
        }

        LossCase c = Case(12, true, 0);
        float[] gradients = c.Run().Gradients;
        int masked = 0;
        for (int row = 0; row < c.Rows; row++)
        {
            bool[] legal = [.. c.Legal(row).SelectMany(head => head)];
            for (int j = 0; j < legal.Length; j++)
            {
                if (legal[j]) continue;
                masked++;
                Assert.Equal(0f, gradients[row * c.Width + j]);
            }
        }

        Assert.True(masked > c.Rows);
    }

    // V_old + (V − V_old) may differ from V by one rounding: comparing the squares alone would take the gradient from
    // rows that never left the range.
    [Fact]
    public void Rows_inside_the_value_range_keep_their_gradient()
    {
        LossCase c = Case(13, false, 0.5, rows: 8_000);
        var random = new System.Random(14);
        int trapped = 0;
        for (int row = 0; row < c.Rows; row++)
        {
            float value = c.Outputs[row * c.Width + c.Width - 1];
            c.OldValues[row] = value + random.Range(-.3, .3);
            c.Weights[row] = 1;
            float rebuilt = c.OldValues[row] + (value - c.OldValues[row]);
            float plain = (value - c.Returns[row]) * (value - c.Returns[row]), other = (rebuilt - c.Returns[row]) * (rebuilt - c.Returns[row]);
            if (plain < other) trapped++;
        }

        Assert.True(trapped > 10, $"only {trapped} rows would fall into the trap");
        float[] gradients = c.Run().Gradients;
        for (int row = 0; row < c.Rows; row++)
        {
            double expected = .5 * (c.Outputs[row * c.Width + c.Width - 1] - c.Returns[row]) / c.Weight;
            Assert.True(CaseRandom.Close(gradients[row * c.Width + c.Width - 1], expected, 1e-5, 1e-9));
        }
    }

    [Fact]
    public void A_ratio_far_astray_stays_finite()
    {
        LossCase c = Case(15, false, 0);
        Array.Fill(c.OldLogProbs, -500f);
        Assert.All(c.Run().Gradients, gradient => Assert.True(float.IsFinite(gradient)));
        Array.Fill(c.OldLogProbs, 500f);
        Assert.All(c.Run().Gradients, gradient => Assert.True(float.IsFinite(gradient)));
    }

    // Exchanging the sides of a zero-sum game exchanges the advantages' signs: without clipping and entropy the policy's
    // gradients are opposite, bit for bit.
    [Fact]
    public void Opposite_advantages_give_opposite_gradients()
    {
        LossCase c = Case(16, false, 0);
        c.Coefficients = new LossCoefficients(1e6, 0, 0, 0, 0);
        float[] own = c.Run().Gradients;
        for (int row = 0; row < c.Rows; row++) c.Advantages[row] = -c.Advantages[row];
        float[] other = c.Run().Gradients;
        for (int i = 0; i < own.Length; i++) Assert.Equal(own[i], -other[i]);
    }

    private static LossCase Case(int seed, bool discrete, double valueClip, int rows = 64) =>
        new(seed, discrete, rows) { Coefficients = new LossCoefficients(.2, valueClip, .5, .05, .02) };

    private static string? FirstDifference(LossCase reference, Func<float, float> planted, LossCase? kernel = null)
    {
        var (gradients, logStdGradients, _) = (kernel ?? reference).Run();
        for (int row = 0; row < reference.Rows; row++)
        {
            if (reference.NearCorner(row)) continue;
            for (int i = 0; i < reference.Width; i++)
            {
                double expected = reference.Weights[row] == 0 ? 0 : reference.Difference(row, output: i);
                double actual = planted(gradients[row * reference.Width + i]) * reference.Weight;
                if (!CaseRandom.Close(actual, expected, 1e-5, 1e-6)) return $"row {row}, output {i}: {actual}, expected {expected}";
            }
        }

        if (reference.Discrete || Enumerable.Range(0, reference.Rows).Any(reference.NearCorner)) return null;
        for (int j = 0; j < LossCase.Components; j++)
        {
            double expected = Enumerable.Range(0, reference.Rows).Where(row => reference.Weights[row] == 1).Sum(row => reference.Difference(row, logStd: j));
            double actual = planted(logStdGradients[j]) * reference.Weight;
            if (!CaseRandom.Close(actual, expected, 1e-5, 1e-5)) return $"log-std {j}: {actual}, expected {expected}";
        }

        return null;
    }
}
