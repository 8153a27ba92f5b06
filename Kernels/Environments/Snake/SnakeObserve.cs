using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>State to observation rows, as after a restored snapshot. One index per row.</summary>
public struct SnakeObserve : IKernel
{
    private const ulong WallWord = 0x0303030303030303;

    // Four lanes of 16 bits; their top bits, and how far those are from the bit in which an own body differs from another.
    private const ulong Lanes = 0x0001000100010001, Tops = Lanes << 15;
    private const int TopToOwn = 14;

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

    // The bytes after the window, and the centre.
    private static void WriteOwn(in SnakeArena arena, int i, View<byte> row, in SnakeArguments a)
    {
        int length = arena.Length[i];
        row[SnakeConstants.HeadingOffset] = arena.Heading[i];
        row[SnakeConstants.LengthOffset] = (byte)Scalar.Min(255, length);
        row[SnakeConstants.PendingOffset] = (byte)Scalar.Min(255, arena.Pending[i]);
        row[SnakeConstants.HungerOffset] = (byte)Scalar.Min(255, (int)(arena.Hunger[i] >> 3));
        row[a.Parameters.Vision * a.Parameters.WindowSide + a.Parameters.Vision] = SnakeCell.OwnHead;
    }

    // Four cells to a word of the grid, a byte each in the row. Every load is aligned, and of no word that is not needed.
    private static unsafe void CopyWindow(in SnakeArena arena, int i, View<ulong> words, in SnakeArguments a)
    {
        int side = a.Parameters.WindowSide, from = arena.Head[i] - a.Parameters.Vision * a.Parameters.Stride - a.Parameters.Vision;
        int first = Scalar.Min(8, side), second = side - first;
        var grid = new View<ulong>((ulong*)arena.Grid.Pointer, arena.Grid.Length >> 2);
        ulong own = Lanes * (ulong)(i << SnakeCell.OwnerShift | SnakeCell.Body);
        ulong open = 0;     // bytes that do not fill a word yet
        int filled = 0, word = 0;
        for (int line = 0; line < side; line++)
        {
            int at = from >> 2, within = from & 3, shift = within << 3, last = (within + side - 1) >> 2;
            ulong low = Codes(grid[at], own), high = 0;
            if (last > 0) low |= Codes(grid[at + 1], own) << 32;
            if (last > 1) high = Codes(grid[at + 2], own);
            if (last > 2) high |= Codes(grid[at + 3], own) << 32;
            if (shift != 0) low = low >> shift | high << (64 - shift);
            Append(low, first, words, ref word, ref open, ref filled);
            if (second > 0) Append(high >> shift, second, words, ref word, ref open, ref filled);
            from += a.Parameters.Stride;
        }

        while (word < words.Length)
        {
            words[word++] = open;
            open = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(ulong value, int bytes, View<ulong> words, ref int word, ref ulong open, ref int filled)
    {
        value &= ulong.MaxValue >> ((8 - bytes) << 3);
        open |= value << (filled << 3);
        filled += bytes;
        if (filled < 8) return;
        words[word++] = open;
        filled -= 8;
        open = filled == 0 ? 0 : value >> ((bytes - filled) << 3);
    }

    // What four cells of 16 bits look like to their owner or another: four bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Codes(ulong cells, ulong own)
    {
        // The top bit of a lane is set where it differs from an own body cell: without carries into the next lane.
        ulong different = cells ^ own;
        different |= (different & ~Tops) + ~Tops;
        ulong codes = (cells & (Lanes * SnakeCell.Mask)) | ((different & Tops) ^ Tops) >> TopToOwn;
        codes |= codes >> 8;
        return codes & 0xFFFF | codes >> 16 & 0xFFFF0000;
    }

    private static void CopyTurned(in SnakeArena arena, int i, View<byte> row, View<ulong> words, in SnakeArguments a)
    {
        for (int word = 0; word < words.Length; word++) words[word] = 0;
        int vision = a.Parameters.Vision, heading = arena.Heading[i], centre = arena.Head[i], own = i << SnakeCell.OwnerShift | SnakeCell.Body, at = 0;
        int forward = SnakeArena.Step(heading, a.Parameters), sideways = SnakeArena.Step((heading + 1) & 3, a.Parameters);
        for (int line = vision; line >= -vision; line--)
        {
            for (int column = -vision; column <= vision; column++)
            {
                int cell = arena.Grid[centre + line * forward + column * sideways];
                row[at++] = (byte)(cell == own ? SnakeCell.OwnBody : cell & SnakeCell.Mask);
            }
        }
    }

    private static void WriteWaiting(View<byte> row, View<ulong> words, int side)
    {
        int window = side * side;
        for (int word = 0; word < words.Length; word++) words[word] = (word << 3) + 8 <= window ? WallWord : 0;
        for (int at = window & ~7; at < window; at++) row[at] = SnakeCell.Wall;
    }
}
