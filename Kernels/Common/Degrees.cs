namespace Arena.Kernels.Common;

/// <summary>Sine and cosine of angles in degrees, in double precision, without a library.</summary>
/// <remarks>
/// The sines of operating systems' libraries differ in the last bit. What a host computes once and all machines must have alike, such as the tables of a
/// creature and their hash, comes from <c>+ − · /</c> and square roots alone.
/// </remarks>
public static class Degrees
{
    private const double Radian = Math.PI / 180;

    /// <summary>Cosine and sine; absolute error at most 5e−16 within a few turns.</summary>
    /// <param name="degrees">Any finite angle.</param>
    /// <returns>Exact at multiples of 90°; cos(−x) = cos x and sin(−x) = −sin x to the last bit.</returns>
    /// <remarks>Taylor polynomials about the nearest quarter turn, |f| ≤ π/4: sine to f¹⁷ (remainder 8e−20), cosine to f¹⁶ (2e−18).</remarks>
    public static (double Cos, double Sin) CosSin(double degrees)
    {
        double size = Math.Abs(degrees), quarter = Math.Floor(size / 90 + 0.5);
        double f = (size - 90 * quarter) * Radian, g = f * f;
        double sine = f * (1 - g / 6 * (1 - g / 20 * (1 - g / 42 * (1 - g / 72 * (1 - g / 110 * (1 - g / 156 * (1 - g / 210 * (1 - g / 272))))))));
        double cosine = 1 - g / 2 * (1 - g / 12 * (1 - g / 30 * (1 - g / 56 * (1 - g / 90 * (1 - g / 132 * (1 - g / 182 * (1 - g / 240)))))));
        (double cos, double sin) = (int)(quarter % 4) switch
        {
            0 => (cosine, sine),
            1 => (0 - sine, cosine), // 0 at 90°, not −0
            2 => (-cosine, 0 - sine),
            _ => (sine, -cosine),
        };
        return (cos, double.IsNegative(degrees) ? -sin : sin);
    }
}
