namespace Arena.Validation.Moba;

/// <summary>Everything that outlives a tick, as objects.</summary>
internal sealed class MatchModel
{
    private readonly Unit?[] grid = new Unit?[Cell.Side * Cell.Side];

    public MatchModel(Terrain map)
    {
        Map = map;
        Units = new Unit[Slots.Count];
        for (int slot = 0; slot < Units.Length; slot++) Units[slot] = new Unit(slot);
    }

    public Terrain Map { get; }

    /// <summary>By slot.</summary>
    public Unit[] Units { get; }

    public int Tick { get; set; }

    public int Episode { get; set; }

    public uint Salt { get; set; }

    public int Flip { get; set; }

    /// <summary>What decides ties instead of the slot; "lower id" means lower rank.</summary>
    public int Rank(Unit unit) => unit.Slot ^ Flip;

    public Unit Hero(int slot) => Units[slot];

    public Unit Tower(int tower, int team) => Units[Slots.FirstTower + (2 * tower) + team];

    /// <summary>Who stands in a cell.</summary>
    public Unit? At(Cell cell) => cell.Inside ? grid[cell.Index] : null;

    /// <summary>No wall, and nobody there.</summary>
    public bool IsFree(Cell cell) => !Map.IsWall(cell) && At(cell) is null;

    /// <summary>Puts a living unit into the grid.</summary>
    public void Enter(Unit unit) => grid[unit.Cell.Index] = unit;

    /// <summary>Takes it out.</summary>
    public void Leave(Unit unit) => grid[unit.Cell.Index] = null;

    /// <summary>Rebuilds the grid from the living.</summary>
    public void FillGrid()
    {
        Array.Clear(grid);
        foreach (Unit unit in Units)
            if (unit.Alive) Enter(unit);
    }

    /// <summary>Whether a tower or ancient can be attacked, from the present hp.</summary>
    public bool IsVulnerable(Unit structure)
    {
        if (!structure.Alive) return false;
        int team = structure.Team;
        bool Fallen(int tower) => !Tower(tower, team).Alive;
        return structure.TowerIndex switch
        {
            < 3 => true,
            < 9 => Fallen(structure.TowerIndex - 3),
            < Places.Ancient => Fallen(6) || Fallen(7) || Fallen(8),
            _ => Fallen(9) && Fallen(10),
        };
    }

    /// <summary>Towers and the ancient of a team that stand.</summary>
    public int Structures(int team)
    {
        int count = 0;
        for (int tower = 0; tower < Places.Towers; tower++)
            if (Tower(tower, team).Alive) count++;
        return count;
    }

    /// <summary>The nearest by (distance, rank) of the units that a condition lets through, in a square around a unit; or null.</summary>
    public Unit? Nearest(Unit from, int square, Func<Unit, bool> condition)
    {
        Unit? best = null;
        foreach (Unit unit in Units)
        {
            if (unit == from || !from.Cell.Near(unit.Cell, square) || !condition(unit)) continue;
            if (best is null || IsCloser(from, unit, best)) best = unit;
        }

        return best;
    }

    private bool IsCloser(Unit from, Unit a, Unit b)
    {
        int distanceA = from.Position.Distance(a.Position), distanceB = from.Position.Distance(b.Position);
        return distanceA < distanceB || (distanceA == distanceB && Rank(a) < Rank(b));
    }
}

/// <summary>Which slots are what.</summary>
internal static class Slots
{
    public const int Heroes = 10, FirstCreep = 10, FirstNeutral = 130, FirstTower = 202, Count = 226, Nobody = 255;
}

internal enum Kind
{
    Hero,
    Creep,
    Neutral,
    Tower,
    Ancient,
}

internal enum HeroClass
{
    Support,
    Assassin,
    Burst,
    Tank,
    Carry,
}

/// <summary>One slot. Dead units keep what the rules say and are otherwise 0.</summary>
internal sealed class Unit
{
    public Unit(int slot)
    {
        Slot = slot;
        Side = slot % 2;
        Pair = slot / 2;
        int first = slot < Slots.FirstCreep ? 0 : slot < Slots.FirstNeutral ? Slots.FirstCreep : slot < Slots.FirstTower ? Slots.FirstNeutral : Slots.FirstTower;
        int number = (slot - first) / 2;
        Kind = first switch
        {
            0 => Kind.Hero,
            Slots.FirstCreep => Kind.Creep,
            Slots.FirstNeutral => Kind.Neutral,
            _ => number == Places.Ancient ? Kind.Ancient : Kind.Tower,
        };
        Team = Kind == Kind.Neutral ? 2 : Side;
        Class = (HeroClass)(Kind == Kind.Hero ? number : 0);
        Lane = Kind == Kind.Creep ? number / 20 : Kind == Kind.Hero ? Stats.HeroLane(Class) : 0;
        WaveMod4 = number % 20 / 5;
        Camp = Kind == Kind.Neutral ? number / 4 : 0;
        Number = Kind == Kind.Creep ? number % 5 : number % 4;
        TowerIndex = IsStructure ? number : 0;
    }

    public int Slot { get; }

    public int Side { get; }

    public int Pair { get; }

    public Kind Kind { get; }

    /// <summary>0 Radiant, 1 Dire, 2 neutral.</summary>
    public int Team { get; }

    public HeroClass Class { get; }

    /// <summary>Of a creep or a hero, in its own view.</summary>
    public int Lane { get; }

    /// <summary>Of a creep: waves that use this slot leave this rest by 4.</summary>
    public int WaveMod4 { get; }

    public int Camp { get; }

    /// <summary>Of a creep within its wave, of a neutral within its camp.</summary>
    public int Number { get; }

    public int TowerIndex { get; }

    public bool IsStructure => Kind is Kind.Tower or Kind.Ancient;

    public Point Position { get; set; }

    public int Hp { get; set; }

    public int Stun { get; set; }

    public int Slow { get; set; }

    public int AttackTimer { get; set; }

    /// <summary>Slot of the stored target, or 255.</summary>
    public int Target { get; set; } = Slots.Nobody;

    /// <summary>Of creeps and neutrals: placed in the present wave.</summary>
    public bool Spawned { get; set; }

    /// <summary>Of heroes: fell below 30 % and has not been back at 80 %.</summary>
    public bool Hurt { get; set; }

    /// <summary>Of heroes: what the last tick did to it.</summary>
    public bool WasHit { get; set; }

    public bool JustDied { get; set; }

    public bool GainedXp { get; set; }

    public bool EnemyFell { get; set; }

    public int Xp { get; set; }

    public int Level { get; set; }

    public int Mana { get; set; }

    public int Respawn { get; set; }

    public int Haste { get; set; }

    /// <summary>Ticks until Q, W, E.</summary>
    public int[] SkillTimers { get; } = new int[3];

    /// <summary>By <see cref="Counter"/>, of the running episode.</summary>
    public int[] Counters { get; } = new int[Counter.Count];

    /// <summary>By component, of the running episode.</summary>
    public float[] RewardSums { get; } = new float[Stats.Rewards];

    public bool Alive => Hp > 0;

    public Cell Cell => Position.Cell;

    public int MaxHp => Stats.MaxHp(this);

    public int MaxMana => Stats.MaxMana(this);

    public int Damage => Stats.Damage(this);

    public bool IsHostileTo(Unit other) => Team != other.Team;

    /// <summary>All timers but the respawn.</summary>
    public void ClearTimers()
    {
        Stun = Slow = AttackTimer = Haste = 0;
        Array.Clear(SkillTimers);
    }
}
