using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>A player in the way of the ball is in its way, however fast it is.</summary>
public sealed class KeeperTests
{
    [Fact]
    public void A_keeper_on_the_line_saves_what_is_aimed_at_him() => Save(Rules.Shipped);

    [Fact]
    public void A_keeper_who_is_no_obstacle_is_caught() => Check.Catches(() => Save(Rules.Broken("nobody is an obstacle", NoObstacles)));

    [Fact]
    public void A_keeper_who_reaches_too_short_is_caught() => Check.Catches(() => Save(Rules.Broken("the ball moves before anybody looks", Unswept)));

    [Fact]
    public void No_ball_is_fast_enough_to_pass_through_a_player() => NoTunnelling(Rules.Shipped);

    [Fact]
    public void A_ball_that_jumps_to_the_end_of_its_move_is_caught() => Check.Catches(() => NoTunnelling(Rules.Broken("the ball moves before anybody looks", Unswept)));

    [Fact]
    public void A_player_who_stops_a_part_of_the_ball_is_caught() => Check.Catches(() => NoTunnelling(Rules.With("half the radius", p => p with { BallContactDistance = 0.25f })));

    // Keeper at (−12, 0), ball at (−11, 0) with 12/0.94 m/s towards him, 12 after drag: contact at x = −11.5, then
    // 0.7·12 = 8.4 m/s back for 0.1 − 0.5/12 s: −11.5 + 0.49 = −11.01.
    [Fact]
    public void A_save_at_12_metres_per_second_is_as_worked_by_hand()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        pitch.Clear(0, -11f, 0f, -12f / 0.94f, 0f);
        pitch.PutPlayer(0, 0, -12f, 0f);
        Rules.Shipped.Tick(pitch);
        Check.Close(-11.01, pitch.Ball(0).X, 1e-5, "ball x");
        Assert.Equal((0, 0), (pitch.State.Score[0, 1], pitch.State.Touch[0, 0]));
    }

    // Keeper of either side on his line, a shot from anywhere in front of him at his centre, any speed: it is saved in that
    // tick. Shots that do not reach the line in a tick need no save, so most start within its reach.
    private static void Save(Rules rules) => Check.ForAll(500, dice =>
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = dice.Pick(1, 3, 5) });
        SoccerParameters p = pitch.Parameters;
        int side = dice.Int(0, 1), keeper = side * pitch.TeamSize;
        float sign = side == 0 ? 1f : -1f;
        float keeperX = -p.HalfLength, keeperY = dice.Float(-0.99f, 0.99f) * p.GoalHalfWidth;
        float angle = dice.Float(-1.5f, 1.5f), distance = dice.Pick(0.2f, 0.5f, 1.1f) * dice.Float(0.9f, 1.1f);
        float speed = dice.Pick(12f, dice.Float(0.1f, 12f)) / 0.94f;
        float x = MathF.Cos(angle), y = MathF.Sin(angle);
        pitch.Clear(0, sign * (keeperX + distance * x), sign * (keeperY + distance * y), -sign * speed * x, -sign * speed * y);
        pitch.PutPlayer(0, keeper, sign * keeperX, sign * keeperY);
        rules.Tick(pitch);
        string story = $"{dice}, {rules}, {pitch.TeamSize}v{pitch.TeamSize}, {speed * 0.94f} m/s from {distance} m at {angle} rad";
        Check.Same(0, pitch.State.Score[0, 0] + pitch.State.Score[0, 1], $"{story}, goals");
        Assert.True(MathF.Abs(pitch.Ball(0).X) <= p.HalfLength && MathF.Abs(pitch.Ball(0).Y) <= p.HalfWidth, $"{story}: ball at ({pitch.Ball(0).X}, {pitch.Ball(0).Y})");
        if (distance < 0.5f || speed * 0.094f > distance) Check.Same(keeper, pitch.State.Touch[0, 0], $"{story}, last touch");
    });

    // Up to 200 m/s and ticks of up to 1 s. A ball whose line passes a resting player within the contact distance ends on the
    // near side of the tangent at the contact.
    private static void NoTunnelling(Rules rules) => Check.ForAll(500, dice =>
    {
        float speed = dice.Pick(12f, 60f, 200f) * dice.Float(0.5f, 1f), dt = dice.Pick(0.1f, 0.3f, 1f);
        using var pitch = new Pitch(new SoccerOptions
        {
            NumEnvs = 1,
            Physics = new SoccerPhysics { HalfLength = 400f, HalfWidth = 400f, BallMaxSpeed = 200f, TimeStepSeconds = dt, PlayerDrag = 0.5f },
        });
        (float dx, float dy) = dice.Direction();
        float reach = speed * (1f - 0.6f * dt) * dt, aside = dice.Float(-0.45f, 0.45f), ahead = dice.Float(0.5f, MathF.Max(0.5f, reach));
        int agent = dice.Int(0, 5);
        float startX = -dx * ahead - dy * aside, startY = -dy * ahead + dx * aside;
        pitch.Clear(0, startX, startY, dx * speed, dy * speed);
        pitch.PutPlayer(0, agent, 0f, 0f);
        double toContact = ahead - Math.Sqrt(0.25 - (double)aside * aside);
        if (toContact > reach * 0.999) return;
        rules.Tick(pitch);
        double nx = startX + dx * toContact, ny = startY + dy * toContact;
        SoccerBody ball = pitch.Ball(0);
        string story = $"{dice}, {rules}, {speed} m/s, {dt} s, {aside} m beside the centre, from {ahead} m: ball at ({ball.X}, {ball.Y})";
        Assert.True((ball.X * nx + ball.Y * ny) / 0.5 >= 0.5 - 1e-3, $"{story} is beyond the tangent at the contact");
        Check.Same(agent, pitch.State.Touch[0, 0], $"{story}, last touch");
    });

    private static void NoObstacles(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        if (stage == Stage.Kick) tick.Kickers = uint.MaxValue;
    }

    // The ball is put at the end of its move, with a still ball for the sweep to look at.
    private static void Unswept(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        if (stage != Stage.Kick) return;
        tick.BallX += tick.BallVelocityX * a.Parameters.TimeStep;
        tick.BallY += tick.BallVelocityY * a.Parameters.TimeStep;
    }
}
