using Arena.Kernels;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Distributed;

/// <summary>The processes that mpirun started, through the MPI library of the machine.</summary>
internal sealed unsafe class MpiCommunicator : ICommunicator
{
    private readonly MpiLibrary mpi;

    private MpiCommunicator(MpiLibrary mpi, int rank, int size) => (this.mpi, Rank, Size) = (mpi, rank, size);

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>The library in words.</summary>
    internal string Family => mpi.Family;

    /// <summary>Loads the library and joins the others.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="UsageException">no library, or one of another family than the launcher.</exception>
    internal static MpiCommunicator Join(Func<string, string?> variable)
    {
        int expected = MpiLauncher.Ranks(variable);
        IReadOnlyList<string> names = MpiLauncher.Libraries(variable);
        MpiLibrary library = MpiLibrary.Load(names) ?? throw new UsageException(
            $"This process was started as one of {(expected == MpiLauncher.Unknown ? "several" : expected)} MPI ranks, but no MPI library can be loaded (tried: {string.Join(", ", names)}). Install the " +
            $"library that belongs to the launcher (Debian, Ubuntu: apt-get install openmpi-bin, or mpich; on a cluster: module load), or set {MpiLauncher.LibraryVariable} to its path. Without mpirun no library is needed.");
        library.Begin();
        int size = library.Size();
        if (expected > 1 && size != expected)
            throw new UsageException(
                $"The launcher started {expected} ranks, but the {library.Family} library that was loaded knows of {size}: launcher and library are of two kinds. Use the mpirun that belongs to the " +
                $"library, or set {MpiLauncher.LibraryVariable} to the path of the launcher's own libmpi.");
        return new MpiCommunicator(library, library.Rank(), size);
    }

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<byte> own, Span<byte> all)
    {
        fixed (byte* from = own, to = all) mpi.AllGather(from, own.Length, to);
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<byte> own, Span<byte> received)
    {
        fixed (byte* from = own, to = received) mpi.AllToAll(from, own.Length / Size, to);
    }

    /// <summary>After the last call; waits for all ranks.</summary>
    internal void Leave() => mpi.End();

    /// <summary>Ends every rank.</summary>
    internal void Abort(int exitCode) => mpi.Abort(exitCode);
}
