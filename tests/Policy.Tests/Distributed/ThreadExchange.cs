using Arena.Kernels.Device;
using Arena.Policy.Distributed;

namespace Arena.Policy.Tests.Distributed;

/// <summary>Devices whose memory the host can reach, joined by threads.</summary>
internal sealed class ThreadExchange(Ranks ranks) : IDeviceExchange
{
    internal ThreadExchange(ICommunicator communicator)
        : this(new Ranks(communicator))
    {
    }

    public string Name => "threads";

    public int Size => ranks.Size;

    public void AllGather(View<int> own, View<int> all) => ranks.Gather<int>(own.AsSpan(), all.AsSpan());

    public void AllToAll(View<int> own, View<int> received) => ranks.Exchange<int>(own.AsSpan(), received.AsSpan());

    public void Dispose()
    {
    }
}
