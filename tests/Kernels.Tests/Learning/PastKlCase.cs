using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Validation.Learning;

namespace Arena.Kernels.Tests.Learning;

/// <summary>Random rows of two policies with continuous actions and masked heads, the kernel's penalty on them, and the reference's.</summary>
internal sealed class PastKlCase
{
    internal const int Components = 2;
    internal const float Coefficient = 0.3f;
    private static readonly int[] HeadSizes = [3, 1, 4];
    private static readonly int Choices = HeadSizes.Sum();

    private readonly float[] started;

    internal PastKlCase(int seed, bool rowStd, int rows)
    {
        var random = new System.Random(seed);
        (RowStd, Rows) = (rowStd, rows);
        FirstLogit = Components * (rowStd ? 2 : 1);
        Width = FirstLogit + Choices + 1;
        Outputs = random.Array(rows * Width, -1.2, 1.2);
        Past = random.Array(rows * Width, -1.2, 1.2);
        RawLogStds = random.Array(Components, -.5, .5);
        PastRawLogStds = random.Array(Components, -.5, .5);
        started = random.Array(rows * Width, -1, 1);
        Weights = [.. Enumerable.Range(0, rows).Select(_ => (byte)(random.Next(5) == 0 ? 0 : 1))];
        Masks = [.. Enumerable.Range(0, rows).Select(_ => (uint)random.Next(1 << Choices))];
    }

    internal bool RowStd { get; }
    internal int Rows { get; }
    internal int FirstLogit { get; }
    internal int Width { get; }
    internal float[] Outputs { get; }
    internal float[] Past { get; }
    internal float[] RawLogStds { get; }
    internal float[] PastRawLogStds { get; }
    internal byte[] Weights { get; }
    internal uint[] Masks { get; }

    internal double Weight => Weights.Sum(w => w);

    /// <summary>What the kernel added to a gradient (and to log-std sums, as ∂/∂ρ), and its sums.</summary>
    /// <param name="threads">Threads.</param>
    /// <param name="start">Whether the gradient holds random numbers before, else zeros.</param>
    internal (float[] Gradients, float[] LogStdGradients, double[] Sums) Run(int threads = 1, bool start = false)
    {
        using var memory = new LearningMemory(threads);
        int columns = PastKlSum.Count + (RowStd ? 0 : Components), stride = RowStd ? Components : 0;
        View<float> outputs = memory.Of(Outputs), past = memory.Of(Past), gradients = memory.Of(start ? started : new float[Rows * Width]);
        View<GaussianScale> scales = Scales(memory, outputs, RawLogStds), pastScales = Scales(memory, past, PastRawLogStds);
        View<double> partials = memory.Zeros<double>(Reduction.Lanes * columns), sums = memory.Zeros<double>(columns), lossSums = memory.Zeros<double>(LossSum.Count + Components);
        memory.Device.Launch(
            new PastKlGradient
            {
                Outputs = outputs,
                PastOutputs = past,
                OutputGradients = gradients,
                RowWeights = memory.Of(Weights),
                ActionMasks = memory.Of(Masks),
                Scales = scales,
                PastScales = pastScales,
                HeadSizes = memory.Of(HeadSizes),
                WeightSum = memory.Of(Weight),
                Partials = partials,
                Columns = columns,
                Rows = Rows,
                OutputLength = Width,
                Components = Components,
                ScaleStride = stride,
                FirstLogit = FirstLogit,
                MaskWords = 1,
                Coefficient = Coefficient,
            },
            Reduction.Lanes);
        memory.Device.Launch(new SumPartials { Partials = partials, Sums = sums, Columns = columns }, columns);
        View<float> logStds = memory.Zeros<float>(Components);
        if (!RowStd)
        {
            memory.Device.Launch(new AddPastLogStdSums { PastSums = sums, LossSums = lossSums }, Components);
            memory.Device.Launch(new AddLogStdGradient { Sums = lossSums, Scales = scales, Gradients = logStds }, Components);
        }

        return (gradients.AsSpan().ToArray(), logStds.AsSpan().ToArray(), sums.AsSpan().ToArray());
    }

    internal float Started(int index) => started[index];

    /// <summary>The reference's KL of one row, with one output or free log-std moved.</summary>
    internal double Kl(int row, int output = -1, int logStd = -1, double change = 0)
    {
        double[] present = Row(Outputs, row), past = Row(Past, row);
        if (output >= 0) present[output] += change;
        double[] rho = RowStd ? present[Components..FirstLogit] : [.. RawLogStds.Select((r, i) => r + (i == logStd ? change : 0.0))];
        double[] pastRho = RowStd ? past[Components..FirstLogit] : [.. PastRawLogStds.Select(r => (double)r)];
        return PolicyLossReference.GaussianKl(present[..Components], rho, past[..Components], pastRho)
            + PolicyLossReference.CategoricalKl(Split(present), Split(past), Legal(row));
    }

    /// <summary>Central difference of a row's penalty.</summary>
    internal double Difference(int row, int output = -1, int logStd = -1)
    {
        const double Step = 1e-6;
        return Coefficient * (Kl(row, output, logStd, Step) - Kl(row, output, logStd, -Step)) / (2 * Step);
    }

    internal bool[][] Legal(int row)
    {
        int first = 0;
        return [.. HeadSizes.Select(size =>
        {
            bool[] legal = [.. Enumerable.Range(first, size).Select(bit => (Masks[row] >> bit & 1) != 0)];
            first += size;
            return legal;
        })];
    }

    private View<GaussianScale> Scales(LearningMemory memory, View<float> outputs, float[] free)
    {
        View<GaussianScale> scales = memory.Zeros<GaussianScale>(Rows * Components);
        if (RowStd) memory.Device.Launch(new BoundRowLogStds { Outputs = outputs, Scales = scales, Components = Components, OutputLength = Width }, Rows);
        else memory.Device.Launch(new BoundLogStd { RawLogStd = memory.Of(free), Scales = scales }, Components);
        return scales;
    }

    private double[] Row(float[] values, int row) => [.. values.AsSpan(row * Width, Width).ToArray().Select(v => (double)v)];

    private double[][] Split(double[] outputs)
    {
        int first = FirstLogit;
        return [.. HeadSizes.Select(size => outputs[first..(first += size)])];
    }
}
