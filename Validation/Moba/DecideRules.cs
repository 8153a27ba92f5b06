namespace Arena.Validation.Moba;

/// <summary>What every acting unit does: whom it hits, where it wants to go.</summary>
internal static class DecideRules
{
    public const int HeroReach = 5;

    public static void Decide(MatchTick tick, Turn turn)
    {
        switch (turn.Unit.Kind)
        {
            case Kind.Hero: Hero(tick, turn); break;
            case Kind.Creep: Creep(tick, turn); break;
            case Kind.Neutral: Neutral(tick, turn); break;
            case Kind.Tower: Tower(tick, turn); break;
        }
    }

    /// <summary>Whether a unit passes a filter: 1 all, 2 heroes and structures, 3 all but neutrals; 0 none.</summary>
    public static bool Passes(Unit unit, int filter) => filter switch
    {
        1 => true,
        2 => unit.Kind == Kind.Hero || unit.IsStructure,
        3 => unit.Kind != Kind.Neutral,
        _ => false,
    };

    /// <summary>Units per tick of a hero with velocity (n_y, n_x) in the world.</summary>
    public static Point Speed(int down, int right, bool haste, bool slow)
    {
        (int y, int x) = (Math.Abs(down), Math.Abs(right));
        int[] single = [0, 85, 170, 256];
        (int lengthY, int lengthX) = (y * y) + (x * x) <= 9 ? (single[y], single[x]) : (y, x) switch
        {
            (1, 3) => (80, 242),
            (3, 1) => (242, 80),
            (2, 3) => (142, 213),
            (3, 2) => (213, 142),
            (3, 3) => (181, 181),
            _ => throw new ArgumentOutOfRangeException(nameof(down)),
        };
        if (haste) (lengthY, lengthX) = (2 * lengthY, 2 * lengthX);
        if (slow) (lengthY, lengthX) = (lengthY / 2, lengthX / 2);
        return new Point(Math.Sign(down) * lengthY, Math.Sign(right) * lengthX);
    }

    private static void Hit(MatchTick tick, Turn turn, Unit victim)
    {
        Unit unit = turn.Unit;
        unit.AttackTimer = Stats.AttackCooldown(unit);
        tick.Of(victim).Suffered.Add(new Effect(unit, victim) { Damage = unit.Damage });
    }

    private static void Hero(MatchTick tick, Turn turn)
    {
        Unit hero = turn.Unit;
        Order order = turn.Order;
        int sign = hero.Side == 0 ? 1 : -1;
        turn.Velocity = Speed(sign * order.Down, sign * order.Right, turn.WasHaste, turn.WasSlow);
        Unit? target = tick.State.Nearest(hero, HeroReach, unit => tick.IsTarget(hero, unit) && Passes(unit, order.Targets));
        int used = SkillRules.Use(tick, turn, target);
        if (used >= 0)
        {
            hero.Counters[Counter.FirstSkill + used]++;
        }
        else if (target is not null && hero.AttackTimer == 0)
        {
            Hit(tick, turn, target);
            hero.Counters[Counter.Attacks]++;
        }

        if (turn.Blink is not null || turn.Retreat > 0) turn.Velocity = default;
    }

    private static void Creep(MatchTick tick, Turn turn)
    {
        Unit creep = turn.Unit;
        DropInvalid(tick, creep);
        if (Thinks(tick, creep, 5)) Store(creep, tick.State.Nearest(creep, Stats.Vision(creep), unit => tick.IsTarget(creep, unit) && Passes(unit, 3)));
        if (creep.Target == Slots.Nobody) turn.Direction = tick.State.Map.Fields.Lane(creep.Lane, creep.Side, creep.Cell);
        else ChaseOrHit(tick, turn);
    }

    private static void Neutral(MatchTick tick, Turn turn)
    {
        Unit neutral = turn.Unit;
        Cell camp = Places.Camp(neutral.Camp, neutral.Side);
        bool leashed = camp.Near(neutral.Cell, 8);
        DropInvalid(tick, neutral);
        if (!leashed) Store(neutral, null);
        else if (Thinks(tick, neutral, 5))
            Store(neutral, tick.State.Nearest(neutral, Stats.Vision(neutral), unit => tick.IsTarget(neutral, unit) && unit.Kind == Kind.Hero));
        if (neutral.Target != Slots.Nobody) ChaseOrHit(tick, turn);
        else if (!camp.Near(neutral.Cell, 2)) turn.Direction = tick.State.Map.Fields.Camp(neutral.Camp, neutral.Side, neutral.Cell);
    }

    private static void Tower(MatchTick tick, Turn turn)
    {
        Unit tower = turn.Unit;
        DropInvalid(tick, tower);
        if (tower.AttackTimer > 0) return;
        if (tower.Target == Slots.Nobody && Thinks(tick, tower, 3))
            Store(tower, tick.State.Nearest(tower, Stats.Vision(tower), unit => tick.IsTarget(tower, unit) && unit.Kind is Kind.Hero or Kind.Creep));
        if (tower.Target != Slots.Nobody) Hit(tick, turn, tick.State.Units[tower.Target]);
    }

    private static bool Thinks(MatchTick tick, Unit unit, int period) => (tick.State.Tick + unit.Pair) % period == 0;

    private static void Store(Unit unit, Unit? target) => unit.Target = target?.Slot ?? Slots.Nobody;

    private static void DropInvalid(MatchTick tick, Unit unit)
    {
        if (unit.Target == Slots.Nobody) return;
        Unit target = tick.State.Units[unit.Target];
        if (!tick.IsTarget(unit, target) || !unit.Cell.Near(target.Cell, Stats.Vision(unit))) unit.Target = Slots.Nobody;
    }

    private static void ChaseOrHit(MatchTick tick, Turn turn)
    {
        Unit unit = turn.Unit, target = tick.State.Units[unit.Target];
        if (!unit.Cell.Near(target.Cell, 1)) turn.Direction = Compass.Towards(unit.Cell, target.Cell);
        else if (unit.AttackTimer == 0) Hit(tick, turn, target);
    }
}
