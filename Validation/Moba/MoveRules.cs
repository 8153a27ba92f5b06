namespace Arena.Validation.Moba;

/// <summary>Who goes where: two rounds of claims, then all winners move at once.</summary>
internal sealed class MoveRules(MatchTick tick)
{
    private readonly MatchModel state = tick.State;
    private readonly Dictionary<Cell, uint> claims = [];

    /// <summary>Proposals, second chances, moves.</summary>
    public void Move()
    {
        foreach (Turn turn in tick.Turns) turn.Proposal = turn.Unit.Alive ? First(turn) : null;
        foreach (Turn turn in tick.Turns) Claim(turn, 0);
        var settled = new bool[tick.Turns.Length];
        foreach (Turn turn in tick.Turns) settled[turn.Unit.Slot] = !WantsSecondChance(turn);
        // Round 2 sees the claims that round 1 left; each takes its first candidate before anybody's second claim counts.
        var won = new Dictionary<Cell, uint>(claims);
        foreach (Turn turn in tick.Turns)
            if (!settled[turn.Unit.Slot]) turn.Proposal = SecondChance(turn, won);
        foreach (Turn turn in tick.Turns)
            if (!settled[turn.Unit.Slot]) Claim(turn, Chance.Late);
        var winners = new List<Turn>();
        foreach (Turn turn in tick.Turns)
        {
            uint priority = Chance.Priority(state, turn.Unit) | (settled[turn.Unit.Slot] ? 0 : Chance.Late);
            if (HasWon(turn, priority)) winners.Add(turn);
            else if (!settled[turn.Unit.Slot] && turn.Unit.Kind == Kind.Hero) turn.Unit.Counters[Counter.Blocked]++;
        }

        foreach (Turn turn in winners) state.Leave(turn.Unit);
        foreach (Turn turn in winners)
        {
            Point place = turn.Proposal!.Value;
            turn.Unit.Position = turn.Unit.Kind == Kind.Hero ? place : Point.Centre(place.Cell, turn.Unit.Side);
            state.Enter(turn.Unit);
        }
    }

    /// <summary>Where a unit comes to by going this way in steps of at most a cell; null where it cannot take the first step.</summary>
    public Point? Sweep(Unit unit, Point way) => Sweep(state, unit, way, state.IsFree);

    /// <summary>The cell beside a target into which a hero can blink, or null.</summary>
    public static Cell? BlinkCell(MatchModel state, Unit hero, Unit target)
    {
        int towards = Compass.Towards(target.Cell, hero.Cell);
        foreach (int turn in (int[])[0, 1, -1, 2, -2, 3, -3, 4])
        {
            Cell cell = target.Cell.Next(Compass.Turn(towards, turn));
            if (state.Map.IsWall(cell) || (state.At(cell) is { } other && other != hero)) continue;
            Point goal = Point.Centre(cell, hero.Side);
            if (Sweep(state, hero, goal - hero.Position, open => !state.Map.IsWall(open)) == goal) return cell;
        }

        return null;
    }

    private static Point? Sweep(MatchModel state, Unit unit, Point way, Func<Cell, bool> isOpen)
    {
        int longest = Math.Max(Math.Abs(way.Y), Math.Abs(way.X));
        int steps = Math.Max(1, (longest + Point.Unit - 1) / Point.Unit);
        Point? reached = null;
        Cell from = unit.Cell;
        for (int j = 1; j <= steps; j++)
        {
            Point next = unit.Position + way.Scale(j, steps);
            if (next.Cell != from)
            {
                if (next.Cell != unit.Cell && !isOpen(next.Cell)) break;
                if (state.Map.CutsCorner(from, Compass.Towards(from, next.Cell))) break;
            }

            reached = next;
            from = next.Cell;
        }

        return reached;
    }

    // The first reason to move that applies.
    private Point? First(Turn turn)
    {
        Unit unit = turn.Unit;
        if (StrongestForce(turn) is { } force)
        {
            int distance = unit.Position.Distance(force.ForcePoint);
            return Sweep(unit, (force.ForcePoint - unit.Position).Scale(Math.Min(force.Force, distance), distance));
        }

        if (turn.Blink is { } cell) return Point.Centre(cell, unit.Side);
        if (turn.Retreat > 0)
            return Sweep(unit, (unit.Position - turn.RetreatFrom).Scale(turn.Retreat, unit.Position.Distance(turn.RetreatFrom)));
        if (turn.Velocity != default) return Sweep(unit, turn.Velocity);
        return WalksThisTick(turn) ? Sweep(unit, OneCell(turn.Direction)) : null;
    }

    private Effect? StrongestForce(Turn turn)
    {
        Effect? best = null;
        if (turn.Unit.IsStructure) return null;
        foreach (Effect effect in turn.Suffered)
        {
            if (effect.Force == 0) continue;
            if (best is null || effect.Force > best.Force
                || (effect.Force == best.Force && state.Rank(effect.Source) < state.Rank(best.Source))) best = effect;
        }

        return best;
    }

    private bool WalksThisTick(Turn turn) =>
        turn.Direction != Compass.Stay && (!turn.WasSlow || (state.Tick + turn.Unit.Pair) % 2 == 0);

    private static Point OneCell(int direction) => new(Point.Unit * Compass.Down(direction), Point.Unit * Compass.Right(direction));

    private void Claim(Turn turn, uint late)
    {
        if (turn.Proposal is not { } place || place.Cell == turn.Unit.Cell) return;
        uint claim = Chance.Priority(state, turn.Unit) | late;
        if (!claims.TryGetValue(place.Cell, out uint smallest) || claim < smallest) claims[place.Cell] = claim;
    }

    private bool HasWon(Turn turn, uint claim) =>
        turn.Proposal is { } place && (place.Cell == turn.Unit.Cell || claims[place.Cell] == claim);

    // Heroes on their way and units that walk, if they were blocked or another was first.
    private bool WantsSecondChance(Turn turn)
    {
        if (!turn.Unit.Alive || StrongestForce(turn) is not null || turn.Blink is not null || turn.Retreat > 0) return false;
        return (turn.Velocity != default || WalksThisTick(turn)) && !HasWon(turn, Chance.Priority(state, turn.Unit));
    }

    private Point? SecondChance(Turn turn, Dictionary<Cell, uint> won)
    {
        foreach (Point way in Ways(turn))
        {
            if (Sweep(turn.Unit, way) is not { } place) continue;
            if (place.Cell == turn.Unit.Cell || !won.ContainsKey(place.Cell)) return place;
        }

        return null;
    }

    private List<Point> Ways(Turn turn)
    {
        int hand = Chance.Hand(state, turn.Unit);
        var ways = new List<Point>();
        if (turn.Unit.Kind == Kind.Hero)
        {
            (int y, int x) = (turn.Velocity.Y, turn.Velocity.X);
            if (y == 0 || x == 0) return ways;
            bool verticalFirst = Math.Abs(y) != Math.Abs(x) ? Math.Abs(y) > Math.Abs(x) : hand == 0;
            Point vertical = new(y, 0), horizontal = new(0, x);
            ways.AddRange(verticalFirst ? [vertical, horizontal] : [horizontal, vertical]);
        }
        else
        {
            int h = hand == 0 ? 1 : -1;
            foreach (int turns in (int[])[h, -h, 2 * h, -2 * h]) ways.Add(OneCell(Compass.Turn(turn.Direction, turns)));
        }

        return ways;
    }
}
