using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Tests;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

public class SamplingTests
{
    // T1: what each kernel of a small run draws, logged by counter; the environments' purposes begin at 16.
    [Fact]
    public void No_counter_is_used_twice()
    {
        const int Rows = 12, Horizon = 8, Updates = 4, Components = 6;
        var seen = new HashSet<(uint, ulong, uint)>();
        for (ulong update = 0; update < Updates; update++)
        {
            for (ulong t = 0; t < Horizon; t++)
                for (uint row = 0; row < Rows; row++)
                    for (uint block = 0; block < (Components + 3) / 4; block++)
                        Assert.True(seen.Add((row, update * Horizon + t, LearnerPurpose.ActionSampling << 16 | block)));
            for (uint epoch = 0; epoch < 4; epoch++) Assert.True(seen.Add((epoch, update, LearnerPurpose.SegmentPermutation << 16)));
        }

        Assert.All(seen, counter => Assert.InRange(counter.Item3 >> 16, 1u, Philox.FirstEnvironmentPurpose - 1));
        // And the words behind different counters differ: 128 bits never meet in so few draws.
        int words = seen.Select(c => LearnerRandom.Draw(5, c.Item1, c.Item2, c.Item3 >> 16, c.Item3 & 0xFFFF)).Select(w => (w.X, w.Y, w.Z, w.W)).Distinct().Count();
        Assert.Equal(seen.Count, words);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Every_component_has_its_own_normal(int components)
    {
        using var memory = new LearningMemory(threads: 2);
        int rows = TestSize.Of(20_000, 400_000);
        SampleGaussian kernel = Gaussians(memory, new float[rows * (components + 1)], components, rawLogStd: 0.424f);
        memory.Device.Launch(kernel, rows);
        float std = (float)PolicyLossReference.StandardDeviation(0.424);
        Assert.Equal(0.6, std, 0.01);
        double bound = 5 / Math.Sqrt(rows);
        for (int i = 0; i < components; i++)
        {
            double[] normals = [.. Enumerable.Range(0, rows).Select(row => (double)kernel.Actions[row * components + i] / std)];
            Assert.InRange(normals.Average(), -bound, bound);
            Assert.InRange(normals.Average(n => n * n), 1 - 1.5 * bound, 1 + 1.5 * bound);
            Assert.InRange(normals.Average(n => n * n * n * n), 3 - 10 * bound, 3 + 10 * bound);
            for (int j = 0; j < i; j++)
                Assert.InRange(Enumerable.Range(0, rows).Average(row => normals[row] * kernel.Actions[row * components + j] / std), -bound, bound);
        }
    }

    [Fact]
    public void Log_probs_agree_with_the_reference_and_the_environment_gets_clipped_actions()
    {
        using var memory = new LearningMemory();
        const int Rows = 500, Components = 3;
        float[] outputs = new System.Random(2).Array(Rows * (Components + 1), -2, 2);
        SampleGaussian kernel = Gaussians(memory, outputs, Components, rawLogStd: -0.3f);
        memory.Device.Launch(kernel, Rows);
        for (int row = 0; row < Rows; row++)
        {
            double[] actions = Doubles(kernel.Actions, row * Components, Components), means = Doubles(kernel.Outputs, row * (Components + 1), Components);
            Assert.Equal(PolicyLossReference.GaussianLogProb(actions, means, [-.3f, -.3f, -.3f]), kernel.LogProbs[row], 1e-5);
            for (int i = 0; i < Components; i++)
                Assert.Equal(Math.Clamp((float)actions[i], -1f, 1f), kernel.EnvironmentActions[row * Components + i]);
            Assert.Equal(outputs[row * (Components + 1) + Components], kernel.Values[row]);
        }

        Assert.Contains(kernel.Actions.AsSpan().ToArray(), action => Math.Abs(action) > 1); // stored raw
    }

    [Fact]
    public void Deterministic_actions_are_means_and_largest_logits()
    {
        using var memory = new LearningMemory();
        SampleGaussian gaussian = Gaussians(memory, [.3f, -4f, 9f], 2, 0f);
        gaussian.Deterministic = 1;
        memory.Device.Launch(gaussian, 1);
        Assert.Equal([.3f, -4f], gaussian.Actions.AsSpan().ToArray());
        Assert.Equal([.3f, -1f], gaussian.EnvironmentActions.AsSpan().ToArray());

        // Head 0: the largest (5) is masked, 2 comes twice: the lower index. Head 1: the only legal one.
        SampleCategorical heads = Categoricals(memory, [2, 5, 2, 1, 0, 9], [0b11101 & ~0b01000u], [3, 2]);
        heads.Deterministic = 1;
        memory.Device.Launch(heads, 1);
        Assert.Equal([0, 1], heads.Actions.AsSpan().ToArray());
        Assert.Equal(9f, heads.Values[0]);
    }

    // T10: a row's sample depends on its global number alone.
    [Fact]
    public void A_row_samples_the_same_alone_and_in_any_batch()
    {
        using var memory = new LearningMemory(threads: 3);
        float[] outputs = new System.Random(3).Array(64 * 3, -1, 1);
        SampleGaussian all = Gaussians(memory, outputs, 2, 0f), one = Gaussians(memory, outputs[(17 * 3)..(18 * 3)], 2, 0f);
        one.FirstRow = 17;
        memory.Device.Launch(all, 64);
        memory.Device.Launch(one, 1);
        Assert.Equal(all.Actions.Slice(34, 2).AsSpan().ToArray(), one.Actions.AsSpan().ToArray());
        Assert.Equal(all.LogProbs[17], one.LogProbs[0]);
    }

    // T14.
    [Fact]
    public void Masked_choices_are_never_drawn_and_legal_ones_as_often_as_they_should()
    {
        const int Rows = 10_000, Choices = 5;
        double[] logits = [1, -1, 3, 0.5, 2];
        bool[] legal = [true, true, false, true, false];
        double[] probabilities = PolicyLossReference.Probabilities(logits, legal);
        using var memory = new LearningMemory(threads: 2);
        float[] outputs = [.. Enumerable.Range(0, Rows).SelectMany(_ => logits.Append(0).Select(l => (float)l))];
        SampleCategorical kernel = Categoricals(memory, outputs, [.. Enumerable.Repeat(0b01011u, Rows)], [Choices]);
        var counts = new long[Choices];
        int launches = TestSize.Of(30, 1_000); // full: 10⁷ draws
        for (int step = 0; step < launches; step++)
        {
            kernel.Step = (ulong)step;
            memory.Device.Launch(kernel, Rows);
            foreach (int action in kernel.Actions.AsSpan()) counts[action]++;
        }

        double draws = (double)Rows * launches, chiSquared = 0;
        for (int j = 0; j < Choices; j++)
        {
            if (!legal[j]) Assert.Equal(0, counts[j]);
            else chiSquared += Math.Pow(counts[j] - draws * probabilities[j], 2) / (draws * probabilities[j]);
        }

        Assert.InRange(chiSquared, 0, 18.4); // 2 degrees of freedom: p = 10⁻⁴
        for (int row = 0; row < 100; row++) Assert.Equal(Math.Log(probabilities[kernel.Actions[row]]), kernel.LogProbs[row], 1e-5);
    }

    [Fact]
    public void The_largest_uniform_gives_a_legal_choice()
    {
        using var memory = new LearningMemory();
        var random = new System.Random(4);
        float largest = Philox.Uniform(uint.MaxValue), smallest = Philox.Uniform(0);
        for (int i = 0; i < TestSize.Of(2_000, 100_000); i++)
        {
            uint mask = (uint)random.Next(1, 1 << 7);
            var head = new CategoricalHead(memory.Of(random.Array(8, -30, 30)), 8, 0, memory.Of(mask), 1, 0, 0, 7);
            Assert.True((mask >> SampleCategorical.Choose(head, largest) & 1) != 0);
            Assert.True((mask >> SampleCategorical.Choose(head, smallest) & 1) != 0);
            Assert.Equal(31 - System.Numerics.BitOperations.LeadingZeroCount(mask), head.LastLegal);
        }

        // A uniform above everything: rounding left the sum short.
        var last = new CategoricalHead(memory.Of(0f, 0f, 9f, 0f), 4, 0, memory.Of(0b011u), 1, 0, 0, 3);
        Assert.Equal(1, SampleCategorical.Choose(last, 1f));
    }

    [Fact]
    public void A_head_without_a_legal_choice_plays_0_and_is_reported()
    {
        using var memory = new LearningMemory();
        SampleCategorical kernel = Categoricals(memory, [1, 2, 3, 4, 0], [0b0011u], [2, 2]);
        memory.Device.Launch(kernel, 1);
        Assert.Equal(0, kernel.Actions[1]);
        Assert.Equal(2, kernel.EmptyHeads[0]);
        double[] probabilities = PolicyLossReference.Probabilities([1, 2], [true, true]);
        Assert.Equal(Math.Log(probabilities[kernel.Actions[0]]), kernel.LogProbs[0], 1e-5);
    }

    private static SampleGaussian Gaussians(LearningMemory memory, float[] outputs, int components, float rawLogStd)
    {
        int rows = outputs.Length / (components + 1);
        View<GaussianScale> scales = memory.Zeros<GaussianScale>(components);
        memory.Device.Launch(new BoundLogStd { RawLogStd = memory.Of([.. Enumerable.Repeat(rawLogStd, components)]), Scales = scales }, components);
        return new SampleGaussian
        {
            Outputs = memory.Of(outputs),
            Scales = scales,
            Actions = memory.Zeros<float>(rows * components),
            EnvironmentActions = memory.Zeros<float>(rows * components),
            LogProbs = memory.Zeros<float>(rows),
            Values = memory.Zeros<float>(rows),
            Seed = 77,
            Step = 123,
            Components = components,
            OutputLength = components + 1,
        };
    }

    private static SampleCategorical Categoricals(LearningMemory memory, float[] outputs, uint[] masks, int[] sizes)
    {
        int choices = sizes.Sum(), rows = outputs.Length / (choices + 1);
        return new SampleCategorical
        {
            Outputs = memory.Of(outputs),
            Masks = memory.Of(masks),
            HeadSizes = memory.Of(sizes),
            Actions = memory.Zeros<int>(rows * sizes.Length),
            LogProbs = memory.Zeros<float>(rows),
            Values = memory.Zeros<float>(rows),
            EmptyHeads = memory.Zeros<int>(rows),
            Seed = 78,
            OutputLength = choices + 1,
            MaskWords = 1,
        };
    }

    private static double[] Doubles(View<float> view, int at, int length) => [.. view.Slice(at, length).AsSpan().ToArray().Select(f => (double)f)];
}
