using Arena.Kernels.Random;

namespace Arena.Validation.Moba;

/// <summary>What the built-in players do with one hero, from the state before the tick.</summary>
internal sealed class PlayerRules(MatchModel state, ulong seed, int match, Unit hero)
{
    private const int Stand = 3;
    private const int MidLane = 1, GatherTick = 1500;

    private enum Skill
    {
        Weak,
        Normal,
        Strong,
    }

    private FieldRules Fields => state.Map.Fields;

    /// <summary>The six heads.</summary>
    public int[] Choose(string player)
    {
        if (!hero.Alive) return [Stand, Stand, 0, 0, 0, 0];
        return player switch
        {
            "random" => Random(),
            "scripted:weak" => Weak(),
            "scripted:normal" => Fight(Skill.Normal),
            "scripted:strong" => Fight(Skill.Strong),
            _ => throw new ArgumentException($"No player '{player}'.", nameof(player)),
        };
    }

    private int[] Random()
    {
        UInt4 first = Words(Purpose.RandomFirst), second = Words(Purpose.RandomSecond);
        uint[] words = [first.X, first.Y, first.Z, first.W, second.X, second.Y];
        var heads = new int[words.Length];
        for (int head = 0; head < heads.Length; head++) heads[head] = Chance.Below(words[head], Order.Sizes[head]);
        return heads;
    }

    private UInt4 Words(uint purpose) =>
        Philox.Draw(seed, (uint)match, (uint)state.Episode, (uint)state.Tick, (uint)state.Rank(hero), purpose);

    private int[] Weak()
    {
        (int targets, Unit? aimed) = Aim(Skill.Weak);
        if (aimed is not null && hero.Cell.Near(aimed.Cell, 1)) return [Stand, Stand, targets, 0, 0, 0];
        Unit? prey = Seen(3, 7);
        int direction = prey is not null ? Compass.Towards(hero.Cell, prey.Cell) : Fields.Lane(hero.Lane, hero.Side, hero.Cell);
        return [.. Walk(direction), 0, 0, 0, 0];
    }

    private int[] Fight(Skill skill)
    {
        (int targets, Unit? aimed) = Aim(skill);
        bool[] pressed = Pressed(aimed);
        return [.. Walk(Direction(skill, aimed)), targets, pressed[0] ? 1 : 0, pressed[1] ? 1 : 0, pressed[2] ? 1 : 0];
    }

    // The nearest target in a square that passes a filter.
    private Unit? Seen(int filter, int square) => state.Nearest(hero, square, unit =>
        unit.Alive && hero.IsHostileTo(unit) && (!unit.IsStructure || state.IsVulnerable(unit)) && DecideRules.Passes(unit, filter));

    private (int Targets, Unit? Aimed) Aim(Skill skill)
    {
        Unit? any = Seen(1, 5), large = Seen(2, 5);
        if (skill == Skill.Strong && large is { Kind: Kind.Hero } && (large.Hp <= 400 || large.Hp <= hero.Damage || any!.Hp > hero.Damage))
            return (2, large);
        if (any is not null && any.Kind != Kind.Neutral) return (1, any);
        return large is not null ? (2, large) : (0, null);
    }

    private int Direction(Skill skill, Unit? aimed)
    {
        int home = Fields.Fountain(hero.Side, hero.Cell);
        if (hero.Hurt) return Places.InFountain(hero.Cell, hero.Side) ? Compass.Stay : home;
        if (skill == Skill.Strong && (UnderTowerAlone() || StepsBack(aimed))) return home;
        int lane = skill == Skill.Strong && state.Tick >= GatherTick ? MidLane : hero.Lane;
        return aimed is not null ? Compass.Stay : Fields.Lane(lane, hero.Side, hero.Cell);
    }

    private bool UnderTowerAlone()
    {
        bool tower = false;
        int creeps = 0;
        foreach (Unit unit in state.Units)
        {
            if (!unit.Alive) continue;
            tower |= unit.Kind == Kind.Tower && unit.Team != hero.Team && hero.Cell.Near(unit.Cell, 6);
            if (unit.Kind == Kind.Creep && unit.Team == hero.Team && hero.Cell.Near(unit.Cell, 4)) creeps++;
        }

        return tower && creeps == 0;
    }

    private bool StepsBack(Unit? aimed) =>
        hero.Class is HeroClass.Support or HeroClass.Burst or HeroClass.Carry
        && aimed is { Kind: Kind.Hero } && hero.Cell.Near(aimed.Cell, 2) && hero.AttackTimer > 0;

    private bool[] Pressed(Unit? aimed)
    {
        bool atHero = aimed is { Kind: Kind.Hero };
        return hero.Class switch
        {
            HeroClass.Support => [atHero, FriendNeedsHealing(), atHero],
            HeroClass.Assassin => [true, atHero && aimed!.Hp * 2 < aimed.MaxHp, hero.Hurt],
            HeroClass.Burst => [atHero, true, atHero],
            HeroClass.Tank => [hero.Mana >= 60, hero.Hp * 2 < hero.MaxHp, atHero && hero.Hp * 10 >= 6 * hero.MaxHp && !hero.Hurt],
            _ => [hero.Hurt && atHero, atHero, true],
        };
    }

    private bool FriendNeedsHealing()
    {
        for (int slot = hero.Side; slot < Slots.Heroes; slot += 2)
        {
            Unit friend = state.Hero(slot);
            if (friend.Alive && hero.Cell.Near(friend.Cell, 5) && friend.Hp * 10 < 6 * friend.MaxHp) return true;
        }

        return false;
    }

    // The first free way: straight, then an eighth and a quarter to either side.
    private int[] Walk(int direction)
    {
        if (direction == Compass.Stay) return [Stand, Stand];
        int h = Chance.Hand(state, hero) == 0 ? 1 : -1;
        int sign = hero.Side == 0 ? 1 : -1;
        foreach (int turns in (int[])[0, h, -h, 2 * h, -2 * h])
        {
            int way = Compass.Turn(direction, turns);
            if (!state.IsFree(hero.Cell.Next(way)) || state.Map.CutsCorner(hero.Cell, way)) continue;
            return [Stand + (3 * sign * Compass.Down(way)), Stand + (3 * sign * Compass.Right(way))];
        }

        return [Stand, Stand];
    }
}
