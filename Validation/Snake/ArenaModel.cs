using Arena.Kernels.Environments.Snake;

namespace Arena.Validation.Snake;

/// <summary>A cell: row and column, from 0, walls outside.</summary>
internal readonly record struct Cell(int Row, int Column)
{
    /// <summary>One step on: 0 up, 1 right, 2 down, 3 left.</summary>
    public Cell Next(int direction) => direction switch
    {
        0 => new Cell(Row - 1, Column),
        1 => new Cell(Row, Column + 1),
        2 => new Cell(Row + 1, Column),
        _ => new Cell(Row, Column - 1),
    };
}

/// <summary>One snake; its body is a list from head to tail, empty while it waits.</summary>
internal sealed class SnakeModel
{
    public List<Cell> Body { get; } = [];

    public int Heading { get; set; }

    public int Pending { get; set; }

    public long LifeTicks { get; set; }

    public long EatenFood { get; set; }

    public long EatenCorpse { get; set; }

    public long MaxLength { get; set; }

    public long Hunger { get; set; }

    /// <summary>Where in its ring of steps the head is; layout, not a rule.</summary>
    public int HeadIndex { get; set; }

    public bool Alive => Body.Count > 0;

    public Cell Head => Body[0];

    /// <summary>Leaves the arena: everything that belongs to a life is gone, heading and ring stay.</summary>
    public void Clear()
    {
        Body.Clear();
        Pending = 0;
        LifeTicks = EatenFood = EatenCorpse = MaxLength = Hunger = 0;
    }
}

/// <summary>An arena: snakes, food, what the dead left.</summary>
internal sealed class ArenaModel(SnakeOptions options)
{
    public List<SnakeModel> Snakes { get; } = [.. Enumerable.Range(0, options.Snakes).Select(_ => new SnakeModel())];

    public HashSet<Cell> Food { get; } = [];

    public HashSet<Cell> Corpses { get; } = [];

    public int Tick { get; set; }

    public int Episode { get; set; }

    /// <summary>Counters by <see cref="SnakeTotal"/>.</summary>
    public required double[] Totals { get; init; }

    /// <summary>The memory that the ways of bodies are kept in, of which only the steps between the cells of bodies mean anything.</summary>
    public required double[] Steps { get; init; }

    public bool Inside(Cell cell) => cell.Row >= 0 && cell.Row < options.Height && cell.Column >= 0 && cell.Column < options.Width;

    /// <summary>What is in a cell.</summary>
    public int CodeOf(Cell cell, IReadOnlyDictionary<Cell, (int Snake, int Segment)> bodies) =>
        !Inside(cell) ? SnakeCell.Wall
        : bodies.TryGetValue(cell, out (int Snake, int Segment) part) ? (part.Segment == 0 ? SnakeCell.Head : SnakeCell.Body)
        : Food.Contains(cell) ? SnakeCell.Food
        : Corpses.Contains(cell) ? SnakeCell.Corpse
        : SnakeCell.Empty;

    /// <summary>Whose body is where.</summary>
    public Dictionary<Cell, (int Snake, int Segment)> Bodies()
    {
        var bodies = new Dictionary<Cell, (int, int)>();
        for (int snake = 0; snake < Snakes.Count; snake++)
            for (int segment = 0; segment < Snakes[snake].Body.Count; segment++)
                bodies.Add(Snakes[snake].Body[segment], (snake, segment));
        return bodies;
    }

    /// <summary>Nothing but walls.</summary>
    public void Empty()
    {
        foreach (SnakeModel snake in Snakes) snake.Clear();
        Food.Clear();
        Corpses.Clear();
    }
}

/// <summary>Why a snake died.</summary>
internal enum Cause
{
    None,
    Wall,
    Self,
    Other,
    HeadOn,
}

/// <summary>What a tick did to one snake.</summary>
internal sealed class TickResult
{
    public bool Acted { get; set; }

    public bool BadAction { get; set; }

    public bool Turned { get; set; }

    public bool AteFood { get; set; }

    public bool AteCorpse { get; set; }

    public Cause Cause { get; set; }

    public bool Won { get; set; }

    public bool Truncated { get; set; }

    /// <summary>Length of the body when the tick began.</summary>
    public int LengthBefore { get; set; }

    /// <summary>The last observation of a truncated life.</summary>
    public double[]? Last { get; set; }

    /// <summary>Raw statistics, when the life ended.</summary>
    public double[]? Statistics { get; set; }

    public bool Died => Cause != Cause.None;

    public bool Over => Died || Won || Truncated;
}
