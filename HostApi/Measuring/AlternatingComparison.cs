namespace Arena.HostApi.Measuring;

/// <summary>Which of the two that are compared.</summary>
public enum Side
{
    /// <summary>The one that is asked about.</summary>
    This,

    /// <summary>The one that it is held against.</summary>
    Other,
}

/// <summary>What a comparison found.</summary>
public enum Verdict
{
    /// <summary>The interval of the ratio holds 1.</summary>
    NoDifferenceShown,

    /// <summary>All of the interval is above 1.</summary>
    Faster,

    /// <summary>All of it is below 1.</summary>
    Slower,
}

/// <summary>One figure of both, compared.</summary>
/// <param name="What">"random play, 1 core".</param>
/// <param name="This">Median rate of the one that is asked about.</param>
/// <param name="Other">Median rate of the other.</param>
/// <param name="Ratios">This by other, of every pair in the order they were measured.</param>
public sealed record ComparedRate(string What, double This, double Other, IReadOnlyList<double> Ratios)
{
    /// <summary>Median of <see cref="Ratios"/>.</summary>
    public double Ratio => new Rates(Ratios).Median;

    /// <summary>Interval of the median ratio, with at least 95 % confidence.</summary>
    public (double Lower, double Upper) Interval => AlternatingComparison.MedianInterval(Ratios);

    /// <summary>What that means.</summary>
    public Verdict Verdict => Interval.Lower > 1 ? Verdict.Faster : Interval.Upper < 1 ? Verdict.Slower : Verdict.NoDifferenceShown;
}

/// <summary>Compares two programs on a machine whose speed drifts: in turns, pair by pair.</summary>
/// <remarks>
/// They run in blocks of A B B A. The two of a pair are neighbours in time, so what slows the machine down for longer than that slows both; and each is first
/// as often as second, so a steady drift raises half of the ratios and lowers the other half. The interval of the median is by ranks (the
/// sign test turned round; Conover 1999, section 3.2): it supposes nothing about how noise is distributed, and draws nothing at random.
/// </remarks>
public static class AlternatingComparison
{
    /// <summary>Pairs below which no interval has 95 %.</summary>
    public const int FewestPairs = 6;

    private const double Outside = 0.05;

    /// <summary>Which one runs when: A B B A, A B B A, …</summary>
    /// <param name="pairs">Pairs of neighbours.</param>
    public static IEnumerable<Side> Order(int pairs) =>
        Enumerable.Range(0, pairs).SelectMany(pair => pair % 2 == 0 ? new[] { Side.This, Side.Other } : [Side.Other, Side.This]);

    /// <summary>Measures and compares.</summary>
    /// <param name="measure">Runs one of them once; its rates by name, those that are compared the same names for both.</param>
    /// <param name="pairs">At least <see cref="FewestPairs"/>.</param>
    /// <param name="progress">Called with the share done.</param>
    /// <exception cref="ArgumentOutOfRangeException">too few pairs.</exception>
    /// <exception cref="InvalidOperationException">no rate has the same name in all runs, or one is not above 0.</exception>
    public static IReadOnlyList<ComparedRate> Run(Func<Side, IReadOnlyDictionary<string, double>> measure, int pairs, Action<double>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, FewestPairs);
        var runs = new List<(Side Side, IReadOnlyDictionary<string, double> Rates)>();
        foreach (Side side in Order(pairs))
        {
            runs.Add((side, measure(side)));
            progress?.Invoke((double)runs.Count / (2 * pairs));
        }

        string[] names = [.. runs[0].Rates.Keys.Where(name => runs.TrueForAll(run => run.Rates.ContainsKey(name)))];
        if (names.Length == 0) throw new InvalidOperationException("The two measured nothing by the same name.");
        return [.. names.Select(name => Compare(name, [.. runs.Select(run => (run.Side, run.Rates[name]))]))];
    }

    /// <summary>Interval of the median of which the numbers are a sample: from the k-th smallest to the k-th largest, k as large as 95 % allow.</summary>
    /// <exception cref="ArgumentOutOfRangeException">too few numbers.</exception>
    public static (double Lower, double Upper) MedianInterval(IReadOnlyList<double> sample)
    {
        int count = sample.Count;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, FewestPairs, nameof(sample));
        double[] sorted = [.. sample.Order()];
        // The median lies below the (k + 1)-th smallest when at most k numbers are below it, each with probability 1/2.
        int outside = 0;
        double probability = Math.Pow(0.5, count), sum = probability;
        while (2 * (sum + probability * (count - outside) / (outside + 1)) <= Outside)
        {
            probability *= (double)(count - outside) / (outside + 1);
            sum += probability;
            outside++;
        }

        return (sorted[outside], sorted[count - 1 - outside]);
    }

    private static ComparedRate Compare(string name, (Side Side, double Rate)[] runs)
    {
        foreach ((_, double rate) in runs)
            if (!(rate > 0 && double.IsFinite(rate))) throw new InvalidOperationException($"'{name}' was measured as {rate}; a rate is above 0.");
        double[] ratios = [.. runs.Chunk(2).Select(pair => pair[0].Side == Side.This ? pair[0].Rate / pair[1].Rate : pair[1].Rate / pair[0].Rate)];
        double Median(Side side) => new Rates(runs.Where(run => run.Side == side).Select(run => run.Rate)).Median;
        return new ComparedRate(name, Median(Side.This), Median(Side.Other), ratios);
    }
}
