using System.Runtime.InteropServices;
using Arena.Kernels;

namespace Arena.HostApi.Distributed;

/// <summary>The six functions of an MPI library that a run needs, found at run time.</summary>
/// <remarks>
/// The standard fixes names and arguments, not what a handle is: Open MPI has pointers to objects of the library, MPICH and
/// its relatives (Intel MPI, MVAPICH, Cray) have numbers. One small class each; which one it is, the exported symbols say.
/// </remarks>
internal abstract unsafe class MpiLibrary
{
    private const int Funneled = 1; // MPI_THREAD_FUNNELED in both families: only the thread that began it makes calls

    private readonly nint handle;

    /// <summary>Wraps a loaded library.</summary>
    protected MpiLibrary(nint handle) => this.handle = handle;

    /// <summary>In words.</summary>
    internal abstract string Family { get; }

    /// <summary>Loads the first of <paramref name="names"/> that can be loaded and is an MPI library; null where none is.</summary>
    internal static MpiLibrary? Load(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library)) continue;
            if (NativeLibrary.TryGetExport(library, OpenMpi.WorldSymbol, out _)) return new OpenMpi(library);
            if (NativeLibrary.TryGetExport(library, "MPI_Init_thread", out _)) return new Mpich(library);
            NativeLibrary.Free(library);
        }

        return null;
    }

    /// <summary>MPI_Init_thread; once per process.</summary>
    internal void Begin()
    {
        int provided;
        Check(((delegate* unmanaged<int*, byte***, int, int*, int>)Function("MPI_Init_thread"))(null, null, Funneled, &provided), "MPI_Init_thread");
        if (provided < Funneled)
            throw new UsageException("The MPI library was built for programs without threads, and this one has some. Use a library with MPI_THREAD_FUNNELED, which every usual build has.");
    }

    /// <summary>MPI_Finalize: waits for all ranks.</summary>
    internal void End() => Check(((delegate* unmanaged<int>)Function("MPI_Finalize"))(), "MPI_Finalize");

    /// <summary>MPI_Comm_rank of the world.</summary>
    internal abstract int Rank();

    /// <summary>MPI_Comm_size of the world.</summary>
    internal abstract int Size();

    /// <summary>MPI_Allgather of bytes.</summary>
    internal abstract void AllGather(byte* own, int bytes, byte* all);

    /// <summary>MPI_Alltoall of bytes, so many to each rank.</summary>
    internal abstract void AllToAll(byte* own, int bytes, byte* received);

    /// <summary>MPI_Abort of the world: the launcher ends every rank.</summary>
    internal abstract void Abort(int exitCode);

    /// <summary>Address of an exported symbol.</summary>
    protected nint Function(string name) => NativeLibrary.GetExport(handle, name);

    /// <summary>By default a library ends the program itself when a call fails; this is for one that was told not to.</summary>
    protected static void Check(int code, string call)
    {
        if (code != 0) throw new InvalidOperationException($"{call} failed with code {code}; the MPI library's own message says more.");
    }
}

/// <summary>Open MPI 4 and later: a handle is the address of an object that the library exports.</summary>
internal sealed unsafe class OpenMpi : MpiLibrary
{
    internal const string WorldSymbol = "ompi_mpi_comm_world";

    private readonly nint world;
    private readonly nint bytes;
    private readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int> allGather;
    private readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int> allToAll;

    internal OpenMpi(nint library)
        : base(library)
    {
        (world, bytes) = (Function(WorldSymbol), Function("ompi_mpi_byte"));
        allGather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int>)Function("MPI_Allgather");
        allToAll = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int>)Function("MPI_Alltoall");
    }

    internal override string Family => "Open MPI";

    internal override int Rank() => Ask("MPI_Comm_rank");

    internal override int Size() => Ask("MPI_Comm_size");

    internal override void AllGather(byte* own, int count, byte* all) => Check(allGather(own, count, bytes, all, count, bytes, world), "MPI_Allgather");

    internal override void AllToAll(byte* own, int count, byte* received) => Check(allToAll(own, count, bytes, received, count, bytes, world), "MPI_Alltoall");

    internal override void Abort(int exitCode) => Check(((delegate* unmanaged<nint, int, int>)Function("MPI_Abort"))(world, exitCode), "MPI_Abort");

    private int Ask(string call)
    {
        int answer;
        Check(((delegate* unmanaged<nint, int*, int>)Function(call))(world, &answer), call);
        return answer;
    }
}

/// <summary>MPICH 3 and later and libraries with its binary interface: a handle is a number (mpich.org/abi).</summary>
internal sealed unsafe class Mpich : MpiLibrary
{
    private const int World = 0x44000000; // MPI_COMM_WORLD
    private const int Bytes = 0x4c00010d; // MPI_BYTE

    private readonly delegate* unmanaged<void*, int, int, void*, int, int, int, int> allGather;
    private readonly delegate* unmanaged<void*, int, int, void*, int, int, int, int> allToAll;

    internal Mpich(nint library)
        : base(library)
    {
        allGather = (delegate* unmanaged<void*, int, int, void*, int, int, int, int>)Function("MPI_Allgather");
        allToAll = (delegate* unmanaged<void*, int, int, void*, int, int, int, int>)Function("MPI_Alltoall");
    }

    internal override string Family => "MPICH";

    internal override int Rank() => Ask("MPI_Comm_rank");

    internal override int Size() => Ask("MPI_Comm_size");

    internal override void AllGather(byte* own, int count, byte* all) => Check(allGather(own, count, Bytes, all, count, Bytes, World), "MPI_Allgather");

    internal override void AllToAll(byte* own, int count, byte* received) => Check(allToAll(own, count, Bytes, received, count, Bytes, World), "MPI_Alltoall");

    internal override void Abort(int exitCode) => Check(((delegate* unmanaged<int, int, int>)Function("MPI_Abort"))(World, exitCode), "MPI_Abort");

    private int Ask(string call)
    {
        int answer;
        Check(((delegate* unmanaged<int, int*, int>)Function(call))(World, &answer), call);
        return answer;
    }
}
