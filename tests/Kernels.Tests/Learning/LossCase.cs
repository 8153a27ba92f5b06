using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

/// <summary>A random minibatch, the kernels' loss and gradient on it, and the reference's.</summary>
internal sealed class LossCase
{
    internal const int Components = 3;
    internal static readonly int[] HeadSizes = [3, 2, 5];
    private static readonly int Choices = HeadSizes.Sum();

    private readonly System.Random random;

    internal LossCase(int seed, bool discrete, int rows)
    {
        random = new System.Random(seed);
        Rows = rows;
        Discrete = discrete;
        Width = (discrete ? Choices : Components) + 1;
        Outputs = random.Array(rows * Width, -1.6, 1.6);
        RawLogStds = random.Array(Components, -1, 1);
        Weights = [.. Enumerable.Range(0, rows).Select(_ => (byte)(random.Next(5) == 0 ? 0 : 1))];
        Masks = [.. Enumerable.Range(0, rows).Select(_ => (uint)random.Next(1 << Choices))];
        // Within the samples' usual distance: far out, a float's log-prob itself is rougher than the tolerance.
        Actions = new float[rows * Components];
        if (!discrete) for (int i = 0; i < Actions.Length; i++) Actions[i] = SampleNear(i / Components, i % Components);
        DiscreteActions = new int[rows * HeadSizes.Length];
        for (int i = 0; i < DiscreteActions.Length; i++) DiscreteActions[i] = ChooseLegal(i / HeadSizes.Length, i % HeadSizes.Length);
        Advantages = random.Array(rows, -2, 2);
        Returns = random.Array(rows, -2, 2);
        // Half of the old log-probs are near the new ones, half far: clipped and unclipped rows on both sides.
        OldLogProbs = [.. Enumerable.Range(0, rows).Select(row => (float)NewLogProb(row) + (row % 2 == 0 ? random.Range(-.15, .15) : random.Range(-1, 1)))];
        OldValues = [.. Enumerable.Range(0, rows).Select(row => Outputs[row * Width + Width - 1] + (row % 3 == 0 ? 0f : random.Range(-.3, .3)))];
    }

    internal int Rows { get; }
    internal bool Discrete { get; }
    internal int Width { get; }
    internal float[] Outputs { get; }
    internal float[] RawLogStds { get; }
    internal byte[] Weights { get; }
    internal uint[] Masks { get; }
    internal float[] Actions { get; }
    internal int[] DiscreteActions { get; }
    internal float[] Advantages { get; }
    internal float[] Returns { get; }
    internal float[] OldLogProbs { get; }
    internal float[] OldValues { get; }
    internal LossCoefficients Coefficients { get; set; } = new(.2, 0, .5, .01, 1e-3);

    internal double Weight => Math.Max(1, Weights.Sum(w => w));

    /// <summary>Gradient at the outputs, gradient at the raw log-stds, and loss sums, from the kernels.</summary>
    internal (float[] Gradients, float[] LogStdGradients, double[] Sums) Run(int threads = 1, bool each = false)
    {
        using var memory = new LearningMemory(threads);
        int columns = LossSum.Count + (Discrete ? HeadSizes.Length : Components);
        PpoLossArguments arguments = Arguments(memory, columns);
        View<GaussianScale> scales = memory.Zeros<GaussianScale>(Components);
        memory.Device.Launch(new BoundLogStd { RawLogStd = memory.Of(RawLogStds), Scales = scales }, Components);
        var gaussian = new PpoLossGradientGaussian { Arguments = arguments, Scales = scales, Components = Components };
        var categorical = new PpoLossGradientCategorical { Arguments = arguments, HeadSizes = memory.Of(HeadSizes), FirstHeadSum = LossSum.Count, MaskWords = 1 };
        if (each && Discrete) LearningMemory.RunEach(categorical, Reduction.Lanes);
        else if (each) LearningMemory.RunEach(gaussian, Reduction.Lanes);
        else if (Discrete) memory.Device.Launch(categorical, Reduction.Lanes);
        else memory.Device.Launch(gaussian, Reduction.Lanes);

        View<double> sums = memory.Zeros<double>(columns);
        memory.Device.Launch(new ReduceLoss { Partials = arguments.Partials, Sums = sums, Columns = columns }, columns);
        View<float> logStds = memory.Zeros<float>(Components);
        if (!Discrete) memory.Device.Launch(new AddLogStdGradient { Sums = sums, Scales = scales, Gradients = logStds }, Components);
        return (arguments.OutputGradients.AsSpan().ToArray(), logStds.AsSpan().ToArray(), sums.AsSpan().ToArray());
    }

    /// <summary>The reference's loss of one row, with one output or log-std moved.</summary>
    internal RowLoss Reference(int row, int output = -1, int logStd = -1, double change = 0)
    {
        double[] outputs = [.. Enumerable.Range(0, Width).Select(i => Outputs[row * Width + i] + (i == output ? change : 0))];
        var target = new LossRow(OldLogProbs[row], OldValues[row], Advantages[row], Returns[row]);
        if (Discrete)
            return PolicyLossReference.Categorical(target, ActionsOf(row), Split(outputs), Legal(row), outputs[^1], Coefficients);
        double[] rho = [.. RawLogStds.Select((r, i) => r + (i == logStd ? change : 0.0))];
        return PolicyLossReference.Gaussian(target, SamplesOf(row), outputs[..Components], rho, outputs[^1], Coefficients);
    }

    /// <summary>Central difference of a row's total loss.</summary>
    internal double Difference(int row, int output = -1, int logStd = -1)
    {
        const double Step = 1e-6;
        return (Reference(row, output, logStd, Step).Total - Reference(row, output, logStd, -Step).Total) / (2 * Step);
    }

    /// <summary>Is the row within 1e-3 of a place where the loss has a corner?</summary>
    internal bool NearCorner(int row)
    {
        double ratio = Math.Exp(NewLogProb(row) - OldLogProbs[row]);
        double change = Math.Abs(Outputs[row * Width + Width - 1] - OldValues[row]);
        bool bound = !Discrete && Enumerable.Range(0, Components).Any(i => Math.Abs(Math.Abs(Outputs[row * Width + i]) - PolicyLossReference.MeanBound) < 1e-3);
        bool clip = Coefficients.ValueClipRange > 0 && (Math.Abs(change - Coefficients.ValueClipRange) < 1e-3 || SquaresMeet(row));
        return bound || clip || Math.Abs(ratio - 1 - Coefficients.ClipRange) < 1e-3 || Math.Abs(ratio - 1 + Coefficients.ClipRange) < 1e-3;
    }

    internal bool[][] Legal(int row)
    {
        int first = 0;
        var legal = new bool[HeadSizes.Length][];
        for (int head = 0; head < HeadSizes.Length; head++)
        {
            legal[head] = [.. Enumerable.Range(first, HeadSizes[head]).Select(bit => (Masks[row] >> bit & 1) != 0)];
            first += HeadSizes[head];
        }

        return legal;
    }

    private bool SquaresMeet(int row)
    {
        double value = Outputs[row * Width + Width - 1], range = Coefficients.ValueClipRange;
        double near = OldValues[row] + Math.Clamp(value - OldValues[row], -range, range);
        return Math.Abs(value - OldValues[row]) > range && Math.Abs(Math.Abs(value - Returns[row]) - Math.Abs(near - Returns[row])) < 1e-3;
    }

    private double NewLogProb(int row)
    {
        double[] outputs = [.. Enumerable.Range(0, Width).Select(i => (double)Outputs[row * Width + i])];
        return Discrete
            ? PolicyLossReference.CategoricalLogProb(ActionsOf(row), Split(outputs), Legal(row))
            : PolicyLossReference.GaussianLogProb(SamplesOf(row), outputs[..Components], [.. RawLogStds.Select(r => (double)r)]);
    }

    private float SampleNear(int row, int component) =>
        Outputs[row * Width + component] + (float)PolicyLossReference.StandardDeviation(RawLogStds[component]) * random.Range(-2.5, 2.5);

    private double[] SamplesOf(int row) => [.. Actions.AsSpan(row * Components, Components).ToArray().Select(a => (double)a)];

    private int[] ActionsOf(int row) => [.. DiscreteActions.AsSpan(row * HeadSizes.Length, HeadSizes.Length)];

    private int ChooseLegal(int row, int head)
    {
        bool[] legal = Legal(row)[head];
        int[] choices = [.. Enumerable.Range(0, legal.Length).Where(j => legal[j])];
        return choices.Length == 0 ? 0 : choices[random.Next(choices.Length)];
    }

    private static double[][] Split(double[] outputs)
    {
        int first = 0;
        var parts = new double[HeadSizes.Length][];
        for (int head = 0; head < HeadSizes.Length; head++)
        {
            parts[head] = outputs[first..(first + HeadSizes[head])];
            first += HeadSizes[head];
        }

        return parts;
    }

    private PpoLossArguments Arguments(LearningMemory memory, int columns) => new()
    {
        Minibatch = new RolloutViews
        {
            ActionMasks = Discrete ? memory.Of(Masks) : default,
            ContinuousActions = memory.Of(Actions),
            DiscreteActions = memory.Of(DiscreteActions),
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
}
