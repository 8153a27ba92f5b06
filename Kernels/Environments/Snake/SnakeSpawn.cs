using Arena.Kernels.Common;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phase 6: waiting snakes, then missing food, one after another. One lane per arena.</summary>
/// <remarks>In order, since each takes a cell from the next; there are as many as died and were eaten in the tick, a few.</remarks>
public static class SnakeSpawn
{
    private const int NoPlace = -1;
    private const int WallWord = 0x03030303;

    /// <summary>The end of a tick: the arena's clock, and what begins.</summary>
    public static void Run(in SnakeArena arena, in SnakeArguments a)
    {
        arena.Tick[0] += 1;
        if (a.Parameters.Classic != 0 && arena.Status[0] == SnakeConstants.Waiting) Begin(arena, arena.Episode[0] + 1, a);
        else Fill(arena, SnakeConstants.FoodPerTick, a);
    }

    /// <summary>Starts <paramref name="episode"/>: an empty arena with its walls, then all snakes and all food.</summary>
    public static void Begin(in SnakeArena arena, int episode, in SnakeArguments a)
    {
        // Walls everywhere, four cells at a time, and then the room between them: classic arenas begin often.
        for (int word = 0; word < arena.Words.Length; word++) arena.Words[word] = WallWord;
        for (int row = 0; row < a.Parameters.Height; row++)
        {
            int at = SnakeArena.At(row, 0, a.Parameters);
            for (int column = 0; column < a.Parameters.Width; column++) arena.Grid[at + column] = SnakeCell.Empty;
        }

        arena.Tick[0] = 0;
        arena.Episode[0] = episode;
        arena.FoodPresent[0] = 0;
        Fill(arena, a.Parameters.Food, a);
    }

    private static void Fill(in SnakeArena arena, int mostFood, in SnakeArguments a)
    {
        for (int i = 0; i < a.Parameters.Snakes; i++)
            if (arena.Status[i] == SnakeConstants.Waiting) PlaceSnake(arena, i, a);
        int missing = Scalar.Min(a.Parameters.Food - arena.FoodPresent[0], mostFood);
        for (int number = 0; number < missing; number++)
        {
            int place = FindPlace(arena, number, SnakePurpose.FoodPlace, 0, 0, a);
            if (place == NoPlace) continue;
            arena.Grid[SnakeArena.At((uint)place, a.Parameters)] = SnakeCell.Food;
            arena.FoodPresent[0] += 1;
        }
    }

    private static void PlaceSnake(in SnakeArena arena, int i, in SnakeArguments a)
    {
        int heading = Philox.Below(Draw(arena, (uint)i, SnakePurpose.Heading, a).X, SnakeConstants.Directions);
        int ahead = SnakeArena.StepRow(heading) * a.Parameters.Stride + SnakeArena.StepColumn(heading);
        int place = FindPlace(arena, i, SnakePurpose.SnakePlace, ahead, 1, a);
        if (place == NoPlace)
        {
            arena.Totals[SnakeTotal.SpawnFailed] += 1;
            return;
        }

        arena.Grid[SnakeArena.At((uint)place, a.Parameters)] = SnakeCell.Head;
        arena.Ring[i * a.Parameters.RingLength] = (uint)place;
        arena.HeadIndex[i] = 0;
        arena.Length[i] = 1;
        arena.Pending[i] = (ushort)(a.Parameters.StartLength - 1);
        arena.Heading[i] = (byte)heading;
        arena.Status[i] = SnakeConstants.Alive;
        arena.MaxLength[i] = 1;
    }

    // A random free cell as row·65536 + column, or NoPlace. Classic arenas may be nearly full: there the last try goes on row by row.
    private static int FindPlace(in SnakeArena arena, int number, uint purpose, int ahead, int isSnake, in SnakeArguments a)
    {
        int width = a.Parameters.Width, cells = width * a.Parameters.Height, cell = 0;
        for (int block = 0; block < SnakeConstants.Tries >> 2; block++)
        {
            UInt4 words = Draw(arena, (uint)((number & 4095) * (SnakeConstants.Tries >> 2) + block), purpose, a);
            for (int word = 0; word < 4; word++)
            {
                cell = Philox.Below(word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W, cells);
                if (IsFree(arena, cell, ahead, isSnake, a)) return Packed(cell, width);
            }
        }

        if (a.Parameters.Classic == 0) return NoPlace;
        for (int tried = 0; tried < cells; tried++)
        {
            if (IsFree(arena, cell, ahead, isSnake, a)) return Packed(cell, width);
            cell = cell + 1 == cells ? 0 : cell + 1;
        }

        return NoPlace;
    }

    private static int Packed(int cell, int width) => (cell / width << 16) | cell % width;

    // Empty; for a snake the cell ahead must be none that kills.
    private static bool IsFree(in SnakeArena arena, int cell, int ahead, int isSnake, in SnakeArguments a)
    {
        int at = SnakeArena.At((uint)Packed(cell, a.Parameters.Width), a.Parameters);
        return arena.Grid[at] == SnakeCell.Empty && (isSnake == 0 || arena.Grid[at + ahead] < SnakeCell.Wall);
    }

    private static UInt4 Draw(in SnakeArena arena, uint slot, uint purpose, in SnakeArguments a) =>
        Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + arena.Env), (uint)arena.Episode[0], (uint)arena.Tick[0], slot, purpose);
}
