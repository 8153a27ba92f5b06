namespace Arena.Policy.SelfPlay;

/// <summary>Wilson's interval for the share of points won.</summary>
/// <remarks>
/// Wilson 1927, for wins and losses; a draw counts as half a point, which is conservative: the variance of such a score is at
/// most p(1−p). With p = points/n the bounds are (p + z²/2n ∓ z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). Unlike p ± z·s/√n
/// it stays inside 0..1 and is honest when nearly all games are won.
/// </remarks>
public static class Wilson
{
    /// <summary>z: normal quantile of a two-sided 95 % interval.</summary>
    public const double Z = 1.96;

    /// <summary>Interval for <paramref name="points"/> of <paramref name="games"/> games; 0..1 without games.</summary>
    /// <exception cref="ArgumentOutOfRangeException">negative numbers, or more points than games.</exception>
    public static Interval Of(double points, long games)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(games);
        if (!(points >= 0 && points <= games))
            throw new ArgumentOutOfRangeException(nameof(points), points, $"{games} games give 0..{games} points.");
        if (games == 0) return new Interval(double.NaN, 0, 1, 0);
        double n = games, p = points / n, z2 = Z * Z;
        double centre = p + z2 / (2 * n);
        double reach = Z * Math.Sqrt(p * (1 - p) / n + z2 / (4 * n * n));
        double scale = 1 + z2 / n;
        return new Interval(p, Math.Max(0, (centre - reach) / scale), Math.Min(1, (centre + reach) / scale), games);
    }
}
