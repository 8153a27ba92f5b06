using Arena.Kernels.Environments.Snake;
using Arena.Kernels.Random;

namespace Arena.Validation.Snake;

/// <summary>What the built-in players do.</summary>
internal sealed class PlayerRules(ArenaModel arena, MatchSetup setup)
{
    private readonly SnakeOptions options = (SnakeOptions)setup.Options;
    private readonly Dictionary<Cell, (int Snake, int Segment)> bodies = arena.Bodies();

    /// <summary>The action of snake <paramref name="i"/>.</summary>
    public int Choose(int i, string player)
    {
        if (player == "random")
            return Philox.Below(Philox.Draw(setup.Seed, (uint)setup.Match, (uint)arena.Episode, (uint)arena.Tick, (uint)i, SnakePurpose.RandomPolicy).X, 4);
        return arena.Snakes[i].Alive ? Greedy(i) : 0;
    }

    private int Greedy(int i)
    {
        var window = new WindowRules(arena, options, bodies);
        int vision = options.Vision, side = 2 * vision + 1;
        // Directions of the window: with a turned one, up is straight ahead.
        int heading = options.Rotate ? 0 : arena.Snakes[i].Heading;
        int[] order = [heading, (heading + 1) % 4, (heading + 3) % 4]; // straight, right, left
        int At(Cell cell) => Math.Abs(cell.Row) <= vision && Math.Abs(cell.Column) <= vision ? window.Seen(i, cell.Row, cell.Column) : SnakeCell.Empty;
        var centre = new Cell(0, 0);
        int[] safe = [.. order.Where(direction => At(centre.Next(direction)) is SnakeCell.Empty or SnakeCell.Food or SnakeCell.Corpse)];
        if (safe.Length == 0) return heading;
        int[] preferred = [.. safe.Where(direction => !Enumerable.Range(0, 4).Any(side => At(centre.Next(direction).Next(side)) == SnakeCell.Head))];
        if (preferred.Length == 0) preferred = safe;

        Cell[] meals = [.. Enumerable.Range(0, side * side)
            .Select(index => new Cell(index / side - vision, index % side - vision))
            .Where(cell => At(cell) is SnakeCell.Food or SnakeCell.Corpse)];
        if (meals.Length == 0) return preferred[0];
        Cell goal = meals.MinBy(meal => Distance(meal, centre)); // the first of equals
        return preferred.MinBy(direction => Distance(goal, centre.Next(direction)));
    }

    private static int Distance(Cell a, Cell b) => Math.Abs(a.Row - b.Row) + Math.Abs(a.Column - b.Column);
}
