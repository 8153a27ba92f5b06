using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Snake;

namespace Arena.Validation.Snake;

/// <summary>Between the kernels' columns and the reference's lists and sets.</summary>
internal static class SnakeColumns
{
    private const int LeftWall = 8;

    /// <summary>Keeps the direction in which a head came to its cell: four to a byte, the first in its lowest bits.</summary>
    public static void SetStep(double[] steps, int element, int direction)
    {
        int place = (int)Math.Pow(4, element % 4);
        steps[element / 4] += (direction - Step(steps, element)) * place;
    }

    /// <summary>An arena from its columns: bodies from their heads and steps, meals from the grid.</summary>
    public static ArenaModel Read(IReadOnlyDictionary<string, double[]> columns, SnakeOptions options)
    {
        var arena = new ArenaModel(options)
        {
            Steps = [.. columns["steps"]],
            Totals = [.. columns["totals"]],
            Tick = (int)columns["tick"][0],
            Episode = (int)columns["episode"][0],
        };
        for (int i = 0; i < options.Snakes; i++) Read(arena.Snakes[i], i, columns, options);
        double[] grid = columns["grid"];
        for (int row = 0; row < options.Height; row++)
        {
            int at = (row + options.Vision) * Stride(options) + LeftWall;
            for (int column = 0; column < options.Width; column++)
            {
                if (grid[at + column] == SnakeCell.Food) arena.Food.Add(new Cell(row, column));
                if (grid[at + column] == SnakeCell.Corpse) arena.Corpses.Add(new Cell(row, column));
            }
        }

        return arena;
    }

    /// <summary>What the kernels must hold and have written.</summary>
    public static ExpectedTick Expect(ArenaModel arena, TickResult[] results, MatchSetup setup)
    {
        var options = (SnakeOptions)setup.Options;
        Dictionary<Cell, (int Snake, int Segment)> bodies = arena.Bodies();
        var window = new WindowRules(arena, options, bodies);
        double[][] parts = [.. results.Select(result => Parts(result, options.Rewards))];
        return new ExpectedTick
        {
            State = State(arena, options, bodies),
            Observations = ExpectedValues.Exact([.. arena.Snakes.SelectMany((_, i) => window.Observe(i))]),
            Rewards = ExpectedValues.Exact([.. parts.Select(of => (double)of.Aggregate(0f, (sum, part) => (float)((double)sum + part)))]),
            RewardParts = ExpectedValues.Exact([.. parts.SelectMany(of => of)]),
            Lives = [.. results.Select((result, i) => new ExpectedLife(result.Died || result.Won, result.Truncated, arena.Snakes[i].Alive && arena.Snakes[i].LifeTicks == 0))],
            RowActive = [.. arena.Snakes.Select(snake => snake.Alive)],
            Errors = [.. results.Select(result => result.BadAction ? ErrorCode.ActionOutOfRange : 0)],
            FinalObservations = ExpectedValues.Exact([.. results.SelectMany(result => result.Last ?? Untouched(SnakeConstants.ObservationLength))]),
            EpisodeStatistics = ExpectedValues.Exact([.. results.SelectMany(result => result.Statistics ?? Untouched(SnakeStatistic.Count))]),
        };
    }

    private static void Read(SnakeModel snake, int i, IReadOnlyDictionary<string, double[]> columns, SnakeOptions options)
    {
        snake.HeadIndex = (int)columns["headIndex"][i];
        snake.Heading = (int)columns["heading"][i];
        snake.Pending = (int)columns["pending"][i];
        snake.LifeTicks = (long)columns["lifeTicks"][i];
        snake.EatenFood = (long)columns["eatenFood"][i];
        snake.EatenCorpse = (long)columns["eatenCorpse"][i];
        snake.MaxLength = (long)columns["maxLength"][i];
        snake.Hunger = (long)columns["hunger"][i];
        int head = (int)columns["head"][i];
        var cell = new Cell(head / Stride(options) - options.Vision, head % Stride(options) - LeftWall);
        for (int k = 0; k < (int)columns["length"][i]; k++)
        {
            snake.Body.Add(cell);
            int element = (snake.HeadIndex - k + options.RingLength) % options.RingLength;
            // Back, against the step that led here.
            cell = cell.Next((Step(columns["steps"], i * options.RingLength + element) + 2) % 4);
        }
    }

    private static int Step(double[] steps, int element) => (int)steps[element / 4] / (int)Math.Pow(4, element % 4) % 4;

    private static double[] Untouched(int length) => [.. Enumerable.Repeat(ExpectedValues.Untouched, length)];

    private static double[] Parts(TickResult result, SnakeRewards weights) =>
    [
        result.AteFood ? weights.Food : 0,
        result.AteCorpse ? weights.Corpse : 0,
        result.Died ? weights.Death : 0,
        result.Won ? weights.Win : 0,
        result.Acted && !result.Died ? weights.Living : 0,
        result.Turned ? weights.Turning : 0,
    ];

    private static Dictionary<string, ExpectedValues> State(ArenaModel arena, SnakeOptions options, Dictionary<Cell, (int Snake, int Segment)> bodies)
    {
        double At(SnakeModel snake, Func<SnakeModel, Cell> cell) => snake.Alive ? SnakeColumns.At(cell(snake), options) : 0;
        ExpectedValues Each(Func<SnakeModel, double> value) => ExpectedValues.Exact([.. arena.Snakes.Select(value)]);
        return new Dictionary<string, ExpectedValues>
        {
            ["grid"] = ExpectedValues.Exact(Grid(arena, options, bodies)),
            ["steps"] = ExpectedValues.Exact(arena.Steps),
            ["head"] = Each(snake => At(snake, of => of.Head)),
            ["tail"] = Each(snake => At(snake, of => of.Body[^1])),
            ["headIndex"] = Each(snake => snake.HeadIndex),
            ["length"] = Each(snake => snake.Body.Count),
            ["pending"] = Each(snake => snake.Pending),
            ["heading"] = Each(snake => snake.Heading),
            ["status"] = Each(snake => snake.Alive ? 1 : 0),
            ["lifeTicks"] = Each(snake => snake.LifeTicks),
            ["eatenFood"] = Each(snake => snake.EatenFood),
            ["eatenCorpse"] = Each(snake => snake.EatenCorpse),
            ["maxLength"] = Each(snake => snake.MaxLength),
            ["hunger"] = Each(snake => snake.Hunger),
            ["tick"] = ExpectedValues.Exact(arena.Tick),
            ["episode"] = ExpectedValues.Exact(arena.Episode),
            ["foodPresent"] = ExpectedValues.Exact(arena.Food.Count),
            ["totals"] = ExpectedValues.Exact(arena.Totals),
        };
    }

    private static double[] Grid(ArenaModel arena, SnakeOptions options, Dictionary<Cell, (int Snake, int Segment)> bodies)
    {
        var grid = new double[Stride(options) * (options.Height + 2 * options.Vision)];
        Array.Fill(grid, SnakeCell.Wall);
        for (int row = 0; row < options.Height; row++) Array.Fill(grid, SnakeCell.Empty, At(new Cell(row, 0), options), options.Width);
        foreach (Cell cell in arena.Food) grid[At(cell, options)] = SnakeCell.Food;
        foreach (Cell cell in arena.Corpses) grid[At(cell, options)] = SnakeCell.Corpse;
        foreach ((Cell cell, (int snake, int segment)) in bodies)
            grid[At(cell, options)] = (segment == 0 ? SnakeCell.Head : SnakeCell.Body) + snake * (1 << SnakeCell.OwnerShift);
        return grid;
    }

    private static int At(Cell cell, SnakeOptions options) => (cell.Row + options.Vision) * Stride(options) + cell.Column + LeftWall;

    private static int Stride(SnakeOptions options) => (int)Math.Ceiling((options.Width + 16) / 8.0) * 8;
}
