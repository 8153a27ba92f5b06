using Arena.Kernels.Random;
using Arena.Policy.SelfPlay;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;
using Interval = Arena.Policy.SelfPlay.Interval;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>Resampled pairs, and who becomes champion.</summary>
public class PromotionTests
{
    // Two pairs, won and lost: a resample has both, the first twice or the second twice with ½, ¼, ¼; so 2.5 % bounds are 0 and 1.
    [Fact]
    public void Few_pairs_agree_with_what_is_worked_by_hand()
    {
        Interval two = PairBootstrap.Of(Pairs(lost: 1, won: 1), 1);
        Assert.Equal((0.5, 0.0, 1.0), (two.Value, two.Lower, two.Upper));
        // One pair lost in 200: the number of times it is drawn is Poisson with mean 1; P(≥ 4) = 1.9 %, P(≥ 3) = 8 %, so 3 at the 2.5 % bound; never: 37 %.
        Interval many = PairBootstrap.Of(Pairs(lost: 1, won: 199), 1);
        Assert.Equal((197.0 / 200, 1.0), (many.Lower, many.Upper));
        // All alike: resampling knows no other result. That is why Wilson is asked too.
        Assert.Equal(1, PairBootstrap.Of(Pairs(won: 1), 1).Lower);
        Interval none = PairBootstrap.Of(new GamePairs(), 1);
        Assert.Equal((0, 1), (none.Lower, none.Upper));
    }

    [Fact]
    public void Many_pairs_agree_with_the_normal_interval_of_the_pairs()
    {
        GamePairs games = Pairs(lost: 60, quarter: 20, half: 40, threeQuarters: 60, won: 76);
        Interval drawn = PairBootstrap.Of(games, 3), normal = games.PairScore;
        Assert.Equal(normal.Value, drawn.Value, 12);
        Assert.Equal(normal.Lower, drawn.Lower, tolerance: 0.004); // a tenth of its half width
        Assert.Equal(normal.Upper, drawn.Upper, tolerance: 0.004);
    }

    [Fact]
    public void The_seed_decides_and_the_order_of_pairs_does_not()
    {
        var forward = new GamePairs();
        var backward = new GamePairs();
        for (int i = 0; i < 90; i++) forward.Add(i % 3 / 2.0, i % 2);
        for (int i = 89; i >= 0; i--) backward.Add(i % 3 / 2.0, i % 2);
        Assert.Equal(PairBootstrap.Of(forward, 8), PairBootstrap.Of(backward, 8));
        Assert.Contains(Enumerable.Range(0, 20), seed => PairBootstrap.Of(forward, (ulong)seed, 200) != PairBootstrap.Of(forward, 8, 200));
    }

    /// <summary>An interval of 95 % misses the truth about one time in twenty; drawing games instead of pairs would be wrong where sides matter.</summary>
    [Fact]
    public void The_interval_contains_the_planted_score_as_often_as_it_says()
    {
        int ladders = TestSize.Of(200, 1000), missed = 0;
        for (uint ladder = 0; ladder < ladders; ladder++)
        {
            var games = new GamePairs();
            for (uint pair = 0; pair < 100; pair++)
            {
                UInt4 words = Philox.Block(new UInt4(ladder, pair, 0, 0), 9, 9);
                games.Add(Philox.Uniform(words.X) < 0.8f ? 1 : 0, Philox.Uniform(words.Y) < 0.4f ? 1 : 0); // side 0 is the better one; 0.6 over both
            }

            Interval interval = PairBootstrap.Of(games, ladder, 1000);
            if (interval.Lower > 0.6 || interval.Upper < 0.6) missed++;
        }

        Assert.InRange((double)missed / ladders, 0.01, 0.11);
    }

    // 256 games: 144 points have a Wilson bound above ½, 143½ have not.
    [Fact]
    public void The_gate_opens_at_144_points_of_256()
    {
        Assert.True(PromotionGate.Judge(Of256(288), 1).Promoted);
        PromotionVerdict below = PromotionGate.Judge(Of256(287), 1);
        Assert.False(below.Promoted);
        Assert.Contains("(Wilson)", below.Reason);
        Assert.Contains("is not above ½", PromotionGate.Judge(Of256(256), 1).Reason);
        Assert.Contains("has not played", PromotionGate.Judge(new GamePairs(), 1).Reason);
        Assert.False(PromotionGate.Judge(new GamePairs(), 1).Promoted);
    }

    [Fact]
    public void A_lucky_few_are_no_champions()
    {
        Assert.False(PromotionGate.Judge(Pairs(won: 1), 1).Promoted); // the bootstrap alone would have promoted it
        Assert.True(PairBootstrap.Of(Pairs(won: 1), 1).Lower > 0.5);
        Assert.True(PromotionGate.Judge(Pairs(won: 4), 1).Promoted); // eight wins of eight: 0.676 by Wilson
    }

    // Wilson takes a draw for half a win, so pairs that scatter more than that are caught by resampling only.
    [Fact]
    public void Both_bounds_are_asked()
    {
        GamePairs games = Pairs(lost: 100, won: 156); // pairs won or lost as a whole: 312 of 512 games, but only 256 independent results
        PromotionVerdict verdict = PromotionGate.Judge(games, 1);
        Assert.True(verdict.Score.Lower > 0.5 && verdict.Bootstrap.Lower > 0.5);
        PromotionVerdict fewer = PromotionGate.Judge(Pairs(lost: 115, won: 141), 1);
        Assert.True(fewer.Score.Lower > 0.5);
        Assert.False(fewer.Promoted);
        Assert.Contains("resampled pairs", fewer.Reason);
    }

    [Fact]
    public void A_candidate_that_forgot_the_held_out_opponents_stays_out()
    {
        GamePairs strong = Pairs(lost: 20, won: 108), same = Pairs(lost: 64, won: 64), less = Pairs(lost: 68, won: 60), much = Pairs(lost: 90, won: 38);
        Assert.True(PromotionGate.Judge(strong, 1, new HeldOutGames(less, same)).Promoted); // 0.03 less with an error of 0.06
        PromotionVerdict verdict = PromotionGate.Judge(strong, 1, new HeldOutGames(much, same));
        Assert.False(verdict.Promoted);
        Assert.Contains("held-out", verdict.Reason);
        Assert.Equal((38 - 64) / 128.0, verdict.HeldOutDifference, 12);
        // Each score has the variance p(1 − p)·n/(n − 1)/n.
        Assert.Equal(Math.Sqrt((0.296875 * 0.703125 + 0.25) / 127), verdict.HeldOutError, 12);
        Assert.False(PromotionGate.Judge(strong, 1, new HeldOutGames(Pairs(won: 1), same)).Promoted); // one pair has no error: unknown is not good enough
        Assert.False(PromotionGate.Judge(strong, 1, new HeldOutGames(new GamePairs(), same)).Promoted);
    }

    [Fact]
    public void One_more_point_never_closes_the_gate() =>
        Prop.ForAll(Gen.Choose(0, 60).Three().ToArbitrary(), counts =>
        {
            (int lost, int half, int won) = counts;
            if (lost == 0) return;
            if (PromotionGate.Judge(Pairs(lost: lost, half: half, won: won), 1).Promoted)
                Assert.True(PromotionGate.Judge(Pairs(lost: lost - 1, half: half, won: won + 1), 1).Promoted);
        }).Check(TestSize.Cases(10, 500));

    private static GamePairs Of256(int halfPoints)
    {
        var games = new GamePairs();
        for (int pair = 0; pair < 128; pair++)
        {
            int mine = halfPoints / 128 + (pair < halfPoints % 128 ? 1 : 0); // spread evenly over the pairs
            games.Add(Math.Min(mine, 2) / 2.0, Math.Max(mine - 2, 0) / 2.0);
        }

        return games;
    }

    private static GamePairs Pairs(int lost = 0, int quarter = 0, int half = 0, int threeQuarters = 0, int won = 0)
    {
        var games = new GamePairs();
        foreach ((int count, double first, double second) in new[] { (lost, 0.0, 0.0), (quarter, 0.5, 0), (half, 1, 0), (threeQuarters, 0.5, 1), (won, 1, 1) })
            for (int i = 0; i < count; i++) games.Add(first, second);
        return games;
    }
}
