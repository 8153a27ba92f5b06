using System.Runtime.CompilerServices;

namespace Arena.Kernels.Device.Cuda;

/// <summary>Runs kernels on an NVIDIA GPU, in CUDA's primary context and on stream 0: those of libtorch.</summary>
/// <remarks>
/// A kernel is compiled and loaded at its first launch (about 10 ms, or less where its text is kept from an earlier run); later launches allocate
/// nothing and do not wait. Launches and torch's own work are in order, since both are on stream 0.
/// </remarks>
public sealed unsafe class CudaDevice : IDevice
{
    private const int Alignment = 64;

    private readonly CheckedDriver driver;
    private readonly CudaKernels kernels;
    private readonly IDeviceMemory memory;
    private readonly Lock gate = new();
    private readonly int handle;
    private readonly nint context;
    private string lastLaunched = "none";
    private bool disposed;

    /// <summary>Opens a GPU.</summary>
    /// <param name="calls">The driver, normally <see cref="CudaDriver.Load()"/>.</param>
    /// <param name="compiler">Normally <see cref="KernelCompilers.Create"/>; the device disposes of it.</param>
    /// <param name="options">Which GPU, whose memory, where compiled kernels are kept.</param>
    /// <exception cref="CudaUnavailableException">driver or GPU are missing, broken or too old.</exception>
    public CudaDevice(ICudaDriver calls, IKernelCompiler compiler, CudaOptions? options = null)
    {
        options ??= new CudaOptions();
        Facts = CudaProbe.Read(calls, options.Ordinal);
        driver = new CheckedDriver(calls);
        memory = options.Memory ?? new DriverMemory(driver);
        kernels = new CudaKernels(driver, compiler, options.Store, Facts);
        driver.Check(calls.Device(options.Ordinal, out handle), $"opening GPU {options.Ordinal}");
        driver.Check(calls.RetainPrimaryContext(handle, out context), $"opening the primary context of {Facts.Name}");
    }

    /// <summary>The GPU.</summary>
    public CudaFacts Facts { get; }

    /// <summary>Kernels loaded so far.</summary>
    public IReadOnlyCollection<CudaKernel> LoadedKernels => kernels.All;

    /// <summary>Launches so far.</summary>
    public long Launches { get; private set; }

    /// <summary>Bytes copied from the host to the device.</summary>
    public long BytesToDevice { get; private set; }

    /// <summary>Bytes copied from the device to the host.</summary>
    public long BytesToHost { get; private set; }

    /// <inheritdoc/>
    public string Name => "cuda";

    /// <inheritdoc/>
    public string Description =>
        FormattableString.Invariant($"{Facts.Name}, compute capability {Facts.Capability}, {Facts.MemoryBytes / (double)(1L << 30):0.0} GiB, driver for {Facts.DriverText}");

    /// <inheritdoc/>
    public int TileShift => 5;

    /// <inheritdoc/>
    public long AllocatedBytes { get; private set; }

    /// <inheritdoc/>
    public long TransferredBytes => BytesToDevice + BytesToHost;

    /// <summary>Bytes of the GPU's memory: free for this process, and in all.</summary>
    public (long Free, long Total) Memory
    {
        get
        {
            Enter("asking for free memory");
            driver.Check(driver.Calls.MemoryInfo(out long free, out long total), "asking for free memory");
            return (free, total);
        }
    }

    /// <inheritdoc/>
    public DeviceBuffer<T> Allocate<T>(long length, string name)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Enter("allocating");
        if (length > long.MaxValue / sizeof(T)) throw TooLarge(length, sizeof(T), name);
        long bytes = length * sizeof(T);
        nint address = memory.Allocate(bytes, name);
        if (address == 0) throw TooLarge(length, sizeof(T), name);
        if (address % Alignment != 0) throw new InvalidOperationException($"The memory of '{name}' begins at {address:x}, which is not a multiple of {Alignment}.");
        driver.Check(driver.Calls.Clear(address, bytes), $"clearing '{name}'");
        AllocatedBytes += bytes;
        return new DeviceBuffer<T>(this, (T*)address, length, name);
    }

    /// <inheritdoc/>
    public void Free(nint address, long bytes)
    {
        if (disposed && memory is DriverMemory) return; // gone with the context
        if (!disposed) Enter("returning memory");
        memory.Free(address);
        AllocatedBytes -= bytes;
    }

    /// <inheritdoc/>
    public void Launch<TKernel>(in TKernel kernel, int count)
        where TKernel : unmanaged, IKernel
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        BeginLaunch();
        try
        {
            CudaKernel loaded = kernels.Find(typeof(TKernel), sizeof(TKernel));
            if (count == 0) return;
            LaunchGeometry geometry = LaunchGeometry.Indexed(count, Facts.Multiprocessors, loaded.MaxThreads);
            // A thread computes its index before it compares it with the count, in 32 bits.
            if ((long)geometry.Blocks * geometry.ThreadsX > int.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(count), count, $"A GPU launch takes at most {int.MaxValue - geometry.ThreadsX:N0} indices.");
            fixed (TKernel* start = &kernel)
            {
                void** arguments = stackalloc void*[2] { &count, start };
                Launch(loaded, geometry, arguments);
            }
        }
        finally
        {
            gate.Exit();
        }
    }

    /// <inheritdoc/>
    public void LaunchGroups<TKernel>(in TKernel kernel, int groups, int lanes)
        where TKernel : unmanaged, IPhasedKernel
    {
        ArgumentOutOfRangeException.ThrowIfNegative(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        BeginLaunch();
        try
        {
            CudaKernel loaded = kernels.Find(typeof(TKernel), sizeof(TKernel));
            if (groups == 0) return;
            LaunchGeometry geometry = LaunchGeometry.Groups(groups, lanes, Facts.Multiprocessors, loaded.MaxThreads);
            fixed (TKernel* start = &kernel)
            {
                void** arguments = stackalloc void*[3] { start, &groups, &lanes };
                Launch(loaded, geometry, arguments);
            }
        }
        finally
        {
            gate.Exit();
        }
    }

    /// <summary>Compiles and loads a kernel without launching it.</summary>
    /// <param name="kernel">A closed struct type that is a kernel.</param>
    public CudaKernel Load(Type kernel)
    {
        BeginLaunch();
        try
        {
            return kernels.Find(kernel, SizeOf(kernel));
        }
        finally
        {
            gate.Exit();
        }
    }

    /// <inheritdoc/>
    public void Synchronize()
    {
        Enter("waiting for kernels");
        driver.CheckAfterLaunches(driver.Calls.Synchronize(), "Waiting for kernels", lastLaunched);
    }

    /// <inheritdoc/>
    public void CopyToHost<T>(View<T> source, Span<T> destination)
        where T : unmanaged
    {
        CheckCopy(destination.Length, source.Length);
        if (destination.IsEmpty) return;
        Enter("copying to the host");
        long bytes = (long)destination.Length * sizeof(T);
        fixed (T* start = destination)
            driver.CheckAfterLaunches(driver.Calls.CopyToHost(start, (nint)source.Pointer, bytes), "Copying to the host", lastLaunched);
        BytesToHost += bytes;
    }

    /// <inheritdoc/>
    public void CopyToDevice<T>(ReadOnlySpan<T> source, View<T> destination)
        where T : unmanaged
    {
        CheckCopy(source.Length, destination.Length);
        if (source.IsEmpty) return;
        Enter("copying to the device");
        long bytes = (long)source.Length * sizeof(T);
        fixed (T* start = source)
            driver.CheckAfterLaunches(driver.Calls.CopyToDevice((nint)destination.Pointer, start, bytes), "Copying to the device", lastLaunched);
        BytesToDevice += bytes;
    }

    /// <summary>Copies within the device, in order with launches; not counted in <see cref="TransferredBytes"/>.</summary>
    public void CopyOnDevice<T>(View<T> source, View<T> destination)
        where T : unmanaged
    {
        CheckCopy(source.Length, destination.Length);
        Enter("copying on the device");
        driver.Check(driver.Calls.CopyOnDevice((nint)destination.Pointer, (nint)source.Pointer, source.Length * sizeof(T)), "copying on the device");
    }

    /// <summary>A pair of events that times what is launched between them.</summary>
    public CudaTimer CreateTimer()
    {
        Enter("creating a timer");
        return new CudaTimer(driver);
    }

    /// <summary>Unloads the kernels and releases the context. Buffers of the driver's memory are returned with it.</summary>
    public void Dispose()
    {
        if (disposed) return;
        Enter("closing");
        kernels.Dispose();
        disposed = true;
        driver.Check(driver.Calls.ReleasePrimaryContext(handle), "releasing the primary context");
    }

    private void Launch(CudaKernel loaded, LaunchGeometry geometry, void** arguments)
    {
        int result = driver.Calls.Launch(loaded.Function, geometry.Blocks, geometry.ThreadsX, geometry.ThreadsY, arguments);
        if (result != CudaResult.Success) Refused(loaded, geometry, result);
        lastLaunched = loaded.Name;
        Launches++;
    }

    private void Refused(CudaKernel loaded, LaunchGeometry geometry, int result) => driver.CheckAfterLaunches(
        result, $"Launching {loaded.Name} in {geometry.Blocks:N0} blocks of {geometry.ThreadsX} x {geometry.ThreadsY} threads ({loaded.Registers} registers each)", lastLaunched);

    // As on the CPU: one host thread at a time, and none from within another launch.
    private void BeginLaunch()
    {
        Enter("launching");
        if (gate.IsHeldByCurrentThread || !gate.TryEnter())
            throw new InvalidOperationException("Two threads launched kernels on one device at the same time; use one device per thread.");
    }

    // The current context belongs to the thread, and libtorch may have changed it: 30 ns to set it again.
    private void Enter(string doing)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        driver.Check(driver.Calls.SetCurrentContext(context), doing);
    }

    private DeviceMemoryException TooLarge(long length, int elementBytes, string name)
    {
        (long free, long total) = Memory;
        return new DeviceMemoryException(
            $"'{name}' needs {length:N0} elements of {elementBytes} bytes ({(Int128)length * elementBytes:N0} bytes); {Facts.Name} has {free:N0} of {total:N0} bytes free, " +
            $"{AllocatedBytes:N0} are allocated here. Use fewer matches (--envs), a shorter horizon, or end other programs on this GPU (nvidia-smi).");
    }

    // The host's side of a copy decides how much is copied.
    private static void CheckCopy(long elements, long inView)
    {
        if (elements > inView) throw new ArgumentException($"A copy of {elements:N0} elements does not fit a view with {inView:N0}.");
    }

    private static int SizeOf(Type kernel) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(kernel).Invoke(null, null)!;

    private sealed class DriverMemory(CheckedDriver driver) : IDeviceMemory
    {
        public nint Allocate(long bytes, string name)
        {
            int result = driver.Calls.Allocate(bytes, out nint address);
            if (result == CudaResult.OutOfMemory) return 0;
            driver.Check(result, $"allocating '{name}' ({bytes:N0} bytes)");
            return address;
        }

        public void Free(nint address) => driver.Check(driver.Calls.Free(address), "returning memory");
    }
}
