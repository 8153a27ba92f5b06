namespace Arena.Policy.Distributed;

/// <summary>Ranks that are threads of one process: for tests, and for looking into a run of several ranks with a debugger.</summary>
public sealed class ThreadCommunicator : ICommunicator
{
    private readonly Shared shared;

    private ThreadCommunicator(Shared shared, int rank) => (this.shared, Rank) = (shared, rank);

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size => shared.Given.Length;

    /// <summary>So many that belong together, one for each thread.</summary>
    public static ThreadCommunicator[] Create(int ranks)
    {
        var shared = new Shared(ranks);
        return [.. Enumerable.Range(0, ranks).Select(rank => new ThreadCommunicator(shared, rank))];
    }

    /// <summary>This rank will not come any more: the calls of the others fail instead of waiting for ever.</summary>
    public void Leave() => shared.Meeting.Break();

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<byte> own, Span<byte> all)
    {
        Give(own);
        for (int rank = 0; rank < Size; rank++) Check(rank, own.Length).CopyTo(all[(rank * own.Length)..]);
        shared.Meeting.Wait(); // before anybody gives anew
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<byte> own, Span<byte> received)
    {
        Give(own);
        int part = own.Length / Size;
        for (int rank = 0; rank < Size; rank++) Check(rank, own.Length).Slice(Rank * part, part).CopyTo(received[(rank * part)..]);
        shared.Meeting.Wait();
    }

    private void Give(ReadOnlySpan<byte> own)
    {
        if (shared.Given[Rank].Length < own.Length) shared.Given[Rank] = new byte[own.Length];
        own.CopyTo(shared.Given[Rank]);
        shared.Lengths[Rank] = own.Length;
        shared.Meeting.Wait();
    }

    private Span<byte> Check(int rank, int length) => shared.Lengths[rank] == length
        ? shared.Given[rank].AsSpan(0, length)
        : throw new InvalidOperationException($"Rank {Rank} gives {length} bytes and rank {rank} {shared.Lengths[rank]}: the ranks do not make the same calls.");

    private sealed class Shared
    {
        internal readonly Meeting Meeting;
        internal readonly byte[][] Given;
        internal readonly int[] Lengths;

        internal Shared(int ranks)
        {
            Meeting = new Meeting(ranks);
            Given = new byte[ranks][];
            Lengths = new int[ranks];
            Array.Fill(Given, []);
        }
    }
}
