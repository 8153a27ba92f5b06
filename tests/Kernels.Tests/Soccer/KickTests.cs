using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Who kicks, and what several kicks make of the ball.</summary>
/// <remarks>Players are 5 cm small and on a ring about the ball, so that 22 of them stand in reach without pushing each other.</remarks>
public sealed class KickTests
{
    private const float FullKick = 9f;
    private const float BallLimit = 12f;

    [Theory]
    [InlineData(KickRule.Nearest)]
    [InlineData(KickRule.Average)]
    [InlineData(KickRule.Sum)]
    public void Up_to_22_kicks_combine_by_their_formula(KickRule rule) => Formula(Rules.Shipped, rule);

    [Fact]
    public void A_mean_over_all_players_is_caught() => Check.Catches(() => Formula(Rules.Broken("mean over all players", MeanOfAll), KickRule.Average));

    [Fact]
    public void A_sum_in_place_of_the_mean_is_caught() => Check.Catches(() => Formula(Rules.With("sum", p => p with { KickRule = (int)KickRule.Sum }), KickRule.Average));

    [Fact]
    public void A_sum_without_limit_is_caught() => Check.Catches(() => Formula(Rules.With("no limit", p => p with { BallMaxSpeed = 1e6f }), KickRule.Sum));

    [Fact]
    public void The_mean_in_place_of_the_nearest_is_caught() => Check.Catches(() => Formula(Rules.With("mean", p => p with { KickRule = (int)KickRule.Average }), KickRule.Nearest));

    [Fact]
    public void A_reach_that_includes_everybody_is_caught() => Check.Catches(() => Formula(Rules.With("reach 100 m", p => p with { KickRadius = 100f }), KickRule.Average));

    // Two kickers, A with (1, 0) and B with (0, 0.5) in his own frame = (0, −0.5): mean (0.5, −0.25), times 9.
    [Fact]
    public void The_mean_of_two_kicks_is_as_worked_by_hand()
    {
        using Pitch pitch = Ring(2, KickRule.Average, deadZone: 0f);
        pitch.PutPlayer(0, 0, 0.3f, 0f);
        pitch.PutPlayer(0, 2, -0.3f, 0.1f);
        pitch.Kick(0, 0, 1f, 0f);
        pitch.Kick(0, 2, 0f, 0.5f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch, 4.5, -2.25);
    }

    [Fact]
    public void With_a_dead_zone_of_0_a_near_player_without_a_kick_stops_the_ball()
    {
        using Pitch pitch = Ring(1, KickRule.Average, deadZone: 0f);
        pitch.PutBall(0, 0f, 0f, 5f, 0f);
        pitch.PutPlayer(0, 0, 0.3f, 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch, 0, 0);
    }

    [Theory]
    [InlineData(0.09f, 0f)]
    [InlineData(0.11f, 0.99f)]
    public void Kicks_below_the_dead_zone_are_none(float kick, float velocity)
    {
        using Pitch pitch = Ring(1, KickRule.Nearest, deadZone: 0.1f);
        pitch.PutPlayer(0, 0, -0.3f, 0f);
        pitch.Kick(0, 0, kick, 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch, velocity, 0);
    }

    [Fact]
    public void A_player_exactly_at_the_reach_does_not_kick()
    {
        using Pitch pitch = Ring(1, KickRule.Nearest, deadZone: 0.1f);
        pitch.PutPlayer(0, 0, pitch.Parameters.KickRadius, 0f);
        pitch.Kick(0, 0, 1f, 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch, 0, 0);
        pitch.PutPlayer(0, 0, MathF.BitDecrement(pitch.Parameters.KickRadius), 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch, FullKick, 0);
    }

    // Teammates 1 and 2 at the same distance: the lower index kicks.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_tie_within_a_side_goes_to_the_lowest_index(int firstAgent)
    {
        using Pitch pitch = Ring(3, KickRule.Nearest, deadZone: 0.1f);
        pitch.PutPlayer(0, firstAgent + 2, 0f, 0.5f);
        pitch.PutPlayer(0, firstAgent + 1, 0f, -0.5f);
        pitch.Kick(0, firstAgent + 1, 1f, 0f);
        pitch.Kick(0, firstAgent + 2, -1f, 0f);
        Rules.Shipped.Tick(pitch);
        Expect(pitch, firstAgent == 0 ? FullKick : -FullKick, 0);
        Assert.Equal(firstAgent + 1, pitch.State.Touch[0, 0]);
        Assert.Equal(2f, pitch.State.Statistics[0, SoccerStatistic.Touches + (firstAgent == 0 ? 0 : 1)]);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(4, 1)]
    [InlineData(SoccerConstants.Nobody, SoccerConstants.Nobody)]
    public void A_tie_across_sides_takes_the_mean_and_touches_for_the_side_that_did_not(int lastTouch, int expected) => Tie(Rules.Shipped, lastTouch, expected);

    [Fact]
    public void A_tie_decided_by_index_is_caught() => Check.Catches(() => Tie(Rules.Broken("lowest index", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Start) tick.LastTouch = a.Parameters.TeamSize; // as if side B had touched: the tie goes to A
    }), 0, 3));

    // Agent 1 of A and agent 0 of B (index 3), both 0.5 m away. A kicks (1, 0); B kicks (0, 1) = (0, −1) in the world: mean
    // (0.5, −0.5)·9.
    private static void Tie(Rules rules, int lastTouch, int expected)
    {
        using Pitch pitch = Ring(3, KickRule.Nearest, deadZone: 0.1f);
        pitch.Touched(0, lastTouch);
        pitch.PutPlayer(0, 1, 0.5f, 0f);
        pitch.PutPlayer(0, 3, -0.5f, 0f);
        pitch.Kick(0, 1, 1f, 0f);
        pitch.Kick(0, 3, 0f, 1f);
        rules.Tick(pitch);
        Expect(pitch, 4.5, -4.5);
        Assert.Equal(expected, pitch.State.Touch[0, 0]);
    }

    private static void Formula(Rules rules, KickRule rule) => Check.ForAll(200, dice =>
    {
        using Pitch pitch = Ring(11, rule, deadZone: 0f);
        int kickers = dice.Int(0, 22);
        int[] order = dice.Order(22);
        var kicks = new List<(double X, double Y)>();
        for (int i = 0; i < kickers; i++)
        {
            int agent = order[i];
            float angle = 2f * MathF.PI * i / 22f, distance = 0.5f + 0.01f * i; // the first one is the nearest
            pitch.PutPlayer(0, agent, distance * MathF.Cos(angle), distance * MathF.Sin(angle));
            (float x, float y) = (dice.Float(-1f, 1f), dice.Float(-1f, 1f));
            pitch.Kick(0, agent, x, y);
            double scale = (agent < 11 ? 1 : -1) / Math.Max(1, Math.Sqrt((double)x * x + (double)y * y));
            kicks.Add((x * scale, y * scale));
        }

        pitch.PutBall(0, 0f, 0f, 3f, -2f);
        rules.Tick(pitch);
        (double wantX, double wantY) = kickers == 0 ? (0.94 * 3, 0.94 * -2) : Combine(kicks, rule);
        string story = $"{dice}, {rules}, {rule}, {kickers} kickers";
        Check.Close(wantX, pitch.Ball(0).VelocityX, 3e-5, $"{story}, velocity x"); // sums of 22
        Check.Close(wantY, pitch.Ball(0).VelocityY, 3e-5, $"{story}, velocity y");
        Check.Same(kickers == 0 ? SoccerConstants.Nobody : order[0], pitch.State.Touch[0, 0], $"{story}, last touch");
        Check.Same(kickers, pitch.State.Statistics[0, SoccerStatistic.Touches] + pitch.State.Statistics[0, SoccerStatistic.Touches + 1], $"{story}, touches");
    });

    private static (double X, double Y) Combine(List<(double X, double Y)> kicks, KickRule rule)
    {
        (double X, double Y) sum = (FullKick * kicks.Sum(kick => kick.X), FullKick * kicks.Sum(kick => kick.Y));
        if (rule == KickRule.Average) return (sum.X / kicks.Count, sum.Y / kicks.Count);
        if (rule == KickRule.Nearest) return (FullKick * kicks[0].X, FullKick * kicks[0].Y);
        double scale = Math.Min(1, BallLimit / Math.Sqrt(sum.X * sum.X + sum.Y * sum.Y));
        return (sum.X * scale, sum.Y * scale);
    }

    private static void MeanOfAll(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        if (stage != Stage.Kick || tick.Kickers == 0) return;
        float share = System.Numerics.BitOperations.PopCount(tick.Kickers) / (2f * a.Parameters.TeamSize);
        tick.BallVelocityX *= share;
        tick.BallVelocityY *= share;
    }

    private static void Expect(Pitch pitch, double vx, double vy)
    {
        Check.Close(vx, pitch.Ball(0).VelocityX, 1e-5, "ball velocity x");
        Check.Close(vy, pitch.Ball(0).VelocityY, 1e-5, "ball velocity y");
    }

    private static Pitch Ring(int teamSize, KickRule rule, float deadZone)
    {
        var pitch = new Pitch(new SoccerOptions
        {
            NumEnvs = 1,
            TeamSize = teamSize,
            Physics = new SoccerPhysics { HalfLength = 30f, HalfWidth = 30f, PlayerRadius = 0.05f, BallRadius = 0.05f, KickRule = rule, KickDeadZone = deadZone },
        });
        pitch.Clear(0);
        return pitch;
    }
}
