using System.Runtime.InteropServices;
using System.Text;

namespace Arena.Policy.Distributed;

/// <summary>The processes of one run, seen from one of them. Alone, everything is answered at once and without a copy too many.</summary>
/// <remarks>All ranks make the same calls in the same order. Decisions that depend on a clock or a signal are made by one and told to all.</remarks>
public sealed class Ranks
{
    private readonly ICommunicator? communicator;
    private byte[] gathered = [];
    private volatile bool waiting;
    private long calls;

    /// <summary>A process of several.</summary>
    /// <param name="communicator">Null: the only one.</param>
    public Ranks(ICommunicator? communicator = null) => this.communicator = communicator;

    /// <summary>Number of this process.</summary>
    public int Rank => communicator?.Rank ?? 0;

    /// <summary>Processes of the run.</summary>
    public int Size => communicator?.Size ?? 1;

    /// <summary>Does this one print, and write the run's files?</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Exchanges made; for a look from another thread.</summary>
    public long Calls => Volatile.Read(ref calls);

    /// <summary>Is an exchange under way? For a look from another thread.</summary>
    public bool Waiting => waiting;

    /// <summary>Everybody's values, in the order of ranks.</summary>
    /// <param name="own">n values.</param>
    /// <param name="all">(Size, n).</param>
    public void Gather<T>(ReadOnlySpan<T> own, Span<T> all)
        where T : unmanaged
    {
        if (communicator is null)
        {
            own.CopyTo(all);
            return;
        }

        waiting = true;
        communicator.AllGather(MemoryMarshal.AsBytes(own), MemoryMarshal.AsBytes(all));
        waiting = false;
        Volatile.Write(ref calls, calls + 1);
    }

    /// <summary>Part r of <paramref name="own"/> goes to rank r.</summary>
    /// <param name="own">(Size, n).</param>
    /// <param name="received">(Size, n): what the ranks had for this one.</param>
    public void Exchange<T>(ReadOnlySpan<T> own, Span<T> received)
        where T : unmanaged
    {
        if (communicator is null)
        {
            own.CopyTo(received);
            return;
        }

        waiting = true;
        communicator.AllToAll(MemoryMarshal.AsBytes(own), MemoryMarshal.AsBytes(received));
        waiting = false;
        Volatile.Write(ref calls, calls + 1);
    }

    /// <summary>The number that rank 0 has.</summary>
    public long FromFirst(long own)
    {
        Span<long> all = Gathered<long>(Size);
        Gather([own], all);
        return all[0];
    }

    /// <summary>Does rank 0 say yes?</summary>
    public bool FromFirst(bool own) => FromFirst(own ? 1L : 0L) != 0;

    /// <summary>Does any rank say yes?</summary>
    public bool Any(bool own)
    {
        Span<long> all = Gathered<long>(Size);
        Gather([own ? 1L : 0L], all);
        return all.ContainsAnyExcept(0L);
    }

    /// <summary>Everybody's text, in the order of ranks.</summary>
    public string[] Gather(string own)
    {
        if (communicator is null) return [own];
        byte[] bytes = Encoding.UTF8.GetBytes(own);
        var lengths = new int[Size];
        Gather([bytes.Length], lengths);
        int longest = lengths.Max();
        if (longest == 0) return [.. lengths.Select(_ => "")];
        var padded = new byte[longest];
        bytes.CopyTo(padded, 0);
        var all = new byte[checked(Size * longest)];
        Gather<byte>(padded, all);
        return [.. lengths.Select((length, rank) => Encoding.UTF8.GetString(all, rank * longest, length))];
    }

    /// <summary>The text that rank 0 has.</summary>
    public string FromFirst(string own) => Gather(own)[0];

    private Span<T> Gathered<T>(int count)
        where T : unmanaged
    {
        int bytes = count * Marshal.SizeOf<T>();
        if (gathered.Length < bytes) gathered = new byte[bytes];
        return MemoryMarshal.Cast<byte, T>(gathered.AsSpan(0, bytes));
    }
}
