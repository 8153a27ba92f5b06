using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Arena.Policy.Distributed;

/// <summary>The shards of one process, one thread each, and their part in sums over all shards of a run.</summary>
/// <remarks>
/// <para>
/// Every process holds m shards; rank r those from r·m on. Of a long array, rank r receives piece r of every shard (all-to-all), adds the shards up in their order,
/// and the pieces are gathered: each rank sends and receives twice the array, however many ranks there are, and each element is
/// the sum ((s₀ + s₁) + s₂) + … that one process would form. Short arrays are gathered whole and added up by everybody, in the same order: one exchange
/// instead of two. Within a process the threads add up a piece each.
/// </para>
/// <para>Arrays pass in blocks, so that memory and message sizes stay small. After the first call of a size nothing is allocated.</para>
/// </remarks>
public sealed class ShardGroup
{
    private const int BlockBytes = 1 << 23;  // of one shard's array at a time
    private const int ShortBytes = 1 << 17;  // of all shards together: one exchange costs less than two

    private readonly Ranks ranks;
    private readonly Meeting meeting;
    private readonly byte[][] staging;
    private byte[] given = [];    // what the shards of this process contribute
    private byte[] received = []; // what the ranks sent
    private byte[] total = [];

    /// <summary>Prepares.</summary>
    /// <param name="ranks">The processes; each holds as many shards.</param>
    /// <param name="local">m: shards of this process.</param>
    /// <param name="onDevice">Sums arrays of a device over the ranks; null: they are summed on the host. Needs m = 1.</param>
    public ShardGroup(Ranks ranks, int local, DeviceSums? onDevice = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(local, 1);
        if (onDevice is not null && local > 1) throw new ArgumentException($"{local} shards of a process cannot sum on one device.", nameof(onDevice));
        (this.ranks, Local, OnDevice) = (ranks, local, onDevice);
        meeting = new Meeting(local);
        staging = new byte[local][];
        Array.Fill(staging, []);
    }

    /// <summary>Sums of a device's arrays; null where they go through the host.</summary>
    internal DeviceSums? OnDevice { get; }

    /// <summary>m.</summary>
    public int Local { get; }

    /// <summary>S: shards of the run.</summary>
    public int Count => Local * ranks.Size;

    /// <summary>Number of this process's first shard.</summary>
    public int First => Local * ranks.Rank;

    /// <summary>Time that shard 0 of this process has spent in sums, waiting for others included.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>A shard of this process, 0..Local−1.</summary>
    public Shard Shard(int local) => Count == 1 ? Distributed.Shard.Whole : new Shard(this, local, First + local, Count);

    /// <summary>A shard of this process failed: the others stop waiting for it.</summary>
    internal void Break() => meeting.Break();

    /// <summary>Host memory for the array of a device.</summary>
    internal Span<byte> Staging(int local, int bytes) => Grown(ref staging[local], bytes);

    internal void Sum<T>(int local, Span<T> values)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        long began = Stopwatch.GetTimestamp();
        int size = Marshal.SizeOf<T>(), block = BlockBytes / size;
        for (int first = 0; first < values.Length; first += block)
        {
            Span<T> part = values.Slice(first, Math.Min(block, values.Length - first));
            // Between two ranks both ways move as much.
            if ((long)part.Length * size * Count <= ShortBytes || (ranks.Size == 2 && Local == 1)) SumShort(local, part);
            else SumLong(local, part);
        }

        if (local == 0) Waited += Stopwatch.GetElapsedTime(began);
    }

    internal void Max(int local, Span<double> values)
    {
        long began = Stopwatch.GetTimestamp();
        Span<double> all = GatherHere<double>(local, values);
        for (int shard = 0; shard < Count; shard++)
            for (int i = 0; i < values.Length; i++) values[i] = Math.Max(values[i], all[shard * values.Length + i]);
        meeting.Wait(); // before anybody overwrites it
        if (local == 0) Waited += Stopwatch.GetElapsedTime(began);
    }

    internal void Gather<T>(int local, ReadOnlySpan<T> own, Span<T> all)
        where T : unmanaged
    {
        GatherHere(local, own).CopyTo(all);
        meeting.Wait();
    }

    private void SumShort<T>(int local, Span<T> values)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        Span<T> all = GatherHere<T>(local, values);
        all[..values.Length].CopyTo(values);
        for (int shard = 1; shard < Count; shard++) Add(values, all.Slice(shard * values.Length, values.Length));
        meeting.Wait(); // before anybody overwrites it
    }

    // Every shard's values in the memory of this process; valid until the next call.
    private Span<T> GatherHere<T>(int local, ReadOnlySpan<T> own)
        where T : unmanaged
    {
        int size = own.Length * Marshal.SizeOf<T>();
        if (local == 0)
        {
            Grown(ref given, Local * size);
            Grown(ref received, Count * size);
        }

        meeting.Wait(); // the memory is there
        own.CopyTo(MemoryMarshal.Cast<byte, T>(given.AsSpan(local * size, size)));
        meeting.Wait();
        if (local == 0) ranks.Gather<byte>(given.AsSpan(0, Local * size), received.AsSpan(0, Count * size));
        meeting.Wait();
        return MemoryMarshal.Cast<byte, T>(received.AsSpan(0, Count * size));
    }

    private void SumLong<T>(int local, Span<T> values)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        int n = values.Length, size = Marshal.SizeOf<T>(), pieces = ranks.Size, piece = (n + pieces - 1) / pieces;
        int padded = pieces * piece * size;
        if (local == 0)
        {
            Grown(ref given, Local * padded);
            Grown(ref received, pieces > 1 ? Local * padded : 0);
            Grown(ref total, padded + piece * size);
        }

        meeting.Wait(); // the memory is there
        Span<T> mine = MemoryMarshal.Cast<byte, T>(given.AsSpan(0, Local * padded)), sums = MemoryMarshal.Cast<byte, T>(total.AsSpan(0, padded + piece * size));
        for (int r = 0; r < pieces; r++) // (pieces, Local, piece)
        {
            ReadOnlySpan<T> part = values.Slice(Math.Min(n, r * piece), Math.Min(piece, n - Math.Min(n, r * piece)));
            part.CopyTo(mine[((r * Local + local) * piece)..]);
        }

        meeting.Wait();
        if (pieces == 1)
        {
            int from = (int)((long)n * local / Local), to = (int)((long)n * (local + 1) / Local);
            AddUp(mine, Local, piece, from, sums[from..to]);
        }
        else if (local == 0)
        {
            Span<T> all = MemoryMarshal.Cast<byte, T>(received.AsSpan(0, Local * padded));
            Span<T> own = sums[(pieces * piece)..];
            ranks.Exchange<T>(mine, all);
            AddUp(all, Count, piece, 0, own);
            ranks.Gather<T>(own, sums[..(pieces * piece)]);
        }

        meeting.Wait();
        sums[..n].CopyTo(values);
    }

    // Elements from…from + sum.Length of (shards, piece), in the order of shards.
    private static void AddUp<T>(ReadOnlySpan<T> all, int shards, int piece, int from, Span<T> sum)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        all.Slice(from, sum.Length).CopyTo(sum);
        for (int shard = 1; shard < shards; shard++) Add(sum, all.Slice(shard * piece + from, sum.Length));
    }

    private static void Add<T>(Span<T> sum, ReadOnlySpan<T> next)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        int i = 0;
        for (; i <= sum.Length - Vector<T>.Count; i += Vector<T>.Count) (new Vector<T>(sum[i..]) + new Vector<T>(next[i..])).CopyTo(sum[i..]);
        for (; i < sum.Length; i++) sum[i] += next[i];
    }

    private static Span<byte> Grown(ref byte[] buffer, int bytes)
    {
        if (buffer.Length < bytes) buffer = new byte[bytes];
        return buffer.AsSpan(0, bytes);
    }
}
