using Arena.Kernels.Learning;
using Arena.Kernels.Random;

namespace Arena.Policy.SelfPlay;

/// <summary>How far a score of side-balanced games may be luck, by drawing the pairs again.</summary>
/// <remarks>
/// Efron 1979, percentile bounds: n pairs are drawn with replacement from the n that were played, 10,000 times, and the
/// bounds leave 2.5 % of the means outside at each end. Drawing pairs and not games keeps the two games of a seed together. Draws are Philox
/// and depend on the seed and on how many pairs had which score, not on their order.
/// </remarks>
public static class PairBootstrap
{
    /// <summary>Resamples.</summary>
    public const int Resamples = 10_000;

    private const int OutsidePerMille = 25; // on each side; 95 % between

    /// <summary>Score with its interval; 0..1 without games.</summary>
    /// <param name="games">What was played.</param>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="resamples">Resamples, at least 40: an end of 2.5 % holds one.</param>
    public static Interval Of(GamePairs games, ulong seed, int resamples = Resamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1000 / OutsidePerMille);
        int pairs = games.Pairs;
        if (pairs == 0) return new Interval(double.NaN, 0, 1, 0);
        int whole = GamePairs.PairScores - 1;
        var sums = new int[whole * pairs + 1]; // how many resamples had this sum of quarters
        for (int resample = 0; resample < resamples; resample++) sums[Sum(games.PairsByScore, pairs, seed, resample)]++;
        int outside = (int)((long)resamples * OutsidePerMille / 1000);
        int lower = 0, upper = sums.Length - 1;
        for (int seen = sums[lower]; seen < outside;) seen += sums[++lower];
        for (int seen = sums[upper]; seen < outside;) seen += sums[--upper];
        double scale = 1.0 / (whole * pairs);
        return new Interval(games.Points / games.Games, lower * scale, upper * scale, games.Games);
    }

    // Pairs are thought of as sorted by score, so an index below the running count of a score has it.
    private static int Sum(ReadOnlySpan<int> byScore, int pairs, ulong seed, int resample)
    {
        int below1 = byScore[0], below2 = below1 + byScore[1], below3 = below2 + byScore[2], below4 = below3 + byScore[3];
        int sum = 0;
        for (int first = 0; first < pairs; first += 4)
        {
            uint block = (uint)first / 4;
            UInt4 words = LearnerRandom.Draw(seed, block >> 16, (ulong)resample, LearnerPurpose.Bootstrap, block & 0xFFFF);
            sum += Score(words.X);
            if (first + 1 < pairs) sum += Score(words.Y);
            if (first + 2 < pairs) sum += Score(words.Z);
            if (first + 3 < pairs) sum += Score(words.W);
        }

        return sum;

        int Score(uint word)
        {
            int index = Philox.Below(word, pairs);
            return index < below2 ? (index < below1 ? 0 : 1) : index < below3 ? 2 : index < below4 ? 3 : 4;
        }
    }
}
