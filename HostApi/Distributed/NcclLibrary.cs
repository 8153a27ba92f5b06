using System.Runtime.InteropServices;

namespace Arena.HostApi.Distributed;

/// <summary>NCCL's number of a group of ranks: 128 bytes, made by one and known to all.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct NcclId
{
    /// <summary>Its size.</summary>
    internal const int Bytes = 128;
}

/// <summary>The functions of NVIDIA's NCCL that a run needs, found at run time; names and arguments are those of nccl.h, the same since version 2.7.</summary>
internal sealed unsafe class NcclLibrary
{
    /// <summary>Variable with the path of the library, where it is not found by itself.</summary>
    internal const string LibraryVariable = "ARENA_NCCL";

    private const int Words = 2; // ncclInt32
    private static readonly string[] Symbols =
    [
        "ncclGetVersion", "ncclGetUniqueId", "ncclCommInitRank", "ncclCommDestroy", "ncclGetErrorString", "ncclAllGather", "ncclSend", "ncclRecv", "ncclGroupStart", "ncclGroupEnd",
    ];

    private readonly Func<string, nint> symbol;
    private readonly delegate* unmanaged<void*, void*, nuint, int, nint, nint, int> allGather;
    private readonly delegate* unmanaged<void*, nuint, int, int, nint, nint, int> send;
    private readonly delegate* unmanaged<void*, nuint, int, int, nint, nint, int> receive;
    private readonly delegate* unmanaged<int> groupStart;
    private readonly delegate* unmanaged<int> groupEnd;

    /// <summary>Binds the functions.</summary>
    /// <param name="symbol">Address of an exported function; throws where there is none.</param>
    internal NcclLibrary(Func<string, nint> symbol)
    {
        this.symbol = symbol;
        allGather = (delegate* unmanaged<void*, void*, nuint, int, nint, nint, int>)symbol("ncclAllGather");
        send = (delegate* unmanaged<void*, nuint, int, int, nint, nint, int>)symbol("ncclSend");
        receive = (delegate* unmanaged<void*, nuint, int, int, nint, nint, int>)symbol("ncclRecv");
        groupStart = (delegate* unmanaged<int>)symbol("ncclGroupStart");
        groupEnd = (delegate* unmanaged<int>)symbol("ncclGroupEnd");
    }

    /// <summary>"2.27.3".</summary>
    internal string Version
    {
        get
        {
            int number;
            Check(((delegate* unmanaged<int*, int>)symbol("ncclGetVersion"))(&number), "ncclGetVersion");
            return number < 10_000 ? $"{number / 1000}.{number % 1000 / 100}.{number % 100}" : $"{number / 10_000}.{number % 10_000 / 100}.{number % 100}";
        }
    }

    /// <summary>Loads it; null where there is none that has all functions.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    internal static NcclLibrary? Load(Func<string, string?> variable)
    {
        foreach (string name in Names(variable))
        {
            if (!NativeLibrary.TryLoad(name, out nint library)) continue;
            if (Array.TrueForAll(Symbols, one => NativeLibrary.TryGetExport(library, one, out _))) return new NcclLibrary(one => NativeLibrary.GetExport(library, one));
            NativeLibrary.Free(library);
        }

        return null;
    }

    /// <summary>What is tried.</summary>
    internal static IReadOnlyList<string> Names(Func<string, string?> variable) => variable(LibraryVariable) is { Length: > 0 } named ? [named] : ["libnccl.so.2", "libnccl.so"];

    /// <summary>ncclGetUniqueId; on one rank.</summary>
    internal NcclId NewId()
    {
        NcclId id;
        Check(((delegate* unmanaged<NcclId*, int>)symbol("ncclGetUniqueId"))(&id), "ncclGetUniqueId");
        return id;
    }

    /// <summary>ncclCommInitRank, for the device that is current on this thread; returns when all ranks have called it.</summary>
    internal nint Join(NcclId id, int rank, int size)
    {
        nint group;
        Check(((delegate* unmanaged<nint*, int, NcclId, int, int>)symbol("ncclCommInitRank"))(&group, size, id, rank), "ncclCommInitRank");
        return group;
    }

    /// <summary>ncclCommDestroy.</summary>
    internal void Leave(nint group) => Check(((delegate* unmanaged<nint, int>)symbol("ncclCommDestroy"))(group), "ncclCommDestroy");

    /// <summary>ncclAllGather of 32-bit words on stream 0.</summary>
    internal void AllGather(nint group, void* own, long words, void* all) => Check(allGather(own, all, (nuint)words, Words, group, 0), "ncclAllGather");

    /// <summary>ncclSend and ncclRecv with every rank, as one group on stream 0.</summary>
    internal void AllToAll(nint group, int size, int* own, long words, int* received)
    {
        Check(groupStart(), "ncclGroupStart");
        for (int rank = 0; rank < size; rank++)
        {
            Check(send(own + rank * words, (nuint)words, Words, rank, group, 0), "ncclSend");
            Check(receive(received + rank * words, (nuint)words, Words, rank, group, 0), "ncclRecv");
        }

        Check(groupEnd(), "ncclGroupEnd");
    }

    private void Check(int code, string call)
    {
        if (code == 0) return;
        string? text = Marshal.PtrToStringUTF8(((delegate* unmanaged<int, nint>)symbol("ncclGetErrorString"))(code));
        throw new InvalidOperationException($"{call} failed: {text} (code {code}). NCCL_DEBUG=WARN makes the library say more; --exchange host does without it.");
    }
}
