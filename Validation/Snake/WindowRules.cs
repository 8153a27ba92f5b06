using Arena.Kernels.Environments.Snake;

namespace Arena.Validation.Snake;

/// <summary>What a snake sees, cell by cell.</summary>
internal sealed class WindowRules(ArenaModel arena, SnakeOptions options, IReadOnlyDictionary<Cell, (int Snake, int Segment)> bodies)
{
    /// <summary>The whole observation row.</summary>
    public double[] Observe(int i)
    {
        SnakeModel snake = arena.Snakes[i];
        var row = new double[SnakeConstants.ObservationLength];
        int side = 2 * options.Vision + 1;
        for (int index = 0; index < side * side; index++)
            row[index] = snake.Alive ? Seen(i, index / side - options.Vision, index % side - options.Vision) : SnakeCell.Wall;
        if (!snake.Alive) return row;
        row[121] = snake.Heading;
        row[122] = Math.Min(255, snake.Body.Count);
        row[123] = Math.Min(255, snake.Pending);
        row[124] = Math.Min(255, snake.Hunger / 8);
        return row;
    }

    /// <summary>The code of the window's cell so many rows below and columns right of its centre.</summary>
    public int Seen(int i, int down, int right)
    {
        SnakeModel snake = arena.Snakes[i];
        int turns = options.Rotate ? snake.Heading : 0;
        // The window's up is the heading: turn the offset as often as the heading is turned from up.
        for (int turn = 0; turn < turns; turn++) (down, right) = (right, -down);
        var cell = new Cell(snake.Head.Row + down, snake.Head.Column + right);
        int code = arena.CodeOf(cell, bodies);
        bool own = bodies.TryGetValue(cell, out (int Snake, int Segment) part) && part.Snake == i;
        return !own ? code : part.Segment == 0 ? SnakeCell.OwnHead : SnakeCell.OwnBody;
    }
}
