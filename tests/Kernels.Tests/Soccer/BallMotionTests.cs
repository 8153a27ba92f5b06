using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>A ball that nobody kicks slows down, bounces off lines and players, and does nothing else.</summary>
public sealed class BallMotionTests
{
    [Fact]
    public void A_free_ball_slows_down_by_the_closed_form() => Drag(Rules.Shipped);

    [Fact]
    public void Wrong_drag_is_caught() => Check.Catches(() => Drag(Rules.With("drag 0.59", p => p with { BallKeepPerTick = 0.941f })));

    [Fact]
    public void Drag_after_the_move_is_caught() => Check.Catches(() => Drag(Rules.Broken("drag after the move", LateDrag)));

    [Fact]
    public void Each_axis_bounces_off_its_lines_alone() => Walls(Rules.Shipped);

    [Fact]
    public void Wrong_restitution_is_caught() => Check.Catches(() => Walls(Rules.With("restitution 0.71", p => p with { BallRestitution = 0.71f })));

    [Fact]
    public void A_ball_that_stops_at_the_line_is_caught() => Check.Catches(() => Walls(Rules.Broken("clamped instead of reflected", Clamped)));

    [Fact]
    public void A_ball_that_meets_a_player_leaves_him_reflected_and_touched() => PlayerBounce(Rules.Shipped);

    [Fact]
    public void A_player_bounce_with_the_wrong_restitution_is_caught() => Check.Catches(() => PlayerBounce(Rules.With("restitution 0.6", p => p with { BallRestitution = 0.6f })));

    // v = 6 m/s towards the line x = 12, 0.3 m away: after drag 5.64 m/s, way 0.564 m; 0.264 m are left at the line, and
    // come back as 0.7·0.264 = 0.1848 m at −0.7·5.64 = −3.948 m/s.
    [Fact]
    public void A_bounce_off_the_goal_line_is_as_worked_by_hand()
    {
        using Pitch pitch = Field();
        pitch.Clear(0, 11.7f, 5f, 6f, 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch.Ball(0), 12 - 0.1848, 5, -3.948, 0);
    }

    // Into the corner (12, 8) from 0.3 m on both axes: both lines at the same time, x first, then y.
    [Fact]
    public void A_bounce_in_the_corner_turns_both_components()
    {
        using Pitch pitch = Field();
        pitch.Clear(0, 11.7f, 7.7f, 6f, 6f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch.Ball(0), 12 - 0.1848, 8 - 0.1848, -3.948, -3.948);
    }

    // Head on: player at rest at the origin, ball at x = 1 with −10 m/s. After drag −9.4 m/s; contact at x = 0.5 after
    // 0.5/9.4 s; then +6.58 m/s for 0.1 − 0.0531915 s: x = 0.5 + 0.308 = 0.808.
    [Fact]
    public void A_bounce_off_a_player_is_as_worked_by_hand()
    {
        using Pitch pitch = Field();
        pitch.Clear(0, 1f, 0f, -10f, 0f);
        pitch.PutPlayer(0, 4, 0f, 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch.Ball(0), 0.808, 0, 6.58, 0);
        Assert.Equal(4, pitch.State.Touch[0, 0]);
        Assert.Equal(1f, pitch.State.Statistics[0, SoccerStatistic.Touches + 1]);
    }

    // Player at x = 0.9 after his move, running at 2 m/s into a resting ball at x = 1.5: no event, since only the ball's own
    // motion is swept; he overlaps afterwards and pushes it out to 0.5 m from his centre. A push is no touch.
    [Fact]
    public void A_resting_ball_is_pushed_out_of_a_player_without_a_touch()
    {
        using Pitch pitch = Field();
        pitch.Clear(0, 1.2f, 0f);
        pitch.PutPlayer(0, 0, 0.7f, 0f, 2f, 0f);
        Rules.Shipped.Tick(pitch);
        float player = pitch.Player(0, 0).X; // 0.7 + 2·0.85·0.1 = 0.87
        Check.Close(0.87, player, 1e-6, "player");
        Expect(pitch.Ball(0), player + 0.5, 0, 0, 0);
        Assert.Equal(SoccerConstants.Nobody, pitch.State.Touch[0, 0]);
    }

    // One player of each side ahead, the ball on its way between their discs: a tie that names nobody ends the move at the
    // contact. One that names a player bounces off him, straight into the other one, who is then the last to touch.
    [Theory]
    [InlineData(SoccerConstants.Nobody, SoccerConstants.Nobody)]
    [InlineData(1, 0)]
    [InlineData(5, 3)]
    public void Two_obstacles_at_the_same_time_follow_the_tie_rule(int lastTouch, int lastAfter)
    {
        using Pitch pitch = Field();
        pitch.Clear(0, 0f, 0f, 10f, 0f);
        pitch.PutPlayer(0, 0, 1f, 0.375f);
        pitch.PutPlayer(0, 3, 1f, -0.375f);
        pitch.Touched(0, lastTouch);
        Rules.Shipped.Tick(pitch);
        Assert.Equal(lastAfter, pitch.State.Touch[0, 0]);
        // |o| = 0.5 with y = 0.375 is at x = 1 − 0.3307 = 0.6693, reached within the 0.94 m of the tick.
        if (lastAfter < 0) Expect(pitch.Ball(0), 1 - Math.Sqrt(0.25 - 0.140625), 0, 9.4, 0);
        int expected = lastAfter < 0 ? 0 : 1;
        Assert.Equal((expected, expected), ((int)pitch.State.Statistics[0, SoccerStatistic.Touches], (int)pitch.State.Statistics[0, SoccerStatistic.Touches + 1]));
    }

    // A player and the line at the same time: ball at x = 11.5, 0.5 m before the line x = 12 and straight before a player who
    // stands behind it at x = 12.5: both are met after 0.5 m. The player first: reflected, and touched.
    [Fact]
    public void A_player_comes_before_a_line_at_the_same_time()
    {
        using Pitch pitch = Field();
        pitch.Clear(0, 11.5f, 5f, 8f, 0f);
        pitch.PutPlayer(0, 1, 12.5f, 5f);
        Rules.Shipped.Tick(pitch);
        Assert.Equal(1, pitch.State.Touch[0, 0]);
        Check.Close(-0.7 * 7.52, pitch.Ball(0).VelocityX, 1e-5, "one reflection, not two");
    }

    // x(n) = x0 + v0·dt·keep·(1 − keepⁿ)/(1 − keep), v(n) = v0·keepⁿ with keep = 0.94.
    private static void Drag(Rules rules) => Check.ForAll(30, dice =>
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, Physics = new SoccerPhysics { HalfLength = 60f, HalfWidth = 60f } });
        (float x, float y) = dice.Direction();
        float speed = dice.Float(0f, 12f);
        pitch.Clear(0, 0f, 0f, x * speed, y * speed);
        const double keep = 0.94;
        for (int n = 1; n <= 40; n++)
        {
            rules.Tick(pitch);
            double left = Math.Pow(keep, n), way = speed * 0.1 * keep * (1 - left) / (1 - keep);
            SoccerBody ball = pitch.Ball(0);
            Check.Close(x * way, ball.X, 2e-5, $"{dice}, {rules}, tick {n}, x"); // 40 roundings of up to 20 m
            Check.Close(y * way, ball.Y, 2e-5, $"{dice}, {rules}, tick {n}, y");
            Check.Close(x * speed * left, ball.VelocityX, 1e-5, $"{dice}, {rules}, tick {n}, velocity x");
        }

        Assert.Equal(0f, pitch.State.Statistics[0, SoccerStatistic.Touches] + pitch.State.Statistics[0, SoccerStatistic.Touches + 1]);
    });

    // Lines are parallel to the axes: along each axis the way beyond a line comes back, shortened by the restitution.
    private static void Walls(Rules rules) => Check.ForAll(500, dice =>
    {
        using Pitch pitch = Field();
        float x = dice.Float(-12f, 12f), y = dice.Float(-8f, 8f);
        if (dice.Chance(0.7f)) (x, y) = (dice.Pick(-1f, 1f) * dice.Float(11f, 12f), dice.Pick(-1f, 1f) * dice.Float(3.5f, 8f));
        (float dx, float dy) = dice.Direction();
        float speed = dice.Float(0f, 12f);
        pitch.Clear(0, x, y, dx * speed, dy * speed);
        if (MathF.Abs(x) > 10.7f && MathF.Abs(y) < 3.5f) return; // might be a goal
        rules.Tick(pitch);
        (double wantX, double wantVx) = Reflect(x, dx * speed * 0.94, 12);
        (double wantY, double wantVy) = Reflect(y, dy * speed * 0.94, 8);
        SoccerBody ball = pitch.Ball(0);
        string story = $"{dice}, {rules}, ball from ({x}, {y}) at ({dx * speed}, {dy * speed})";
        Check.Close(wantX, ball.X, 1e-5, $"{story}, x");
        Check.Close(wantY, ball.Y, 1e-5, $"{story}, y");
        Check.Close(wantVx, ball.VelocityX, 1e-5, $"{story}, velocity x");
        Check.Close(wantVy, ball.VelocityY, 1e-5, $"{story}, velocity y");
    });

    private static (double Position, double Velocity) Reflect(double position, double velocity, double bound)
    {
        double end = position + velocity * 0.1, beyond = Math.Abs(end) - bound;
        return beyond <= 0 ? (end, velocity) : (Math.Sign(end) * (bound - 0.7 * beyond), -0.7 * velocity);
    }

    // One resting player: along the line of centres at the contact the ball leaves with e times the speed it came with.
    private static void PlayerBounce(Rules rules) => Check.ForAll(300, dice =>
    {
        using Pitch pitch = Field();
        int agent = dice.Int(0, 5);
        (float dx, float dy) = dice.Direction();
        float aside = dice.Float(-0.45f, 0.45f), speed = dice.Float(6f, 12f); // 0.56 m and more in a tick
        float startX = -dx * 0.9f - dy * aside, startY = -dy * 0.9f + dx * aside;
        pitch.Clear(0, startX, startY, dx * speed, dy * speed);
        pitch.PutPlayer(0, agent, 0f, 0f);
        double toContact = 0.9 - Math.Sqrt(0.25 - aside * aside);
        if (toContact > speed * 0.094 - 1e-3) return;
        double nx = (startX + dx * toContact) / 0.5, ny = (startY + dy * toContact) / 0.5;
        double approach = 0.94 * speed * (dx * nx + dy * ny);
        rules.Tick(pitch);
        SoccerBody ball = pitch.Ball(0);
        string story = $"{dice}, {rules}, {aside} m beside the centre at {speed} m/s";
        Check.Close(-0.7 * approach, ball.VelocityX * nx + ball.VelocityY * ny, 1e-4, $"{story}, normal speed");
        Check.Close(0.94 * speed * (dx * -ny + dy * nx), ball.VelocityX * -ny + ball.VelocityY * nx, 1e-4, $"{story}, tangential speed");
        Check.Same(agent, pitch.State.Touch[0, 0], $"{story}, last touch");
    });

    private static void LateDrag(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        float keep = a.Parameters.BallKeepPerTick;
        if (stage == Stage.Kick) (tick.BallVelocityX, tick.BallVelocityY) = (tick.BallVelocityX / keep, tick.BallVelocityY / keep);
        if (stage == Stage.Ball) (tick.BallVelocityX, tick.BallVelocityY) = (tick.BallVelocityX * keep, tick.BallVelocityY * keep);
    }

    private static void Clamped(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        if (stage != Stage.Ball) return;
        bool bounced = tick.BallVelocityY * (tick.BallY - tick.StartBallY) < 0f;
        if (bounced) tick.BallY = tick.BallY > 0f ? a.Parameters.HalfWidth : -a.Parameters.HalfWidth;
    }

    private static Pitch Field() => new(new SoccerOptions { NumEnvs = 1 });

    private static void Expect(SoccerBody ball, double x, double y, double vx, double vy)
    {
        Check.Close(x, ball.X, 1e-5, "x");
        Check.Close(y, ball.Y, 1e-5, "y");
        Check.Close(vx, ball.VelocityX, 1e-5, "velocity x");
        Check.Close(vy, ball.VelocityY, 1e-5, "velocity y");
    }
}
