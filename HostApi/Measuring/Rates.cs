namespace Arena.HostApi.Measuring;

/// <summary>Rates of the repetitions of one measurement, per second.</summary>
/// <remarks>The median counts, since other programs only ever slow a repetition down, and now and then one of them by a lot.</remarks>
public sealed class Rates
{
    /// <summary>Sorts what was measured.</summary>
    /// <param name="measured">At least one rate, in any order.</param>
    /// <exception cref="ArgumentException">there is none.</exception>
    public Rates(IEnumerable<double> measured)
    {
        Ascending = [.. measured.Order()];
        if (Ascending.Count == 0) throw new ArgumentException("There is no repetition.", nameof(measured));
    }

    /// <summary>Every repetition, the slowest first.</summary>
    public IReadOnlyList<double> Ascending { get; }

    /// <summary>The middle one; the mean of the middle two where their number is even.</summary>
    public double Median => (Ascending[(Ascending.Count - 1) / 2] + Ascending[Ascending.Count / 2]) / 2;

    /// <summary>(fastest − slowest) / median.</summary>
    public double Spread => (Ascending[^1] - Ascending[0]) / Median;
}
