using System.Runtime.CompilerServices;

namespace Arena.Kernels.Device;

/// <summary>Scratch memory of a phased kernel: <c>length</c> elements for every group, contiguous per group.</summary>
/// <remarks>
/// What lanes of a group tell each other between two phases goes through here: a kernel has no local arrays. The
/// contents are undefined at phase 0 and belong to the group alone.
/// </remarks>
public readonly unsafe struct GroupScratch<T>
    where T : unmanaged
{
    private readonly T* start;
    private readonly long total;
    private readonly int length;

    /// <summary>Cuts <paramref name="memory"/> (groups × <paramref name="length"/> elements) into one part per group.</summary>
    public GroupScratch(View<T> memory, int length)
    {
        start = memory.Pointer;
        total = memory.Length;
        this.length = length;
    }

    /// <summary>Elements per group.</summary>
    public int Length => length;

    /// <summary>The part of <paramref name="group"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public View<T> Of(int group)
    {
        BoundsCheck.Range((long)group * length, length, total);
        return new View<T>(start + (long)group * length, length);
    }
}
