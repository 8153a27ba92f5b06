using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Random;
using Arena.Validation.Soccer;

namespace Arena.Validation.Tests.Soccer;

public class GoalAndClockTests
{
    private static SoccerOptions NoDrag(SoccerOptions options) => options.With(physics => physics with { BallDrag = 0 });

    [Fact]
    public void Between_the_posts_it_is_a_goal_and_the_conceding_side_kicks_off()
    {
        SoccerMatch match = Given.Match(1, NoDrag);
        GameState state = match.Empty().BallAt(7.6, 1, 10, 2) with { Tick = 7 };

        TickResult tick = match.Play(state, match.Nothing(), 0);

        // x = 8 after 0.04 s, at y = 1.08 < 1.4: there the ball stays.
        Assert.Equal(0, tick.Scorer);
        Given.Near(8, 1.08, tick.Played.Ball.Position);
        UInt4 draw = Philox.Draw(1, 0, 0, 7, 0, SoccerPurpose.KickOff);
        // Side B conceded: its frame is turned.
        Given.Near(-0.5 * Philox.Symmetric(draw.X), -0.5 * Philox.Symmetric(draw.Y), tick.Next.Ball.Position);
        Given.Near(-0.4 * 8, 0, tick.Next.Players[0].Position);
        Given.Near(0.4 * 8, 0, tick.Next.Players[1].Position);
        Assert.Equal((1, 0), (tick.Next.Score[0], tick.Next.Score[1]));
        Assert.Equal(8, tick.Next.Tick);
        Assert.Equal(LastTouch.Nobody, tick.Next.Touch);
        Assert.All(tick.Next.BallHistory, seen => Assert.Equal(tick.Next.Ball, seen));
        Assert.False(tick.Ended);
    }

    [Fact]
    public void Beside_the_post_the_ball_bounces()
    {
        SoccerMatch match = Given.Match(1, NoDrag);

        TickResult tick = match.Play(match.Empty().BallAt(-7.6, 1.41, -10, 0), match.Nothing(), 0);

        // -8 after 0.04 s, then 0.06 s at +7.
        Assert.Null(tick.Scorer);
        Given.Near(-7.58, 1.41, tick.Next.Ball.Position);
        Given.Near(7, 0, tick.Next.Ball.Velocity);
    }

    [Fact]
    public void At_the_very_post_the_tick_is_set_apart()
    {
        SoccerMatch match = Given.Match(1, NoDrag);

        TickResult tick = match.Play(match.Empty().BallAt(-7.6, 1.4, -10, 0), match.Nothing(), 0);

        Assert.Contains("post", tick.NearBoundary);
    }

    [Theory]
    [InlineData(ClockEnd.Truncate, 0f, false, true)]
    [InlineData(ClockEnd.Terminate, 0f, true, false)]
    [InlineData(ClockEnd.Truncate, 1f, true, false)] // a reward for winning needs full time to be an end
    public void Full_time_reports_what_was_asked_for(ClockEnd clock, float win, bool terminated, bool truncated)
    {
        SoccerMatch match = Given.Match(1, options => options with { Clock = clock, Rewards = new SoccerRewards { Win = win }, MaxTicks = 20 });

        TickResult before = match.Play(match.Empty() with { Tick = 18 }, match.Nothing(), 0);
        TickResult last = match.Play(match.Empty() with { Tick = 19 }, match.Nothing(), 0);

        Assert.False(before.Ended);
        Assert.Equal((terminated, truncated), (last.Terminated, last.Truncated));
        Assert.Equal(1, last.Next.Episode);
        Assert.Equal(0, last.Next.Tick);
        Assert.All(last.Next.Statistics, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Desync_cuts_the_first_episode_only_and_always_truncates()
    {
        // Match 3 of 16: 32·4/16 = 8 ticks.
        var match = new SoccerMatch(new SoccerOptions { TeamSize = 1, MaxTicks = 32, Desync = true, Clock = ClockEnd.Terminate }, 1, 3);

        TickResult first = match.Play(match.Empty() with { Tick = 7 }, match.Nothing(), 0);
        TickResult second = match.Play(match.Empty() with { Tick = 7, Episode = 1 }, match.Nothing(), 0);

        Assert.Equal((false, true), (first.Terminated, first.Truncated));
        Assert.False(second.Ended);
    }

    [Fact]
    public void The_first_goal_may_end_the_match_without_a_kick_off()
    {
        SoccerMatch match = Given.Match(1, options => NoDrag(options) with { EndOnGoal = true });

        TickResult tick = match.Play(match.Empty().BallAt(-7.6, 0, -10, 0), match.Nothing(), 0);

        Assert.True(tick.Terminated);
        Assert.Equal(1, tick.Scorer);
        Given.Near(-8, 0, tick.Played.Ball.Position);
        Assert.Equal(-1, tick.Statistic(SoccerStatistic.Winner));
        Assert.Equal((0, 0), (tick.Next.Score[0], tick.Next.Score[1]));
    }

    [Fact]
    public void Goals_to_win_counts()
    {
        SoccerMatch match = Given.Match(1, options => NoDrag(options) with { GoalsToWin = 2 });
        GameState state = match.Empty().BallAt(7.6, 0, 10, 0);

        Assert.False(match.Play(state, match.Nothing(), 0).Ended);
        Assert.True(match.Play(state with { Score = [1, 0] }, match.Nothing(), 0).Terminated);
    }

    [Fact]
    public void Mirrored_jitter_is_the_same_in_both_frames_and_independent_jitter_is_not()
    {
        GameState mirrored = Given.Match(5).Begin(3);
        GameState independent = Given.Match(5, options => options with { Jitter = SoccerJitter.Independent }).Begin(3);

        for (int i = 0; i < 5; i++) Assert.Equal(-mirrored.Players[i].Position, mirrored.Players[5 + i].Position);
        Assert.NotEqual(-independent.Players[0].Position, independent.Players[5].Position);
        // Player 2 of five is the first of two in the middle line: (-0.4·16, -0.6·10) plus 0.5 m of his draw.
        UInt4 draw = Philox.Draw(1, 0, 3, 0, 2, SoccerPurpose.Jitter);
        Given.Near(-6.4 + 0.5 * Philox.Symmetric(draw.X), -6 + 0.5 * Philox.Symmetric(draw.Y), mirrored.Players[2].Position);
    }

    [Fact]
    public void A_random_start_blends_by_difficulty()
    {
        SoccerOptions Half(SoccerOptions options) => options with { RandomStart = 1, Difficulty = 0.5f };
        GameState formation = Given.Match(3).Begin(0);
        GameState blended = Given.Match(3, Half).Begin(0);

        UInt4 player = Philox.Draw(1, 0, 0, 0, 4, SoccerPurpose.RandomStart);
        UInt4 ball = Philox.Draw(1, 0, 0, 0, SoccerPurpose.BallSlot, SoccerPurpose.RandomStart);
        Vector start = formation.Players[4].Position;
        Given.Near((start.X + 12 * Philox.Symmetric(player.X)) / 2, (start.Y + 8 * Philox.Symmetric(player.Y)) / 2, blended.Players[4].Position);
        Given.Near(6 * Philox.Symmetric(ball.X), 4 * Philox.Symmetric(ball.Y), blended.Ball.Position);
    }
}
