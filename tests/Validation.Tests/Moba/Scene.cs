using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>A position set up by hand: the towers, and whoever a test puts there.</summary>
/// <remarks>Cells around (56, 16) lie in the top lane, between two towers that do not reach them, and are free on every map.</remarks>
internal sealed class Scene
{
    public static readonly Cell Open = new(56, 16);

    /// <summary>Tick 1000: no wave appears in it.</summary>
    public Scene(int tick = 1000)
    {
        State = new MatchModel(Terrain.Of(1)) { Tick = tick, Salt = 12345 };
        foreach (Unit unit in State.Units)
        {
            if (!unit.IsStructure) continue;
            unit.Position = Point.Centre(Places.Tower(unit.TowerIndex, unit.Side), unit.Side);
            unit.Hp = unit.MaxHp;
        }

        // Heroes wait far away in time.
        for (int slot = 0; slot < Slots.Heroes; slot++)
        {
            State.Hero(slot).Level = 1;
            State.Hero(slot).Respawn = 1000;
        }

        State.FillGrid();
    }

    public MatchModel State { get; }

    private Dictionary<int, int[]> Orders { get; } = [];

    /// <summary>A hero, full, where the test wants it.</summary>
    public Unit Hero(HeroClass heroClass, int team, Cell cell, int xp = 0)
    {
        Unit hero = State.Hero((2 * (int)heroClass) + team);
        hero.Xp = xp;
        hero.Level = Stats.LevelOf(xp);
        hero.Mana = hero.MaxMana;
        hero.Respawn = 0;
        return Place(hero, cell);
    }

    /// <summary>A creep of the running wave.</summary>
    public Unit Creep(int team, int lane, int number, Cell cell)
    {
        Unit creep = State.Units[Slots.FirstCreep + (2 * ((20 * lane) + number)) + team];
        creep.Spawned = true;
        return Place(creep, cell);
    }

    public Unit Neutral(int half, int camp, int number, Cell cell)
    {
        Unit neutral = State.Units[Slots.FirstNeutral + (2 * ((4 * camp) + number)) + half];
        neutral.Spawned = true;
        return Place(neutral, cell);
    }

    /// <summary>Takes a structure off the map.</summary>
    public void Fell(int tower, int team)
    {
        Unit structure = State.Tower(tower, team);
        State.Leave(structure);
        structure.Hp = 0;
    }

    /// <summary>What a hero does in the next tick: six heads.</summary>
    public Scene Order(Unit hero, int down = 3, int right = 3, int targets = 0, int q = 0, int w = 0, int e = 0)
    {
        Orders[hero.Slot] = [down, right, targets, q, w, e];
        return this;
    }

    /// <summary>Plays one tick; heroes without an order stand.</summary>
    public MatchTick Play()
    {
        var actions = new int[60];
        for (int row = 0; row < Slots.Heroes; row++)
            Orders.GetValueOrDefault(BeginRules.SlotOf(row), [3, 3, 0, 0, 0, 0]).CopyTo(actions, 6 * row);
        var tick = new MatchTick(State, seed: 5, match: 2);
        tick.Play(actions);
        ScoreRules.Levels(tick);
        Orders.Clear();
        return tick;
    }

    /// <summary>Plays ticks in which heroes stand.</summary>
    public void Pass(int ticks)
    {
        for (int i = 0; i < ticks; i++) Play();
    }

    private Unit Place(Unit unit, Cell cell)
    {
        Assert.True(State.IsFree(cell), $"{cell} is not free.");
        unit.Position = Point.Centre(cell, unit.Side);
        unit.Hp = unit.MaxHp;
        State.Enter(unit);
        return unit;
    }
}
