using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

public class OptimizerTests
{
    private const int Length = 1_237; // not a multiple of any vector

    [Theory]
    [InlineData(0.5, 0.0, false)]
    [InlineData(1e9, 0.01, false)]
    public void A_hundred_steps_agree_with_the_reference(double maxNorm, double decay, bool planted) => Assert.Null(Compare(maxNorm, decay, planted));

    [Fact]
    public void A_forgotten_clip_is_caught() => Assert.NotNull(Compare(0.5, 0, planted: true));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)] // its square does not fit a float
    public void A_norm_that_is_not_finite_changes_nothing_and_is_counted(float bad)
    {
        using var memory = new LearningMemory(threads: 2);
        AdamWStep step = Kernel(memory, new System.Random(1), decay: 0);
        step.Gradients[700] = bad;
        float[] before = step.Weights.AsSpan().ToArray();
        Run(memory, ref step, 1, 0.5);
        Assert.Equal(before, step.Weights.AsSpan().ToArray());
        Assert.All(step.FirstMoments.AsSpan().ToArray(), m => Assert.Equal(0f, m));
        Assert.Equal(1, step.Skipped[0]);
    }

    [Theory]
    [InlineData(-1L, true)]
    [InlineData(0L, false)]
    [InlineData(7L, false)]
    public void A_veto_leaves_a_step_out_and_is_not_counted(long veto, bool moves)
    {
        using var memory = new LearningMemory(threads: 2);
        AdamWStep step = Kernel(memory, new System.Random(1), decay: 0.01);
        step.Veto = memory.Of([veto]);
        float[] before = step.Weights.AsSpan().ToArray();
        Run(memory, ref step, 1, 0.5);
        Assert.Equal(moves, !before.AsSpan().SequenceEqual(step.Weights.AsSpan()));
        Assert.Equal(moves, step.FirstMoments.AsSpan().ContainsAnyExcept(0f));
        Assert.Equal(0, step.Skipped[0]);
    }

    [Fact]
    public void The_wide_loop_writes_the_bits_of_the_plain_one()
    {
        using var memory = new LearningMemory(threads: 3);
        AdamWStep wide = Kernel(memory, new System.Random(2), decay: 0.01), each = Kernel(memory, new System.Random(2), decay: 0.01);
        for (int k = 1; k <= 5; k++)
        {
            Run(memory, ref wide, k, 0.5);
            each.SquaredNorm = wide.SquaredNorm;
            each.MaxNorm = wide.MaxNorm;
            each.Correction1 = wide.Correction1;
            each.Correction2 = wide.Correction2;
            LearningMemory.RunEach(each, Length);
        }

        Assert.Equal(each.Weights.AsSpan().ToArray(), wide.Weights.AsSpan().ToArray());
        Assert.Equal(each.SecondMoments.AsSpan().ToArray(), wide.SecondMoments.AsSpan().ToArray());
    }

    [Fact]
    public void The_squared_norm_is_the_sum_of_squares()
    {
        using var memory = new LearningMemory(threads: 2);
        float[] gradients = new System.Random(3).Array(5_000, -1, 1);
        View<double> partials = memory.Zeros<double>(Reduction.Lanes);
        memory.Device.Launch(new SquaredNormPartials { Gradients = memory.Of(gradients), Partials = partials }, Reduction.Lanes);
        Assert.Equal(gradients.Sum(g => (double)g * g), memory.Sum(partials, 1)[0], 1e-9);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5_000, 0)]
    [InlineData(5_000, 4_999)]
    [InlineData(5_000, 1_234)]
    public void The_lowest_bad_index_is_found(int length, int bad)
    {
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            using var memory = new LearningMemory(threads: 3);
            View<float> values = memory.Of(new System.Random(4).Array(length, -3e38, 3e38));
            Assert.Equal(-1, Find(memory, values));
            values[bad] = value;
            values[length - 1] = value;
            Assert.Equal(bad, Find(memory, values));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1024, 1023)]
    [InlineData(5000, 4321)]
    public void The_first_integer_out_of_range_is_found(int length, int bad)
    {
        using var memory = new LearningMemory(threads: 3);
        var random = new System.Random(4);
        View<int> values = memory.Of([.. Enumerable.Range(0, length).Select(_ => random.Next(-2, 4))]);
        View<long> found = memory.Zeros<long>(Reduction.Lanes), result = memory.Zeros<long>(1);
        long Find(int low, int high)
        {
            memory.Device.Launch(new FindOutside { Values = values, Low = low, High = high, Found = found }, Reduction.Lanes);
            memory.Device.Launch(new FirstFound { Found = found, Result = result }, 1);
            return result[0];
        }

        Assert.Equal(-1, Find(-2, 3)); // both ends are allowed
        foreach (int value in new[] { -3, 4, int.MinValue, int.MaxValue })
        {
            values[length - 1] = 4;
            values[bad] = value;
            Assert.Equal(bad, Find(-2, 3));
            values[bad] = 0;
        }
    }

    private static long Find(LearningMemory memory, View<float> values)
    {
        View<long> found = memory.Zeros<long>(Reduction.Lanes), each = memory.Zeros<long>(Reduction.Lanes), result = memory.Zeros<long>(1);
        memory.Device.Launch(new FindNonFinite { Values = values, Found = found }, Reduction.Lanes);
        LearningMemory.RunEach(new FindNonFinite { Values = values, Found = each }, Reduction.Lanes);
        Assert.Equal(each.AsSpan().ToArray(), found.AsSpan().ToArray());
        memory.Device.Launch(new FirstFound { Found = found, Result = result }, 1);
        return result[0];
    }

    private static string? Compare(double maxNorm, double decay, bool planted)
    {
        using var memory = new LearningMemory();
        var random = new System.Random(9);
        AdamWStep step = Kernel(memory, random, decay);
        double[] weights = [.. step.Weights.AsSpan().ToArray().Select(w => (double)w)];
        double[] decays = [.. step.Decays.AsSpan().ToArray().Select(d => (double)d)];
        var reference = new AdamWReference(Length, 0.9, 0.999, 1e-5, maxNorm);
        for (int k = 1; k <= 100; k++)
        {
            float[] gradients = random.Array(Length, -1, 1);
            gradients.CopyTo(step.Gradients.AsSpan());
            Run(memory, ref step, k, planted ? 1e9 : maxNorm);
            reference.Step(weights, [.. gradients.Select(g => (double)g)], decays, 1e-3);
        }

        for (int i = 0; i < Length; i++)
            if (!CaseRandom.Close(step.Weights[i], weights[i], 1e-5, 1e-5)) return $"weight {i}: {step.Weights[i]}, expected {weights[i]}";
        return null;
    }

    private static void Run(LearningMemory memory, ref AdamWStep step, int k, double maxNorm)
    {
        View<double> partials = memory.Zeros<double>(Reduction.Lanes);
        memory.Device.Launch(new SquaredNormPartials { Gradients = step.Gradients, Partials = partials }, Reduction.Lanes);
        step.SquaredNorm = memory.Of(memory.Sum(partials, 1));
        step.MaxNorm = (float)maxNorm;
        step.Correction1 = (float)(1 / (1 - Math.Pow(0.9, k)));
        step.Correction2 = (float)(1 / (1 - Math.Pow(0.999, k)));
        memory.Device.Launch(step, Length);
    }

    private static AdamWStep Kernel(LearningMemory memory, System.Random random, double decay) => new()
    {
        Weights = memory.Of(random.Array(Length, -1, 1)),
        Gradients = memory.Of(random.Array(Length, -1, 1)),
        FirstMoments = memory.Zeros<float>(Length),
        SecondMoments = memory.Zeros<float>(Length),
        Decays = memory.Of([.. Enumerable.Range(0, Length).Select(i => i % 3 == 0 ? 0f : (float)decay)]),
        Skipped = memory.Zeros<int>(1),
        LearningRate = 1e-3f,
        Beta1 = 0.9f,
        OneMinusBeta1 = (float)(1 - 0.9),
        Beta2 = 0.999f,
        OneMinusBeta2 = (float)(1 - 0.999),
        Epsilon = 1e-5f,
    };
}
