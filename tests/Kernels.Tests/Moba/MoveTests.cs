using Arena.Kernels.Environments.Moba;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Moves, claims, deaths and rules of other units, each worked out by hand.</summary>
public class MoveTests
{
    private const int Support = 0, Assassin = 2, Tank = 6, Enemy = 7, Creep = 11, OtherCreep = 13;

    [Theory]
    [InlineData(0, 3, 0, 256)]
    [InlineData(1, -2, 85, -170)]
    [InlineData(2, 2, 170, 170)]
    [InlineData(-1, 3, -80, 242)]
    [InlineData(-3, 2, -213, 142)]
    [InlineData(3, 3, 181, 181)]
    public void Velocities_are_those_of_the_table_and_turn_with_the_side(int vertical, int horizontal, int y, int x)
    {
        using HandMatch match = new HandMatch().Hero(Support, 112, 26).Hero(Enemy, 98, 30, 2000);
        match.Press(Support, vertical, horizontal).Press(Enemy, vertical, horizontal).Step();
        Assert.Equal((112 * 256 + 128 + y, 26 * 256 + 128 + x), match.Position(Support));
        Assert.Equal((98 * 256 + 127 - y, 30 * 256 + 127 - x), match.Position(Enemy));
    }

    [Theory]
    [InlineData(0, 1, 71, 106)]
    [InlineData(1, 0, 284, 426)]
    [InlineData(1, 1, 142, 213)]
    public void Slow_halves_and_haste_doubles(int haste, int slow, int y, int x)
    {
        using HandMatch match = new HandMatch().Hero(Support, 112, 26).Set("haste", Support, (byte)haste).Set("slow", Support, (byte)slow);
        match.Press(Support, 2, 3).Step();
        Assert.Equal((112 * 256 + 128 + y, 26 * 256 + 128 + x), match.Position(Support));
    }

    [Fact]
    public void A_bad_action_is_no_action_and_counts_only_for_the_living()
    {
        using HandMatch match = new HandMatch().Hero(Support, 112, 26).Press(Support, 4, 0, 1, "q").Press(Tank, -4).Step();
        Assert.Equal(match.Centre(Support, 112, 26), match.Position(Support));
        Assert.Equal(1, match.Counter(Support, MobaCounter.Invalid));
        Assert.Equal(0, match.Counter(Tank, MobaCounter.Invalid));
        Assert.Equal(2u, match.Views.Errors[MobaMatch.RowOf(Support)]);
        Assert.Equal(0u, match.Views.Errors[MobaMatch.RowOf(Tank)]);
    }

    [Fact]
    public void Of_two_who_want_a_cell_the_lower_hash_wins_and_the_other_stays()
    {
        using HandMatch match = new HandMatch().Hero(Support, 110, 28).Hero(Assassin, 110, 30).Press(Support, 0, 3).Press(Assassin, 0, -3);
        bool first = Priority(match, Support) < Priority(match, Assassin);
        match.Step();
        Assert.Equal(first ? (110, 29) : (110, 28), match.Cell(Support));
        Assert.Equal(first ? (110, 30) : (110, 29), match.Cell(Assassin));
        Assert.Equal(first ? 0 : 1, match.Counter(Support, MobaCounter.Blocked));
        Assert.Equal(first ? 1 : 0, match.Counter(Assassin, MobaCounter.Blocked));
    }

    [Fact]
    public void A_blocked_hero_slides_along_what_blocks_it()
    {
        // Straight ahead and to the upper right somebody stands: the way up is free.
        using HandMatch match = new HandMatch().Hero(Support, 110, 28).Hero(Assassin, 109, 29).Hero(Tank, 110, 29);
        match.Set("position", Support, MobaMatch.CentreOf(MobaLayout.Cell(110, 28), 0) + 127).Press(Support, -3, 3).Step();
        Assert.Equal((110 * 256 + 128 - 181, 28 * 256 + 255), match.Position(Support));
        Assert.Equal(0, match.Counter(Support, MobaCounter.Blocked));
    }

    [Fact]
    public void A_blocked_creep_steps_aside_to_the_hand_of_its_hash()
    {
        using HandMatch match = new HandMatch().Hero(Support, 110, 28).Unit(Creep, 110, 33, 450).Unit(OtherCreep, 110, 32, 450);
        match.Set("target", Creep, (byte)Support).Set("stun", OtherCreep, (byte)9);
        int hand = (int)(Hash(match, Creep) >> 7 & 1);
        match.Step();
        Assert.Equal(hand == 0 ? (109, 32) : (111, 32), match.Cell(Creep));
    }

    [Fact]
    public void A_slowed_creep_walks_every_second_tick()
    {
        using HandMatch match = new HandMatch().Hero(Support, 110, 20).Unit(Creep, 110, 36, 450).Set("slow", Creep, (byte)200);
        match.Step();
        (int Y, int X) start = match.Cell(Creep);
        match.Step(4);
        (int Y, int X) end = match.Cell(Creep);
        Assert.Equal(2, Math.Max(Math.Abs(end.Y - start.Y), Math.Abs(end.X - start.X)));
    }

    [Fact]
    public void A_hook_beats_the_blink_of_its_victim_whose_blow_still_lands()
    {
        using HandMatch match = new HandMatch().Hero(Support, 110, 26, 1200).Hero(3, 110, 30, 1000);
        match.Press(Support, targets: 2, keys: "q").Press(3, targets: 2, keys: "w").Step();
        Assert.Equal(1202 - 750, match.Get<ushort>("hp", Support));
        Assert.Equal(152, match.Get<ushort>("mana", 3));
        Assert.Equal((110, 28), match.Cell(3)); // 640 of 1024 units
    }

    [Fact]
    public void A_creep_that_a_hook_does_not_move_out_of_its_cell_stays_on_its_centre()
    {
        // 257 columns to the right: of two steps the first, 128 columns, ends in the creep's cell, and the second would enter the caster's.
        using HandMatch match = new HandMatch().Hero(Support, 110, 31).Unit(Creep, 110, 30, 450).Set("stun", Creep, (byte)9);
        match.Press(Support, targets: 1, keys: "q").Step();
        Assert.Equal(1, match.Counter(Support, MobaCounter.Q));
        Assert.Equal(match.Centre(Creep, 110, 30), match.Position(Creep));
    }

    [Fact]
    public void Who_dies_in_this_tick_still_deals_its_blow_and_frees_its_cell()
    {
        using HandMatch match = new HandMatch().Hero(Tank, 110, 28, 20).Hero(Enemy, 110, 30, 20).Hero(Assassin, 111, 31, 900);
        match.Press(Tank, targets: 2).Press(Enemy, targets: 2).Press(Assassin, -3, -3).Step();
        Assert.Equal(0, match.Get<ushort>("hp", Tank) + match.Get<ushort>("hp", Enemy));
        Assert.Equal((110, 30), match.Cell(Assassin));
        Assert.Equal(60, match.Get<ushort>("respawn", Tank));
        Assert.Equal(1, match.Counter(Tank, MobaCounter.Kills));
        Assert.Equal(1, match.Counter(Tank, MobaCounter.Deaths));
    }

    [Fact]
    public void Healing_in_the_tick_of_a_lethal_blow_counts_against_it()
    {
        using HandMatch match = new HandMatch().Hero(Support, 111, 28, 900).Hero(Assassin, 110, 28, 100).Hero(Enemy, 110, 30, 2000);
        match.Press(Enemy, targets: 2).Press(Support, keys: "w").Step();
        Assert.Equal(100 + 2 + 850 - 200, match.Get<ushort>("hp", Assassin));
    }

    [Fact]
    public void Experience_is_shared_near_the_place_of_death_by_the_killer_s_team()
    {
        // A creep is worth 60: the killer and the hero 1791 units away get 30 each, the one a unit further, beyond 1792, nothing.
        using HandMatch match = new HandMatch().Hero(Tank, 110, 28).Hero(Support, 117, 30).Hero(Assassin, 100, 30).Unit(Creep, 110, 30, 100);
        match.Set("position", Support, (uint)((110 * 256 + 127 + 1792) << 16 | 30 * 256 + 127)).Press(Tank, targets: 1).Step();
        Assert.Equal(5930, match.Get<int>("xp", Tank));
        Assert.Equal(5930, match.Get<int>("xp", Support));
        Assert.Equal(5900, match.Get<int>("xp", Assassin));
        Assert.Equal(1, match.Counter(Tank, MobaCounter.Creeps));
        using HandMatch far = new HandMatch().Hero(Tank, 110, 28).Hero(Support, 117, 30).Unit(Creep, 110, 30, 100);
        far.Set("position", Support, (uint)((110 * 256 + 127 + 1793) << 16 | 30 * 256 + 127)).Press(Tank, targets: 1).Step();
        Assert.Equal(5960, far.Get<int>("xp", Tank));
    }

    [Fact]
    public void A_small_hit_of_a_hero_takes_the_credit_from_a_creep()
    {
        // Level 10 heroes are worth 100 + 100·5900/769 = 867.
        using HandMatch match = new HandMatch().Hero(Enemy, 110, 30, 40).Unit(10, 110, 31, 450).Set("target", 10, (byte)Enemy).Hero(Tank, 110, 28);
        match.Press(Tank, targets: 2, keys: "q").Set("xp", Tank, 5900).Step();
        Assert.Equal(5900 + 867, match.Get<int>("xp", Tank));
        using HandMatch alone = new HandMatch().Hero(Enemy, 110, 30, 20).Unit(10, 110, 31, 450).Set("target", 10, (byte)Enemy).Hero(Tank, 110, 24).Step();
        Assert.Equal(0, alone.Get<ushort>("hp", Enemy));
        Assert.Equal(5900, alone.Get<int>("xp", Tank));
    }

    [Fact]
    public void Structures_fall_in_the_order_of_their_tiers()
    {
        using HandMatch match = new();
        Assert.Equal(0, Vulnerable(match, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) & ~0b111);
        Assert.Equal(0b1000_0000_0000, Vulnerable(match, [11]));
        Assert.Equal(0b0110_0000_0000, Vulnerable(match, [9, 10, 11]));
        Assert.Equal(0b0110_0011_0000, Vulnerable(match, [4, 5, 7, 9, 10, 11]));
        Assert.Equal(0b0110_0010_1000, Vulnerable(match, [3, 5, 6, 8, 9, 10, 11]));
        Assert.Equal(0b0100_0000_0000, Vulnerable(match, [10, 11]));
    }

    [Fact]
    public void A_tower_that_may_not_be_hit_is_not()
    {
        // Tier 3 of the middle lane stands behind its tier 2.
        using HandMatch match = new HandMatch().Hero(Tank, 94, 36).Unit(203 + 2 * 7, 94, 38, 2000).Unit(203 + 2 * 4, 30, 70, 2000);
        match.Press(Tank, targets: 2, keys: "q").Step();
        Assert.Equal(2000, match.Get<ushort>("hp", 203 + 2 * 7));
        match.Set("hp", 203 + 2 * 4, (ushort)0).Set("attack", 203 + 2 * 7, (byte)9).Step();
        Assert.Equal(2000 - 45, match.Get<ushort>("hp", 203 + 2 * 7));
    }

    [Fact]
    public void A_neutral_beyond_its_leash_drops_its_target_and_goes_home()
    {
        // From the camp at (36, 36) a free cell exactly 9 away, with a hero beside it.
        MobaMap map = MobaMap.Of(1);
        MobaFlow home = map.Flow(MobaConstants.FirstCampField);
        int centre = MobaLayout.Camp(0);
        int start = Enumerable.Range(0, MobaConstants.Cells).First(cell => MobaLayout.Distance(cell, centre) == 9 && home.Steps[cell] is > 0 and < 12 && !map.Walls[cell + 1]);
        using HandMatch match = new HandMatch().Unit(130, start / 128, start % 128, 500).Hero(Support, start / 128, start % 128 + 1).Set("target", 130, (byte)Support).Step();
        Assert.Equal(255, match.Get<byte>("target", 130));
        Assert.Equal(502, match.Get<ushort>("hp", Support));
        (int y, int x) = match.Cell(130);
        Assert.Equal(home.Steps[start] - 1, home.Steps[MobaLayout.Cell(y, x)]);
    }

    [Fact]
    public void Creeps_and_neutrals_appear_in_their_blocks_and_not_over_others()
    {
        using HandMatch match = new HandMatch(tick: 600).Step();
        byte[] flags = match.Read<byte>("flags");
        for (int slot = MobaConstants.FirstCreep; slot < MobaConstants.FirstTower; slot++)
        {
            bool due = slot >= MobaConstants.FirstNeutral || (slot - 10) / 2 % 20 / 5 == 0; // wave 4 uses the slots of wave 0
            Assert.Equal(due ? 1 : 0, flags[slot]);
            Assert.Equal(due ? slot < MobaConstants.FirstNeutral ? 450 : 500 : 0, match.Get<ushort>("hp", slot));
        }
    }

    [Fact]
    public void A_full_fountain_lets_nobody_in()
    {
        // Dummies on all 45 cells of the support's list; it waits, and comes back when one is gone.
        using HandMatch match = new HandMatch().Set("respawn", Support, (ushort)1);
        int dummy = 10;
        for (int index = 0; index < 225; index += 5) match.Unit(dummy += 2, 105 + index / 15, 8 + index % 15, 450).Set("stun", dummy, (byte)200);
        match.Step(3);
        Assert.Equal(0, match.Get<ushort>("hp", Support));
        match.Unit(dummy, 0, 0, 0).Step();
        Assert.Equal(1500 - 100 * 9, match.Get<ushort>("hp", Support)); // level 1
        Assert.Equal((119, 18), match.Cell(Support));
    }

    private static int Vulnerable(HandMatch match, int[] standing)
    {
        match.Change<ushort>("hp", hp =>
        {
            for (int tower = 0; tower < 12; tower++) hp[202 + 2 * tower] = (ushort)(standing.Contains(tower) ? 100 : 0);
        });
        int both = MobaMatch.Of(match.Environment.Arguments(match.Views), 0).Vulnerable(), mask = 0;
        for (int tower = 0; tower < 12; tower++) mask |= (both >> (2 * tower) & 1) << tower;
        return mask;
    }

    // The rule book's tie hash with flip 0, written again.
    private static uint Hash(HandMatch match, int slot)
    {
        uint h = match.Get<uint>("salt", 0) + 0x9E3779B9u * (uint)(match.Get<int>("tick", 0) + 1) + 0x85EBCA6Bu * (uint)slot;
        h ^= h >> 16;
        h *= 0x7FEB352Du;
        h ^= h >> 15;
        h *= 0x846CA68Bu;
        return h ^ h >> 16;
    }

    private static uint Priority(HandMatch match, int slot) => Hash(match, slot) & 0x7FFFFF00u | (uint)slot;
}
