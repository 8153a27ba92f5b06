namespace Arena.Validation;

/// <summary>A tolerance and the rounding it allows.</summary>
/// <param name="ScaledError">Largest allowed |actual − expected| / scale.</param>
/// <param name="Allows">One line: which rounding.</param>
public sealed record Tolerance(double ScaledError, string Allows);

/// <summary>How closely kernels and reference must agree.</summary>
public sealed record Tolerances
{
    /// <summary>Integers, flags, counters, and floats that a reference computes to the last bit.</summary>
    public Tolerance Exact { get; init; } = new(0, "nothing: integers, flags and counters are equal");

    /// <summary>Floats after one tick from the same state, scaled to unit range.</summary>
    public Tolerance OneStep { get; init; } = new(
        1e-5,
        "the roundings of a 32-bit float (2^-24 each) in one tick, amplified up to a hundredfold; where contacts amplify more, the reference widens this");

    /// <summary>The tolerance of an element with this scale.</summary>
    public Tolerance For(double scale) => scale == 0 ? Exact : OneStep;
}
