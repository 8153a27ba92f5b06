namespace Arena.Policy.SelfPlay;

/// <summary>Result of a player against another over side-balanced games.</summary>
/// <remarks>
/// A pair is one seed played twice with the sides exchanged, so neither side's luck nor a built-in advantage of one
/// side counts. Win 1, draw ½, loss 0.
/// </remarks>
public sealed class GamePairs
{
    /// <summary>A pair scores 0, ¼, ½, ¾ or 1 per game.</summary>
    public const int PairScores = 5;

    private readonly MeanEstimate pairs = new();
    private readonly int[] byScore = new int[PairScores];

    /// <summary>Pairs so far.</summary>
    public int Pairs { get; private set; }

    /// <summary>Games so far: two per pair.</summary>
    public int Games => 2 * Pairs;

    /// <summary>Games won.</summary>
    public int Wins { get; private set; }

    /// <summary>Games drawn.</summary>
    public int Draws { get; private set; }

    /// <summary>Games lost.</summary>
    public int Losses { get; private set; }

    /// <summary>Wins + draws/2.</summary>
    public double Points => Wins + 0.5 * Draws;

    /// <summary>Points per game with Wilson's 95 % interval: the headline.</summary>
    public Interval Score => Wilson.Of(Points, Games);

    /// <summary>Points per game with mean ± 1.96·s/√pairs over the pairs, usually narrower: what side balance gains.</summary>
    public Interval PairScore => pairs.Interval;

    /// <summary>(PairScores) pairs by their score: element k counts those of k/4 per game.</summary>
    public ReadOnlySpan<int> PairsByScore => byScore;

    /// <summary>Standard error of the score, s/√pairs over the pairs; NaN below two.</summary>
    public double PairError => pairs.StandardDeviation / Math.Sqrt(Pairs);

    /// <summary>Adds a pair; both scores as the player sees them.</summary>
    /// <param name="asSide0">1 won, ½ drawn, 0 lost, on side 0.</param>
    /// <param name="asSide1">The same on side 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">another value.</exception>
    public void Add(double asSide0, double asSide1)
    {
        Check(asSide0);
        Check(asSide1);
        Count(asSide0);
        Count(asSide1);
        Pairs++;
        byScore[(int)(2 * (asSide0 + asSide1))]++;
        pairs.AddPair(asSide0, asSide1);
    }

    private static void Check(double score)
    {
        if (score is not (0 or 0.5 or 1))
            throw new ArgumentOutOfRangeException(nameof(score), score, "The score of a game is 1 (won), 0.5 (drawn) or 0 (lost).");
    }

    private void Count(double score)
    {
        if (score == 1) Wins++;
        else if (score == 0) Losses++;
        else Draws++;
    }
}
