namespace Arena.Validation.Moba;

/// <summary>What a hero sees: bytes, in its own view.</summary>
internal sealed class SightRules(MatchModel state, Unit hero, int limit)
{
    public const int SelfBytes = 26, WindowRadius = 5, Records = 16, RecordBytes = 12, SightSquare = 10;

    private const int WindowSide = (2 * WindowRadius) + 1;

    /// <summary>484 bytes of the cells around, then 26 about itself.</summary>
    public double[] Grid()
    {
        var row = new double[(4 * WindowSide * WindowSide) + SelfBytes];
        for (int k = 0; k < WindowSide * WindowSide && hero.Alive; k++)
        {
            int down = (k / WindowSide) - WindowRadius, right = (k % WindowSide) - WindowRadius;
            if (hero.Side == 1) (down, right) = (-down, -right);
            CellBytes(new Cell(hero.Cell.Y + down, hero.Cell.X + right)).CopyTo(row, 4 * k);
        }

        Self().CopyTo(row, row.Length - SelfBytes);
        return row;
    }

    /// <summary>16 records of the nearest, then 26 bytes about itself.</summary>
    public double[] Entities()
    {
        var row = new double[(Records * RecordBytes) + SelfBytes];
        var seen = new List<Unit>();
        while (hero.Alive && seen.Count < Records && state.Nearest(hero, SightSquare, unit => unit.Alive && !seen.Contains(unit)) is { } next)
        {
            Record(next).CopyTo(row, RecordBytes * seen.Count);
            seen.Add(next);
        }

        Self().CopyTo(row, row.Length - SelfBytes);
        return row;
    }

    private static double Share(int amount, int most) => most == 0 ? 0 : 255 * amount / most;

    private static double Byte(int amount) => Math.Min(255, amount);

    private bool IsAttackable(Unit unit) => unit.Team != hero.Team && (!unit.IsStructure || state.IsVulnerable(unit));

    private double[] CellBytes(Cell cell)
    {
        if (state.Map.IsWall(cell)) return [1, 0, 0, 0];
        if (state.At(cell) is not { } unit) return [0, 0, 0, 0];
        bool own = unit.Team == hero.Team;
        double health = Share(unit.Hp, unit.MaxHp);
        return unit.Kind switch
        {
            Kind.Hero => [(own ? 6 : 11) + (int)unit.Class, health, Share(unit.Mana, unit.MaxMana), Share(unit.Level, 30)],
            Kind.Creep => [own ? 3 : 4, health, 0, 0],
            Kind.Neutral => [5, health, 0, 0],
            _ => [2, health, own ? 0 : state.IsVulnerable(unit) ? 255 : 128, Rank(unit)],
        };
    }

    // Of a structure: 51 per tier, the ancient 255.
    private static int Rank(Unit structure) => structure.Kind == Kind.Ancient ? 255 : 51 * Places.Tier(structure.TowerIndex);

    private double[] Record(Unit unit)
    {
        int sign = hero.Side == 0 ? 1 : -1;
        Point offset = unit.Position - hero.Position;
        bool isHero = unit.Kind == Kind.Hero;
        return
        [
            1 + (int)unit.Kind,
            unit.Team == 2 ? 3 : unit.Team == hero.Team ? 1 : 2,
            128 + (sign * offset.Y / 32),
            128 + (sign * offset.X / 32),
            Share(unit.Hp, unit.MaxHp),
            isHero ? Share(unit.Mana, unit.MaxMana) : 0,
            isHero ? Share(unit.Level, 30) : unit.IsStructure ? Rank(unit) : 0,
            isHero ? 1 + (int)unit.Class : 0,
            Byte(4 * unit.Stun),
            (unit.Slow > 0 ? 85 : 0) + (unit.Haste > 0 ? 170 : 0),
            Byte(unit.Damage / 4),
            IsAttackable(unit) ? 255 : 0,
        ];
    }

    private double[] Self()
    {
        Cell cell = Places.For(hero.Side, hero.Cell);
        bool alive = hero.Alive;
        var row = new double[SelfBytes];
        row[0] = 2 * cell.X;
        row[1] = 2 * cell.Y;
        row[2] = Share(hero.Level, 30);
        row[5] = Byte(hero.Damage / 4);
        row[14] = Share(state.Tick, limit);
        row[15] = hero.WasHit ? 255 : 0;
        row[16] = 21 * state.Structures(hero.Team);
        row[17 + (int)hero.Class] = 255;
        row[22] = hero.JustDied ? 255 : 0;
        row[23] = hero.GainedXp ? 255 : 0;
        row[24] = 21 * state.Structures(1 - hero.Team);
        row[25] = hero.EnemyFell ? 255 : 0;
        if (!alive)
        {
            row[6] = Math.Max(1, Math.Min(255, hero.Respawn));
            return row;
        }

        row[3] = Share(hero.Hp, hero.MaxHp);
        row[4] = Share(hero.Mana, hero.MaxMana);
        row[7] = hero.Stun > 0 ? 0 : hero.Haste > 0 == hero.Slow > 0 ? 128 : hero.Haste > 0 ? 255 : 64;
        row[8] = Byte(4 * hero.Stun);
        row[9] = Byte(4 * Math.Max(hero.Slow, hero.Haste));
        for (int key = 0; key < 3; key++) row[10 + key] = Byte(2 * hero.SkillTimers[key]);
        row[13] = 30 * hero.AttackTimer;
        return row;
    }
}
