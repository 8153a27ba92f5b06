using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Tests;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

/// <summary>Log-stds that are outputs, continuous and discrete actions in one row, and tanh instead of a clip.</summary>
public class ActionKindTests
{
    private const int Components = 3;
    private static readonly int[] HeadSizes = [3, 2, 4];
    private static readonly LossCoefficients Coefficients = new(.2, .1, .5, .05, .02);

    // T13, for each kind: free or row-wise log-stds, with and without heads.
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Gradients_agree_with_differences_of_the_reference(bool rowStd, bool heads)
    {
        for (int seed = 0; seed < TestSize.Of(4, 100); seed++) Assert.Null(FirstDifference(new Case(seed, rowStd, heads, 64), g => g));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Planted_errors_are_caught(bool rowStd, bool heads)
    {
        var c = new Case(1, rowStd, heads, 64);
        Assert.NotNull(FirstDifference(c, gradient => -gradient));
        Assert.NotNull(FirstDifference(c, gradient => gradient * 1.001f));
        // One slope for each part alone, as if the other had no part in the ratio.
        if (heads) Assert.NotNull(FirstDifference(c, g => g, kernel: new Case(1, rowStd, heads, 64) { IgnoresHeads = true }));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Bits_do_not_depend_on_threads_and_rows_of_weight_0_change_nothing(bool rowStd, bool heads)
    {
        var c = new Case(2, rowStd, heads, 1_500);
        (float[] gradients, double[] sums) = c.Run();
        Assert.Equal(gradients, c.Run(threads: 3).Gradients);
        Assert.Equal(sums, c.Run(threads: 3).Sums);
        for (int row = 0; row < c.Rows; row++)
        {
            if (c.Weights[row] == 1) continue;
            for (int i = 0; i < c.Width; i++)
            {
                Assert.Equal(0f, gradients[row * c.Width + i]);
                c.Outputs[row * c.Width + i] = float.NaN;
            }

            c.Advantages[row] = float.PositiveInfinity;
        }

        Assert.Equal(gradients, c.Run().Gradients);
        Assert.Equal(sums, c.Run().Sums);
    }

    // T15 of both parts: what sampling wrote is what the loss finds.
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Sampled_log_probs_are_the_references_and_add(bool rowStd, bool heads)
    {
        var c = new Case(3, rowStd, heads, 400);
        using var memory = new LearningMemory(threads: 2);
        View<float> logProbs = memory.Zeros<float>(c.Rows), samples = memory.Zeros<float>(c.Rows * Components), played = memory.Zeros<float>(c.Rows * Components);
        View<int> choices = memory.Zeros<int>(c.Rows * HeadSizes.Length);
        c.Sample(memory, samples, played, choices, logProbs, ActionSquash.Tanh);
        for (int row = 0; row < c.Rows; row++)
        {
            samples.Slice(row * Components, Components).AsSpan().CopyTo(c.Actions.AsSpan(row * Components));
            if (heads) choices.Slice(row * HeadSizes.Length, HeadSizes.Length).AsSpan().CopyTo(c.Choices.AsSpan(row * HeadSizes.Length));
            Assert.Equal(c.LogProb(row), logProbs[row], 2e-5);
            for (int i = 0; i < Components; i++) Assert.Equal(Math.Tanh(samples[row * Components + i]), played[row * Components + i], 1e-6);
            for (int head = 0; heads && head < HeadSizes.Length; head++) Assert.True(c.Legal(row)[head][choices[row * HeadSizes.Length + head]]);
        }

        double[] spread = [.. Enumerable.Range(0, c.Rows).Select(row => (samples[row * Components] - c.Outputs[row * c.Width]) / c.Std(row, 0))];
        Assert.InRange(spread.Average(), -.25, .25);
        Assert.InRange(spread.Average(z => z * z), .7, 1.3);
    }

    private static string? FirstDifference(Case reference, Func<float, float> planted, Case? kernel = null)
    {
        float[] gradients = (kernel ?? reference).Run().Gradients;
        for (int row = 0; row < reference.Rows; row++)
        {
            if (reference.NearCorner(row)) continue;
            for (int i = 0; i < reference.Width; i++)
            {
                double expected = reference.Weights[row] == 0 ? 0 : reference.Difference(row, i);
                double actual = planted(gradients[row * reference.Width + i]) * reference.Weight;
                if (!CaseRandom.Close(actual, expected, 2e-5, 2e-6)) return $"row {row}, output {i}: {actual}, expected {expected}";
            }
        }

        return null;
    }

    /// <summary>Random rows: outputs are means, raw log-stds where they are outputs, logits where there are heads, and the value.</summary>
    private sealed class Case
    {
        private readonly bool rowStd;
        private readonly bool heads;
        private readonly float[] freeStd;

        internal Case(int seed, bool rowStd, bool heads, int rows)
        {
            var random = new System.Random(seed);
            (this.rowStd, this.heads, Rows) = (rowStd, heads, rows);
            FirstLogit = rowStd ? 2 * Components : Components;
            Width = FirstLogit + (heads ? HeadSizes.Sum() : 0) + 1;
            Outputs = random.Array(rows * Width, -1.3, 1.3);
            freeStd = random.Array(Components, -1, 1);
            Weights = [.. Enumerable.Range(0, rows).Select(_ => (byte)(random.Next(5) == 0 ? 0 : 1))];
            Masks = [.. Enumerable.Range(0, rows).Select(_ => (uint)random.Next(1 << HeadSizes.Sum()) | 1u | 1u << 3 | 1u << 5)]; // every head has a legal choice
            Actions = [.. Enumerable.Range(0, rows * Components).Select(i => Outputs[i / Components * Width + i % Components] + (float)Std(i / Components, i % Components) * random.Range(-2.5, 2.5))];
            Choices = [.. Enumerable.Range(0, rows * HeadSizes.Length).Select(i => Array.FindIndex(Legal(i / HeadSizes.Length)[i % HeadSizes.Length], legal => legal))];
            Advantages = random.Array(rows, -2, 2);
            Returns = random.Array(rows, -2, 2);
            OldLogProbs = [.. Enumerable.Range(0, rows).Select(row => (float)LogProb(row) + (row % 2 == 0 ? random.Range(-.15, .15) : random.Range(-1, 1)))];
            OldValues = [.. Enumerable.Range(0, rows).Select(row => Outputs[(row + 1) * Width - 1] + random.Range(-.3, .3))];
        }

        internal int Rows { get; }
        internal int FirstLogit { get; }
        internal int Width { get; }
        internal float[] Outputs { get; }
        internal byte[] Weights { get; }
        internal uint[] Masks { get; }
        internal float[] Actions { get; }
        internal int[] Choices { get; }
        internal float[] Advantages { get; }
        internal float[] Returns { get; }
        internal float[] OldLogProbs { get; }
        internal float[] OldValues { get; }
        internal double Weight => Math.Max(1, Weights.Sum(w => w));

        /// <summary>A planted bug: the ratio of the continuous part alone.</summary>
        internal bool IgnoresHeads { get; init; }

        internal double Std(int row, int component) =>
            PolicyLossReference.StandardDeviation(rowStd ? Outputs[row * Width + Components + component] : freeStd[component]);

        internal double LogProb(int row) =>
            PolicyLossReference.GaussianLogProb(Samples(row), Means(Row(row)), Rho(Row(row)))
            + (heads ? PolicyLossReference.CategoricalLogProb(Chosen(row), Logits(Row(row)), Legal(row)) : 0);

        internal bool[][] Legal(int row) =>
            [.. HeadSizes.Select((size, head) => Enumerable.Range(HeadSizes[..head].Sum(), size).Select(bit => (Masks[row] >> bit & 1) != 0).ToArray())];

        internal double Difference(int row, int output)
        {
            const double Step = 1e-6;
            double[] up = Row(row), down = Row(row);
            up[output] += Step;
            down[output] -= Step;
            return (Loss(row, up) - Loss(row, down)) / (2 * Step);
        }

        internal bool NearCorner(int row)
        {
            double ratio = Math.Exp(LogProb(row) - OldLogProbs[row]), value = Outputs[(row + 1) * Width - 1];
            double near = OldValues[row] + Math.Clamp(value - OldValues[row], -.1, .1);
            return Means(Row(row)).Any(mean => Math.Abs(Math.Abs(mean) - PolicyLossReference.MeanBound) < 1e-3)
                || Math.Abs(Math.Abs(value - OldValues[row]) - .1) < 1e-3 || Math.Abs(Math.Abs(value - Returns[row]) - Math.Abs(near - Returns[row])) < 1e-3
                || Math.Abs(ratio - 1.2) < 1e-3 || Math.Abs(ratio - .8) < 1e-3;
        }

        internal (float[] Gradients, double[] Sums) Run(int threads = 1)
        {
            using var memory = new LearningMemory(threads);
            int columns = LossSum.Count + Components;
            var arguments = new PpoLossArguments
            {
                Minibatch = new RolloutViews
                {
                    ActionMasks = memory.Of(Masks),
                    ContinuousActions = memory.Of(Actions),
                    DiscreteActions = memory.Of(Choices),
                    LogProbs = memory.Of(OldLogProbs),
                    Values = memory.Of(OldValues),
                    Advantages = memory.Of(Advantages),
                    Returns = memory.Of(Returns),
                    RowWeights = memory.Of(Weights),
                },
                Outputs = memory.Of(Outputs),
                OutputGradients = memory.Of(Enumerable.Repeat(float.NaN, Rows * Width).ToArray()), // every element must be written
                WeightSum = memory.Of((double)Weights.Sum(w => w)),
                Partials = memory.Zeros<double>(Reduction.Lanes * columns),
                Columns = columns,
                Rows = Rows,
                ClipRange = (float)Coefficients.ClipRange,
                ValueClipRange = (float)Coefficients.ValueClipRange,
                ValueCoefficient = (float)Coefficients.Value,
                EntropyCoefficient = (float)Coefficients.Entropy,
                BoundCoefficient = (float)Coefficients.Bound,
            };
            var continuous = new PpoLossGradientGaussian { Arguments = arguments, Scales = Scales(memory, arguments.Outputs), Components = Components, ScaleStride = rowStd ? Components : 0 };
            var discrete = new PpoLossGradientCategorical { Arguments = arguments, HeadSizes = memory.Of(HeadSizes), FirstLogit = FirstLogit, MaskWords = 1 };
            if (heads && !IgnoresHeads) memory.Device.Launch(new PpoLossGradientMixed { Continuous = continuous, Discrete = discrete }, Reduction.Lanes);
            else memory.Device.Launch(continuous, Reduction.Lanes);
            return (arguments.OutputGradients.AsSpan().ToArray(), memory.Sum(arguments.Partials, columns));
        }

        internal void Sample(LearningMemory memory, View<float> samples, View<float> played, View<int> choices, View<float> logProbs, ActionSquash squash)
        {
            View<float> outputs = memory.Of(Outputs), values = memory.Zeros<float>(Rows);
            memory.Device.Launch(
                new SampleGaussian
                {
                    Outputs = outputs,
                    Scales = Scales(memory, outputs),
                    Actions = samples,
                    EnvironmentActions = played,
                    LogProbs = logProbs,
                    Values = values,
                    Seed = 5,
                    Components = Components,
                    OutputLength = Width,
                    ScaleStride = rowStd ? Components : 0,
                    Squash = squash,
                    Purpose = LearnerPurpose.ActionSampling,
                },
                Rows);
            if (!heads) return;
            memory.Device.Launch(
                new SampleCategorical
                {
                    Outputs = outputs,
                    Masks = memory.Of(Masks),
                    HeadSizes = memory.Of(HeadSizes),
                    Actions = choices,
                    LogProbs = logProbs,
                    Values = values,
                    EmptyHeads = memory.Zeros<int>(Rows),
                    Seed = 5,
                    FirstBlock = 1,
                    OutputLength = Width,
                    FirstLogit = FirstLogit,
                    AddsLogProbs = 1,
                    MaskWords = 1,
                    Purpose = LearnerPurpose.ActionSampling,
                },
                Rows);
        }

        private View<GaussianScale> Scales(LearningMemory memory, View<float> outputs)
        {
            View<GaussianScale> scales = memory.Zeros<GaussianScale>(rowStd ? Rows * Components : Components);
            if (rowStd) memory.Device.Launch(new BoundRowLogStds { Outputs = outputs, Scales = scales, Components = Components, OutputLength = Width }, Rows);
            else memory.Device.Launch(new BoundLogStd { RawLogStd = memory.Of(freeStd), Scales = scales }, Components);
            return scales;
        }

        private double Loss(int row, double[] outputs)
        {
            var target = new LossRow(OldLogProbs[row], OldValues[row], Advantages[row], Returns[row]);
            return heads
                ? PolicyLossReference.Mixed(target, Samples(row), Means(outputs), Rho(outputs), Chosen(row), Logits(outputs), Legal(row), outputs[^1], Coefficients).Total
                : PolicyLossReference.Gaussian(target, Samples(row), Means(outputs), Rho(outputs), outputs[^1], Coefficients).Total;
        }

        private double[] Row(int row) => [.. Outputs.AsSpan(row * Width, Width).ToArray().Select(x => (double)x)];

        private double[] Samples(int row) => [.. Actions.AsSpan(row * Components, Components).ToArray().Select(x => (double)x)];

        private int[] Chosen(int row) => Choices[(row * HeadSizes.Length)..((row + 1) * HeadSizes.Length)];

        private static double[] Means(double[] outputs) => outputs[..Components];

        private double[] Rho(double[] outputs) => rowStd ? outputs[Components..(2 * Components)] : [.. freeStd.Select(x => (double)x)];

        private double[][] Logits(double[] outputs) =>
            [.. HeadSizes.Select((size, head) => outputs[(FirstLogit + HeadSizes[..head].Sum())..(FirstLogit + HeadSizes[..head].Sum() + size)])];
    }
}
