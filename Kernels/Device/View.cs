using System.Runtime.CompilerServices;

namespace Arena.Kernels.Device;

/// <summary>A flat range of device memory, as a kernel sees it: a raw pointer and a length.</summary>
/// <remarks>
/// On the CPU an access costs what a C pointer costs; on a GPU it compiles to a plain global load or store.
/// Indices are checked in checked builds only (Debug, or <c>-p:Checked=true</c>): a check per access would cost
/// more than most rules. Offsets must not be negative: the device widens them as unsigned.
/// </remarks>
/// <typeparam name="T">Element type; must be blittable, and not <see cref="bool"/> (read as 32 bits on a GPU).</typeparam>
public readonly unsafe struct View<T>
    where T : unmanaged
{
    private readonly T* start;

    /// <summary>Number of elements; 0 for a view that is not used (<c>default</c>).</summary>
    public readonly long Length;

    /// <summary>Wraps <paramref name="length"/> elements at <paramref name="start"/>, which the caller keeps alive.</summary>
    public View(T* start, long length)
    {
        this.start = start;
        Length = length;
    }

    /// <summary>The element at <paramref name="index"/>, 0..Length-1.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            BoundsCheck.Index(index, Length);
            return ref start[index];
        }
    }

    /// <summary>The element at <paramref name="index"/>, for columns past 2³¹ elements.</summary>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            BoundsCheck.Index(index, Length);
            return ref start[index];
        }
    }

    /// <summary>The elements from <paramref name="offset"/> on, <paramref name="length"/> of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public View<T> Slice(long offset, long length)
    {
        BoundsCheck.Range(offset, length, Length);
        return new View<T>(start + offset, length);
    }

    /// <summary>Address of the first element; host side, for copies.</summary>
    public T* Pointer => start;

    /// <summary>The same memory as a span; host side, on devices whose memory the host can reach.</summary>
    public Span<T> AsSpan() => new(start, checked((int)Length));
}
