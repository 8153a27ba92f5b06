using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phase 6: waiting snakes, then missing food, one after another. One lane per arena.</summary>
/// <remarks>In order, since each takes a cell from the next; there are as many as died and were eaten in the tick, a few.</remarks>
public static class SnakeSpawn
{
    internal const int NoPlace = -1;

    /// <summary>A draw has four words, so that the tries of a spawn are this power of two of draws.</summary>
    internal const int BlocksShift = 4;

    private const ulong WallWord = 0x0003000300030003;

    /// <summary>The end of a tick: the arena's clock, and what begins.</summary>
    public static void Run(in SnakeArena arena, in SnakeArguments a)
    {
        arena.Tick[0] += 1;
        if (a.Parameters.Classic != 0 && arena.Status[0] == SnakeConstants.Waiting) Begin(arena, arena.Episode[0] + 1, a);
        else Fill(arena, SnakeConstants.FoodPerTick, a);
    }

    /// <summary>Starts <paramref name="episode"/>: an empty arena with its walls, then all snakes and all food.</summary>
    public static unsafe void Begin(in SnakeArena arena, int episode, in SnakeArguments a)
    {
        // Walls everywhere, four cells at a time, and then the room between them: classic arenas begin often.
        var words = new View<ulong>((ulong*)arena.Grid.Pointer, arena.Grid.Length >> 2);
        for (int word = 0; word < words.Length; word++) words[word] = WallWord;
        for (int row = 0; row < a.Parameters.Height; row++)
        {
            int at = SnakeArena.At(row, 0, a.Parameters), end = at + a.Parameters.Width;
            for (; at + 4 <= end; at += 4) words[at >> 2] = SnakeCell.Empty;
            for (; at < end; at++) arena.Grid[at] = SnakeCell.Empty;
        }

        arena.Tick[0] = 0;
        arena.Episode[0] = episode;
        arena.FoodPresent[0] = 0;
        Fill(arena, a.Parameters.Food, a);
    }

    private static void Fill(in SnakeArena arena, int mostFood, in SnakeArguments a)
    {
        for (int i = 0; i < a.Parameters.Snakes; i++) PlaceWaiting(arena, i, a);
        int missing = Scalar.Min(a.Parameters.Food - arena.FoodPresent[0], mostFood);
        for (int number = 0; number < missing; number++)
        {
            int place = FindFoodPlace(arena, number, a);
            if (place == NoPlace) continue;
            arena.Grid[place] = SnakeCell.Food;
            arena.FoodPresent[0] += 1;
        }
    }

    /// <summary>The cell of food <paramref name="number"/> of this tick, or <see cref="NoPlace"/>.</summary>
    internal static int FindFoodPlace(in SnakeArena arena, int number, in SnakeArguments a) => FindPlace(arena, number, SnakePurpose.FoodPlace, 0, 0, a);

    /// <summary>A snake that waits begins a life, if it finds a place.</summary>
    internal static void PlaceWaiting(in SnakeArena arena, int i, in SnakeArguments a)
    {
        if (arena.Status[i] == SnakeConstants.Waiting) PlaceSnake(arena, i, a);
    }

    private static void PlaceSnake(in SnakeArena arena, int i, in SnakeArguments a)
    {
        int heading = Philox.Below(Draw(arena, (uint)i, SnakePurpose.Heading, a).X, SnakeConstants.Directions);
        int place = FindPlace(arena, i, SnakePurpose.SnakePlace, SnakeArena.Step(heading, a.Parameters), 1, a);
        if (place == NoPlace)
        {
            arena.Totals[SnakeTotal.SpawnFailed] += 1;
            return;
        }

        arena.Grid[place] = (ushort)(i << SnakeCell.OwnerShift | SnakeCell.Head);
        arena.Head[i] = place;
        arena.Tail[i] = place;
        arena.HeadIndex[i] = 0;
        arena.Length[i] = 1;
        arena.Pending[i] = (ushort)(a.Parameters.StartLength - 1);
        arena.Heading[i] = (byte)heading;
        arena.Status[i] = SnakeConstants.Alive;
        arena.MaxLength[i] = 1;
    }

    // A random free cell of the grid, or NoPlace. Classic arenas may be nearly full: there the last try goes on row by row.
    private static int FindPlace(in SnakeArena arena, int number, uint purpose, int ahead, int isSnake, in SnakeArguments a)
    {
        int width = a.Parameters.Width, cells = width * a.Parameters.Height, cell = 0;
        for (int block = 0; block < SnakeConstants.Tries >> 2; block++)
        {
            UInt4 words = Draw(arena, (uint)(((number & 4095) << BlocksShift) + block), purpose, a);
            for (int word = 0; word < 4; word++)
            {
                cell = Philox.Below(word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W, cells);
                int at = SnakeArena.At(cell / width, cell % width, a.Parameters);
                if (IsFree(arena, at, ahead, isSnake)) return at;
            }
        }

        if (a.Parameters.Classic == 0) return NoPlace;
        for (int tried = 0; tried < cells; tried++)
        {
            int at = SnakeArena.At(cell / width, cell % width, a.Parameters);
            if (IsFree(arena, at, ahead, isSnake)) return at;
            cell = cell + 1 == cells ? 0 : cell + 1;
        }

        return NoPlace;
    }

    // Empty; for a snake the cell ahead must be none that kills.
    private static bool IsFree(in SnakeArena arena, int at, int ahead, int isSnake) =>
        arena.Grid[at] == SnakeCell.Empty && (isSnake == 0 || arena.Grid[at + ahead] < SnakeCell.Wall);

    private static UInt4 Draw(in SnakeArena arena, uint slot, uint purpose, in SnakeArguments a) =>
        Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + arena.Env), (uint)arena.Episode[0], (uint)arena.Tick[0], slot, purpose);
}
