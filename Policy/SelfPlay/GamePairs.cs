namespace Arena.Policy.SelfPlay;

/// <summary>Result of a player against another over side-balanced games.</summary>
/// <remarks>
/// A pair is one seed played twice with the sides exchanged, so neither side's luck nor a built-in advantage of one
/// side counts. Win 1, draw ½, loss 0; a game may give an undecided end any other number of 24ths.
/// </remarks>
public sealed class GamePairs
{
    /// <summary>Scores are multiples of 1/24: halves, and what 12 things of each side can leave.</summary>
    public const int Steps = 24;

    private readonly MeanEstimate pairs = new();
    private readonly int[] bySteps = new int[2 * Steps + 1];
    private long steps;

    /// <summary>Pairs so far.</summary>
    public int Pairs { get; private set; }

    /// <summary>Games so far: two per pair.</summary>
    public int Games => 2 * Pairs;

    /// <summary>Games won.</summary>
    public int Wins { get; private set; }

    /// <summary>Games drawn, or undecided with another score between 0 and 1.</summary>
    public int Draws { get; private set; }

    /// <summary>Games lost.</summary>
    public int Losses { get; private set; }

    /// <summary>Sum of all scores: wins + draws/2, where a draw is worth ½.</summary>
    public double Points => (double)steps / Steps;

    /// <summary>Points per game with Wilson's 95 % interval: the headline.</summary>
    public Interval Score => Wilson.Of(Points, Games);

    /// <summary>Points per game with mean ± t·s/√pairs over the pairs, usually narrower: what side balance gains.</summary>
    public Interval PairScore => pairs.Interval;

    /// <summary>(2·Steps + 1) pairs by their score: element k counts those of k/Steps for both games together.</summary>
    public ReadOnlySpan<int> PairsBySteps => bySteps;

    /// <summary>Standard error of the score, s/√pairs over the pairs; NaN below two.</summary>
    public double PairError => pairs.StandardDeviation / Math.Sqrt(Pairs);

    /// <summary>Adds a pair; both scores as the player sees them.</summary>
    /// <param name="asSide0">1 won, ½ drawn, 0 lost, on side 0; or another multiple of 1/24 between 0 and 1.</param>
    /// <param name="asSide1">The same on side 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">another value.</exception>
    public void Add(double asSide0, double asSide1)
    {
        int steps0 = StepsOf(asSide0), steps1 = StepsOf(asSide1);
        Count(steps0);
        Count(steps1);
        Pairs++;
        bySteps[steps0 + steps1]++;
        pairs.AddPair(asSide0, asSide1);
    }

    private static int StepsOf(double score)
    {
        const double Rounding = 1e-9; // 1 − 13/24 is no double
        double steps = score * Steps, whole = Math.Round(steps);
        if (whole is >= 0 and <= Steps && Math.Abs(steps - whole) <= Rounding) return (int)whole;
        throw new ArgumentOutOfRangeException(nameof(score), score, "The score of a game is 1 (won), 0.5 (drawn) or 0 (lost), or another multiple of 1/24 between them.");
    }

    private void Count(int score)
    {
        steps += score;
        if (score == Steps) Wins++;
        else if (score == 0) Losses++;
        else Draws++;
    }
}
