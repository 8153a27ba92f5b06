using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Learning;

/// <summary>How sums over rows are taken: always in one order, so that they depend on no thread count and no device.</summary>
/// <remarks>
/// Stage 1: lane c of <see cref="Lanes"/> adds up elements c, c + Lanes, c + 2·Lanes, … in that order, in double precision.
/// Stage 2: one index adds up the lanes in order (<see cref="SumPartials"/>). No atomics: a float sum in the order of
/// arrival would differ from run to run.
/// </remarks>
public static class Reduction
{
    /// <summary>Lanes of stage 1; a constant, so that the order of additions never changes.</summary>
    public const int Lanes = 1_024;
}

/// <summary>Stage 2 of a reduction: one index per column adds up the lanes in order.</summary>
public struct SumPartials : IKernel
{
    /// <summary>(Lanes, Columns) double; in.</summary>
    public View<double> Partials;

    /// <summary>(Columns) double; out.</summary>
    public View<double> Sums;

    /// <summary>Sums per lane.</summary>
    public int Columns;

    /// <inheritdoc/>
    public readonly void Run(int column)
    {
        double sum = 0;
        for (int lane = 0; lane < Reduction.Lanes; lane++) sum += Partials[lane * Columns + column];
        Sums[column] = sum;
    }
}

/// <summary>Stage 1 of Σ weight over the rows of every minibatch of an epoch. One index per lane; whole numbers, so exact in any order.</summary>
/// <remarks>Lane c takes segments c, c + Lanes, … of each minibatch: those of <see cref="GatherRows"/>.</remarks>
public struct SumSegmentWeights : IKernel
{
    /// <summary>(T·N) byte, 0 or 1; in.</summary>
    public View<byte> Weights;

    /// <summary>(Lanes, Minibatches) double; out.</summary>
    public View<double> Partials;

    /// <summary>Order of the segments in this epoch.</summary>
    public IndexPermutation Order;

    /// <summary>Minibatches; number b has places Count·b/Minibatches … Count·(b + 1)/Minibatches of the order.</summary>
    public int Minibatches;

    /// <summary>B.</summary>
    public int SegmentLength;

    /// <summary>N.</summary>
    public int Rows;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        for (int batch = 0; batch < Minibatches; batch++)
        {
            int first = (int)((long)Order.Count * batch / Minibatches), last = (int)((long)Order.Count * (batch + 1) / Minibatches);
            int count = 0;
            for (int place = first + lane; place < last; place += Reduction.Lanes) count += Sum(Order.At(place));
            Partials[lane * Minibatches + batch] = count;
        }
    }

    private readonly int Sum(int segment)
    {
        int chunk = segment / Rows, row = segment - chunk * Rows, count = 0;
        for (int slot = 0; slot < SegmentLength; slot++) count += Weights[((long)chunk * SegmentLength + slot) * Rows + row];
        return count;
    }
}

/// <summary>Stage 1 of Σ gradient². One index per lane.</summary>
public struct SquaredNormPartials : IKernel
{
    /// <summary>(P) float; in.</summary>
    public View<float> Gradients;

    /// <summary>(Lanes, 1) double; out.</summary>
    public View<double> Partials;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        double sum = 0;
        for (long i = lane; i < Gradients.Length; i += Reduction.Lanes) sum += (double)Gradients[i] * Gradients[i];
        Partials[lane] = sum;
    }
}
