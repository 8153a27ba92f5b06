using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>One arena: its columns as flat ranges, and the few sums on cells that every rule needs.</summary>
public struct SnakeArena
{
    /// <summary>Cells, see <see cref="SnakeState.Grid"/>.</summary>
    public View<byte> Grid;

    /// <summary>The same memory as 32-bit words, for atomics.</summary>
    public View<int> Words;

    /// <summary>See <see cref="SnakeState.Ring"/>.</summary>
    public View<uint> Ring;

    /// <summary>See the columns of these names.</summary>
    public View<ushort> HeadIndex, Length, Pending;

    /// <summary>See the columns of these names.</summary>
    public View<byte> Heading, Status;

    /// <summary>See the columns of these names.</summary>
    public View<uint> LifeTicks, EatenFood, EatenCorpse, MaxLength, Hunger;

    /// <summary>See the columns of these names.</summary>
    public View<int> Tick, Episode, FoodPresent, Totals;

    /// <summary>Scratch: the cell a snake wants, as an index into <see cref="Grid"/>.</summary>
    public View<int> Target;

    /// <summary>Scratch: <see cref="SnakeEvent"/> bits.</summary>
    public View<int> Event;

    /// <summary>Match within the batch, and the row of its snake 0.</summary>
    public int Env, FirstRow;

    /// <summary>Arena <paramref name="env"/> of the batch.</summary>
    public static unsafe SnakeArena Of(in SnakeArguments a, int env)
    {
        View<byte> grid = a.State.Grid.ContiguousOf(env);
        View<int> scratch = a.Scratch.Of(env);
        return new SnakeArena
        {
            Grid = grid,
            Words = new View<int>((int*)grid.Pointer, grid.Length >> 2),
            Ring = a.State.Ring.ContiguousOf(env),
            HeadIndex = a.State.HeadIndex.ContiguousOf(env),
            Length = a.State.Length.ContiguousOf(env),
            Pending = a.State.Pending.ContiguousOf(env),
            Heading = a.State.Heading.ContiguousOf(env),
            Status = a.State.Status.ContiguousOf(env),
            LifeTicks = a.State.LifeTicks.ContiguousOf(env),
            EatenFood = a.State.EatenFood.ContiguousOf(env),
            EatenCorpse = a.State.EatenCorpse.ContiguousOf(env),
            MaxLength = a.State.MaxLength.ContiguousOf(env),
            Hunger = a.State.Hunger.ContiguousOf(env),
            Tick = a.State.Tick.ContiguousOf(env),
            Episode = a.State.Episode.ContiguousOf(env),
            FoodPresent = a.State.FoodPresent.ContiguousOf(env),
            Totals = a.State.Totals.ContiguousOf(env),
            Target = scratch.Slice(0, a.Parameters.Snakes),
            Event = scratch.Slice(a.Parameters.Snakes, a.Parameters.Snakes),
            Env = env,
            FirstRow = env * a.Parameters.Snakes,
        };
    }

    /// <summary>Segment <paramref name="k"/> of snake <paramref name="i"/> (0 = head): row·65536 + column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Segment(int i, int k, in SnakeParameters p) => Ring[i * p.RingLength + ((HeadIndex[i] - k) & (p.RingLength - 1))];

    /// <summary>Where a packed cell is in the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(uint cell, in SnakeParameters p) => At((int)(cell >> 16), (int)(cell & 0xFFFF), p);

    /// <summary>Where row, column is in the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(int row, int column, in SnakeParameters p) => (row + p.Vision) * p.Stride + column + SnakeConstants.LeftWall;

    /// <summary>Rows moved by a step in <paramref name="direction"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepRow(int direction) => (direction & 1) != 0 ? 0 : direction - 1;

    /// <summary>Columns moved by a step in <paramref name="direction"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepColumn(int direction) => (direction & 1) != 0 ? 2 - direction : 0;

    /// <summary>The larger of the two distances between packed cells, by rows and by columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Distance(uint a, uint b)
    {
        // Without branches: nobody can predict which way a body lies.
        int rows = Size((int)(a >> 16) - (int)(b >> 16)), columns = Size((int)(a & 0xFFFF) - (int)(b & 0xFFFF));
        int surplus = rows - columns;
        return columns + (surplus & ~(surplus >> 31));
    }

    private static int Size(int value) => (value ^ (value >> 31)) - (value >> 31);

    /// <summary>Clears bits of a cell that other lanes may change in the same phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Clear<TAtomics>(int at, int bits)
        where TAtomics : struct, IAtomics => TAtomics.And(ref Words[at >> 2], ~(bits << ((at & 3) << 3)));

    /// <summary>Sets bits of a cell that other lanes may change in the same phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Set<TAtomics>(int at, int bits)
        where TAtomics : struct, IAtomics => TAtomics.Or(ref Words[at >> 2], bits << ((at & 3) << 3));

    /// <summary>Counts one more head that wants a cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Claim<TAtomics>(int at)
        where TAtomics : struct, IAtomics => TAtomics.Add(ref Words[at >> 2], (1 << SnakeCell.ClaimShift) << ((at & 3) << 3));
}
