using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>State to observation rows, as after a restored snapshot. One index per row.</summary>
public struct SnakeObserve : IKernel
{
    private const ulong WallWord = 0x0303030303030303;

    /// <summary>Arguments.</summary>
    public SnakeArguments Arguments;

    /// <inheritdoc/>
    public void Run(int row)
    {
        int env = row / Arguments.Parameters.Snakes;
        Write(SnakeArena.Of(Arguments, env), row - env * Arguments.Parameters.Snakes, Arguments.Views.ByteObservations, Arguments);
    }

    /// <summary>Phase 7: what snake <paramref name="i"/> sees, and whether a life of its begins here.</summary>
    public static void Finish(in SnakeArena arena, int i, in SnakeArguments a)
    {
        WriteFlags(arena, i, a);
        Write(arena, i, a.Views.ByteObservations, a);
    }

    /// <summary>A life that has seen no tick is a new one; a snake that waits takes no part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteFlags(in SnakeArena arena, int i, in SnakeArguments a)
    {
        int row = arena.FirstRow + i, alive = arena.Status[i];
        a.Views.EpisodeStart[row] = (byte)(alive != 0 && arena.LifeTicks[i] == 0 ? 1 : 0);
        a.Views.RowActive[row] = (byte)alive;
    }

    /// <summary>Writes the row of snake <paramref name="i"/> into <paramref name="rows"/>, (N, 128) bytes.</summary>
    public static unsafe void Write(in SnakeArena arena, int i, View<byte> rows, in SnakeArguments a)
    {
        View<byte> row = rows.Slice((long)(arena.FirstRow + i) * SnakeConstants.ObservationLength, SnakeConstants.ObservationLength);
        var words = new View<ulong>((ulong*)row.Pointer, SnakeConstants.ObservationLength >> 3);
        if (arena.Status[i] != SnakeConstants.Alive)
        {
            WriteWaiting(row, words, a.Parameters.WindowSide);
            return;
        }

        if (a.Parameters.Rotate != 0) CopyTurned(arena, i, row, words, a);
        else CopyWindow(arena, i, words, a);
        WriteOwn(arena, i, row, a);
    }

    /// <summary>The bytes after the window, and one's own cells over the copied ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteOwn(in SnakeArena arena, int i, View<byte> row, in SnakeArguments a)
    {
        int length = arena.Length[i];
        row[SnakeConstants.HeadingOffset] = arena.Heading[i];
        row[SnakeConstants.LengthOffset] = (byte)Scalar.Min(255, length);
        row[SnakeConstants.PendingOffset] = (byte)Scalar.Min(255, arena.Pending[i]);
        row[SnakeConstants.HungerOffset] = (byte)Scalar.Min(255, (int)(arena.Hunger[i] >> 3));

        int ring = i * a.Parameters.RingLength, mask = a.Parameters.RingLength - 1, headIndex = arena.HeadIndex[i];
        int vision = a.Parameters.Vision, side = a.Parameters.WindowSide;
        uint head = arena.Ring[ring + headIndex];
        row[vision * side + vision] = SnakeCell.OwnHead;
        // Segments are one cell apart: one that is d cells away leaves the next d - V outside the window.
        int k = 1;
        while (k < length)
        {
            uint cell = arena.Ring[ring + ((headIndex - k) & mask)];
            int distance = SnakeArena.Distance(cell, head);
            if (distance <= vision)
            {
                row[Place((int)(cell >> 16) - (int)(head >> 16), (int)(cell & 0xFFFF) - (int)(head & 0xFFFF), arena.Heading[i], a)] = SnakeCell.OwnBody;
                k++;
            }
            else k += distance - vision;
        }
    }

    // Where a cell, given relative to the head, is in the window.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(int rows, int columns, int heading, in SnakeArguments a)
    {
        if (a.Parameters.Rotate != 0) (rows, columns) = (-Along(heading, rows, columns), Along((heading + 1) & 3, rows, columns));
        return (rows + a.Parameters.Vision) * a.Parameters.WindowSide + columns + a.Parameters.Vision;
    }

    private static int Along(int direction, int rows, int columns) => SnakeArena.StepRow(direction) * rows + SnakeArena.StepColumn(direction) * columns;

    // Rows of the grid are whole words, so every load is aligned; what is loaded is shifted into the row's own words.
    private static unsafe void CopyWindow(in SnakeArena arena, int i, View<ulong> words, in SnakeArguments a)
    {
        int side = a.Parameters.WindowSide;
        uint head = arena.Segment(i, 0, a.Parameters);
        int from = SnakeArena.At(head, a.Parameters) - a.Parameters.Vision * a.Parameters.Stride - a.Parameters.Vision;
        var grid = new View<ulong>((ulong*)arena.Grid.Pointer, arena.Grid.Length >> 3);
        ulong open = 0;     // bytes that do not fill a word yet
        int filled = 0, word = 0;
        for (int line = 0; line < side; line++)
        {
            for (int done = 0; done < side; done += 8)
            {
                int bytes = Scalar.Min(8, side - done);
                ulong value = Load(grid, from + done) & (ulong.MaxValue >> ((8 - bytes) << 3));
                open |= value << (filled << 3);
                if (filled + bytes < 8)
                {
                    filled += bytes;
                    continue;
                }

                words[word++] = open;
                open = filled == 0 ? 0 : value >> ((8 - filled) << 3);
                filled = filled + bytes - 8;
            }

            from += a.Parameters.Stride;
        }

        while (word < words.Length)
        {
            words[word++] = open;
            open = 0;
        }
    }

    private static ulong Load(View<ulong> grid, int from)
    {
        int shift = (from & 7) << 3;
        ulong low = grid[from >> 3];
        return shift == 0 ? low : low >> shift | grid[(from >> 3) + 1] << (64 - shift);
    }

    private static void CopyTurned(in SnakeArena arena, int i, View<byte> row, View<ulong> words, in SnakeArguments a)
    {
        for (int word = 0; word < words.Length; word++) words[word] = 0;
        int vision = a.Parameters.Vision, heading = arena.Heading[i], right = (heading + 1) & 3, at = 0;
        int centre = SnakeArena.At(arena.Segment(i, 0, a.Parameters), a.Parameters);
        int forward = SnakeArena.StepRow(heading) * a.Parameters.Stride + SnakeArena.StepColumn(heading);
        int sideways = SnakeArena.StepRow(right) * a.Parameters.Stride + SnakeArena.StepColumn(right);
        for (int line = vision; line >= -vision; line--)
            for (int column = -vision; column <= vision; column++)
                row[at++] = arena.Grid[centre + line * forward + column * sideways];
    }

    private static void WriteWaiting(View<byte> row, View<ulong> words, int side)
    {
        int window = side * side;
        for (int word = 0; word < words.Length; word++) words[word] = (word << 3) + 8 <= window ? WallWord : 0;
        for (int at = window & ~7; at < window; at++) row[at] = SnakeCell.Wall;
    }
}
