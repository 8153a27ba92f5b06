namespace Arena.Validation.Moba;

/// <summary>How a tick begins: orders, waves, timers.</summary>
internal static class BeginRules
{
    /// <summary>Slot of an agent's row.</summary>
    public static int SlotOf(int row) => (2 * (row % 5)) + (row / 5);

    /// <summary>Reads the living heroes' actions, marks what can be attacked, and lets waves appear.</summary>
    public static void Begin(MatchTick tick, ReadOnlySpan<int> actions)
    {
        MatchModel state = tick.State;
        for (int row = 0; row < Slots.Heroes; row++)
        {
            Turn turn = tick.Turns[SlotOf(row)];
            if (!turn.Unit.Alive) continue;
            Order? order = Order.Read(actions.Slice(row * Order.Sizes.Length, Order.Sizes.Length));
            turn.BadAction = order is null;
            turn.Order = order ?? Order.Nothing;
        }

        foreach (Turn turn in tick.Turns) turn.WasVulnerable = turn.Unit.IsStructure && state.IsVulnerable(turn.Unit);
        SpawnRules.Waves(state, tick.Seed, tick.Match);
    }

    /// <summary>What holds for the tick; then timers and regeneration.</summary>
    public static void Status(MatchTick tick)
    {
        foreach (Turn turn in tick.Turns)
        {
            Unit unit = turn.Unit;
            if (unit.Kind == Kind.Hero) turn.DistanceBefore = ToNearestStructure(tick, unit);
            if (unit.Alive)
            {
                turn.WasAlive = true;
                turn.WasStunned = unit.Stun > 0;
                turn.WasSlow = unit.Slow > 0;
                turn.WasHaste = unit.Haste > 0;
                CountDown(unit);
                if (unit.Kind == Kind.Hero) Regenerate(unit);
            }
            else
            {
                unit.Respawn = Less(unit.Respawn);
            }
        }
    }

    /// <summary>Units from a hero to the nearest enemy structure that could be attacked when the tick began.</summary>
    public static int ToNearestStructure(MatchTick tick, Unit hero)
    {
        int nearest = int.MaxValue;
        foreach (Turn turn in tick.Turns)
            if (turn.WasVulnerable && turn.Unit.Team == 1 - hero.Team) nearest = Math.Min(nearest, hero.Position.Distance(turn.Unit.Position));
        return nearest == int.MaxValue ? 0 : nearest;
    }

    private static int Less(int timer) => timer > 0 ? timer - 1 : 0;

    private static void CountDown(Unit unit)
    {
        unit.Stun = Less(unit.Stun);
        unit.Slow = Less(unit.Slow);
        unit.Haste = Less(unit.Haste);
        unit.AttackTimer = Less(unit.AttackTimer);
        for (int i = 0; i < unit.SkillTimers.Length; i++) unit.SkillTimers[i] = Less(unit.SkillTimers[i]);
    }

    private static void Regenerate(Unit hero)
    {
        bool home = Places.InFountain(hero.Cell, hero.Side);
        hero.Hp = Math.Min(hero.MaxHp, hero.Hp + 2 + (home ? 25 : 0));
        hero.Mana = Math.Min(hero.MaxMana, hero.Mana + 2 + (home ? 15 : 0));
    }
}
