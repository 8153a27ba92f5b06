namespace Arena.Validation.Moba;

/// <summary>One tick in its making: the match, and what every unit does and suffers in it.</summary>
internal sealed class MatchTick
{
    public MatchTick(MatchModel state, ulong seed, int match)
    {
        State = state;
        Seed = seed;
        Match = match;
        Turns = new Turn[state.Units.Length];
        for (int slot = 0; slot < Turns.Length; slot++) Turns[slot] = new Turn(state.Units[slot]);
    }

    public MatchModel State { get; }

    public ulong Seed { get; }

    public int Match { get; }

    /// <summary>By slot.</summary>
    public Turn[] Turns { get; }

    public Turn Of(Unit unit) => Turns[unit.Slot];

    /// <summary>Hostile, alive when the tick began, and attackable if a structure.</summary>
    public bool IsTarget(Unit of, Unit unit) =>
        of.IsHostileTo(unit) && Of(unit).WasAlive && (!unit.IsStructure || Of(unit).WasVulnerable);

    /// <summary>All targets in a square around a cell.</summary>
    public List<Unit> Targets(Unit of, Cell centre, int square)
    {
        var targets = new List<Unit>();
        foreach (Unit unit in State.Units)
            if (IsTarget(of, unit) && centre.Near(unit.Cell, square)) targets.Add(unit);
        return targets;
    }

    /// <summary>Structures of a team that fell in this tick; with or without the ancient.</summary>
    public int Fallen(int team, bool withAncient)
    {
        int count = 0;
        foreach (Turn turn in Turns)
            if (turn.Died && turn.Unit.IsStructure && turn.Unit.Team == team && (withAncient || turn.Unit.Kind == Kind.Tower)) count++;
        return count;
    }

    /// <summary>Plays the phases up to the respawns; <paramref name="actions"/> by row.</summary>
    public void Play(ReadOnlySpan<int> actions)
    {
        BeginRules.Begin(this, actions);
        BeginRules.Status(this);
        foreach (Turn turn in Turns)
            if (turn.Acts) DecideRules.Decide(this, turn);
        foreach (Turn turn in Turns) ResolveRules.Resolve(this, turn);
        foreach (Turn turn in Turns)
            if (turn.Died) ResolveRules.Reward(this, turn);
        new MoveRules(this).Move();
        foreach (Turn turn in Turns)
            if (turn.Died) ResolveRules.Clear(turn.Unit);
        for (int slot = 0; slot < Slots.Heroes; slot++)
            if (!Turns[slot].Unit.Alive && !Turns[slot].Died && Turns[slot].Unit.Respawn == 0) SpawnRules.Hero(State, Seed, Match, Turns[slot].Unit);
    }
}
