using Arena.Kernels.Environments.Snake;

namespace Arena.Validation.Snake;

/// <summary>One tick, in the words of the rule book: everybody wants a cell, then it is decided who survives, then all move.</summary>
internal sealed class TickRules(ArenaModel arena, MatchSetup setup)
{
    private readonly SnakeOptions options = (SnakeOptions)setup.Options;

    public TickResult[] Play(int[] actions)
    {
        TickResult[] results = [.. arena.Snakes.Select(snake => new TickResult { Acted = snake.Alive, LengthBefore = snake.Body.Count })];
        int[] alive = [.. Enumerable.Range(0, results.Length).Where(i => results[i].Acted)];
        foreach (int i in alive) Turn(arena.Snakes[i], actions[i], results[i]);
        // A tail leaves its cell unless its owner has growth to come: that is known before anybody moves.
        foreach (int i in alive) LeaveTail(arena.Snakes[i]);
        var targets = alive.ToDictionary(i => i, i => arena.Snakes[i].Head.Next(arena.Snakes[i].Heading));
        foreach (int i in alive) results[i].Cause = CauseOf(i, targets, alive);
        foreach (int i in alive.Where(i => results[i].Died)) Die(arena.Snakes[i]);
        foreach (int i in alive.Where(i => !results[i].Died)) Move(i, targets[i], results[i]);
        foreach (int i in alive) Count(i, results[i]);
        // Last observations show the arena before anybody leaves it.
        Dictionary<Cell, (int Snake, int Segment)> bodies = arena.Bodies();
        foreach (int i in alive.Where(i => results[i].Truncated)) results[i].Last = new WindowRules(arena, options, bodies).Observe(i);
        foreach (int i in alive.Where(i => results[i].Over)) arena.Snakes[i].Clear();
        new SpawnRules(arena, setup).EndTick();
        return results;
    }

    private void Turn(SnakeModel snake, int action, TickResult result)
    {
        if (action is < 0 or > 3)
        {
            result.BadAction = true;
            arena.Totals[SnakeTotal.BadActions]++;
            return;
        }

        int wanted = !options.Rotate ? action
            : action switch { 1 => (snake.Heading + 1) % 4, 3 => (snake.Heading + 3) % 4, _ => snake.Heading };
        if (wanted == (snake.Heading + 2) % 4)
        {
            arena.Totals[SnakeTotal.Reversals]++;
            return;
        }

        result.Turned = wanted != snake.Heading;
        snake.Heading = wanted;
    }

    private static void LeaveTail(SnakeModel snake)
    {
        if (snake.Pending == 0) snake.Body.RemoveAt(snake.Body.Count - 1);
        else snake.Pending--;
    }

    // Everybody against everybody, on the bodies as they are once tails have left.
    private Cause CauseOf(int i, Dictionary<int, Cell> targets, int[] alive)
    {
        Cell target = targets[i];
        if (!arena.Inside(target)) return Cause.Wall;
        foreach (int j in alive)
            if (j != i && (targets[j] == target || arena.Snakes[j].Head == target)) return Cause.HeadOn;
        foreach (int j in alive)
            if (arena.Snakes[j].Body.Contains(target)) return j == i ? Cause.Self : Cause.Other;
        return Cause.None;
    }

    private void Die(SnakeModel snake)
    {
        for (int segment = 1; options.Corpse && segment < snake.Body.Count; segment += 2) arena.Corpses.Add(snake.Body[segment]);
        snake.Body.Clear();
    }

    private void Move(int i, Cell target, TickResult result)
    {
        SnakeModel snake = arena.Snakes[i];
        result.AteFood = arena.Food.Remove(target);
        result.AteCorpse = arena.Corpses.Remove(target);
        snake.Body.Insert(0, target);
        snake.HeadIndex = (snake.HeadIndex + 1) % options.RingLength;
        SnakeColumns.SetStep(arena.Steps, i * options.RingLength + snake.HeadIndex, snake.Heading);
        if (result.AteFood || result.AteCorpse) snake.Pending = Math.Min(snake.Pending + 1, options.RingLength - snake.Body.Count);
        if (result.AteFood) snake.EatenFood++;
        if (result.AteCorpse) snake.EatenCorpse++;
    }

    // Clocks, and what remains of a life that is over.
    private void Count(int i, TickResult result)
    {
        SnakeModel snake = arena.Snakes[i];
        bool first = arena.Episode == 0 && snake.LifeTicks == arena.Tick;
        snake.LifeTicks++;
        snake.Hunger = result.AteFood || result.AteCorpse ? 0 : snake.Hunger + 1;
        snake.MaxLength = Math.Max(snake.MaxLength, snake.Body.Count);
        if (result.Died) arena.Totals[SnakeTotal.Causes + (int)result.Cause - 1]++;
        else
        {
            int cells = options.Width * options.Height;
            bool classic = options.Mode == SnakeMode.Classic;
            result.Won = classic && result.AteFood && snake.Body.Count == cells;
            result.Truncated = !result.Won && ((classic && snake.Hunger >= 4 * cells) || (options.LifeLimit > 0 && snake.LifeTicks >= Limit(first)));
        }

        if (result.Over) result.Statistics = Finish(snake, result);
    }

    // With desync, the first lives of arena m last (1 + m mod 16) sixteenths of the limit, but at least one tick.
    private long Limit(bool first) =>
        options.Desync && first ? Math.Max(1, (long)options.LifeLimit * (1 + setup.Match % 16) / 16) : options.LifeLimit;

    private double[] Finish(SnakeModel snake, TickResult result)
    {
        int length = result.Died ? result.LengthBefore : snake.Body.Count;
        var statistics = new double[SnakeStatistic.Count];
        statistics[SnakeStatistic.Score] = options.Mode == SnakeMode.Classic ? snake.EatenFood + snake.EatenCorpse : length;
        statistics[SnakeStatistic.Length] = length;
        statistics[SnakeStatistic.MaxLength] = snake.MaxLength;
        statistics[SnakeStatistic.Ticks] = snake.LifeTicks;
        statistics[SnakeStatistic.Food] = snake.EatenFood;
        statistics[SnakeStatistic.Corpse] = snake.EatenCorpse;
        if (result.Died) statistics[SnakeStatistic.Causes + (int)result.Cause - 1] = 1;
        if (result.Truncated) statistics[SnakeStatistic.Truncated] = 1;
        if (result.Won) statistics[SnakeStatistic.Win] = 1;
        arena.Totals[SnakeTotal.Lives]++;
        arena.Totals[SnakeTotal.Length] += length;
        arena.Totals[SnakeTotal.MaxLength] = Math.Max(arena.Totals[SnakeTotal.MaxLength], snake.MaxLength);
        arena.Totals[SnakeTotal.Ticks] += snake.LifeTicks;
        arena.Totals[SnakeTotal.Food] += snake.EatenFood;
        arena.Totals[SnakeTotal.Corpse] += snake.EatenCorpse;
        return statistics;
    }
}
