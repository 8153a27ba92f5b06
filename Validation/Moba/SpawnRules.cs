namespace Arena.Validation.Moba;

/// <summary>Who appears where.</summary>
internal static class SpawnRules
{
    public const int WaveTicks = 150, NeutralTicks = 600, Retries = 7;

    /// <summary>Makes the match the beginning of an episode.</summary>
    public static void BeginEpisode(MatchModel state, ulong seed, int match, int episode, int forceFlip)
    {
        state.Episode = episode;
        state.Tick = 0;
        (state.Salt, state.Flip) = Chance.Episode(seed, match, episode, forceFlip);
        foreach (Unit unit in state.Units)
        {
            Wipe(unit);
            unit.Spawned = false;
            if (unit.IsStructure)
            {
                unit.Position = Point.Centre(Places.Tower(unit.TowerIndex, unit.Side), unit.Side);
                unit.Hp = unit.MaxHp;
            }
        }

        state.FillGrid();
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            state.Hero(slot).Level = 1;
            Hero(state, seed, match, state.Hero(slot));
        }
    }

    /// <summary>Creeps and neutrals of the waves that are due.</summary>
    public static void Waves(MatchModel state, ulong seed, int match)
    {
        foreach (Unit unit in state.Units)
        {
            if (unit.Kind is not (Kind.Creep or Kind.Neutral)) continue;
            int period = unit.Kind == Kind.Creep ? WaveTicks : NeutralTicks;
            int since = state.Tick % period;
            if (unit.Kind == Kind.Creep && state.Tick / period % 4 != unit.WaveMod4) continue;
            if (since == 0) unit.Spawned = false;
            if (since == 0 && unit.Kind == Kind.Neutral && unit.Alive) unit.Hp = unit.MaxHp;
            if (since > Retries || unit.Alive || unit.Spawned) continue;
            Cell[] list = unit.Kind == Kind.Creep
                ? Places.CreepList(unit.Lane, unit.Number, unit.Side)
                : Places.NeutralList(unit.Camp, unit.Number, unit.Side);
            if (FreeCell(state, list, Chance.SpawnStart(seed, match, state, unit, list.Length)) is not { } cell) continue;
            Place(state, unit, cell);
            unit.Spawned = true;
        }
    }

    /// <summary>Brings a dead hero back, if its list has an empty cell.</summary>
    public static void Hero(MatchModel state, ulong seed, int match, Unit hero)
    {
        Cell[] list = Places.HeroList((int)hero.Class, hero.Side);
        if (FreeCell(state, list, Chance.SpawnStart(seed, match, state, hero, list.Length)) is not { } cell) return;
        hero.Mana = hero.MaxMana;
        hero.Respawn = 0;
        hero.Hurt = hero.WasHit = hero.JustDied = hero.GainedXp = hero.EnemyFell = false;
        Place(state, hero, cell);
    }

    /// <summary>All zero but the place and the bit that says a wave has placed it.</summary>
    public static void Wipe(Unit unit)
    {
        unit.Hp = unit.Xp = unit.Level = unit.Mana = unit.Respawn = 0;
        unit.Position = default;
        unit.Target = Slots.Nobody;
        unit.Hurt = unit.WasHit = unit.JustDied = unit.GainedXp = unit.EnemyFell = false;
        unit.ClearTimers();
        Array.Clear(unit.Counters);
        Array.Clear(unit.RewardSums);
    }

    private static void Place(MatchModel state, Unit unit, Cell cell)
    {
        unit.Position = Point.Centre(cell, unit.Side);
        unit.Hp = unit.MaxHp;
        unit.Target = Slots.Nobody;
        unit.ClearTimers();
        state.Enter(unit);
    }

    // Cyclic from a start.
    private static Cell? FreeCell(MatchModel state, Cell[] list, int start)
    {
        for (int i = 0; i < list.Length; i++)
        {
            Cell cell = list[(start + i) % list.Length];
            if (state.At(cell) is null) return cell;
        }

        return null;
    }
}
