namespace Arena.Policy.SelfPlay;

/// <summary>An estimate with the 95 % interval it lies in.</summary>
/// <param name="Value">The estimate; NaN without data.</param>
/// <param name="Lower">Lower bound; NaN where it cannot be told.</param>
/// <param name="Upper">Upper bound; NaN where it cannot be told.</param>
/// <param name="Count">Samples it rests on.</param>
public readonly record struct Interval(double Value, double Lower, double Upper, long Count)
{
    /// <summary>Half the width of a symmetric interval.</summary>
    public double HalfWidth => (Upper - Lower) / 2;
}
