using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Built-in players: random (1) and greedy (2). One index per row.</summary>
/// <remarks>
/// Greedy knows what its observation shows and nothing else. It reads the window from the grid, since a step's buffers hold the next
/// observation, not the present one. Directions are those of the window: with turned windows up is straight ahead, and a
/// direction of the window is the action of the same number.
/// </remarks>
public struct SnakeScript : IKernel
{
    private const int RandomController = 1;
    private const int Nowhere = -1;

    /// <summary>Arguments.</summary>
    public SnakeArguments Arguments;

    /// <summary>(E) who plays; 0 = outside.</summary>
    public View<byte> Controllers;

    /// <inheritdoc/>
    public void Run(int row)
    {
        int env = row / Arguments.Parameters.Snakes, i = row - env * Arguments.Parameters.Snakes;
        int controller = Controllers[env];
        if (controller == 0) return;
        SnakeArena arena = SnakeArena.Of(Arguments, env);
        if (controller == RandomController)
        {
            UInt4 words = Philox.Draw(Arguments.Seed, (uint)(Arguments.Parameters.MatchOffset + env), (uint)arena.Episode[0], (uint)arena.Tick[0], (uint)i, SnakePurpose.RandomPolicy);
            Arguments.Views.DiscreteActions[row] = Philox.Below(words.X, SnakeConstants.Directions);
        }
        else Arguments.Views.DiscreteActions[row] = arena.Status[i] == SnakeConstants.Alive ? Greedy(arena, i) : 0;
    }

    private readonly int Greedy(in SnakeArena arena, int i)
    {
        int heading = Arguments.Parameters.Rotate != 0 ? 0 : arena.Heading[i];
        int safe = 0, preferred = 0;
        for (int direction = 0; direction < SnakeConstants.Directions; direction++)
        {
            int rows = SnakeArena.StepRow(direction), columns = SnakeArena.StepColumn(direction);
            if ((direction ^ heading) == 2 || Seen(arena, i, rows, columns) >= SnakeCell.Wall) continue;
            safe |= 1 << direction;
            if (!HeadBeside(arena, i, rows, columns)) preferred |= 1 << direction;
        }

        if (preferred == 0) preferred = safe;
        if (preferred == 0) return heading;
        int goal = Goal(arena, i);
        return goal == Nowhere ? First(preferred, heading) : Towards(goal, preferred, heading);
    }

    // Another snake's head next to a cell of the window: it may want the same cell.
    private readonly bool HeadBeside(in SnakeArena arena, int i, int rows, int columns)
    {
        for (int direction = 0; direction < SnakeConstants.Directions; direction++)
        {
            int besideRow = rows + SnakeArena.StepRow(direction), besideColumn = columns + SnakeArena.StepColumn(direction);
            if ((besideRow != 0 || besideColumn != 0) && Seen(arena, i, besideRow, besideColumn) == SnakeCell.Head) return true;
        }

        return false;
    }

    // The window index of the nearest meal; the lowest index among equally near ones.
    private readonly int Goal(in SnakeArena arena, int i)
    {
        int vision = Arguments.Parameters.Vision, side = Arguments.Parameters.WindowSide, nearest = int.MaxValue, goal = Nowhere;
        for (int index = 0; index < side * side; index++)
        {
            int rows = index / side - vision, columns = index % side - vision;
            int seen = Seen(arena, i, rows, columns), distance = Manhattan(rows, columns);
            if ((seen != SnakeCell.Food && seen != SnakeCell.Corpse) || distance >= nearest) continue;
            nearest = distance;
            goal = index;
        }

        return goal;
    }

    private readonly int Towards(int goal, int preferred, int heading)
    {
        int vision = Arguments.Parameters.Vision, side = Arguments.Parameters.WindowSide, nearest = int.MaxValue, best = heading;
        for (int turn = 0; turn < 3; turn++)
        {
            int direction = Turned(heading, turn);
            if ((preferred >> direction & 1) == 0) continue;
            int distance = Manhattan(goal / side - vision - SnakeArena.StepRow(direction), goal % side - vision - SnakeArena.StepColumn(direction));
            if (distance >= nearest) continue;
            nearest = distance;
            best = direction;
        }

        return best;
    }

    private static int First(int preferred, int heading)
    {
        for (int turn = 0; turn < 3; turn++)
            if ((preferred >> Turned(heading, turn) & 1) != 0) return Turned(heading, turn);
        return heading;
    }

    // Straight, right, left.
    private static int Turned(int heading, int turn) => (heading + (turn == 2 ? 3 : turn)) & 3;

    private static int Manhattan(int rows, int columns) => (rows < 0 ? -rows : rows) + (columns < 0 ? -columns : columns);

    // The code of a cell of the window, given relative to its centre; what lies outside the window is taken for empty.
    private readonly int Seen(in SnakeArena arena, int i, int rows, int columns)
    {
        int vision = Arguments.Parameters.Vision;
        if (Scalar.Max(rows < 0 ? -rows : rows, columns < 0 ? -columns : columns) > vision) return SnakeCell.Empty;
        int up = Arguments.Parameters.Rotate != 0 ? arena.Heading[i] : 0, right = (up + 1) & 3;
        int alongRows = -rows * SnakeArena.StepRow(up) + columns * SnakeArena.StepRow(right);
        int alongColumns = -rows * SnakeArena.StepColumn(up) + columns * SnakeArena.StepColumn(right);
        return arena.Grid[arena.Head[i] + alongRows * Arguments.Parameters.Stride + alongColumns] & SnakeCell.Mask;
    }
}
