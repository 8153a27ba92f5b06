using System.Runtime.InteropServices;
using Arena.Kernels.Device;

namespace Arena.Policy.Learners;

/// <summary>Everything that an update brings to the host, in one piece of device memory that one copy reads.</summary>
/// <remarks>
/// A copy waits for all that was launched before it, so ten small ones cost ten waits, and the device idles in each. Who has numbers to report takes
/// a place at construction and lets kernels write there; memory is allocated when the first place is used. The last place, <see cref="TakeTail"/>, may be read in part.
/// </remarks>
public sealed class MetricsBlock : IDisposable
{
    private readonly IDevice device;
    private DeviceBuffer<long>? memory;
    private long[] host = [];
    private int words;      // taken, without the tail
    private long tailWords; // taken
    private bool closed;

    /// <summary>An empty block.</summary>
    /// <param name="device">Where its memory will lie.</param>
    public MetricsBlock(IDevice device) => this.device = device;

    /// <summary>Whether the host has what the device had when <see cref="Outdate"/> was last called.</summary>
    public bool Read { get; private set; }

    /// <summary>Bytes of the last copy.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes of the tail that the next copy takes along.</summary>
    internal long TailBytes { get; set; }

    /// <summary>Says that the device has newer numbers than the host.</summary>
    internal void Outdate() => Read = false;

    /// <summary>A place for <paramref name="count"/> numbers.</summary>
    /// <exception cref="InvalidOperationException">a place has been used already.</exception>
    internal MetricsPlace<T> Take<T>(int count)
        where T : unmanaged
    {
        CheckOpen();
        var place = new MetricsPlace<T>(this, words, count);
        words += checked((int)WordsOf<T>(count));
        return place;
    }

    /// <summary>The one place whose length changes from update to update: at most <paramref name="count"/> numbers, behind all others.</summary>
    internal MetricsPlace<int> TakeTail(int count)
    {
        CheckOpen();
        if (tailWords > 0) throw new InvalidOperationException("The tail of the block has been taken.");
        tailWords = WordsOf<int>(count);
        return new MetricsPlace<int>(this, -1, count);
    }

    /// <summary>Copies all places to the host, of the tail <see cref="TailBytes"/>; waits for the device.</summary>
    internal void Fetch()
    {
        long tail = Math.Min(tailWords, (TailBytes + sizeof(long) - 1) / sizeof(long));
        Copy(0, words + tail);
        Read = true;
    }

    /// <summary>Copies the tail again, this time <paramref name="bytes"/> of it.</summary>
    internal void FetchTail(long bytes) => Copy(words, Math.Min(tailWords, (bytes + sizeof(long) - 1) / sizeof(long)));

    /// <summary>As kernels see a place.</summary>
    internal unsafe View<T> View<T>(int first, int count)
        where T : unmanaged
    {
        if (memory is null)
        {
            closed = true;
            host = new long[words + tailWords];
            memory = device.Allocate<long>(Math.Max(1, host.Length), "numbers read after every update");
        }

        return new View<T>((T*)(memory.View.Pointer + (first < 0 ? words : first)), count);
    }

    /// <summary>As the host last read a place.</summary>
    internal Span<T> Host<T>(int first, int count)
        where T : unmanaged => MemoryMarshal.Cast<long, T>(host.AsSpan(first < 0 ? words : first))[..count];

    /// <inheritdoc/>
    public void Dispose() => memory?.Dispose();

    private void Copy(long first, long count)
    {
        if (memory is null || count == 0) return;
        device.CopyToHost(memory.View.Slice(first, count), host.AsSpan((int)first, (int)count));
        BytesRead = count * sizeof(long);
    }

    private void CheckOpen()
    {
        if (closed) throw new InvalidOperationException("A place of the block is in use; take places before the first rollout.");
    }

    private static unsafe long WordsOf<T>(long count)
        where T : unmanaged => (count * sizeof(T) + sizeof(long) - 1) / sizeof(long);
}

/// <summary>A place in a <see cref="MetricsBlock"/>: device memory for kernels, and its last copy.</summary>
internal sealed class MetricsPlace<T>(MetricsBlock block, int first, int count)
    where T : unmanaged
{
    /// <summary>Numbers.</summary>
    internal int Length => count;

    /// <summary>On the device.</summary>
    internal View<T> View => block.View<T>(first, count);

    /// <summary>On the host, as last read; may be changed there (sums over shards).</summary>
    internal Span<T> Host => block.Host<T>(first, count);
}
