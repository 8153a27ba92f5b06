using Arena.Kernels.Learning;
using Arena.Kernels.Random;

namespace Arena.Policy.SelfPlay;

/// <summary>Whom to meet how often, and who is at hand when there are more opponents than slots.</summary>
public static class OpponentDraw
{
    private const uint PoolBlock = 1; // block 0 belongs to the matches

    /// <summary>Share of games p_i that each opponent should get; sums to 1.</summary>
    /// <param name="choice">The rule.</param>
    /// <param name="uniformShare">f: with <see cref="OpponentChoice.Prioritised"/>, p = (1 − f)·w/Σw + f/n with w = (1 − score)².</param>
    /// <param name="scores">(n) the learner's score against each, 0..1; oldest opponent first.</param>
    /// <param name="shares">(n) out.</param>
    public static void Shares(OpponentChoice choice, double uniformShare, ReadOnlySpan<double> scores, Span<double> shares)
    {
        int n = scores.Length;
        double total = 0;
        for (int i = 0; i < n; i++)
        {
            double loss = 1 - scores[i];
            shares[i] = choice switch
            {
                OpponentChoice.Prioritised => loss * loss,
                OpponentChoice.RecentHalf => i >= n / 2 ? 1 : 0,
                _ => 1,
            };
            total += shares[i];
        }

        double floor = choice == OpponentChoice.Prioritised ? uniformShare : 0;
        for (int i = 0; i < n; i++) shares[i] = total > 0 ? (1 - floor) * shares[i] / total + floor / n : 1.0 / n;
    }

    /// <summary>Draws at most <paramref name="slots"/> opponents so that, with games given out by the returned weights, each gets its share on average.</summary>
    /// <remarks>
    /// Systematic sampling without replacement: opponent i is drawn with probability π_i = min(1, c·p_i), c such that they
    /// sum to the number of slots, and its weight is p_i / π_i. So π_i · p_i/π_i = p_i, and the weights of every draw sum to 1.
    /// Neighbours in age are seldom drawn together. With no more opponents than slots all are drawn and weights are shares.
    /// </remarks>
    /// <param name="shares">(n) from <see cref="Shares"/>.</param>
    /// <param name="slots">Opponents wanted.</param>
    /// <param name="uniform">A number in (0, 1).</param>
    /// <param name="weights">(n) out: weight of those drawn, 0 for the others.</param>
    public static void Sample(ReadOnlySpan<double> shares, int slots, double uniform, Span<double> weights)
    {
        double scale = Scale(shares, slots);
        double reached = 0, next = uniform;
        for (int i = 0; i < shares.Length; i++)
        {
            weights[i] = 0;
            if (shares[i] == 0) continue;
            double probability = scale * shares[i];
            if (probability >= 1)
            {
                weights[i] = shares[i];
                continue;
            }

            reached += probability;
            if (reached <= next) continue;
            weights[i] = 1 / scale;
            next += 1;
        }
    }

    /// <summary>The number in (0, 1) that an update's draw of opponents rests on.</summary>
    internal static double Uniform(ulong seed, long update)
    {
        UInt4 words = LearnerRandom.Draw(seed, 0, (ulong)update, LearnerPurpose.OpponentAssignment, PoolBlock);
        return ((((ulong)words.X << 32 | words.Y) >> 12) + 0.5) * (1.0 / (1L << 52));
    }

    // c: those with c·p ≥ 1 are certain and take a slot each; the others share the rest, which may make more of them certain.
    private static double Scale(ReadOnlySpan<double> shares, int slots)
    {
        double scale = 0;
        while (true)
        {
            int certain = 0, others = 0;
            double rest = 0;
            foreach (double share in shares)
            {
                if (share == 0) continue;
                if (scale * share >= 1)
                {
                    certain++;
                    continue;
                }

                others++;
                rest += share;
            }

            if (certain + others <= slots) return double.PositiveInfinity;
            double larger = (slots - certain) / rest;
            if (larger <= scale) return scale;
            scale = larger;
        }
    }
}
