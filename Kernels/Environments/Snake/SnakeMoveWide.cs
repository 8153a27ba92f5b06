using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Snake;

/// <summary>Phases 1 and 3 of <see cref="SnakeMove"/> for the CPU, sixteen snakes at a time: their numbers in registers, their cells one after another.</summary>
/// <remarks>
/// What is left for each snake has no branches but one on its death: whether a tail stays and where it goes, nobody can predict. One thread owns the arena,
/// so cells are changed by plain loads and stores.
/// </remarks>
internal static class SnakeMoveWide
{
    /// <summary>Snakes handled together.</summary>
    internal const int Lanes = 16;

    private const int StepsPerWord = 16;

    /// <summary>Does this arena, on this machine, go this way? Its steps must be whole words.</summary>
    internal static bool Fits(in SnakeParameters p) => Avx512BW.IsSupported && p.RingLength >= StepsPerWord;

    /// <summary><see cref="SnakeMove.Intend"/> for the snakes from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Intend(in SnakeArena arena, int first, in SnakeArguments a)
    {
        Vector512<int> actions = Vector512.Load(a.Views.DiscreteActions.Slice(arena.FirstRow + first, Lanes).Pointer);
        bool allAlive = Vector128.Load(arena.Status.Slice(first, Lanes).Pointer) == Vector128.Create(SnakeConstants.Alive);
        if (!allAlive || Vector512.GreaterThanOrEqualAny(actions.AsUInt32(), Vector512.Create((uint)SnakeConstants.Directions)))
        {
            for (int lane = first; lane < first + Lanes; lane++) SnakeMove.Intend<OwnedAtomics>(arena, lane, a);
            return;
        }

        Vector512<int> happened = Turn(arena, first, actions, a, out Vector512<int> headings);
        int stride = a.Parameters.Stride;
        Vector512<int> steps = Vector512.Create(-stride, 1, stride, -1, -stride, 1, stride, -1, -stride, 1, stride, -1, -stride, 1, stride, -1);
        Vector512<int> targets = Vector512.Load(arena.Head.Slice(first, Lanes).Pointer) + Avx512F.PermuteVar16x32(steps, headings);
        targets.Store(arena.Target.Slice(first, Lanes).Pointer);

        ushort* pending = arena.Pending.Slice(first, Lanes).Pointer, length = arena.Length.Slice(first, Lanes).Pointer;
        Vector256<ushort> owed = Vector256.Load(pending), vacated = Vector256.Equals(owed, Vector256<ushort>.Zero);
        Avx2.SubtractSaturate(owed, Vector256<ushort>.One).Store(pending);
        Vector256<ushort> lengths = Vector256.Load(length) + vacated; // minus 1 where it leaves a cell
        lengths.Store(length);
        Vector512<int> left = Avx512F.ConvertToVector512Int32(vacated.AsInt16());
        (happened | (left & Vector512.Create(SnakeEvent.Vacated))).Store(arena.Event.Slice(first, Lanes).Pointer);

        // The step that leads away from the tail: the element after its own.
        Vector512<int> elements = Avx512F.ConvertToVector512Int32(Vector256.Load(arena.HeadIndex.Slice(first, Lanes).Pointer) - lengths + Vector256<ushort>.One)
            & Vector512.Create(a.Parameters.RingLength - 1);
        MoveCells(arena, first, (int*)&left, (int*)&elements, (int*)&steps, a);
    }

    /// <summary><see cref="SnakeMove.Commit"/> for the snakes from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Commit(in SnakeArena arena, int first, in SnakeArguments a)
    {
        Vector512<int> happened = Vector512.Load(arena.Event.Slice(first, Lanes).Pointer);
        Vector512<int> moved = Vector512.Equals(happened & Vector512.Create(SnakeEvent.AnyDeath | SnakeEvent.Acted), Vector512.Create(SnakeEvent.Acted));
        Vector512<int> found = (happened & Vector512.Create(SnakeEvent.AteFood | SnakeEvent.AteCorpse)) >> SnakeEvent.AteFoodShift;
        Vector512<int> changes = Vector512.Create(SnakeCell.Head - (1 << SnakeCell.ClaimShift)) - found;
        Vector256<ushort> headIndex = Vector256.Load(arena.HeadIndex.Slice(first, Lanes).Pointer);
        Vector256<ushort> next = (headIndex + Vector256<ushort>.One) & Vector256.Create((ushort)(a.Parameters.RingLength - 1));
        AdvanceCells(arena, first, (int*)&moved, (int*)&changes, (ushort*)&next, a);

        Vector256<ushort> going = Avx512F.ConvertToVector256Int16(moved).AsUInt16(), eaten = Avx512F.ConvertToVector256Int16(found).AsUInt16();
        int* head = arena.Head.Slice(first, Lanes).Pointer;
        Vector512.ConditionalSelect(moved, Vector512.Load(arena.Target.Slice(first, Lanes).Pointer), Vector512.Load(head)).Store(head);
        Vector256.ConditionalSelect(going, next, headIndex).Store(arena.HeadIndex.Slice(first, Lanes).Pointer);
        ushort* length = arena.Length.Slice(first, Lanes).Pointer;
        Vector256<ushort> lengths = Vector256.Load(length) - going; // plus 1
        lengths.Store(length);
        if (eaten != Vector256<ushort>.Zero) Eat(arena, first, found, eaten, lengths, a);
    }

    // As SnakeMove.Turn, for actions that are directions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<int> Turn(in SnakeArena arena, int first, Vector512<int> actions, in SnakeArguments a, out Vector512<int> headings)
    {
        byte* heading = arena.Heading.Slice(first, Lanes).Pointer;
        Vector512<int> before = Avx512F.ConvertToVector512Int32(Vector128.Load(heading)), wanted = actions, three = Vector512.Create(3);
        if (a.Parameters.Rotate != 0) wanted = Vector512.ConditionalSelect(Vector512.Equals(actions, Vector512.Create(2)), before, (before + actions) & three);
        Vector512<int> difference = (wanted - before) & three, turned = difference & Vector512<int>.One;
        arena.Totals[SnakeTotal.Reversals] += BitOperations.PopCount(Vector512.Equals(difference, Vector512.Create(2)).ExtractMostSignificantBits());
        headings = Vector512.ConditionalSelect(Vector512.Equals(turned, Vector512<int>.Zero), before, wanted);
        Avx512F.ConvertToVector128Byte(headings).Store(heading);
        return Vector512.Create(SnakeEvent.Acted) | turned << SnakeEvent.TurnedShift;
    }

    // Tails leave, targets are claimed. The cell of a tail that stays is stored as it was.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void MoveCells(in SnakeArena arena, int first, int* left, int* elements, int* steps, in SnakeArguments a)
    {
        ushort* grid = arena.Grid.Pointer;
        int* tails = arena.Tail.Slice(first, Lanes).Pointer, targets = arena.Target.Slice(first, Lanes).Pointer;
        uint* ways = (uint*)arena.Steps.Pointer;
        for (int lane = 0; lane < Lanes; lane++)
        {
            int tail = tails[lane], element = (first + lane) * a.Parameters.RingLength + elements[lane];
            int direction = (int)(ways[element / StepsPerWord] >> ((element & (StepsPerWord - 1)) << 1)) & 3;
            grid[tail] &= (ushort)~(left[lane] & SnakeCell.Occupant);
            tails[lane] = tail + (steps[direction] & left[lane]);
            grid[targets[lane]] += 1 << SnakeCell.ClaimShift;
        }
    }

    // Heads step on, the dead leave.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AdvanceCells(in SnakeArena arena, int first, int* moved, int* changes, ushort* next, in SnakeArguments a)
    {
        ushort* grid = arena.Grid.Pointer;
        int* heads = arena.Head.Slice(first, Lanes).Pointer, targets = arena.Target.Slice(first, Lanes).Pointer;
        byte* headings = arena.Heading.Slice(first, Lanes).Pointer;
        uint* ways = (uint*)arena.Steps.Pointer;
        for (int lane = 0; lane < Lanes; lane++)
        {
            if (moved[lane] == 0)
            {
                SnakeMove.Commit<OwnedAtomics>(arena, first + lane, a);
                continue;
            }

            grid[heads[lane]] += unchecked((ushort)(SnakeCell.Body - SnakeCell.Head));
            grid[targets[lane]] += (ushort)(((first + lane) << SnakeCell.OwnerShift) + changes[lane]);
            int element = (first + lane) * a.Parameters.RingLength + next[lane], shift = (element & (StepsPerWord - 1)) << 1;
            ref uint way = ref ways[element / StepsPerWord];
            way = (way & ~(3u << shift)) | (uint)headings[lane] << shift;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Eat(in SnakeArena arena, int first, Vector512<int> found, Vector256<ushort> eaten, Vector256<ushort> lengths, in SnakeArguments a)
    {
        ushort* pending = arena.Pending.Slice(first, Lanes).Pointer;
        Vector256<ushort> owed = Vector256.Load(pending);
        Vector256<ushort> grown = Vector256.Min(owed + Vector256<ushort>.One, Vector256.Create((ushort)a.Parameters.RingLength) - lengths);
        Vector256.ConditionalSelect(Vector256.Equals(eaten, Vector256<ushort>.Zero), owed, grown).Store(pending);
        uint* food = arena.EatenFood.Slice(first, Lanes).Pointer, corpse = arena.EatenCorpse.Slice(first, Lanes).Pointer;
        Vector512<uint> foods = found.AsUInt32() & Vector512<uint>.One;
        (Vector512.Load(food) + foods).Store(food);
        (Vector512.Load(corpse) + (found.AsUInt32() >> 1)).Store(corpse);
        arena.FoodPresent[0] -= BitOperations.PopCount(Vector512.Equals(foods, Vector512<uint>.One).ExtractMostSignificantBits());
    }
}
