using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Arena.HostApi.Distributed;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>NCCL's functions over memory of this process, as native code would call them; ranks are threads.</summary>
internal static unsafe class FakeNccl
{
    private const int Failure = 5; // ncclInvalidUsage
    private const int Words = 2;   // ncclInt32

    private static readonly ConcurrentDictionary<int, ThreadCommunicator[]> Groups = new();
    private static readonly ConcurrentDictionary<nint, ThreadCommunicator> Joined = new();
    private static readonly nint Text = Marshal.StringToCoTaskMemUTF8("invalid usage");
    private static int groups;
    private static int joins;

    [ThreadStatic]
    private static List<(bool Sends, nint Address, long Words, int Peer)>? queued;

    [ThreadStatic]
    private static ThreadCommunicator? last;

    /// <summary>Groups that are joined and not left.</summary>
    internal static int Open => Joined.Count;

    /// <summary>The library over these functions; <paramref name="broken"/> names one that fails.</summary>
    internal static NcclLibrary Create(string broken = "") => new(name => name switch
    {
        "ncclGroupEnd" when broken == name => (nint)(delegate* unmanaged<int>)&Fail,
        "ncclGetVersion" => (nint)(delegate* unmanaged<int*, int>)&Version,
        "ncclGetUniqueId" => (nint)(delegate* unmanaged<NcclId*, int>)&NewId,
        "ncclCommInitRank" => (nint)(delegate* unmanaged<nint*, int, NcclId, int, int>)&Join,
        "ncclCommDestroy" => (nint)(delegate* unmanaged<nint, int>)&Leave,
        "ncclGetErrorString" => (nint)(delegate* unmanaged<int, nint>)&Describe,
        "ncclAllGather" => (nint)(delegate* unmanaged<void*, void*, nuint, int, nint, nint, int>)&AllGather,
        "ncclSend" => (nint)(delegate* unmanaged<void*, nuint, int, int, nint, nint, int>)&Send,
        "ncclRecv" => (nint)(delegate* unmanaged<void*, nuint, int, int, nint, nint, int>)&Receive,
        "ncclGroupStart" => (nint)(delegate* unmanaged<int>)&GroupStart,
        "ncclGroupEnd" => (nint)(delegate* unmanaged<int>)&GroupEnd,
        _ => throw new EntryPointNotFoundException(name),
    });

    [UnmanagedCallersOnly]
    private static int Version(int* version)
    {
        *version = 22_703;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int NewId(NcclId* id)
    {
        int number = Interlocked.Increment(ref groups);
        for (int i = 0; i < NcclId.Bytes / sizeof(int); i++) ((int*)id)[i] = number * 1_000 + i; // every byte has to arrive
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Join(nint* group, int size, NcclId id, int rank)
    {
        int number = *(int*)&id / 1_000;
        for (int i = 0; i < NcclId.Bytes / sizeof(int); i++)
            if (((int*)&id)[i] != number * 1_000 + i) return Failure;
        ThreadCommunicator own = Groups.GetOrAdd(number, _ => ThreadCommunicator.Create(size))[rank];
        if (own.Size != size) return Failure;
        *group = 100 + Interlocked.Increment(ref joins);
        Joined[*group] = own;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Leave(nint group) => Joined.TryRemove(group, out _) ? 0 : Failure;

    [UnmanagedCallersOnly]
    private static nint Describe(int code) => Text;

    [UnmanagedCallersOnly]
    private static int AllGather(void* own, void* all, nuint count, int type, nint group, nint stream)
    {
        if (type != Words || stream != 0 || !Joined.TryGetValue(group, out ThreadCommunicator? ranks)) return Failure;
        int bytes = (int)count * sizeof(int);
        ranks.AllGather(new ReadOnlySpan<byte>(own, bytes), new Span<byte>(all, bytes * ranks.Size));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int GroupStart()
    {
        queued = [];
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Send(void* own, nuint count, int type, int peer, nint group, nint stream) => Queue(true, own, count, type, peer, group, stream);

    [UnmanagedCallersOnly]
    private static int Receive(void* own, nuint count, int type, int peer, nint group, nint stream) => Queue(false, own, count, type, peer, group, stream);

    [UnmanagedCallersOnly]
    private static int GroupEnd()
    {
        var all = queued!;
        queued = null;
        int bytes = (int)all[0].Words * sizeof(int), size = all.Count / 2;
        byte[] own = new byte[size * bytes], received = new byte[size * bytes];
        foreach (var one in all.Where(one => one.Sends)) new ReadOnlySpan<byte>((void*)one.Address, bytes).CopyTo(own.AsSpan(one.Peer * bytes));
        last!.AllToAll(own, received);
        foreach (var one in all.Where(one => !one.Sends)) received.AsSpan(one.Peer * bytes, bytes).CopyTo(new Span<byte>((void*)one.Address, bytes));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Fail() => Failure;

    private static int Queue(bool sends, void* address, nuint count, int type, int peer, nint group, nint stream)
    {
        if (type != Words || stream != 0 || queued is null || !Joined.TryGetValue(group, out last)) return Failure;
        queued.Add((sends, (nint)address, (long)count, peer));
        return 0;
    }
}
