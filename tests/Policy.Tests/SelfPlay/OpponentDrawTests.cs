using Arena.Policy.SelfPlay;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>Whom the learner meets how often.</summary>
public class OpponentDrawTests
{
    // Scores 0, ½, 1: weights 1, ¼, 0, so 0.8, 0.2, 0; with a floor of 0.06 of 3 opponents: 0.94·0.8 + 0.02 and so on.
    [Fact]
    public void Prioritised_shares_agree_with_a_case_worked_by_hand()
    {
        double[] shares = Shares(OpponentChoice.Prioritised, 0.06, 0, 0.5, 1);
        Assert.Equal(0.772, shares[0], 12);
        Assert.Equal(0.208, shares[1], 12);
        Assert.Equal(0.02, shares[2], 12);
        Assert.Equal([1.0 / 3, 1.0 / 3, 1.0 / 3], Shares(OpponentChoice.Uniform, 0.06, 0, 0.5, 1));
        Assert.Equal([0, 0.5, 0.5], Shares(OpponentChoice.RecentHalf, 0.06, 0, 0.5, 1));
        Assert.Equal([0.5, 0.5], Shares(OpponentChoice.Prioritised, 0.05, 1, 1)); // all beaten: all alike
    }

    [Fact]
    public void A_stronger_opponent_is_never_met_less() =>
        Prop.ForAll(Scores(2, 20), scores =>
        {
            double[] shares = Shares(OpponentChoice.Prioritised, 0.05, scores);
            Assert.Equal(1, shares.Sum(), 9);
            for (int i = 1; i < scores.Length; i++)
                if (scores[i] <= scores[i - 1]) Assert.True(shares[i] >= shares[i - 1] - 1e-12);
            Assert.True(shares.Min() >= 0.05 / scores.Length - 1e-12);
        }).Check(TestSize.Cases(100, 2000));

    /// <summary>Averaged over the draw, slot weights give every opponent exactly its share: the property the whole scheme rests on.</summary>
    [Fact]
    public void On_average_everybody_gets_their_share_and_every_draw_gives_out_all_games() =>
        Prop.ForAll(Scores(1, 30), scores =>
        {
            const int Draws = 4000, Slots = 8;
            double[] shares = Shares(OpponentChoice.Prioritised, 0.05, scores), weights = new double[scores.Length], mean = new double[scores.Length];
            for (int draw = 0; draw < Draws; draw++)
            {
                OpponentDraw.Sample(shares, Slots, (draw + 0.5) / Draws, weights);
                Assert.Equal(Math.Min(Slots, scores.Length), weights.Count(weight => weight > 0));
                Assert.Equal(1, weights.Sum(), 9);
                for (int i = 0; i < weights.Length; i++) mean[i] += weights[i] / Draws;
            }

            for (int i = 0; i < shares.Length; i++) Assert.InRange(mean[i], shares[i] - 1e-3, shares[i] + 1e-3);
        }).Check(TestSize.Cases(20, 300));

    // Weights twice, in the draw of the slots and again in the draw of the games, would meet the strongest too often.
    [Fact]
    public void Giving_out_games_by_share_among_those_drawn_would_miss_the_shares()
    {
        double[] scores = [.. Enumerable.Range(0, 20).Select(i => i / 20.0)], shares = Shares(OpponentChoice.Prioritised, 0.05, scores);
        double[] weights = new double[20], mean = new double[20];
        for (int draw = 0; draw < 1000; draw++)
        {
            OpponentDraw.Sample(shares, 4, (draw + 0.5) / 1000, weights);
            double drawn = shares.Where((_, i) => weights[i] > 0).Sum();
            for (int i = 0; i < 20; i++) mean[i] += weights[i] > 0 ? shares[i] / drawn / 1000 : 0;
        }

        Assert.True(mean[0] > 1.1 * shares[0], $"{mean[0]} for a share of {shares[0]}");
    }

    private static double[] Shares(OpponentChoice choice, double floor, params double[] scores)
    {
        var shares = new double[scores.Length];
        OpponentDraw.Shares(choice, floor, scores, shares);
        return shares;
    }

    private static Arbitrary<double[]> Scores(int least, int most) =>
        Gen.Choose(0, 1000).Select(score => score / 1000.0).ArrayOf().Where(scores => scores.Length >= least && scores.Length <= most).ToArbitrary();
}
