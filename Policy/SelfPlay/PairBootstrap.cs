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
        int[] sorted = Sorted(games);
        const int Whole = 2 * GamePairs.Steps;
        var sums = new int[Whole * pairs + 1]; // how many resamples had this sum of steps
        for (int resample = 0; resample < resamples; resample++) sums[Sum(sorted, seed, resample)]++;
        int outside = (int)((long)resamples * OutsidePerMille / 1000);
        int lower = 0, upper = sums.Length - 1;
        for (int seen = sums[lower]; seen < outside;) seen += sums[++lower];
        for (int seen = sums[upper]; seen < outside;) seen += sums[--upper];
        double all = (double)Whole * pairs;
        return new Interval(games.Points / games.Games, lower / all, upper / all, games.Games);
    }

    // The score of every pair in steps, ascending: which pair had it does not matter.
    private static int[] Sorted(GamePairs games)
    {
        var sorted = new int[games.Pairs];
        int at = 0;
        for (int score = 0; score < games.PairsBySteps.Length; score++)
            for (int pair = 0; pair < games.PairsBySteps[score]; pair++) sorted[at++] = score;
        return sorted;
    }

    private static int Sum(int[] sorted, ulong seed, int resample)
    {
        int sum = 0;
        for (int first = 0; first < sorted.Length; first += 4)
        {
            uint block = (uint)first / 4;
            UInt4 words = LearnerRandom.Draw(seed, block >> 16, (ulong)resample, LearnerPurpose.Bootstrap, block & 0xFFFF);
            sum += Score(words.X);
            if (first + 1 < sorted.Length) sum += Score(words.Y);
            if (first + 2 < sorted.Length) sum += Score(words.Z);
            if (first + 3 < sorted.Length) sum += Score(words.W);
        }

        return sum;

        int Score(uint word) => sorted[Philox.Below(word, sorted.Length)];
    }
}
