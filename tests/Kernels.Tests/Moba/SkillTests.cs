using Arena.Kernels.Environments.Moba;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Every skill once, with its numbers worked out by hand at level 10; living heroes regain 2 hp and 2 mana before anything else.</summary>
public class SkillTests
{
    private const int Support = 0, Assassin = 2, Burst = 4, Tank = 6, Carry = 8, Victim = 7, Creep = 11;

    private static HandMatch Duel(int caster, int distance) => new HandMatch().Hero(caster, 110, 30).Hero(Victim, 110, 30 + distance, 2000);

    [Theory]
    [InlineData(Support, "e", 2, 250, 75, 20, 0)]
    [InlineData(Burst, "q", 5, 650, 200, 0, 0)]
    [InlineData(Burst, "w", 2, 500, 100, 0, 0)]
    [InlineData(Burst, "e", 2, 0, 75, 15, 0)]
    [InlineData(Tank, "q", 2, 45, 5, 0, 0)]
    [InlineData(Carry, "w", 5, 250, 150, 0, 30)]
    [InlineData(Carry, "e", 2, 300, 100, 0, 0)]
    public void What_a_skill_does_to_its_target(int caster, string key, int distance, int damage, int cost, int stun, int slow)
    {
        using HandMatch match = Duel(caster, distance).Press(caster, targets: 1, keys: key).Step();
        Assert.Equal(2002 - damage, match.Get<ushort>("hp", Victim));
        Assert.Equal(302 - cost, match.Get<ushort>("mana", caster));
        Assert.Equal(stun, match.Get<byte>("stun", Victim));
        Assert.Equal(slow, match.Get<byte>("slow", Victim));
        Assert.Equal(damage, match.Counter(caster, MobaCounter.Dealt));
        Assert.Equal(damage, match.Counter(Victim, MobaCounter.Received));
    }

    [Theory]
    [InlineData(Support, "q", 15)]
    [InlineData(Support, "w", 50)]
    [InlineData(Support, "e", 60)]
    [InlineData(Assassin, "w", 60)]
    [InlineData(Assassin, "e", 100)]
    [InlineData(Burst, "q", 70)]
    [InlineData(Burst, "w", 40)]
    [InlineData(Burst, "e", 50)]
    [InlineData(Tank, "q", 5)]
    [InlineData(Tank, "w", 70)]
    [InlineData(Tank, "e", 40)]
    [InlineData(Carry, "q", 40)]
    [InlineData(Carry, "w", 40)]
    [InlineData(Carry, "e", 40)]
    public void A_skill_sets_its_timer_and_works_again_exactly_then(int caster, string key, int ticks)
    {
        using HandMatch match = Duel(caster, 2).Set("mana", caster, (ushort)600).Press(caster, targets: 1, keys: key).Step();
        Assert.Equal(ticks, match.Get<byte>(key, caster));
        Assert.Equal(1, match.Counter(caster, CounterOf(key)));
        match.Hero(caster, 110, 30, mana: 600).Hero(Victim, 110, 32, 2000).Set(key, caster, (byte)2).Step();
        Assert.Equal(1, match.Counter(caster, CounterOf(key)));
        match.Hero(caster, 110, 30, mana: 600).Hero(Victim, 110, 32, 2000).Step();
        Assert.Equal(2, match.Counter(caster, CounterOf(key)));
    }

    [Theory]
    [InlineData(Support, "q", 98)]
    [InlineData(Support, "e", 73)]
    [InlineData(Assassin, "w", 148)]
    [InlineData(Burst, "q", 198)]
    [InlineData(Tank, "q", 3)]
    [InlineData(Tank, "e", 48)]
    [InlineData(Carry, "q", 23)]
    [InlineData(Carry, "w", 148)]
    public void A_skill_needs_its_mana(int caster, string key, int enough)
    {
        // Two points come back before the turn.
        using HandMatch match = Duel(caster, 2).Set("mana", caster, (ushort)(enough - 1)).Press(caster, targets: 1, keys: key).Step();
        Assert.Equal(0, match.Counter(caster, CounterOf(key)));
        Assert.Equal(1, match.Counter(caster, MobaCounter.Attacks));
        match.Set("mana", caster, (ushort)enough).Step();
        Assert.Equal(1, match.Counter(caster, CounterOf(key)));
    }

    [Theory]
    [InlineData(Support, "q")]
    [InlineData(Support, "e")]
    [InlineData(Assassin, "q")]
    [InlineData(Assassin, "w")]
    [InlineData(Burst, "q")]
    [InlineData(Burst, "w")]
    [InlineData(Burst, "e")]
    [InlineData(Tank, "q")]
    [InlineData(Tank, "e")]
    [InlineData(Carry, "q")]
    [InlineData(Carry, "w")]
    [InlineData(Carry, "e")]
    public void Without_anybody_near_nothing_is_paid(int caster, string key)
    {
        using HandMatch match = Duel(caster, 6).Press(caster, targets: 1, keys: key).Step();
        Assert.Equal(302, match.Get<ushort>("mana", caster));
        Assert.Equal(0, match.Get<byte>(key, caster));
    }

    [Fact]
    public void Hook_pulls_the_target_towards_the_caster()
    {
        // 767 columns and 1 row away: 768. 640 units of that are 639 columns, rounded towards zero, and no row.
        using HandMatch match = Duel(Support, 3).Press(Support, targets: 2, keys: "q").Step();
        Assert.Equal((28_287, 33 * 256 + 127 - 639), match.Position(Victim));
        Assert.Equal(match.Centre(Support, 110, 30), match.Position(Support));
    }

    [Fact]
    public void Heal_reaches_allies_in_square_five_and_oneself()
    {
        using HandMatch match = new HandMatch().Hero(Support, 110, 30, 1000).Hero(Tank, 110, 35, 500).Hero(Burst, 104, 30, 100).Press(Support, keys: "w").Step();
        Assert.Equal(500 + 2 + 850, match.Get<ushort>("hp", Tank));
        Assert.Equal(1500, match.Get<ushort>("hp", Support)); // the maximum
        Assert.Equal(102, match.Get<ushort>("hp", Burst));
        Assert.Equal(1700, match.Counter(Support, MobaCounter.Healing));
    }

    [Fact]
    public void Cleave_needs_a_creep_or_neutral_as_target_and_hits_all_in_square_three()
    {
        using HandMatch match = new HandMatch().Hero(Assassin, 110, 30).Unit(Creep, 110, 32, 450).Hero(Victim, 107, 30, 2000).Hero(9, 106, 30, 700).Press(Assassin, targets: 1, keys: "q").Step();
        Assert.Equal(150, match.Get<ushort>("hp", Creep));
        Assert.Equal(1702, match.Get<ushort>("hp", Victim));
        Assert.Equal(702, match.Get<ushort>("hp", 9));
        using HandMatch other = Duel(Assassin, 2).Press(Assassin, targets: 1, keys: "q").Step();
        Assert.Equal(0, other.Counter(Assassin, MobaCounter.Q));
    }

    [Fact]
    public void Blink_lands_beside_the_target_on_the_near_side()
    {
        using HandMatch match = Duel(Assassin, 4).Press(Assassin, 3, 3, 2, "w").Step();
        Assert.Equal(match.Centre(Assassin, 110, 33), match.Position(Assassin));
        Assert.Equal(2002 - 750, match.Get<ushort>("hp", Victim));
    }

    [Fact]
    public void Blink_takes_the_next_cell_clockwise_where_the_near_one_is_taken()
    {
        // From the target the caster is west; north-west is next.
        using HandMatch match = Duel(Assassin, 4).Hero(Support, 110, 33).Press(Assassin, targets: 2, keys: "w").Step();
        Assert.Equal(match.Centre(Assassin, 109, 33), match.Position(Assassin));
    }

    [Fact]
    public void Haste_lasts_exactly_twenty_five_ticks_from_the_next()
    {
        using HandMatch match = new HandMatch().Hero(Assassin, 118, 8, 400, 900).Press(Assassin, 0, 3, 0, "e").Step();
        int before = match.Position(Assassin).X;
        Assert.Equal(8 * 256 + 128 + 256, before);
        match.Press(Assassin, 0, 3).Step();
        Assert.Equal(before + 512, match.Position(Assassin).X);
        match.Set("haste", Assassin, (byte)1).Step();
        Assert.Equal(before + 1024, match.Position(Assassin).X);
        match.Step();
        Assert.Equal(before + 1280, match.Position(Assassin).X);
    }

    [Fact]
    public void Engage_blinks_and_gathers_all_but_the_target()
    {
        using HandMatch match = Duel(Tank, 4).Unit(Creep, 106, 34, 450).Press(Tank, targets: 2, keys: "e").Step();
        Assert.Equal(match.Centre(Tank, 110, 33), match.Position(Tank));
        Assert.Equal(match.Centre(Creep, 109, 34), match.Position(Creep)); // 768 of 1024 units
        Assert.Equal((110, 34), match.Cell(Victim));
    }

    [Fact]
    public void Mend_heals_the_tank()
    {
        using HandMatch match = new HandMatch().Hero(Tank, 110, 30).Press(Tank, keys: "w").Step();
        Assert.Equal(500 + 2 + 1650, match.Get<ushort>("hp", Tank));
    }

    [Fact]
    public void Retreat_pays_every_hop_and_leads_away_from_the_target()
    {
        // Target 511 columns to the right and 1 row up: 512. Three hops are 3072 units: 3066 columns to the left, 6 rows down.
        using HandMatch match = Duel(Carry, 2).Set("mana", Carry, (ushort)98).Press(Carry, targets: 1, keys: "q").Step();
        Assert.Equal((110 * 256 + 128 + 6, 30 * 256 + 128 - 3066), match.Position(Carry));
        Assert.Equal(25, match.Get<ushort>("mana", Carry));
        Assert.Equal(15, match.Get<byte>("slow", Victim));
        using HandMatch poor = Duel(Carry, 2).Set("mana", Carry, (ushort)50).Press(Carry, targets: 1, keys: "q").Step();
        Assert.Equal(2, poor.Get<ushort>("mana", Carry)); // two hops
    }

    [Fact]
    public void The_first_that_works_of_Q_W_E_and_then_the_attack()
    {
        using HandMatch match = Duel(Burst, 2).Set("q", Burst, (byte)9).Press(Burst, targets: 1, keys: "qwe").Step();
        Assert.Equal(1, match.Counter(Burst, MobaCounter.W));
        Assert.Equal(0, match.Counter(Burst, MobaCounter.E) + match.Counter(Burst, MobaCounter.Attacks));
        Assert.Equal(0, match.Get<byte>("attack", Burst));
    }

    [Fact]
    public void Stun_of_N_covers_exactly_the_next_N_ticks()
    {
        using HandMatch match = Duel(Support, 2).Press(Support, targets: 1, keys: "e").Press(Victim, 0, 1).Step();
        int x = match.Position(Victim).X; // the stun is not yet felt
        Assert.Equal(32 * 256 + 127 - 85, x); // side 1 sees the map turned
        match.Press(Support).Step(20);
        Assert.Equal(x, match.Position(Victim).X);
        match.Step();
        Assert.Equal(x - 85, match.Position(Victim).X);
    }

    [Fact]
    public void Attack_hits_in_square_five_every_eighth_tick()
    {
        using HandMatch match = Duel(Tank, 5).Press(Tank, targets: 1).Step(8);
        Assert.Equal(200, match.Counter(Tank, MobaCounter.Dealt));
        match.Step();
        Assert.Equal(400, match.Counter(Tank, MobaCounter.Dealt));
        using HandMatch far = Duel(Tank, 6).Press(Tank, targets: 1).Step();
        Assert.Equal(0, far.Counter(Tank, MobaCounter.Attacks));
    }

    private static int CounterOf(string key) => key switch { "q" => MobaCounter.Q, "w" => MobaCounter.W, _ => MobaCounter.E };
}
