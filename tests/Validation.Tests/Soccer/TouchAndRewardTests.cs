using Arena.Kernels.Environments.Soccer;
using Arena.Validation.Soccer;

namespace Arena.Validation.Tests.Soccer;

public class TouchAndRewardTests
{
    [Fact]
    public void A_pass_an_interception_and_a_short_touch()
    {
        SoccerMatch match = Given.Match(2);
        GameState state = match.Empty().Player(0, -0.6, 0);
        PlayerAction[] kick = match.Nothing().Kick(0, 0, 1);

        TickResult pass = match.Play(state.Touched(1, x: -3, y: 4), kick, 0);
        TickResult interception = match.Play(state.Touched(2, x: 3, y: 4), kick, 0);
        TickResult near = match.Play(state.Touched(1, x: 0.6, y: 0.7), kick, 0);

        // From (-3, 4) to (0, 0): 5 m.
        Assert.Equal(1, pass.Statistic(SoccerStatistic.Passes));
        Assert.Equal(5, pass.Statistic(SoccerStatistic.PassLength), Given.Close);
        Assert.Equal(1, interception.Statistic(SoccerStatistic.Interceptions));
        Assert.Equal(0, near.Statistic(SoccerStatistic.Passes));
        Assert.Equal(new LastTouch(0, 1, false, Vector.Zero, 0), pass.Next.Touch with { Way = 0 });
    }

    [Fact]
    public void A_dribble_needs_three_touches_and_two_metres_and_counts_once()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -0.6, 0);
        PlayerAction[] kick = match.Nothing().Kick(0, 0, 1);

        TickResult third = match.Play(state.Touched(0, streak: 2, way: 2.5), kick, 0);
        TickResult second = match.Play(state.Touched(0, streak: 1, way: 2.5), kick, 0);
        TickResult tooShort = match.Play(state.Touched(0, streak: 2, way: 1.5), kick, 0);
        TickResult again = match.Play(state with { Touch = third.Next.Touch }, kick, 0);

        Assert.Equal(1, third.Statistic(SoccerStatistic.Dribbles));
        Assert.Equal(0, second.Statistic(SoccerStatistic.Dribbles));
        Assert.Equal(0, tooShort.Statistic(SoccerStatistic.Dribbles));
        Assert.Equal(0, again.Statistic(SoccerStatistic.Dribbles));
        // 0.9 m of ball way in this tick.
        Assert.Equal(3.4, third.Next.Touch.Way, Given.Close);
    }

    [Theory]
    [InlineData(0.99, 0.1, 1)] // from (0, 0) to x = 8 at y = 0.81: inside 1.4
    [InlineData(0.9, 0.4, 0)] // y = 3.6
    [InlineData(-0.99, 0.1, 0)] // towards the own goal
    public void A_shot_is_a_kick_whose_ray_crosses_the_mouth(double x, double y, int shots)
    {
        SoccerMatch match = Given.Match();

        TickResult tick = match.Play(match.Empty().Player(0, -0.6, 0), match.Nothing().Kick(0, x, y), 0);

        Assert.Equal(shots, tick.Statistic(SoccerStatistic.Shots));
    }

    [Fact]
    public void A_goal_pays_its_side_and_costs_the_other()
    {
        SoccerMatch match = Given.Match(2, options => options.With(physics => physics with { BallDrag = 0 }));

        TickResult tick = match.Play(match.Empty().BallAt(9.8, 0, 10, 0), match.Nothing(), 0);

        // ½·(1 - (-1)) = 1. Progress: Φ = ((x + 10) - (10 - x)) / 20 = x / 10: 0.02·½·(1 + 1)·0.5.
        Assert.All(tick.RewardParts[..2], row => Assert.Equal(1, row[SoccerReward.Goal]));
        Assert.All(tick.RewardParts[2..], row => Assert.Equal(-1, row[SoccerReward.Goal]));
        Assert.Equal(0.01, tick.RewardParts[0][SoccerReward.BallProgress], Given.Close);
        Assert.Equal(-0.01, tick.RewardParts[3][SoccerReward.BallProgress], Given.Close);
    }

    [Fact]
    public void Credit_may_be_individual_and_need_not_cancel()
    {
        TickResult Play(SoccerCredit credit, bool zeroSum)
        {
            SoccerMatch match = Given.Match(2, options => options with { Credit = credit, ZeroSum = zeroSum, Rewards = new SoccerRewards { Touch = 1 } });
            return match.Play(match.Empty().Player(0, -0.6, 0).Touched(2, x: 0.1), match.Nothing().Kick(0, 0, 1), 0);
        }

        double[] Touch(TickResult tick) => [.. tick.RewardParts.Select(row => row[SoccerReward.Touch])];

        // Player 0 alone won the ball: values (1, 0 | 0, 0), means ½ and 0.
        Assert.Equal([0.25, 0.25, -0.25, -0.25], Touch(Play(SoccerCredit.Team, true)));
        Assert.Equal([0.5, 0, -0.25, -0.25], Touch(Play(SoccerCredit.Individual, true)));
        Assert.Equal([0.5, 0.5, 0, 0], Touch(Play(SoccerCredit.Team, false)));
        Assert.Equal([1, 0, 0, 0], Touch(Play(SoccerCredit.Individual, false)));
    }

    [Fact]
    public void Only_the_nearest_is_paid_for_coming_closer_and_everybody_pays_for_effort()
    {
        SoccerMatch match = Given.Match(2, options => options with { Rewards = new SoccerRewards { Exertion = 0.5f } });
        GameState state = match.Empty().Player(0, -3, 0).Player(1, -5, 0);

        TickResult tick = match.Play(state, match.Nothing().Move(0, 0.6, 0).Move(1, 1, 0), 0.5);

        // v = 0.72, way 0.072 m, weight half way from 0.05 to 0.01.
        Assert.Equal(0.072 * 0.03, tick.RewardParts[0][SoccerReward.ApproachBall], Given.Close);
        Assert.Equal(0, tick.RewardParts[1][SoccerReward.ApproachBall]);
        Assert.Equal(-0.18, tick.RewardParts[0][SoccerReward.Exertion], Given.Close);
        Assert.Equal(-0.5, tick.RewardParts[1][SoccerReward.Exertion], Given.Close);
    }

    [Fact]
    public void The_winner_is_paid_at_the_end()
    {
        SoccerMatch match = Given.Match(1, options => options with { MaxTicks = 10, Rewards = new SoccerRewards { Win = 3 } });

        TickResult won = match.Play(match.Empty() with { Tick = 9, Score = [1, 4] }, match.Nothing(), 0);
        TickResult drawn = match.Play(match.Empty() with { Tick = 9, Score = [2, 2] }, match.Nothing(), 0);

        Assert.Equal(-3, won.RewardParts[0][SoccerReward.Win]);
        Assert.Equal(3, won.RewardParts[1][SoccerReward.Win]);
        Assert.Equal(0, drawn.RewardParts[0][SoccerReward.Win]);
        Assert.Equal(0, drawn.Statistic(SoccerStatistic.Winner));
    }

    [Fact]
    public void Possession_bins_and_distance_are_counted_every_tick()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(1, 3, 3, 0, -2).BallAt(-7.9, 3).Touched(1);

        TickResult tick = match.Play(state, match.Nothing(), 0);

        // 0.85·2·0.1 m; bin 16·0.1/16 = 0.1.
        Assert.Equal(0.17, tick.Statistic(SoccerStatistic.Distance, 1), Given.Close);
        Assert.Equal(1, tick.Statistic(SoccerStatistic.Possession, 1));
        Assert.Equal(1, tick.Statistic(SoccerStatistic.BallBins));
        Assert.Equal(1, tick.Statistic(SoccerStatistic.Ticks));
    }

    [Fact]
    public void An_observation_row_is_what_the_table_says()
    {
        SoccerMatch match = Given.Match(2);
        GameState state = match.Empty().Player(0, -5, 1).Player(1, 0, -2).Player(2, 4, 2, 2, -1).Player(3, 5, 0).BallAt(2, 2, 6, -3)
            with
        { Score = [1, 3], Tick = 100, Nearest = [1, 0] };

        double[] row = match.Observe(state, 2);

        // Side B sees all turned: own (-4, -2), ball offset (2, 0), ball velocity (-6, 3), own velocity (-2, 1). Pitch 10 × 6.5.
        double[] self = [-0.4, -2 / 6.5, -0.5, 0.25, 2 / 3.5, 0, -0.5, 0.25, 14 / 20.0, 2 / 20.0, -6 / 20.0, 2 / 20.0, 0.4, 0.75];
        // Teammate 3 at (-5, 0): offset (-1, 2). Opponent 0 at (5, -1): offset (9, 1). Opponent 1 at (0, 2): offset (4, 4).
        double[] mate = [-0.05, 0.1, 0.25, -0.125, Math.Sqrt(5) / 20, 1, 0];
        double[] first = [0.45, 0.05, 0.25, -0.125, Math.Sqrt(82) / 20, 0, 0];
        double[] second = [0.2, 0.2, 0.25, -0.125, Math.Sqrt(32) / 20, 0, 1];
        double[] expected = [.. self, .. mate, .. first, .. second];
        Assert.Equal(expected.Length, row.Length);
        for (int i = 0; i < row.Length; i++) Assert.Equal(expected[i], row[i], 1e-12);
    }

    [Fact]
    public void Entities_are_the_same_facts_as_records()
    {
        GameState state = Given.Match(3).Begin(5).BallAt(1, 2, 3, 4);
        double[] flat = Given.Match(3).Observe(state, 4);
        double[] entities = Given.Match(3, options => options with { Observation = SoccerObservation.Entities }).Observe(state, 4);

        Assert.Equal(SoccerEntities.Length(3), entities.Length);
        Assert.Equal([.. flat[..4], flat[12], flat[13], 0, 1], entities[..8]);
        Assert.Equal([.. flat[4..8], 0, 0, 0, 1], entities[8..16]);
        Assert.Equal([.. flat[8..12], 0, 0, 0, 1], entities[16..24]);
        for (int other = 0; other < 5; other++)
            Assert.Equal([.. flat[(14 + 7 * other)..(21 + 7 * other)], 1], entities[(24 + 8 * other)..(32 + 8 * other)]);
    }
}
