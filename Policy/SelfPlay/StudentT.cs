namespace Arena.Policy.SelfPlay;

/// <summary>Student's t: how many standard errors a two-sided 95 % interval of a mean of few samples reaches.</summary>
/// <remarks>
/// The standard deviation of few samples is itself uncertain, so the normal 1.96 gives intervals that are too narrow: six tenths of
/// what they should be with 4 samples. For a whole number ν of degrees of freedom P(|T| ≤ t) is a finite sum in θ = atan(t/√ν) (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), and the quantile
/// follows by halving the interval of θ.
/// </remarks>
public static class StudentT
{
    /// <summary>From this many samples on 1.96 is taken: at most 1.2 % less.</summary>
    public const int Few = 100;

    private const double Covered = 0.95;
    private const int Halvings = 60; // π/2 in 2⁶⁰ parts: below the rounding of a double

    private static readonly double[] Reaches = [.. Enumerable.Range(0, Few).Select(samples => samples < 2 ? double.NaN : Quantile(samples - 1))];

    /// <summary>t: mean ± t·s/√n covers 95 %; NaN below two samples.</summary>
    /// <param name="samples">n.</param>
    public static double Reach(long samples) => samples < Few ? Reaches[Math.Max(0, samples)] : Wilson.Z;

    private static double Quantile(int freedom)
    {
        double low = 0, high = Math.PI / 2;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Within(middle, freedom) < Covered) low = middle;
            else high = middle;
        }

        return Math.Tan(low) * Math.Sqrt(freedom);
    }

    // P(|T| ≤ √ν·tan θ): sin θ·(1 + 1/2·cos²θ + 1·3/(2·4)·cos⁴θ + … + cos^(ν − 2)) for even ν,
    // 2/π·(θ + sin θ·(cos θ + 2/3·cos³θ + … + cos^(ν − 2))) for odd ν.
    private static double Within(double angle, int freedom)
    {
        bool odd = freedom % 2 == 1;
        double cosine = Math.Cos(angle), term = odd ? cosine : 1, sum = 0;
        for (int power = odd ? 1 : 0; power <= freedom - 2; power += 2)
        {
            sum += term;
            term *= cosine * cosine * (power + 1) / (power + 2);
        }

        return odd ? 2 / Math.PI * (angle + Math.Sin(angle) * sum) : Math.Sin(angle) * sum;
    }
}
