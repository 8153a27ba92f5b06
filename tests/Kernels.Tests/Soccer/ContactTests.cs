using Arena.Kernels.Device;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Players that overlap push each other apart: equal masses, all pairs at once, no side preferred.</summary>
/// <remarks>
/// Energy is held for pairs alone: all pairs act at once, and a crowd can gain energy, up to its speed limits. The pitch is
/// 100×100 m and the speed limit 100 m/s, so that neither bounds nor limiters take part.
/// </remarks>
public sealed class ContactTests
{
    private const float Reach = 0.7f; // two radii, m

    private static readonly Contact Shipped = new("shipped", Run);

    private sealed record Contact(string Name, Action<Pitch> Push);

    [Fact]
    public void Momentum_and_centre_are_conserved_in_any_crowd() => Momentum(Shipped);

    [Fact]
    public void An_impulse_to_one_player_alone_is_caught() => Check.Catches(() => Momentum(Spoiled("player 0 feels nothing", pitch =>
        pitch.State.Player[0, 2] = pitch.Moved[0, 2])));

    [Fact]
    public void An_isolated_pair_keeps_no_overlap_and_gains_no_energy() => Pair(Shipped);

    [Fact]
    public void A_push_that_is_too_short_is_caught() => Check.Catches(() => Pair(Changed("90 % of the distance", p => p with { PlayerContactDistance = 0.9f * Reach })));

    [Fact]
    public void A_bounce_that_gains_energy_is_caught() => Check.Catches(() => Pair(Changed("restitution 1.2", p => p with { PlayerRestitution = 1.2f })));

    [Fact]
    public void Exchanging_two_players_exchanges_their_results_bit_for_bit() => Exchange(Shipped);

    [Fact]
    public void A_push_for_the_lower_index_alone_is_caught() => Check.Catches(() => Exchange(Spoiled("the lower index yields", pitch =>
        pitch.State.Player[0, 0] += 0.5f * (pitch.State.Player[0, 0] - pitch.Moved[0, 0]))));

    [Fact]
    public void Three_in_a_row_are_pushed_by_where_they_stood() => Row(Shipped);

    [Fact]
    public void A_second_pass_over_the_pairs_is_caught() => Check.Catches(() => Row(new Contact("two passes", pitch =>
    {
        Run(pitch);
        for (int slot = 0; slot < pitch.Moved.Slots; slot++) pitch.Moved[0, slot] = pitch.State.Player[0, slot];
        Run(pitch, load: false);
    })));

    // Head on at 2 and −1 m/s, e = 0.3, 0.5 m apart: overlap 0.2 m, each gives way 0.1 m. Approach 3 m/s, each takes
    // ½·1.3·3 = 1.95: velocities 2 − 1.95 = 0.05 and −1 + 1.95 = 0.95; they part at 0.9 = 0.3·3 m/s.
    [Fact]
    public void A_head_on_pair_is_as_worked_by_hand()
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 0f, 5f, 2f, 0f);
        pitch.PutPlayer(0, 4, 0.5f, 5f, -1f, 0f);
        Run(pitch);
        Expect(pitch.Player(0, 0), -0.1, 5, 0.05, 0);
        Expect(pitch.Player(0, 4), 0.6, 5, 0.95, 0);
    }

    [Fact]
    public void A_parting_pair_is_moved_and_keeps_its_velocities()
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 0f, 5f, -1f, 0f);
        pitch.PutPlayer(0, 1, 0.5f, 5f, 1f, 0f);
        Run(pitch);
        Expect(pitch.Player(0, 0), -0.1, 5, -1, 0);
        Expect(pitch.Player(0, 1), 0.6, 5, 1, 0);
    }

    // In one place, same side: the lower index goes half of 0.7 m to its own front, the other one back. Side B's front is −x.
    [Theory]
    [InlineData(0, 1, 0.35)]
    [InlineData(3, 4, -0.35)]
    public void Concentric_teammates_part_along_their_own_x(int lower, int higher, double way)
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, lower, 2f, 3f);
        pitch.PutPlayer(0, higher, 2f, 3f);
        Run(pitch);
        Expect(pitch.Player(0, lower), 2 + way, 3, 0, 0);
        Expect(pitch.Player(0, higher), 2 - way, 3, 0, 0);
    }

    // Lower index at −1 m/s, higher at +1 m/s: along n = (1, 0) they approach at 2 m/s, each takes ½·1.3·2 = 1.3.
    [Fact]
    public void Concentric_teammates_that_approach_along_that_line_bounce()
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 2f, 3f, -1f, 0f);
        pitch.PutPlayer(0, 1, 2f, 3f, 1f, 0f);
        Run(pitch);
        Expect(pitch.Player(0, 0), 2.35, 3, 0.3, 0);
        Expect(pitch.Player(0, 1), 1.65, 3, -0.3, 0);
    }

    [Fact]
    public void Concentric_opponents_do_nothing_this_tick()
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 2f, 3f, 1f, 0f);
        pitch.PutPlayer(0, 3, 2f, 3f, -1f, 0f);
        Run(pitch);
        Expect(pitch.Player(0, 0), 2, 3, 1, 0);
        Expect(pitch.Player(0, 3), 2, 3, -1, 0);
    }

    [Fact]
    public void Touching_exactly_is_no_overlap()
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 0f, 0f, 1f, 0f);
        pitch.PutPlayer(0, 3, pitch.Parameters.PlayerContactDistance, 0f, -1f, 0f);
        Run(pitch);
        Expect(pitch.Player(0, 0), 0, 0, 1, 0);
    }

    // Three at 1 m/s hit a resting one, all nearly along x: each gives him about 0.65 m/s and keeps 0.35. Energy before 3·½,
    // after about ½(1.95² + 3·0.35²) = 2.08: each impulse was worked out for its pair alone.
    [Fact]
    public void Three_players_who_hit_a_fourth_at_once_gain_energy()
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 0f, 0f);
        for (int i = 3; i < 6; i++) pitch.PutPlayer(0, i, -0.68f, 0.02f * (i - 4), 1f, 0f);
        Run(pitch);
        Check.Close(2.08, Energy(pitch, 0, 3, 4, 5), 0.03, "energy");
    }

    // x = 0, 0.5, 1.0: the outer ones overlap the middle one by 0.2 m and each other not at all. The middle one
    // is pushed 0.1 m both ways and stays; the outer ones go to −0.1 and 1.1 m.
    private static void Row(Contact contact)
    {
        using Pitch pitch = Meadow();
        pitch.PutPlayer(0, 0, 0f, 0f, 1f, 0f);
        pitch.PutPlayer(0, 3, 0.5f, 0f);
        pitch.PutPlayer(0, 1, 1f, 0f, -1f, 0f);
        contact.Push(pitch);
        Expect(pitch.Player(0, 0), -0.1, 0, 0.35, 0);  // 1 − ½·1.3·1
        Expect(pitch.Player(0, 3), 0.5, 0, 0, 0);      // +0.65 − 0.65
        Expect(pitch.Player(0, 1), 1.1, 0, -0.35, 0);
    }

    private static void Momentum(Contact contact) => Check.ForAll(300, dice =>
    {
        using Pitch pitch = Meadow(dice.Int(1, 11));
        for (int agent = 0; agent < pitch.Agents; agent++) pitch.PutPlayer(0, agent, dice.Float(-1f, 1f), dice.Float(-1f, 1f), dice.Float(-4f, 4f), dice.Float(-4f, 4f));
        double[] before = Sums(pitch);
        contact.Push(pitch);
        double[] after = Sums(pitch);
        for (int i = 0; i < 4; i++) // 22 players, 21 pairs each, corrections up to 5: rounding of about 22·21·5·6e-8
            Check.Close(before[i], after[i], 2e-4, $"{dice}, {contact.Name}, sum of element {i} over {pitch.Agents} players");
    });

    private static void Pair(Contact contact) => Check.ForAll(500, dice =>
    {
        using Pitch pitch = Meadow();
        (int first, int second) = PutPair(dice, pitch);
        double energy = Energy(pitch, first, second);
        contact.Push(pitch);
        SoccerBody a = pitch.Player(0, first), b = pitch.Player(0, second);
        double distance = Math.Sqrt(Math.Pow(a.X - (double)b.X, 2) + Math.Pow(a.Y - (double)b.Y, 2));
        Assert.True(distance >= Reach - 2e-6, $"{dice}, {contact.Name}: still {distance:R} m apart after the push");
        Assert.True(Energy(pitch, first, second) <= energy * (1 + 1e-6) + 1e-9, $"{dice}, {contact.Name}: energy {energy:R} → {Energy(pitch, first, second):R}");
    });

    private static void Exchange(Contact contact) => Check.ForAll(500, dice =>
    {
        using Pitch pitch = Meadow();
        (int first, int second) = PutPair(dice, pitch);
        SoccerBody a = pitch.Player(0, first), b = pitch.Player(0, second);
        contact.Push(pitch);
        SoccerBody pushedA = pitch.Player(0, first), pushedB = pitch.Player(0, second);
        pitch.PutPlayer(0, first, b.X, b.Y, b.VelocityX, b.VelocityY);
        pitch.PutPlayer(0, second, a.X, a.Y, a.VelocityX, a.VelocityY);
        contact.Push(pitch);
        Assert.True(pushedA.Equals(pitch.Player(0, second)) && pushedB.Equals(pitch.Player(0, first)), $"{dice}, {contact.Name}: players {first} and {second} did not exchange");
    });

    // Two overlapping players, not concentric, within a side or across.
    private static (int First, int Second) PutPair(Dice dice, Pitch pitch)
    {
        int first = 0, second = dice.Pick(1, 3);
        float distance = dice.Pick(1e-4f, 0.1f, Reach) * dice.Float(0.2f, 0.999f);
        (float x, float y) = dice.Direction();
        float placeX = dice.Float(-5f, 5f), placeY = dice.Float(-5f, 5f);
        pitch.PutPlayer(0, first, placeX, placeY, dice.Float(-4f, 4f), dice.Float(-4f, 4f));
        pitch.PutPlayer(0, second, placeX + distance * x, placeY + distance * y, dice.Float(-4f, 4f), dice.Float(-4f, 4f));
        return (first, second);
    }

    private static double[] Sums(Pitch pitch)
    {
        var sums = new double[4];
        for (int slot = 0; slot < pitch.State.Player.Slots; slot++) sums[slot % 4] += pitch.State.Player[0, slot];
        return sums;
    }

    private static double Energy(Pitch pitch, params int[] agents) => agents.Sum(agent =>
        0.5 * (Math.Pow(pitch.Player(0, agent).VelocityX, 2) + Math.Pow(pitch.Player(0, agent).VelocityY, 2)));

    private static void Expect(SoccerBody body, double x, double y, double vx, double vy)
    {
        string got = $"got ({body.X}, {body.Y}), v ({body.VelocityX}, {body.VelocityY})";
        bool close = Math.Abs(body.X - x) < 2e-6 && Math.Abs(body.Y - y) < 2e-6 && Math.Abs(body.VelocityX - vx) < 2e-6 && Math.Abs(body.VelocityY - vy) < 2e-6;
        Assert.True(close, $"expected ({x}, {y}), v ({vx}, {vy}); {got}");
    }

    private static Contact Spoiled(string name, Action<Pitch> spoil) => new(name, pitch =>
    {
        Run(pitch);
        spoil(pitch);
    });

    private static Contact Changed(string name, Func<SoccerParameters, SoccerParameters> change) => new(name, pitch =>
    {
        SoccerParameters kept = pitch.Parameters;
        pitch.Parameters = change(kept);
        Run(pitch);
        pitch.Parameters = kept;
    });

    private static void Run(Pitch pitch) => Run(pitch, load: true);

    // Step 3 alone, with the players as they stand for the result of step 2.
    private static void Run(Pitch pitch, bool load)
    {
        Column<float> moved = pitch.Moved;
        for (int slot = 0; load && slot < moved.Slots; slot++) moved[0, slot] = pitch.State.Player[0, slot];
        var tick = new SoccerTick { Env = 0, LastTouch = SoccerConstants.Nobody };
        SoccerContact.Run(ref tick, pitch.Arguments);
    }

    private static Pitch Meadow(int teamSize = 3)
    {
        var pitch = new Pitch(new SoccerOptions
        {
            NumEnvs = 1,
            TeamSize = teamSize,
            Physics = new SoccerPhysics { HalfLength = 50f, HalfWidth = 50f, PlayerMaxSpeed = 100f },
        });
        pitch.Clear(0);
        return pitch;
    }
}
