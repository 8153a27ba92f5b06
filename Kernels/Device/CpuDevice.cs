using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Arena.Kernels.Device;

/// <summary>How a <see cref="CpuDevice"/> splits its work. Neither value changes a result.</summary>
public sealed record CpuDeviceOptions
{
    /// <summary>Threads that run kernels, the calling one included; 0 = all cores. 0..1024.</summary>
    public int Threads { get; init; }

    /// <summary>Indices a thread takes at a time; 0 = about four chunks per thread.</summary>
    public int ChunkSize { get; init; }
}

/// <summary>What a device spent on the launches of one kernel.</summary>
/// <param name="Kernel">Its type.</param>
/// <param name="Launches">How many.</param>
/// <param name="Time">From the beginning of each to the end of its last thread.</param>
public readonly record struct LaunchTime(string Kernel, long Launches, TimeSpan Time);

/// <summary>Runs kernels on the cores of this machine, at the speed of a hand-written loop.</summary>
/// <remarks>
/// A launch splits its index range into chunks that threads take in turn; within a chunk the kernel's body is inlined
/// into a plain loop. After a kernel's first launch, launching it allocates nothing.
/// </remarks>
public sealed unsafe class CpuDevice : IDevice
{
    private const int Alignment = 64; // bytes: a cache line, and a whole AVX-512 register

    private readonly WorkerPool workers;
    private readonly Dictionary<Type, Job> jobs = [];
    private readonly int chunkSize;
    private long allocatedBytes;
    private long transferredBytes;

    /// <summary>Starts the worker threads.</summary>
    public CpuDevice(CpuDeviceOptions? options = null)
    {
        options ??= new CpuDeviceOptions();
        if (options.Threads is < 0 or > 1024)
            throw new UsageException($"Threads is {options.Threads}; allowed are 1..1024, or 0 for all {Environment.ProcessorCount} cores.");
        if (options.ChunkSize < 0)
            throw new UsageException($"ChunkSize is {options.ChunkSize}; allowed are 1 and more, or 0 to choose by itself.");
        Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        chunkSize = options.ChunkSize;
        workers = new WorkerPool(Threads);
    }

    /// <summary>Threads that run kernels, the calling one included.</summary>
    public int Threads { get; }

    /// <summary>Whether launches are timed, kernel by kernel: two looks at the clock each, some 50 ns.</summary>
    public bool TimesLaunches { get; set; }

    /// <summary>What was spent while <see cref="TimesLaunches"/> was set, the longest time first.</summary>
    public IReadOnlyList<LaunchTime> LaunchTimes =>
    [
        .. jobs.Values.Where(job => job.Launches > 0).Select(job => new LaunchTime(job.Kernel, job.Launches, Stopwatch.GetElapsedTime(0, job.Elapsed))).OrderByDescending(one => one.Time),
    ];

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public string Description => $"CPU, {Threads} thread{(Threads == 1 ? "" : "s")} of {Environment.ProcessorCount} cores, {InstructionSet}";

    /// <summary>The widest vector instructions of this machine; recorded with every result.</summary>
    public static string InstructionSet =>
        Vector512.IsHardwareAccelerated ? $"{RuntimeInformation.ProcessArchitecture} with 512-bit vectors"
        : Vector256.IsHardwareAccelerated ? $"{RuntimeInformation.ProcessArchitecture} with 256-bit vectors"
        : Vector128.IsHardwareAccelerated ? $"{RuntimeInformation.ProcessArchitecture} with 128-bit vectors"
        : $"{RuntimeInformation.ProcessArchitecture}, scalar";

    /// <inheritdoc/>
    public int TileShift => 0;

    /// <inheritdoc/>
    public long AllocatedBytes => Interlocked.Read(ref allocatedBytes);

    /// <inheritdoc/>
    public long TransferredBytes => Interlocked.Read(ref transferredBytes);

    /// <inheritdoc/>
    public DeviceBuffer<T> Allocate<T>(long length, string name)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        // Divided, not multiplied: the product, and the sum with what is allocated, may pass the largest long.
        if (length > (available - AllocatedBytes) / sizeof(T)) throw TooLarge<T>(length, name, available);
        long bytes = length * sizeof(T);
        T* start;
        try
        {
            start = (T*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        }
        catch (OutOfMemoryException)
        {
            throw TooLarge<T>(length, name, available);
        }

        NativeMemory.Clear(start, (nuint)bytes);
        Interlocked.Add(ref allocatedBytes, bytes);
        return new DeviceBuffer<T>(this, start, length, name);
    }

    /// <inheritdoc/>
    public void Free(nint address, long bytes)
    {
        NativeMemory.AlignedFree((void*)address);
        Interlocked.Add(ref allocatedBytes, -bytes);
    }

    /// <inheritdoc/>
    public void Launch<TKernel>(in TKernel kernel, int count)
        where TKernel : unmanaged, IKernel
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        workers.Enter();
        try
        {
            var job = JobOf<IndexJob<TKernel>, TKernel>(typeof(IRangeKernel), typeof(RangeJob<>));
            job.Body = kernel;
            Run(job, count);
        }
        finally
        {
            workers.Exit();
        }
    }

    /// <inheritdoc/>
    public void LaunchGroups<TKernel>(in TKernel kernel, int groups, int lanes)
        where TKernel : unmanaged, IPhasedKernel
    {
        ArgumentOutOfRangeException.ThrowIfNegative(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        workers.Enter();
        try
        {
            var job = JobOf<GroupJob<TKernel>, TKernel>(typeof(IGroupKernel), typeof(WholeGroupJob<>));
            job.Body = kernel;
            job.Lanes = lanes;
            Run(job, groups);
        }
        finally
        {
            workers.Exit();
        }
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        // A launch returns when it is done.
    }

    /// <inheritdoc/>
    public void CopyToHost<T>(View<T> source, Span<T> destination)
        where T : unmanaged
    {
        CheckCopy(destination.Length, source.Length);
        new ReadOnlySpan<T>(source.Pointer, destination.Length).CopyTo(destination);
        Interlocked.Add(ref transferredBytes, (long)destination.Length * sizeof(T));
    }

    /// <inheritdoc/>
    public void CopyToDevice<T>(ReadOnlySpan<T> source, View<T> destination)
        where T : unmanaged
    {
        CheckCopy(source.Length, destination.Length);
        source.CopyTo(new Span<T>(destination.Pointer, source.Length));
        Interlocked.Add(ref transferredBytes, (long)source.Length * sizeof(T));
    }

    /// <summary>Stops the worker threads. Buffers stay valid until they are disposed of themselves.</summary>
    public void Dispose() => workers.Dispose();

    private void Run(Job job, int count)
    {
        if (!TimesLaunches)
        {
            workers.Run(job, count, ChunkOf(count));
            return;
        }

        long start = Stopwatch.GetTimestamp();
        workers.Run(job, count, ChunkOf(count));
        job.Elapsed += Stopwatch.GetTimestamp() - start;
        job.Launches++;
    }

    private int ChunkOf(int count) =>
        chunkSize > 0 ? chunkSize : (int)Math.Max(1, (count + Threads * 4L - 1) / (Threads * 4L));

    // The host's side of a copy decides how much is copied: in every build, since it is not a kernel's access.
    private static void CheckCopy(long elements, long inView)
    {
        if (elements > inView) throw new ArgumentException($"A copy of {elements:N0} elements does not fit a view with {inView:N0}.");
    }

    private DeviceMemoryException TooLarge<T>(long length, string name, long available)
        where T : unmanaged => new(
            $"'{name}' needs {length:N0} elements of {sizeof(T)} bytes; with the {AllocatedBytes:N0} bytes already allocated that is more " +
            $"than the {available:N0} bytes of this machine. Use fewer matches (--envs).");

    // One job object per kernel type and device, made at its first launch: later launches only overwrite its fields.
    // A kernel with a CPU loop of its own gets a job type that knows it by constraint: a cast to the interface would box.
    private TJob JobOf<TJob, TKernel>(Type ownLoop, Type ownJob)
        where TJob : Job, new()
    {
        if (jobs.TryGetValue(typeof(TJob), out Job? job)) return (TJob)job;
        TJob created = ownLoop.IsAssignableFrom(typeof(TKernel))
            ? (TJob)Activator.CreateInstance(ownJob.MakeGenericType(typeof(TKernel)))!
            : new TJob();
        created.Kernel = typeof(TKernel).Name.Split('`')[0]; // of a generic kernel without its number of types
        jobs.Add(typeof(TJob), created);
        return created;
    }

    private class IndexJob<TKernel> : Job
        where TKernel : unmanaged, IKernel
    {
        internal TKernel Body;

        internal override void Run(int begin, int end)
        {
            TKernel kernel = Body; // a local copy: the loop then needs no reload through the object
            for (int index = begin; index < end; index++) kernel.Run(index);
        }
    }

    private sealed class RangeJob<TKernel> : IndexJob<TKernel>
        where TKernel : unmanaged, IRangeKernel
    {
        internal override void Run(int begin, int end)
        {
            TKernel kernel = Body;
            kernel.RunRange(begin, end);
        }
    }

    private class GroupJob<TKernel> : Job
        where TKernel : unmanaged, IPhasedKernel
    {
        internal TKernel Body;
        internal int Lanes;

        internal override void Run(int begin, int end)
        {
            TKernel kernel = Body;
            int lanes = Lanes;
            for (int group = begin; group < end; group++)
            {
                int phases = kernel.PhaseCount;
                for (int phase = 0; phase < phases; phase++)
                    for (int lane = 0; lane < lanes; lane++)
                        kernel.Run(phase, group, lane);
            }
        }
    }

    private sealed class WholeGroupJob<TKernel> : GroupJob<TKernel>
        where TKernel : unmanaged, IGroupKernel
    {
        internal override void Run(int begin, int end)
        {
            TKernel kernel = Body;
            int lanes = Lanes;
            for (int group = begin; group < end; group++) kernel.RunGroup(group, lanes);
        }
    }
}
