namespace Arena.Policy.SelfPlay;

/// <summary>What the results say about a rating.</summary>
public enum RatingBound
{
    /// <summary>Bounded on both sides.</summary>
    Estimate,

    /// <summary>Printed "≥": the player never lost, or those who took points from it never lost to the others. The number is held down by the prior alone.</summary>
    AtLeast,

    /// <summary>Printed "≤": the player never scored, or only against such players.</summary>
    AtMost,

    /// <summary>Printed "?": no results link it to the anchor.</summary>
    Unknown,
}

/// <summary>A player's rating.</summary>
/// <param name="Player">Name.</param>
/// <param name="Elo">Elo, the anchor at 0.</param>
/// <param name="Error">Standard error, Elo; 0 for the anchor.</param>
/// <param name="Bound">How to read it.</param>
/// <param name="Games">Games it rests on.</param>
public sealed record PlayerRating(string Player, double Elo, double Error, RatingBound Bound, long Games);

/// <summary>Ratings of every player of a table, and how they hang together.</summary>
public sealed class RatingFit
{
    private readonly Dictionary<string, int> index;
    private readonly double[,] covariance; // Elo², zeros for the anchor

    internal RatingFit(string anchor, IReadOnlyList<PlayerRating> ratings, double[,] covariance)
    {
        (Anchor, Ratings, this.covariance) = (anchor, ratings, covariance);
        index = ratings.Select((rating, i) => (rating.Player, i)).ToDictionary(pair => pair.Player, pair => pair.i, StringComparer.Ordinal);
    }

    /// <summary>The player held at 0.</summary>
    public string Anchor { get; }

    /// <summary>Everybody, in ordinal order of names.</summary>
    public IReadOnlyList<PlayerRating> Ratings { get; }

    /// <summary>The rating of a player; null where it has no result.</summary>
    public PlayerRating? Of(string player) => index.TryGetValue(player, out int i) ? Ratings[i] : null;

    /// <summary>Standard error of the difference of two ratings, Elo. Smaller than the root of the sum of squares where both were measured against the same players.</summary>
    /// <exception cref="KeyNotFoundException">one has no result.</exception>
    public double DifferenceError(string a, string b)
    {
        int i = index[a], j = index[b];
        return Math.Sqrt(Math.Max(0, covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]));
    }
}
