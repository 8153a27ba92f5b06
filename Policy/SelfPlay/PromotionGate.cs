using System.Globalization;

namespace Arena.Policy.SelfPlay;

/// <summary>Whether a candidate replaces the champion, and why.</summary>
/// <param name="Promoted">All conditions hold.</param>
/// <param name="Score">The candidate's points per game against the champion, Wilson's interval.</param>
/// <param name="Bootstrap">The same with the interval of <see cref="PairBootstrap"/>.</param>
/// <param name="HeldOutDifference">Candidate's minus champion's score against held-out opponents; NaN where there are none.</param>
/// <param name="HeldOutError">Standard error of that difference.</param>
/// <param name="Reason">One sentence.</param>
public sealed record PromotionVerdict(bool Promoted, Interval Score, Interval Bootstrap, double HeldOutDifference, double HeldOutError, string Reason);

/// <summary>The candidate's and the champion's games against the same held-out opponents, which nobody trained against.</summary>
public sealed record HeldOutGames(GamePairs Candidate, GamePairs Champion);

/// <summary>When a policy is better than the champion beyond doubt, and not only at beating it.</summary>
/// <remarks>
/// Three conditions: the lower bound of the score against the champion lies above ½ by Wilson, and by drawing game pairs again; and
/// the score against held-out opponents is not below the champion's by more than two standard errors, since a policy may learn to
/// beat one opponent and forget the rest. Of 256 games 144 points are needed, of 1,024 543½.
/// </remarks>
public static class PromotionGate
{
    /// <summary>A candidate may do worse against held-out opponents by this many standard errors of the difference.</summary>
    public const double HeldOutErrors = 2;

    /// <summary>Judges.</summary>
    /// <param name="againstChampion">The candidate's games.</param>
    /// <param name="seed">Key of the resampling.</param>
    /// <param name="heldOut">Games against held-out opponents; null where there are none, which is no obstacle.</param>
    public static PromotionVerdict Judge(GamePairs againstChampion, ulong seed, HeldOutGames? heldOut = null)
    {
        Interval score = againstChampion.Score, bootstrap = PairBootstrap.Of(againstChampion, seed);
        double difference = double.NaN, error = double.NaN;
        if (heldOut is not null)
        {
            difference = heldOut.Candidate.PairScore.Value - heldOut.Champion.PairScore.Value;
            error = Math.Sqrt(Math.Pow(heldOut.Candidate.PairError, 2) + Math.Pow(heldOut.Champion.PairError, 2));
        }

        // Written so that NaN, from too few games, never promotes.
        string? obstacle =
            againstChampion.Games == 0 ? "it has not played the champion"
            : !(score.Lower > 0.5) ? Text($"its score against the champion, {score.Value:0.000}, is above ½ with a lower bound of only {score.Lower:0.000} (Wilson)", score.Value)
            : !(bootstrap.Lower > 0.5) ? Text($"its score against the champion, {score.Value:0.000}, is above ½ with a lower bound of only {bootstrap.Lower:0.000} (resampled pairs)", score.Value)
            : heldOut is not null && !(difference >= -HeldOutErrors * error) ? FormattableString.Invariant(
                $"against held-out opponents it scores {-difference:0.000} less than the champion, more than {HeldOutErrors:0} standard errors of {error:0.000}")
            : null;
        string reason = obstacle is null
            ? FormattableString.Invariant($"Promoted: {score.Value:0.000} against the champion over {score.Count} games, lower bounds {score.Lower:0.000} (Wilson) and {bootstrap.Lower:0.000} (resampled pairs).")
            : $"Not promoted: {obstacle}.";
        return new PromotionVerdict(obstacle is null, score, bootstrap, difference, error, reason);
    }

    private static string Text(FormattableString aboveHalf, double score) =>
        score > 0.5 ? aboveHalf.ToString(CultureInfo.InvariantCulture) : FormattableString.Invariant($"its score against the champion, {score:0.000}, is not above ½");
}
