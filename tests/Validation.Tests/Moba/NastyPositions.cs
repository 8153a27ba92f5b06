using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Positions that a match could hold but hardly ever does.</summary>
internal static class NastyPositions
{
    private static readonly Cell[] Gatherings = [new(64, 64), new(44, 19), new(72, 52), new(91, 38), new(100, 27), new(36, 36), new(112, 15), new(15, 112)];

    public static void Rearrange(Random random, MatchModel state)
    {
        switch (random.Next(4))
        {
            case 0: Siege(random, state); break;
            case 1: Weaken(random, state); break;
            default: Gather(random, state, Gatherings[random.Next(Gatherings.Length)]); break;
        }

        foreach (Unit unit in state.Units)
            if (unit is { Kind: Kind.Hero, Alive: true }) Arm(random, unit);
    }

    // All heroes, and some others, as close as they find room.
    private static void Gather(Random random, MatchModel state, Cell centre)
    {
        foreach (Unit unit in state.Units)
        {
            if (unit.IsStructure || (unit.Kind != Kind.Hero && random.Next(4) > 0)) continue;
            Put(random, state, unit, centre);
            unit.Hp = random.Next(1, unit.MaxHp + 1);
        }
    }

    // All towers gone but a few; each side before the other's ancient, which is about to fall.
    private static void Siege(Random random, MatchModel state)
    {
        for (int team = 0; team < 2; team++)
        {
            for (int tower = 0; tower < Places.Ancient; tower++)
            {
                Unit structure = state.Tower(tower, team);
                if (structure.Alive && random.Next(8) > 0) Remove(state, structure);
                else if (structure.Alive) structure.Hp = random.Next(1, 200);
            }

            state.Tower(Places.Ancient, team).Hp = random.Next(1, 300);
            for (int slot = 1 - team; slot < Slots.Heroes; slot += 2) Put(random, state, state.Hero(slot), Places.Tower(Places.Ancient, team));
        }
    }

    private static void Weaken(Random random, MatchModel state)
    {
        foreach (Unit unit in state.Units)
            if (unit.Alive) unit.Hp = random.Next(1, Math.Min(unit.MaxHp, 250));
    }

    private static void Arm(Random random, Unit hero)
    {
        hero.Xp = random.Next(4) switch { 0 => random.Next(100_001), 1 => random.Next(3000), 2 => 99_990, _ => hero.Xp };
        hero.Level = Stats.LevelOf(hero.Xp);
        hero.Hp = Math.Min(hero.Hp, hero.MaxHp);
        hero.Mana = random.Next(4) == 0 ? random.Next(hero.MaxMana + 1) : hero.MaxMana;
        hero.Hurt = random.Next(2) == 0;
        hero.AttackTimer = random.Next(3);
        hero.Stun = random.Next(6) == 0 ? random.Next(5) : 0;
        hero.Slow = random.Next(4) == 0 ? random.Next(5) : 0;
        hero.Haste = random.Next(4) == 0 ? random.Next(5) : 0;
        for (int key = 0; key < 3; key++) hero.SkillTimers[key] = random.Next(3);
    }

    private static void Put(Random random, MatchModel state, Unit unit, Cell centre)
    {
        Remove(state, unit);
        for (int attempt = 0; attempt < 40; attempt++)
        {
            var cell = new Cell(centre.Y + random.Next(-5, 6), centre.X + random.Next(-5, 6));
            if (!state.IsFree(cell)) continue;
            unit.Position = unit.Kind == Kind.Hero
                ? new Point((256 * cell.Y) + random.Next(256), (256 * cell.X) + random.Next(256))
                : Point.Centre(cell, unit.Side);
            unit.Level = unit.Kind == Kind.Hero ? Stats.LevelOf(unit.Xp) : 0;
            unit.Hp = unit.MaxHp;
            unit.Respawn = 0;
            unit.Spawned = unit.Kind != Kind.Hero;
            state.Enter(unit);
            return;
        }
    }

    // As it is after a death.
    private static void Remove(MatchModel state, Unit unit)
    {
        if (unit.Alive) state.Leave(unit);
        unit.Hp = 0;
        if (unit.Kind == Kind.Hero) unit.Respawn = 2;
        ResolveRules.Clear(unit);
    }
}
