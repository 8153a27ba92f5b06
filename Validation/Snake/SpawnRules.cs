using Arena.Kernels.Environments.Snake;
using Arena.Kernels.Random;

namespace Arena.Validation.Snake;

/// <summary>Who and what appears, and where.</summary>
internal sealed class SpawnRules(ArenaModel arena, MatchSetup setup)
{
    private readonly SnakeOptions options = (SnakeOptions)setup.Options;

    /// <summary>An empty arena with all its snakes and all its food.</summary>
    public void BeginArena(int episode)
    {
        arena.Empty();
        arena.Tick = 0;
        arena.Episode = episode;
        Fill(options.Food);
    }

    /// <summary>The clock goes on; in a classic arena without a snake the next one begins.</summary>
    public void EndTick()
    {
        arena.Tick++;
        if (options.Mode == SnakeMode.Classic && !arena.Snakes[0].Alive) BeginArena(arena.Episode + 1);
        else Fill(SnakeConstants.FoodPerTick);
    }

    private void Fill(int mostFood)
    {
        Dictionary<Cell, (int Snake, int Segment)> bodies = arena.Bodies();
        for (int i = 0; i < arena.Snakes.Count; i++)
            if (!arena.Snakes[i].Alive && Place(i, bodies)) bodies.Add(arena.Snakes[i].Head, (i, 0));
        int missing = Math.Min(mostFood, options.Food - arena.Food.Count);
        for (int number = 0; number < missing; number++)
            if (Find(number, SnakePurpose.FoodPlace, cell => IsEmpty(cell, bodies)) is { } place) arena.Food.Add(place);
    }

    private bool Place(int i, Dictionary<Cell, (int Snake, int Segment)> bodies)
    {
        int heading = Philox.Below(Draw((uint)i, SnakePurpose.Heading).X, 4);
        Cell? place = Find(i, SnakePurpose.SnakePlace, cell =>
            IsEmpty(cell, bodies) && arena.Inside(cell.Next(heading)) && !bodies.ContainsKey(cell.Next(heading)));
        if (place is not { } cell)
        {
            arena.Totals[SnakeTotal.SpawnFailed]++;
            return false;
        }

        SnakeModel snake = arena.Snakes[i];
        snake.Body.Add(cell);
        snake.Heading = heading;
        snake.Pending = options.StartLength - 1;
        snake.MaxLength = 1;
        snake.HeadIndex = 0;
        return true;
    }

    private bool IsEmpty(Cell cell, Dictionary<Cell, (int Snake, int Segment)> bodies) =>
        !bodies.ContainsKey(cell) && !arena.Food.Contains(cell) && !arena.Corpses.Contains(cell);

    // 64 random tries; in a classic arena then every cell from the last try on.
    private Cell? Find(int number, uint purpose, Func<Cell, bool> fits)
    {
        int cells = options.Width * options.Height, last = 0;
        for (int attempt = 0; attempt < 64; attempt++)
        {
            UInt4 words = Draw((uint)(number % 4096 * 16 + attempt / 4), purpose);
            uint word = new[] { words.X, words.Y, words.Z, words.W }[attempt % 4];
            last = (int)((ulong)word * (ulong)cells >> 32);
            if (fits(CellOf(last))) return CellOf(last);
        }

        if (options.Mode != SnakeMode.Classic) return null;
        foreach (int cell in Enumerable.Range(last, cells - last).Concat(Enumerable.Range(0, last)))
            if (fits(CellOf(cell))) return CellOf(cell);
        return null;
    }

    private Cell CellOf(int number) => new(number / options.Width, number % options.Width);

    private UInt4 Draw(uint slot, uint purpose) =>
        Philox.Draw(setup.Seed, (uint)setup.Match, (uint)arena.Episode, (uint)arena.Tick, slot, purpose);
}
