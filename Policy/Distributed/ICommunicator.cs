namespace Arena.Policy.Distributed;

/// <summary>Moves bytes between the processes of one run; never adds anything up, so that no result depends on how a library orders its sums.</summary>
/// <remarks>Every call is made by all ranks, with the same sizes and in the same order, and by one thread of each at a time.</remarks>
public interface ICommunicator
{
    /// <summary>Number of this process, 0..Size−1.</summary>
    int Rank { get; }

    /// <summary>Processes of the run.</summary>
    int Size { get; }

    /// <summary>Gives everybody what everybody has.</summary>
    /// <param name="own">This rank's bytes; of every rank the same number.</param>
    /// <param name="all">(Size, own.Length) byte: those of every rank, in the order of ranks.</param>
    void AllGather(ReadOnlySpan<byte> own, Span<byte> all);

    /// <summary>Gives rank r the r-th of Size equal parts.</summary>
    /// <param name="own">(Size, n) byte: the part for every rank.</param>
    /// <param name="received">(Size, n) byte: the part that every rank has for this one.</param>
    void AllToAll(ReadOnlySpan<byte> own, Span<byte> received);
}
