using Arena.Policy.SelfPlay;

namespace Arena.Policy.Tests;

public class WilsonTests
{
    // Fewest points, in halves, whose lower bound lies above the target.
    [Theory]
    [InlineData(256, 0.50, 144)]
    [InlineData(256, 0.60, 169)]
    [InlineData(256, 0.80, 217.5)]
    [InlineData(256, 0.90, 240)]
    [InlineData(256, 0.95, 250.5)]
    [InlineData(1024, 0.50, 543.5)]
    [InlineData(1024, 0.60, 645.5)]
    [InlineData(1024, 0.80, 844.5)]
    [InlineData(1024, 0.90, 940.5)]
    [InlineData(1024, 0.95, 986.5)]
    [InlineData(4096, 0.50, 2111)]
    [InlineData(4096, 0.60, 2519.5)]
    [InlineData(4096, 0.80, 3327)]
    [InlineData(4096, 0.90, 3724.5)]
    [InlineData(4096, 0.95, 3919)]
    public void The_points_needed_for_a_lower_bound_above_the_target_are_known(int games, double target, double points)
    {
        Assert.True(Wilson.Of(points, games).Lower > target);
        Assert.False(Wilson.Of(points - 0.5, games).Lower > target);
    }

    [Fact]
    public void A_hand_worked_interval_agrees()
    {
        // 8 of 10: p = 0.8, z² = 3.8416. Centre (0.8 + 0.19208) / 1.38416 = 0.716738...,
        // reach 1.96·√(0.016 + 0.009604) / 1.38416 = 0.226577...
        Interval interval = Wilson.Of(8, 10);
        Assert.Equal(0.8, interval.Value, 12);
        Assert.Equal(0.716738 - 0.226577, interval.Lower, 5);
        Assert.Equal(0.716738 + 0.226577, interval.Upper, 5);
    }

    [Fact]
    public void Bounds_stay_inside_zero_and_one_and_contain_the_score()
    {
        for (int games = 1; games <= 64; games++)
            for (double points = 0; points <= games; points += 0.5)
            {
                Interval interval = Wilson.Of(points, games);
                Assert.InRange(interval.Lower, 0, interval.Value + 1e-12);
                Assert.InRange(interval.Upper, interval.Value - 1e-12, 1);
            }
    }

    [Fact]
    public void Exchanging_winner_and_loser_mirrors_the_interval()
    {
        Interval won = Wilson.Of(200.5, 256), lost = Wilson.Of(55.5, 256);
        Assert.Equal(won.Lower, 1 - lost.Upper, 12);
        Assert.Equal(won.Upper, 1 - lost.Lower, 12);
    }

    [Fact]
    public void Without_games_anything_is_possible()
    {
        Interval interval = Wilson.Of(0, 0);
        Assert.True(double.IsNaN(interval.Value));
        Assert.Equal((0, 1), (interval.Lower, interval.Upper));
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(11, 10)]
    [InlineData(double.NaN, 10)]
    [InlineData(0, -1)]
    public void Impossible_counts_are_refused(double points, long games) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Wilson.Of(points, games));
}
