using System.Runtime.CompilerServices;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>One arena: its columns as flat ranges, and the few sums on cells that every rule needs.</summary>
public struct SnakeArena
{
    /// <summary>Cells, see <see cref="SnakeState.Grid"/>.</summary>
    public View<ushort> Grid;

    /// <summary>The same memory as 32-bit words, for atomics.</summary>
    public View<int> Words;

    /// <summary>See the columns of these names.</summary>
    public View<int> Head, Tail;

    /// <summary>See the columns of these names.</summary>
    public View<ushort> HeadIndex, Length, Pending;

    /// <summary>See the columns of these names.</summary>
    public View<byte> Steps, Heading, Status;

    /// <summary>See the columns of these names.</summary>
    public View<uint> LifeTicks, EatenFood, EatenCorpse, MaxLength, Hunger;

    /// <summary>See the columns of these names.</summary>
    public View<int> Tick, Episode, FoodPresent, Totals;

    /// <summary>Scratch: the cell a snake wants.</summary>
    public View<int> Target;

    /// <summary>Scratch: <see cref="SnakeEvent"/> bits.</summary>
    public View<int> Event;

    /// <summary>Match within the batch, and the row of its snake 0.</summary>
    public int Env, FirstRow;

    /// <summary>Arena <paramref name="env"/> of the batch.</summary>
    public static unsafe SnakeArena Of(in SnakeArguments a, int env)
    {
        View<ushort> grid = a.State.Grid.ContiguousOf(env);
        View<int> scratch = a.Scratch.Of(env);
        return new SnakeArena
        {
            Grid = grid,
            Words = new View<int>((int*)grid.Pointer, grid.Length >> 1),
            Head = a.State.Head.ContiguousOf(env),
            Tail = a.State.Tail.ContiguousOf(env),
            Steps = a.State.Steps.ContiguousOf(env),
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

    /// <summary>Where row, column is in the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(int row, int column, in SnakeParameters p) => (row + p.Vision) * p.Stride + column + SnakeConstants.LeftWall;

    /// <summary>Cells of the grid from one to the next in <paramref name="direction"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step(int direction, in SnakeParameters p)
    {
        // Without branches: nobody can predict where a snake goes.
        int sideways = -(direction & 1);
        return ((direction - 1) & ~sideways) * p.Stride + ((2 - direction) & sideways);
    }

    /// <summary>Rows moved by a step in <paramref name="direction"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepRow(int direction) => (direction & 1) != 0 ? 0 : direction - 1;

    /// <summary>Columns moved by a step in <paramref name="direction"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StepColumn(int direction) => (direction & 1) != 0 ? 2 - direction : 0;

    /// <summary>The direction in which snake <paramref name="i"/> came to the cell of an element of its ring.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int StepTo(int i, int element, in SnakeParameters p)
    {
        element &= p.RingLength - 1;
        return Steps[i * (p.RingLength >> 2) + (element >> 2)] >> ((element & 3) << 1) & 3;
    }

    /// <summary>Sets it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void SetStepTo(int i, int element, int direction, in SnakeParameters p)
    {
        ref byte four = ref Steps[i * (p.RingLength >> 2) + (element >> 2)];
        int shift = (element & 3) << 1;
        four = (byte)(four & ~(3 << shift) | direction << shift);
    }

    /// <summary>Clears bits of a cell that other lanes may change in the same phase.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Clear<TAtomics>(int at, int bits)
        where TAtomics : struct, IAtomics => TAtomics.And(ref Words[at >> 1], ~(bits << ((at & 1) << 4)));

    /// <summary>Adds to a cell that other lanes may change in the same phase, or whose neighbour they may change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Add<TAtomics>(int at, int value)
        where TAtomics : struct, IAtomics => TAtomics.Add(ref Words[at >> 1], value << ((at & 1) << 4));
}
