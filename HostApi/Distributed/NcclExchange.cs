using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Distributed;

/// <summary>How the ranks of a run on GPUs add up their gradients.</summary>
internal enum ExchangeKind
{
    /// <summary>By NCCL where every rank has a GPU of its own and the library is there, else through the host.</summary>
    Auto,

    /// <summary>Through host memory and MPI.</summary>
    Host,

    /// <summary>From GPU to GPU; an error where that cannot be.</summary>
    Nccl,
}

/// <summary>Memory from GPU to GPU through NCCL, in CUDA's primary context on stream 0, where kernels and torch work too.</summary>
internal sealed unsafe class NcclExchange : IDeviceExchange
{
    private readonly NcclLibrary nccl;
    private readonly nint group;

    private NcclExchange(NcclLibrary library, Ranks ranks)
    {
        nccl = library;
        Size = ranks.Size;
        Span<NcclId> all = new NcclId[ranks.Size];
        ranks.Gather<NcclId>([ranks.IsFirst ? nccl.NewId() : default], all);
        group = nccl.Join(all[0], ranks.Rank, ranks.Size);
    }

    /// <inheritdoc/>
    public string Name => $"NCCL {nccl.Version}";

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>Joins the ranks' devices where <paramref name="kind"/> allows it and all of them can; null: sums go through the host. All ranks get the same answer.</summary>
    /// <param name="kind">What was asked for.</param>
    /// <param name="ranks">The processes.</param>
    /// <param name="device">This rank's.</param>
    /// <param name="load">Finds the library.</param>
    /// <param name="place">Names the GPU of this rank so that no other has the same name; null: it has none.</param>
    /// <exception cref="UsageException">NCCL was asked for and cannot be used; on all ranks.</exception>
    internal static NcclExchange? Open(ExchangeKind kind, Ranks ranks, IDevice device, Func<NcclLibrary?> load, Func<string?> place)
    {
        if (ranks.Size == 1 || kind == ExchangeKind.Host) return null;
        string? gpu = place();
        NcclLibrary? library = gpu is null ? null : load();
        string problem = gpu is null ? $"runs on '{device.Name}'" : library is null ? $"cannot load NCCL (tried: {string.Join(", ", NcclLibrary.Names(Environment.GetEnvironmentVariable))})" : "";
        string[] problems = ranks.Gather(problem), places = ranks.Gather(gpu ?? "");
        int first = Array.FindIndex(problems, one => one.Length > 0);
        string? reason = first >= 0 ? $"rank {first} {problems[first]}"
            : places.Distinct().Count() < ranks.Size ? $"{ranks.Size} ranks share {places.Distinct().Count()} GPUs ({string.Join(", ", places.Distinct())})"
            : null;
        if (reason is null) return new NcclExchange(library!, ranks);
        if (kind == ExchangeKind.Nccl)
            throw new UsageException(
                $"--exchange is nccl, but {reason}. Every rank needs a GPU of its own and libnccl.so.2 ({NcclLibrary.LibraryVariable} names one that is not found by itself); --exchange host adds up through MPI.");
        return null;
    }

    /// <summary>The GPU of this process by machine and number; null where <paramref name="device"/> is none.</summary>
    internal static string? PlaceOf(IDevice device) =>
        device is CudaDevice ? $"{Environment.MachineName}:{Environment.GetEnvironmentVariable(RankGpu.VisibleVariable) ?? "0"}" : null;

    /// <inheritdoc/>
    public void AllGather(View<int> own, View<int> all) => nccl.AllGather(group, own.Pointer, own.Length, all.Pointer);

    /// <inheritdoc/>
    public void AllToAll(View<int> own, View<int> received) => nccl.AllToAll(group, Size, own.Pointer, own.Length / Size, received.Pointer);

    /// <inheritdoc/>
    public void Dispose() => nccl.Leave(group);
}
