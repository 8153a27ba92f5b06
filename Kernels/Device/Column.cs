using System.Runtime.CompilerServices;

namespace Arena.Kernels.Device;

/// <summary>One quantity of every match: (E, slots), addressed by match and slot.</summary>
/// <remarks>
/// The only place that turns (match, slot) into an address, so the layout can change without touching a rule.
/// Matches are stored in tiles of 2^<c>tileShift</c>: within a tile, slot by slot, the matches of the tile side by
/// side. The CPU uses tiles of one match (a match's slots are contiguous: one cache line serves a rule); a GPU uses
/// tiles of 32 (neighbouring threads, one per match, touch neighbouring addresses).
/// </remarks>
public readonly unsafe struct Column<T>
    where T : unmanaged
{
    private readonly T* start;
    private readonly long length;
    private readonly int slots;
    private readonly int tileShift;

    /// <summary>A column over <paramref name="memory"/>, which holds <see cref="RequiredLength"/> elements.</summary>
    public Column(View<T> memory, int slots, int tileShift)
    {
        start = memory.Pointer;
        length = memory.Length;
        this.slots = slots;
        this.tileShift = tileShift;
    }

    /// <summary>Elements per match.</summary>
    public int Slots => slots;

    /// <summary>Elements a column of this shape needs: matches rounded up to whole tiles, times slots.</summary>
    public static long RequiredLength(int numEnvs, int slots, int tileShift)
    {
        long tiles = ((long)numEnvs + (1 << tileShift) - 1) >> tileShift;
        return checked((tiles << tileShift) * slots);
    }

    /// <summary>Element <paramref name="slot"/> of match <paramref name="env"/>.</summary>
    public ref T this[int env, int slot]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long offset = Offset(env) + ((long)slot << tileShift);
            BoundsCheck.Index(slot, slots);
            BoundsCheck.Index(offset, length);
            return ref start[offset];
        }
    }

    /// <summary>Index of an element in the column's memory, for code that copies the memory as a whole.</summary>
    internal long PlaceOf(int env, int slot) => Offset(env) + ((long)slot << tileShift);

    /// <summary>All slots of one match. Take it once per rule: it keeps the address arithmetic out of the inner loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatchSlots<T> Of(int env)
    {
        BoundsCheck.Index(Offset(env), length);
        return new MatchSlots<T>(start + Offset(env), slots, tileShift);
    }

    /// <summary>All slots of one match as a flat range, for columns without tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public View<T> ContiguousOf(int env)
    {
        BoundsCheck.Range((long)env * slots, slots, length);
        return new View<T>(start + (long)env * slots, slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Offset(int env) =>
        (((long)(env >> tileShift) * slots) << tileShift) + (env & ((1 << tileShift) - 1));
}

/// <summary>The slots of one match of a <see cref="Column{T}"/>.</summary>
public readonly unsafe struct MatchSlots<T>
    where T : unmanaged
{
    private readonly T* start;
    private readonly int length;
    private readonly int shift;

    internal MatchSlots(T* start, int length, int shift)
    {
        this.start = start;
        this.length = length;
        this.shift = shift;
    }

    /// <summary>Number of slots.</summary>
    public int Length => length;

    /// <summary>Address of slot 0; the next slot follows directly where tiles hold one match (the CPU's layout).</summary>
    internal T* Pointer => start;

    /// <summary>The element in <paramref name="slot"/>, 0..Length-1.</summary>
    public ref T this[int slot]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            BoundsCheck.Index(slot, length);
            return ref start[(long)(uint)slot << shift];
        }
    }
}
