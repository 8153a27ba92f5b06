namespace Arena.Validation;

/// <summary>Which of the outcomes that rounding leaves open a match is held to.</summary>
internal static class Outcomes
{
    /// <summary>Wider than this a comparison would say nothing any more.</summary>
    public const double MostGrowth = 10;

    /// <summary>Reason of ticks that grow more, and differ by more.</summary>
    public const string Grown = "the last bits of floats grow beyond comparison, in the reference itself";

    /// <summary>The outcome to compare with: one that matches where there is one, else the usual one, which then tells the difference.</summary>
    /// <param name="expected">What the reference says.</param>
    /// <param name="matches">Whether the kernels' tick is this outcome, within its tolerance.</param>
    /// <returns>With <see cref="ExpectedTick.NearBoundary"/> where the tick is to be counted apart.</returns>
    public static ExpectedTick Choose(ExpectedTick expected, Func<ExpectedTick, bool> matches)
    {
        if (expected.NearBoundary is not null || (expected.Alternatives.Count == 0 && expected.Growth is null)) return expected;
        if (First(expected, matches) is { } found) return found;
        double growth = expected.Growth?.Invoke() ?? 1;
        ExpectedTick wide = Widened(expected, Math.Min(growth, MostGrowth));
        return First(wide, matches) ?? (growth > MostGrowth ? expected with { NearBoundary = Grown } : wide);
    }

    private static ExpectedTick? First(ExpectedTick expected, Func<ExpectedTick, bool> matches) =>
        expected.Alternatives.Append(expected).FirstOrDefault(outcome => outcome.NearBoundary is not null || matches(outcome));

    private static ExpectedTick Widened(ExpectedTick expected, double growth)
    {
        ExpectedTick Wide(ExpectedTick outcome) => outcome with { Amplification = Math.Max(outcome.Amplification, growth) };
        return Wide(expected) with { Alternatives = [.. expected.Alternatives.Select(Wide)] };
    }
}
