using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Stage 1 of an observation's running moments: sums of every element over the rows that count. One index per lane.</summary>
/// <remarks>
/// Lane c of <see cref="Lanes"/> adds up rows c, c + Lanes, … in that order, in double, as distances from the mean so far: the
/// squares of large numbers with a small spread would cancel. Rows of weight 0 leave no trace.
/// </remarks>
public struct SumObservations : IKernel
{
    /// <summary>Lanes; a constant, so that the order of additions never changes. Fewer than usual: a lane keeps two sums per element.</summary>
    public const int Lanes = 64;

    /// <summary>(rows, O) float; in.</summary>
    public View<float> Observations;

    /// <summary>(rows) byte, 0 or 1; in.</summary>
    public View<byte> Weights;

    /// <summary>(O) double: the mean so far, from which distances are taken; in.</summary>
    public View<double> Means;

    /// <summary>(Lanes, 2·O) double: Σ d, then Σ d²; out.</summary>
    public View<double> Partials;

    /// <summary>(Lanes) double: rows of weight 1; out.</summary>
    public View<double> Counts;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        View<double> sums = Partials.Slice((long)lane * 2 * ObservationLength, 2 * ObservationLength);
        for (int i = 0; i < 2 * ObservationLength; i++) sums[i] = 0;
        double count = 0;
        for (long row = lane; row < Weights.Length; row += Lanes)
        {
            if (Weights[row] == 0) continue;
            count += 1;
            for (int i = 0; i < ObservationLength; i++)
            {
                double distance = Observations[row * ObservationLength + i] - Means[i];
                sums[i] += distance;
                sums[ObservationLength + i] += distance * distance;
            }
        }

        Counts[lane] = count;
    }
}

/// <summary>
/// Stage 2: joins a batch to the running moments and derives what the network applies, mean and 1/std. One index per element.
/// </summary>
/// <remarks>
/// With n, M, M2 so far and b rows of mean m and squares s: M' = M + δ·b/(n + b), M2' = M2 + s + δ²·n·b/(n + b), δ = m − M (Chan, Golub and
/// LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979).
/// </remarks>
public struct MergeMoments : IKernel
{
    /// <summary>Added to the variance, so that an element that never moved is not divided by zero.</summary>
    public const double Epsilon = 1e-8;

    /// <summary>(Lanes, 2·O) double, from <see cref="SumObservations"/>; in.</summary>
    public View<double> Partials;

    /// <summary>(Lanes) double; in.</summary>
    public View<double> LaneCounts;

    /// <summary>(O) double: n, of every element the same; in and out.</summary>
    public View<double> Counts;

    /// <summary>(O) double: M; in and out.</summary>
    public View<double> Means;

    /// <summary>(O) double: M2, the sum of squared distances from the mean; in and out.</summary>
    public View<double> Squares;

    /// <summary>(O) float: M; out.</summary>
    public View<float> Mean;

    /// <summary>(O) float: 1/√(M2/n + ε); out.</summary>
    public View<float> Scale;

    /// <summary>O.</summary>
    public int ObservationLength;

    /// <inheritdoc/>
    public readonly void Run(int element)
    {
        double batch = 0, sum = 0, squares = 0;
        for (int lane = 0; lane < SumObservations.Lanes; lane++)
        {
            batch += LaneCounts[lane];
            sum += Partials[(long)lane * 2 * ObservationLength + element];
            squares += Partials[(long)lane * 2 * ObservationLength + ObservationLength + element];
        }

        if (batch == 0) return;
        double before = Counts[element], total = before + batch;
        double delta = sum / batch; // the sums are distances from the mean so far
        double own = squares - sum * delta;
        double mean = Means[element] + delta * (batch / total);
        double moment = Squares[element] + (own > 0 ? own : 0) + delta * delta * (before * (batch / total));
        Counts[element] = total;
        Means[element] = mean;
        Squares[element] = moment;
        Mean[element] = (float)mean;
        Scale[element] = 1f / MathF.Sqrt((float)(moment / total + Epsilon));
    }
}
