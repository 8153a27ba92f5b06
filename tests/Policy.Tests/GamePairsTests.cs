using Arena.Policy.SelfPlay;

namespace Arena.Policy.Tests;

public class GamePairsTests
{
    [Fact]
    public void Wins_draws_and_losses_of_both_games_of_a_pair_are_counted()
    {
        var pairs = new GamePairs();
        pairs.Add(1, 0.5);
        pairs.Add(0, 1);
        pairs.Add(0.5, 0.5);
        Assert.Equal((3, 6, 2, 3, 1), (pairs.Pairs, pairs.Games, pairs.Wins, pairs.Draws, pairs.Losses));
        Assert.Equal(3.5, pairs.Points);
        Assert.Equal(Wilson.Of(3.5, 6), pairs.Score);
    }

    [Fact]
    public void An_undecided_game_may_be_worth_any_24th()
    {
        var pairs = new GamePairs();
        pairs.Add(13.0 / 24, 1 - 5.0 / 24);
        Assert.Equal((0, 2, 0), (pairs.Wins, pairs.Draws, pairs.Losses));
        Assert.Equal((13 + 19) / 24.0, pairs.Points, 12);
        Assert.Equal(1, pairs.PairsBySteps[13 + 19]);
        Assert.Throws<ArgumentOutOfRangeException>(() => pairs.Add(1.0 / 25, 0));
    }

    [Fact]
    public void An_advantage_of_one_side_cancels_within_each_pair()
    {
        // Whoever plays side 0 wins: the pair scores ½ for certain, though single games scatter.
        var pairs = new GamePairs();
        for (int i = 0; i < 50; i++) pairs.Add(1, 0);
        Assert.Equal(0.5, pairs.PairScore.Value);
        Assert.Equal(0, pairs.PairScore.HalfWidth, 12);
        Assert.True(pairs.Score.HalfWidth > 0.09);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_score_that_is_neither_win_draw_nor_loss_is_refused_and_nothing_is_counted(double score)
    {
        var pairs = new GamePairs();
        Assert.Throws<ArgumentOutOfRangeException>(() => pairs.Add(1, score));
        Assert.Equal((0, 0), (pairs.Pairs, pairs.Wins));
    }

    [Fact]
    public void Mean_and_interval_agree_with_a_hand_worked_case()
    {
        // 1, 2, 3, 4: mean 2.5, s² = 5/3, reach 3.1824·√(5/3)/2 with the t of 3 degrees of freedom.
        var estimate = new MeanEstimate();
        foreach (double value in new[] { 1.0, 2, double.NaN, 3, 4 }) estimate.Add(value);
        Assert.Equal(4, estimate.Count);
        Assert.Equal(2.5, estimate.Mean, 12);
        Assert.Equal(3.182446 * Math.Sqrt(5.0 / 3) / 2, estimate.Interval.HalfWidth, 6);
    }

    [Fact]
    public void A_small_variance_of_large_numbers_is_not_lost()
    {
        var estimate = new MeanEstimate();
        for (int i = 0; i < 1000; i++) estimate.Add(1e9 + i % 2);
        Assert.Equal(0.50025, estimate.StandardDeviation, tolerance: 1e-5);
    }

    [Fact]
    public void Without_samples_the_mean_is_undefined_and_with_one_its_interval_is()
    {
        var estimate = new MeanEstimate();
        Assert.True(double.IsNaN(estimate.Mean));
        estimate.Add(3);
        Assert.Equal(3, estimate.Mean);
        Assert.True(double.IsNaN(estimate.Interval.Lower));
    }

    [Fact]
    public void A_pair_with_one_undefined_value_counts_the_other()
    {
        var estimate = new MeanEstimate();
        estimate.AddPair(double.NaN, 4);
        estimate.AddPair(1, 3);
        estimate.AddPair(double.NaN, double.NaN);
        Assert.Equal((2, 3.0), (estimate.Count, estimate.Mean));
    }
}
