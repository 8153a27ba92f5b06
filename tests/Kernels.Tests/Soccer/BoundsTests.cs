using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Whatever anybody does, everything stays finite, inside its bounds and within its speed limit.</summary>
public sealed class BoundsTests
{
    private static readonly float[] Evil =
    [
        float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f, -1e30f, float.MaxValue, float.MinValue,
        float.Epsilon, -float.Epsilon, 1e-40f, -0f, 0f, 1f, -1f, 2f,
    ];

    [Fact]
    public void Nothing_leaves_its_bounds_whatever_the_actions() => Bounds(Rules.Shipped, 60);

    [Fact]
    public void Missing_player_speed_limits_are_caught() => Check.Catches(() =>
        Bounds(Rules.With("players 1.5 times too fast", p => p with { PlayerMaxSpeed = 1.5f * p.PlayerMaxSpeed }), 60));

    [Fact]
    public void Missing_ball_speed_limits_are_caught() => Check.Catches(() =>
        Bounds(Rules.With("ball without limit", p => p with { BallMaxSpeed = 1e9f }), 60));

    [Fact]
    public void Bounds_that_are_too_wide_are_caught() => Check.Catches(() =>
        Bounds(Rules.With("pitch 10 cm too wide", p => p with { HalfWidth = p.HalfWidth + 0.1f }), 60));

    [Fact]
    public void Errors_that_nobody_reports_are_caught() => Check.Catches(() =>
        Bounds(Rules.Then("silent", pitch => pitch.Buffers.Errors!.View.AsSpan().Clear()), 60));

    // By hand: (NaN, 1, 0, 0) counts as four zeros, so a resting player stays where he is; (1e30, 0) is clamped to (1, 0):
    // v = 12·0.1 = 1.2 m/s, and he moves 0.12 m.
    [Fact]
    public void A_bad_action_is_no_action_and_a_large_one_is_a_full_one()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1 });
        pitch.Clear(0, 5f, 0f);
        pitch.PutPlayer(0, 0, 0f, 0f);
        pitch.PutPlayer(0, 1, 0f, 3f);
        new[] { float.NaN, 1f, 0f, 0f }.CopyTo(pitch.Action(0, 0));
        new[] { 1e30f, 0f, 0f, 0f }.CopyTo(pitch.Action(0, 1));
        Rules.Shipped.Tick(pitch);
        Assert.Equal((0f, 0f), (pitch.Player(0, 0).X, pitch.Player(0, 0).Y));
        Check.Close(-0.12, pitch.Player(0, 1).X, 1e-6, "side B moves to its own front");
        Assert.Equal([ErrorCode.ActionNotFinite, 0u], pitch.Buffers.Errors!.ToArray());
    }

    [Fact]
    public void A_discrete_choice_out_of_range_voids_both_heads_and_is_reported()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1, Actions = SoccerActions.Discrete });
        pitch.Clear(0);
        pitch.PutPlayer(0, 0, 0.1f, 0f);
        foreach ((int move, int kick) in new[] { (1, 9), (-1, 1), (int.MaxValue, 1), (1, int.MinValue) })
        {
            pitch.Buffers.Errors!.View.AsSpan().Clear();
            pitch.Choice(0, 0)[0] = move;
            pitch.Choice(0, 0)[1] = kick;
            Rules.Shipped.Tick(pitch);
            Assert.Equal((0f, 0), (pitch.Player(0, 0).VelocityX, (int)pitch.State.Statistics[0, SoccerStatistic.Touches]));
            Assert.Equal([ErrorCode.ActionOutOfRange, 0u], pitch.Buffers.Errors!.ToArray());
        }
    }

    private static void Bounds(Rules rules, int cases) => Check.ForAll(cases, dice =>
    {
        SoccerOptions options = dice.Options(4) with { MaxTicks = 25 };
        options = options with { Physics = options.Physics with { TimeStepSeconds = dice.Pick(0.02f, 0.1f, 0.5f), BallMaxSpeed = dice.Pick(12f, 12f, 60f) } };
        using var pitch = new Pitch(options);
        for (int env = 0; env < pitch.Matches; env++) dice.Scatter(pitch, env);
        for (int tick = 0; tick < 30; tick++)
        {
            ActEvilly(dice, pitch);
            pitch.Buffers.Errors!.View.AsSpan().Clear();
            rules.Tick(pitch);
            pitch.Observe();
            for (int env = 0; env < pitch.Matches; env++) CheckMatch(pitch, options, env, $"{dice}, {options.TeamSize}v{options.TeamSize}, tick {tick}, match {env}");
            CheckRows(pitch, $"{dice}, {options.TeamSize}v{options.TeamSize}, tick {tick}");
        }
    });

    private static void ActEvilly(Dice dice, Pitch pitch)
    {
        dice.Act(pitch);
        foreach (ref float value in pitch.Buffers.ContinuousActions!.View.AsSpan())
            if (dice.Chance(0.05f)) value = dice.Pick(Evil);
    }

    private static void CheckMatch(Pitch pitch, SoccerOptions options, int env, string story)
    {
        float x = options.Physics.HalfLengthFor(options.TeamSize), y = options.Physics.HalfWidthFor(options.TeamSize);
        for (int agent = 0; agent < pitch.Agents; agent++)
            CheckBody(pitch.Player(env, agent), x + SoccerConstants.Apron, y + SoccerConstants.Apron, options.Physics.PlayerMaxSpeed, $"{story}, player {agent}");
        CheckBody(pitch.Ball(env), x, y, options.Physics.BallMaxSpeed, $"{story}, ball");
    }

    private static void CheckBody(SoccerBody body, float boundX, float boundY, float maxSpeed, string story)
    {
        string values = $"{story}: ({body.X:R}, {body.Y:R}), v ({body.VelocityX:R}, {body.VelocityY:R})";
        Assert.True(MathF.Abs(body.X) <= boundX && MathF.Abs(body.Y) <= boundY, $"{values} is outside ±({boundX}, {boundY})");
        double speed = Math.Sqrt((double)body.VelocityX * body.VelocityX + (double)body.VelocityY * body.VelocityY);
        Assert.True(speed <= maxSpeed * (1 + 4e-7), $"{values} is faster than {maxSpeed} (by more than the rounding of the limiter)"); // NaN fails
    }

    private static void CheckRows(Pitch pitch, string story)
    {
        int length = pitch.Parameters.ObservationLength;
        for (int row = 0; row < pitch.Matches * pitch.Agents; row++)
        {
            ReadOnlySpan<float> action = pitch.Buffers.ContinuousActions!.View.AsSpan().Slice(row * 4, 4);
            bool finite = float.IsFinite(action[0]) && float.IsFinite(action[1]) && float.IsFinite(action[2]) && float.IsFinite(action[3]);
            Check.Same(finite ? 0u : ErrorCode.ActionNotFinite, pitch.Buffers.Errors!.View[row], $"{story}, row {row}, error");
            Assert.True(float.IsFinite(pitch.Rewards[row]), $"{story}, row {row}: reward {pitch.Rewards[row]}");
            CheckRow(pitch.Observations.Slice(row * length, length), pitch.Spec.Observation, $"{story}, row {row}, observation");
            if (pitch.Truncated[row] != 0) CheckRow(pitch.FinalObservations.Slice(row * length, length), pitch.Spec.Observation, $"{story}, row {row}, final observation");
        }
    }

    private static void CheckRow(ReadOnlySpan<float> row, ObservationSpec spec, string story)
    {
        foreach (ObservationField field in spec.Fields)
            for (int i = field.Offset; i < field.Offset + field.Length; i++)
                if (!(row[i] >= field.Min && row[i] <= field.Max)) Assert.Fail($"{story}[{i}] ({field.Name}): {row[i]:R} is outside {field.Min:R}..{field.Max:R}");
    }
}
