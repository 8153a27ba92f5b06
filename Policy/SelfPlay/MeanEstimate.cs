namespace Arena.Policy.SelfPlay;

/// <summary>Mean of a stream of numbers, with its 95 % interval.</summary>
/// <remarks>
/// Welford's update, in double: a sum of squares would lose small variances of large numbers. The interval is mean ± t·s/√n with Student's t
/// (<see cref="StudentT"/>), which is exact for samples of a normal distribution.
/// </remarks>
public sealed class MeanEstimate
{
    private double squares; // sum of squared deviations from the mean

    /// <summary>n: samples so far, undefined ones (NaN) left out.</summary>
    public long Count { get; private set; }

    /// <summary>Mean; NaN without samples.</summary>
    public double Mean { get; private set; } = double.NaN;

    /// <summary>s: standard deviation of a sample; NaN below two.</summary>
    public double StandardDeviation => Count < 2 ? double.NaN : Math.Sqrt(squares / (Count - 1));

    /// <summary>Mean ± t·s/√n; NaN bounds below two samples.</summary>
    public Interval Interval
    {
        get
        {
            double reach = StudentT.Reach(Count) * StandardDeviation / Math.Sqrt(Count);
            return new Interval(Mean, Mean - reach, Mean + reach, Count);
        }
    }

    /// <summary>Adds a sample; NaN means "undefined in this game" and is left out.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value)) return;
        Count++;
        if (Count == 1) Mean = 0;
        double deviation = value - Mean;
        Mean += deviation / Count;
        squares += deviation * (value - Mean);
    }

    /// <summary>
    /// Adds the two games of a pair as one sample, their mean: games of a pair share a seed, so they are not
    /// independent and counting them as two would make the interval too narrow.
    /// </summary>
    public void AddPair(double first, double second) =>
        Add(double.IsNaN(first) ? second : double.IsNaN(second) ? first : (first + second) / 2);
}
