namespace Arena.Validation.Moba;

/// <summary>What a hero wants: its six heads, velocities as −3..3 in its own view.</summary>
internal sealed record Order(int Down, int Right, int Targets, bool Q, bool W, bool E)
{
    public static readonly int[] Sizes = [7, 7, 3, 2, 2, 2];

    /// <summary>Stands still, attacks nobody.</summary>
    public static readonly Order Nothing = new(0, 0, 0, false, false, false);

    /// <summary>Reads a row; null if any head is out of range.</summary>
    public static Order? Read(ReadOnlySpan<int> heads)
    {
        for (int head = 0; head < Sizes.Length; head++)
            if (heads[head] < 0 || heads[head] >= Sizes[head]) return null;
        return new Order(heads[0] - 3, heads[1] - 3, heads[2], heads[3] == 1, heads[4] == 1, heads[5] == 1);
    }
}

/// <summary>One unit's effect on another in one tick.</summary>
/// <param name="Source">Who does it.</param>
/// <param name="Victim">Whom it meets.</param>
internal sealed record Effect(Unit Source, Unit Victim)
{
    public int Damage { get; init; }

    public int Heal { get; init; }

    public int Stun { get; init; }

    public int Slow { get; init; }

    /// <summary>Units the victim is pulled.</summary>
    public int Force { get; init; }

    /// <summary>Where it is pulled to.</summary>
    public Point ForcePoint { get; init; }
}

/// <summary>What one unit is, does and suffers within one tick.</summary>
internal sealed class Turn(Unit unit)
{
    public Unit Unit { get; } = unit;

    /// <summary>Alive when the tick began (units placed in it included).</summary>
    public bool WasAlive { get; set; }

    public bool WasStunned { get; set; }

    public bool WasSlow { get; set; }

    public bool WasHaste { get; set; }

    /// <summary>A tower or ancient that could be attacked when the tick began.</summary>
    public bool WasVulnerable { get; set; }

    public bool Acts => WasAlive && !WasStunned;

    /// <summary>Of heroes.</summary>
    public Order Order { get; set; } = Order.Nothing;

    public bool BadAction { get; set; }

    /// <summary>Way of a hero by its order; nothing after a blink or retreat.</summary>
    public Point Velocity { get; set; }

    /// <summary>Way of a creep or neutral.</summary>
    public int Direction { get; set; } = Compass.Stay;

    public Cell? Blink { get; set; }

    /// <summary>Units of a retreat, and from whom.</summary>
    public int Retreat { get; set; }

    public Point RetreatFrom { get; set; }

    public List<Effect> Suffered { get; } = [];

    public bool Died { get; set; }

    public int XpGained { get; set; }

    /// <summary>Towers with the last hit by this hero.</summary>
    public int TowersTaken { get; set; }

    /// <summary>Where this unit would go; null = stays.</summary>
    public Point? Proposal { get; set; }

    /// <summary>Way to the nearest attackable enemy structure at the start, in units.</summary>
    public int DistanceBefore { get; set; }

    public int DistanceAfter { get; set; }
}
