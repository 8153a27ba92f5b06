using Arena.Kernels.Environments.Soccer;
using Arena.Validation.Soccer;

namespace Arena.Validation.Tests.Soccer;

public class BallRuleTests
{
    private static SoccerOptions NoDrag(SoccerOptions options) => options.With(physics => physics with { BallDrag = 0 });

    [Fact]
    public void A_free_ball_drags_and_rolls()
    {
        SoccerMatch match = Given.Match();

        GameState next = match.Next(match.Empty().BallAt(1, 1, 5, -2), match.Nothing());

        // v·(1 - 0.6·0.1) = v·0.94
        Given.Near(4.7, -1.88, next.Ball.Velocity);
        Given.Near(1.47, 0.812, next.Ball.Position);
    }

    [Fact]
    public void A_kick_sets_the_balls_velocity()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -0.6, 0).BallAt(0, 0, 3, 3);

        TickResult tick = match.Play(state, match.Nothing().Kick(0, 0.6, -0.8), 0);

        // 9·(0.6, -0.8), whatever it was; the kicker is no obstacle. The ray from (0, 0) meets x = 8 at y = -10.7: no shot.
        Given.Near(5.4, -7.2, tick.Next.Ball.Velocity);
        Given.Near(0.54, -0.72, tick.Next.Ball.Position);
        Assert.Equal(new LastTouch(0, 1, false, Vector.Zero, 0.9), tick.Next.Touch with { Way = Math.Round(tick.Next.Touch.Way, 6) });
        Assert.Equal(1, tick.Statistic(SoccerStatistic.Touches));
        Assert.Equal(0, tick.Statistic(SoccerStatistic.Shots));
    }

    [Fact]
    public void A_kick_needs_reach_and_strength()
    {
        SoccerMatch match = Given.Match();

        TickResult far = match.Play(match.Empty().Player(0, -0.8, 0), match.Nothing().Kick(0, 1, 0), 0);
        TickResult weak = match.Play(match.Empty().Player(0, -0.6, 0), match.Nothing().Kick(0, 0.09, 0), 0);

        Assert.Equal(SoccerConstants.Nobody, far.Next.Touch.Agent);
        Assert.Equal(SoccerConstants.Nobody, weak.Next.Touch.Agent);
    }

    [Theory]
    [InlineData(KickRule.Nearest, 9, 0)] // player 0 at 0.5 m, kicks (1, 0)
    [InlineData(KickRule.Average, 4.5, 4.5)] // ((1, 0) + (0, 1)) / 2 · 9
    [InlineData(KickRule.Sum, 8.48528137, 8.48528137)] // (9, 9), limited to 12
    public void Two_kicks_combine_by_the_rule(KickRule rule, double x, double y)
    {
        SoccerMatch match = Given.Match(2, options => options.With(physics => physics with { KickRule = rule }));
        GameState state = match.Empty().Player(0, -0.5, 0).Player(1, 0, 0.7);

        GameState next = match.Next(state, match.Nothing().Kick(0, 1, 0).Kick(1, 0, 1));

        Given.Near(x, y, next.Ball.Velocity);
        Assert.Equal(0, next.Touch.Agent);
    }

    [Fact]
    public void A_tie_across_sides_means_both_and_goes_to_who_did_not_touch_last()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -0.6, 0).Player(1, 0.6, 0);
        // In the world: A kicks (1, 0), B kicks (0, -1) as (0, 1) in its frame. Mean (0.5, -0.5)·9.
        PlayerAction[] actions = match.Nothing().Kick(0, 1, 0).Kick(1, 0, 1);

        TickResult fresh = match.Play(state, actions, 0);
        TickResult afterA = match.Play(state.Touched(0), actions, 0);

        Given.Near(4.5, -4.5, fresh.Next.Ball.Velocity);
        Assert.Equal(SoccerConstants.Nobody, fresh.Next.Touch.Agent);
        Assert.Equal(1, fresh.Statistic(SoccerStatistic.Touches, 0));
        Assert.Equal(1, fresh.Statistic(SoccerStatistic.Touches, 1));
        Assert.Equal(1, afterA.Next.Touch.Agent);
    }

    [Fact]
    public void A_near_tie_leaves_three_readings()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -0.6, 0).Player(1, 0.6 + 1e-7, 0);
        PlayerAction[] actions = match.Nothing().Kick(0, 0, 1).Kick(1, 0, 0.5);

        TickResult tick = match.Play(state, actions, 0);
        Vector[] velocities = [.. Enumerable.Range(0, tick.Readings).Select(reading => match.Play(state, actions, 0, reading).Next.Ball.Velocity)];

        // A kicks up at 9 m/s, B down at 4.5 m/s, both together up at 2.25 m/s.
        Assert.Null(tick.NearBoundary);
        Assert.Equal(3, velocities.Length);
        Given.Near(0, 9, velocities[0]);
        Given.Near(0, -4.5, velocities[1]);
        Given.Near(0, 2.25, velocities[2]);
    }

    [Fact]
    public void The_ball_bounces_off_the_side_line()
    {
        SoccerMatch match = Given.Match(1, NoDrag);

        GameState next = match.Next(match.Empty().BallAt(0, 4.5, 1, 10), match.Nothing());

        // Reaches y = 5 after 0.05 s; the other 0.05 s at -7: y = 4.65.
        Given.Near(0.1, 4.65, next.Ball.Position);
        Given.Near(1, -7, next.Ball.Velocity);
    }

    [Fact]
    public void The_ball_bounces_out_of_a_corner()
    {
        SoccerMatch match = Given.Match(1, NoDrag);

        GameState next = match.Next(match.Empty().BallAt(7.5, -4.5, 8, -8), match.Nothing());

        // Both lines after 0.0625 s; 0.0375 s at -5.6.
        Given.Near(8 - 0.21, -5 + 0.21, next.Ball.Position);
        Given.Near(-5.6, 5.6, next.Ball.Velocity);
    }

    [Fact]
    public void The_ball_bounces_off_a_standing_player()
    {
        SoccerMatch match = Given.Match(1, NoDrag);
        GameState state = match.Empty().Player(1, 1, 3).BallAt(0, 3, 10, 0);

        TickResult tick = match.Play(state, match.Nothing(), 0);

        // Disc of 0.5 m: reached at x = 0.5 after 0.05 s; then -7 for 0.05 s.
        Given.Near(0.15, 3, tick.Next.Ball.Position);
        Given.Near(-7, 0, tick.Next.Ball.Velocity);
        Assert.Equal(1, tick.Next.Touch.Agent);
        Assert.Equal(1, tick.Statistic(SoccerStatistic.Touches, 1));
    }

    [Fact]
    public void A_player_who_runs_away_faster_than_the_ball_is_not_touched()
    {
        SoccerMatch match = Given.Match(1, options => NoDrag(options).With(physics => physics with { PlayerDrag = 0 }));
        // After his move the player is at 1.0 with 4 m/s; the ball reaches x = 0.5 with 3 m/s: r = -(3 - 4) > 0.
        GameState state = match.Empty().Player(1, 0.6, 3, 4, 0).BallAt(0.3, 3, 3, 0);

        TickResult tick = match.Play(state, match.Nothing(), 0);

        // It rolls on to 0.6, overlapping by 0.1, and is moved out to 0.5.
        Given.Near(0.5, 3, tick.Next.Ball.Position);
        Given.Near(3, 0, tick.Next.Ball.Velocity);
        Assert.Equal(SoccerConstants.Nobody, tick.Next.Touch.Agent);
    }

    [Fact]
    public void Four_events_are_enough_for_one_move()
    {
        SoccerMatch match = Given.Match(1, options => NoDrag(options).With(physics => physics with { BallRestitution = 1, PlayerRadius = 0.4f, BallRadius = 0.09f }));
        // Two discs of radius 0.49 with centres 1 m apart leave a gap of 0.02 m: the ball bounces to and fro in it.
        GameState state = match.Empty().Player(0, -0.5, 3).Player(1, 0.5, 3).BallAt(0, 3, 12, 0);

        TickResult tick = match.Play(state, match.Nothing(), 0);

        // Contacts at +0.01, -0.01, +0.01, -0.01; there the move ends, with the velocity pointing to +x.
        Given.Near(-0.01, 3, tick.Next.Ball.Position);
        Given.Near(12, 0, tick.Next.Ball.Velocity);
        Assert.Equal(2, tick.Statistic(SoccerStatistic.Touches, 0));
        Assert.Equal(2, tick.Statistic(SoccerStatistic.Touches, 1));
    }

    [Fact]
    public void A_ball_at_rest_inside_two_players_is_pushed_out_by_both()
    {
        SoccerMatch match = Given.Match(2);
        GameState state = match.Empty().Player(0, -0.4, 3).Player(1, 0, 3.4).BallAt(0, 3);

        GameState next = match.Next(state, match.Nothing());

        // Pushes of 0.1 m along +x and along -y. The players are 0.57 m apart: they first move each other by 0.0671751.
        double push = (0.7 - 0.4 * Math.Sqrt(2)) / 2 / Math.Sqrt(2);
        var offset0 = new Vector(0.4 + push, push);
        var offset1 = new Vector(-push, -0.4 - push);
        Vector expected = offset0 * (0.5 / offset0.Length - 1) + offset1 * (0.5 / offset1.Length - 1);
        Given.Near(expected.X, 3 + expected.Y, next.Ball.Position);
        Assert.Equal(SoccerConstants.Nobody, next.Touch.Agent);
    }

    [Fact]
    public void A_push_never_scores()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, 7.7, 0).BallAt(7.9, 0);

        TickResult tick = match.Play(state, match.Nothing(), 0);

        // Pushed to 8.2 and back to the line.
        Given.Near(8, 0, tick.Next.Ball.Position);
        Assert.Null(tick.Scorer);
    }

    [Fact]
    public void Inside_two_discs_at_once_without_a_last_touch_the_move_ends()
    {
        SoccerMatch match = Given.Match(1, NoDrag);
        // The ball, 0.45 m from both, moves towards both; neither side touched before.
        GameState state = match.Empty().Player(0, 0.27, 3.36).Player(1, 0.27, 2.64).BallAt(0, 3, 6, 0);

        TickResult nobody = match.Play(state, match.Nothing(), 0);
        TickResult afterB = match.Play(state.Touched(1, x: 0, y: 3), match.Nothing(), 0);

        Given.Near(6, 0, nobody.Next.Ball.Velocity);
        Assert.Equal(SoccerConstants.Nobody, nobody.Next.Touch.Agent);
        Assert.True(afterB.Statistic(SoccerStatistic.Touches, 0) > 0);
    }
}
