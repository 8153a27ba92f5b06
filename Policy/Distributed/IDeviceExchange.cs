using Arena.Kernels.Device;

namespace Arena.Policy.Distributed;

/// <summary>Moves memory of a device between the ranks without passing through the host; never adds anything up.</summary>
/// <remarks>
/// Calls are queued behind the launches before them and before those that follow, as a launch is: nobody waits. All ranks make the same calls in the
/// same order, with the same lengths.
/// </remarks>
public interface IDeviceExchange : IDisposable
{
    /// <summary>In words: "NCCL 2.27".</summary>
    string Name { get; }

    /// <summary>Ranks.</summary>
    int Size { get; }

    /// <summary>Gives everybody what everybody has.</summary>
    /// <param name="own">(n) words of this rank.</param>
    /// <param name="all">(Size, n): those of every rank, in the order of ranks.</param>
    void AllGather(View<int> own, View<int> all);

    /// <summary>Gives rank r the r-th of Size equal parts.</summary>
    /// <param name="own">(Size, n) words: the part for every rank.</param>
    /// <param name="received">(Size, n): the part that every rank has for this one.</param>
    void AllToAll(View<int> own, View<int> received);
}
