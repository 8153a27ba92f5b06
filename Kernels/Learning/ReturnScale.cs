using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Columns of <see cref="SumReturns"/> and places in the moments of <see cref="MergeReturns"/>.</summary>
public static class ReturnMoment
{
    /// <summary>n: slots of weight 1.</summary>
    public const int Count = 0;

    /// <summary>Of a lane: Σ d, distances from the mean so far. Of the moments: the mean.</summary>
    public const int Mean = 1;

    /// <summary>Of a lane: Σ d². Of the moments: M2, the sum of squared distances from the mean.</summary>
    public const int Squares = 2;

    /// <summary>Columns.</summary>
    public const int Columns = 3;
}

/// <summary>Stage 1 of the running moments of the discounted return R_t = γ·R_{t−1} + r_t of every row. One index per lane.</summary>
/// <remarks>
/// Lane c of <see cref="Reduction.Lanes"/> takes rows c, c + Lanes, … in that order, each from its first slot to its last, in double.
/// R goes on from rollout to rollout and is 0 behind an end of either kind. Every row's return goes on; only slots of weight 1 are counted.
/// </remarks>
public struct SumReturns : IKernel
{
    /// <summary>(T, N) float; in.</summary>
    public View<float> Rewards;

    /// <summary>(T, N) byte; in.</summary>
    public View<byte> Terminated;

    /// <summary>(T, N) byte; in.</summary>
    public View<byte> Truncated;

    /// <summary>(T, N) byte, 0 or 1; in.</summary>
    public View<byte> Weights;

    /// <summary>(N) double: R behind the last slot; in and out.</summary>
    public View<double> Running;

    /// <summary>(<see cref="ReturnMoment.Columns"/>) double: the moments so far; in.</summary>
    public View<double> Moments;

    /// <summary>(Lanes, <see cref="ReturnMoment.Columns"/>) double; out.</summary>
    public View<double> Partials;

    /// <summary>T.</summary>
    public int Horizon;

    /// <summary>N.</summary>
    public int Rows;

    /// <summary>γ.</summary>
    public double Discount;

    /// <inheritdoc/>
    public readonly void Run(int lane)
    {
        double count = 0, sum = 0, squares = 0, mean = Moments[ReturnMoment.Mean];
        for (int row = lane; row < Rows; row += Reduction.Lanes)
        {
            double running = Running[row];
            for (int t = 0; t < Horizon; t++)
            {
                long at = (long)t * Rows + row;
                running = Discount * running + Rewards[at];
                if (Weights[at] != 0)
                {
                    double distance = running - mean;
                    count += 1;
                    sum += distance;
                    squares += distance * distance;
                }

                if (Terminated[at] != 0 || Truncated[at] != 0) running = 0;
            }

            Running[row] = running;
        }

        Partials[lane * ReturnMoment.Columns + ReturnMoment.Count] = count;
        Partials[lane * ReturnMoment.Columns + ReturnMoment.Mean] = sum;
        Partials[lane * ReturnMoment.Columns + ReturnMoment.Squares] = squares;
    }
}

/// <summary>Stage 2: joins the lanes in order to the running moments and derives the factor of the rewards, 1/std. One index.</summary>
/// <remarks>The update of Chan, Golub and LeVeque, as in <see cref="MergeMoments"/>.</remarks>
public struct MergeReturns : IKernel
{
    /// <summary>
    /// A variance of at most this times mean² is rounding: returns that never differ. Rewards then stay as they are. A share and not
    /// a summand, so that the unit of the rewards does not matter.
    /// </summary>
    public const double SmallestShare = 1e-10;

    /// <summary>Rewards stay as they are, too, beyond this variance or below its inverse, where a float could not hold it.</summary>
    public const double LargestVariance = 1e30;

    /// <summary>(Lanes, <see cref="ReturnMoment.Columns"/>) double, from <see cref="SumReturns"/>; in.</summary>
    public View<double> Partials;

    /// <summary>(<see cref="ReturnMoment.Columns"/>) double: n, M, M2; in and out.</summary>
    public View<double> Moments;

    /// <summary>(1) float: 1/√(M2/n), or 1; out.</summary>
    public View<float> Scale;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        double batch = 0, sum = 0, squares = 0;
        for (int lane = 0; lane < Reduction.Lanes; lane++)
        {
            batch += Partials[lane * ReturnMoment.Columns + ReturnMoment.Count];
            sum += Partials[lane * ReturnMoment.Columns + ReturnMoment.Mean];
            squares += Partials[lane * ReturnMoment.Columns + ReturnMoment.Squares];
        }

        double before = Moments[ReturnMoment.Count], total = before + batch;
        double mean = Moments[ReturnMoment.Mean], moment = Moments[ReturnMoment.Squares];
        if (batch > 0)
        {
            double delta = sum / batch; // the sums are distances from the mean so far
            double own = squares - sum * delta;
            mean += delta * (batch / total);
            moment += (own > 0 ? own : 0) + delta * delta * (before * (batch / total));
            Moments[ReturnMoment.Count] = total;
            Moments[ReturnMoment.Mean] = mean;
            Moments[ReturnMoment.Squares] = moment;
        }

        double variance = total > 0 ? moment / total : 0;
        bool differ = variance > SmallestShare * mean * mean && variance > 1 / LargestVariance && variance < LargestVariance;
        Scale[index] = differ ? 1f / MathF.Sqrt((float)variance) : 1f;
    }
}

/// <summary>Rewards times the one factor of <see cref="MergeReturns"/>. One index per slot and row.</summary>
public struct ScaleRewards : IKernel
{
    /// <summary>(T·N) float; in.</summary>
    public View<float> Rewards;

    /// <summary>(1) float; in.</summary>
    public View<float> Scale;

    /// <summary>(T·N) float; out.</summary>
    public View<float> Scaled;

    /// <inheritdoc/>
    public readonly void Run(int index) => Scaled[index] = Rewards[index] * Scale[0];
}
