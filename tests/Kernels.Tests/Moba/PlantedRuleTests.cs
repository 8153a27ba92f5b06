using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Wrong rules, planted between the shipped phases, and the rule of <see cref="TickRuleTests"/> that notices each.</summary>
public class PlantedRuleTests
{
    [Fact]
    public void Nothing_is_found_in_the_shipped_phases() => Assert.Null(Found(new Shipped()));

    [Fact]
    public void A_killed_unit_whose_attack_is_dropped() => Assert.Equal(FightRules.Blows, Found(new DeadDoNotStrike()));

    [Fact]
    public void Healing_beyond_the_maximum_that_is_wasted() => Assert.Equal(FightRules.Deaths, Found(new OverhealWasted()));

    [Fact]
    public void Experience_shared_around_the_fountain_instead_of_the_place_of_death() => Assert.Equal(FightRules.Experience, Found(new SharedAtTheFountain()));

    [Fact]
    public void Towers_whose_order_is_off_by_one() => Assert.Equal(FightRules.Towers, Found(new OrderOffByOne()));

    [Fact]
    public void Levels_that_begin_one_point_late() => Assert.Equal(FightRules.Levels, Found(new ThresholdOffByOne()));

    [Fact]
    public void A_cooldown_that_is_burned_without_a_target() => Assert.Equal(TurnRules.Costs, Found(new CooldownBurned()));

    [Fact]
    public void A_stun_that_takes_the_blow_of_the_same_tick() => Assert.Equal(FightRules.Blows, Found(new StunAtOnce { Blows = true }));

    [Fact]
    public void A_stun_that_takes_the_way_of_the_same_tick() => Assert.Equal(WayRules.Ways, Found(new StunAtOnce()));

    [Fact]
    public void A_way_around_the_corner_of_a_wall() => Assert.Equal(WayRules.Ways, Found(new CornersCut()));

    [Fact]
    public void Stunned_heroes_that_act() => Assert.Contains(Found(new StunForgotten()), new[] { FightRules.Blows, TurnRules.Costs, WayRules.Ways });

    [Fact]
    public void A_slow_that_slows_nobody() => Assert.Equal(WayRules.Ways, Found(new SlowForgotten()));

    [Fact]
    public void Actions_of_side_1_that_are_not_turned() => Assert.Equal(WayRules.Ways, Found(new NotTurned()));

    [Fact]
    public void Ties_that_go_by_slot_instead_of_rank_break_the_symmetry()
    {
        Assert.Null(Asymmetry(new Shipped(), new Shipped()));
        Assert.NotNull(Asymmetry(new TiesBySlot(), new TiesBySlot()));
    }

    private static string? Found(PhaseWatch planted)
    {
        using var brawl = new Brawl(2, planted);
        return brawl.FirstBreach(400)?.Rule;
    }

    // A game and the one with sides and ranks exchanged.
    private static string? Asymmetry(PhaseWatch one, PhaseWatch other)
    {
        using var play = new Play(new MobaOptions { NumEnvs = 1, ForceFlip = 0 }, seed: 21);
        using var turned = new Play(new MobaOptions { NumEnvs = 1, ForceFlip = 1 }, seed: 21);
        for (int tick = 0; tick < 250; tick++)
        {
            play.Tick(Play.Strong, Play.Normal, one);
            turned.Tick(Play.Normal, Play.Strong, other);
            if (Turn.Difference(play, turned) is { } difference) return difference;
        }

        return null;
    }

    private sealed class DeadDoNotStrike : PhaseWatch
    {
        internal override void Lane(in MobaTick<OwnedAtomics> tick, in MobaMatch match, int phase, int lane)
        {
            bool dies = phase == MobaPhase.Effect && lane < MobaConstants.Slots && match.Hp[lane] > 0 && match.Scratch.Damage[lane] >= match.Hp[lane];
            if (!dies) base.Lane(tick, match, phase, lane);
        }
    }

    internal sealed class OverhealWasted : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase != MobaPhase.Effect) return;
            for (int hero = 0; hero < MobaConstants.Heroes; hero++)
                if (match.Hp[hero] > 0) match.Scratch.Heal[hero] = Math.Min(match.Scratch.Heal[hero], RuleBook.MaxHp(hero, match.Level[hero]) - match.Hp[hero]);
        }
    }

    private sealed class SharedAtTheFountain : PhaseWatch
    {
        internal override void Lane(in MobaTick<OwnedAtomics> tick, in MobaMatch match, int phase, int lane)
        {
            bool dies = phase == MobaPhase.Resolve && lane < 10 && match.Hp[lane] > 0 && match.Hp[lane] + match.Scratch.Heal[lane] <= match.Scratch.Damage[lane];
            if (!dies)
            {
                base.Lane(tick, match, phase, lane);
                return;
            }

            // The dead hero is moved first; its cell is given back by hand, so that nothing but the place is wrong.
            uint place = match.Position[lane];
            MobaScan.Leave<OwnedAtomics>(match, lane, MobaMatch.CellOf(place));
            int fountain = MobaLayout.Of(MobaLayout.FountainCell, lane & 1), there = match.Grid[fountain];
            match.Position[lane] = MobaMatch.CentreOf(fountain, lane & 1);
            base.Lane(tick, match, phase, lane);
            if (there != MobaConstants.Nobody) MobaScan.Enter<OwnedAtomics>(match, there, fountain);
            match.Position[lane] = place;
        }
    }

    private sealed class OrderOffByOne : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase == MobaPhase.Begin) match.Scratch.Match[MobaScratch.Vulnerable] |= match.Scratch.Match[MobaScratch.Vulnerable] << 6 & 0x3FFFF;
        }
    }

    private sealed class ThresholdOffByOne : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase != MobaPhase.Levels) return;
            for (int hero = 0; hero < MobaConstants.Heroes; hero++) match.Level[hero] = (byte)RuleBook.Level(Math.Max(0, match.Xp[hero] - 1));
        }
    }

    private sealed class CooldownBurned : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase != MobaPhase.Decide) return;
            for (int hero = 0; hero < MobaConstants.Heroes; hero++)
            {
                bool acts = (match.Scratch.Was[hero] & (MobaWas.Alive | MobaWas.Stunned)) == MobaWas.Alive;
                bool idle = match.Scratch.Act[hero] == MobaAct.Nothing && match.Scratch.Aim[hero] == MobaConstants.Nobody;
                if (acts && idle && match.Attack[hero] == 0) match.Attack[hero] = MobaConstants.HeroAttackTicks;
            }
        }
    }

    private sealed class StunAtOnce : PhaseWatch
    {
        /// <summary>Whether blows are lost; otherwise ways are.</summary>
        internal bool Blows { get; init; }

        internal override void Lane(in MobaTick<OwnedAtomics> tick, in MobaMatch match, int phase, int lane)
        {
            bool stunned = Blows && phase == MobaPhase.Effect && lane < MobaConstants.Slots && match.Hp[lane] > 0 && match.Scratch.StunIn[lane] > 0;
            if (!stunned) base.Lane(tick, match, phase, lane);
        }

        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (Blows || phase != MobaPhase.Effect) return;
            for (int slot = 0; slot < MobaConstants.FirstTower; slot++)
                if (match.Hp[slot] > 0 && match.Scratch.StunIn[slot] > 0) match.Scratch.Move[slot] = 0;
        }
    }

    // A hero whose first step was refused, and only because of a corner, goes all the same.
    private sealed class CornersCut : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase != MobaPhase.Propose) return;
            var claims = new MobaClaimTable { Cells = a.Claims.Of(match.Env) };
            for (int hero = 0; hero < MobaConstants.Heroes; hero++)
            {
                int move = match.Scratch.Move[hero];
                bool walks = match.Hp[hero] > 0 && match.Scratch.Force[hero] == 0 && move >> MobaMove.KindShift == MobaMove.Velocity && match.Scratch.Claimed[hero] == MobaWalk.Stays;
                if (!walks) continue;
                (int y, int x) = RuleBook.Point(match.Position[hero]);
                y += (move >> MobaMove.VelocityShift & 0xFFF) - MobaMove.VelocityBias;
                x += (move & 0xFFF) - MobaMove.VelocityBias;
                int cell = RuleBook.Cell((y, x));
                if (MobaLayout.Distance(cell, MobaMatch.CellOf(match.Position[hero])) != 1 || MobaMatch.IsWall(a, cell) || match.Grid[cell] != MobaConstants.Nobody) continue;
                match.Scratch.Wish[hero] = y << 16 | x;
                match.Scratch.Claimed[hero] = cell;
                claims.Claim<OwnedAtomics>(cell, match.Priority(match.TieHash(hero), hero) + MobaClaim.FirstRound);
            }
        }
    }

    private sealed class StunForgotten : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase != MobaPhase.Status) return;
            for (int hero = 0; hero < MobaConstants.Heroes; hero++) match.Scratch.Was[hero] &= ~MobaWas.Stunned;
        }
    }

    private sealed class SlowForgotten : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase != MobaPhase.Status) return;
            for (int hero = 0; hero < MobaConstants.Heroes; hero++) match.Scratch.Was[hero] &= ~MobaWas.Slow;
        }
    }

    private sealed class NotTurned : PhaseWatch
    {
        internal override void Before(int phase, int env, in MobaArguments a)
        {
            if (phase != MobaPhase.Begin) return;
            for (int row = 5; row < 10; row++)
                for (int head = 0; head < 2; head++) a.Views.DiscreteActions[6 * row + head] = 6 - a.Views.DiscreteActions[6 * row + head];
        }
    }

    private sealed class TiesBySlot : PhaseWatch
    {
        private int flip;

        internal override void Before(int phase, int env, in MobaArguments a)
        {
            if (phase != MobaPhase.Propose) return;
            flip = a.State.Flip[env, 0];
            a.State.Flip[env, 0] = 0;
        }

        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase == MobaPhase.Commit) a.State.Flip[match.Env, 0] = flip;
        }
    }
}
