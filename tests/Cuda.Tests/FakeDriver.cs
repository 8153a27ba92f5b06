using System.Runtime.InteropServices;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests;

/// <summary>One launch as the driver was given it.</summary>
/// <param name="Entry">Name of the entry point.</param>
/// <param name="Blocks">Blocks of the grid.</param>
/// <param name="ThreadsX">Threads per block in x.</param>
/// <param name="ThreadsY">Threads per block in y.</param>
/// <param name="Arguments">Bytes of each parameter.</param>
internal sealed record FakeLaunch(string Entry, int Blocks, int ThreadsX, int ThreadsY, byte[][] Arguments);

/// <summary>A driver without a GPU: its memory is the host's, a module is its PTX, and every call can be made to fail.</summary>
internal unsafe class FakeDriver : ICudaDriver, IDisposable
{
    private readonly Dictionary<nint, long> memory = [];
    private readonly Dictionary<nint, string> modules = [];
    private readonly Dictionary<nint, double> events = [];
    private nint nextHandle = 1000;
    private double clock;

    internal int CudaVersion { get; init; } = 12_080;

    internal int Devices { get; init; } = 1;

    internal ComputeCapability Capability { get; init; } = new(8, 6);

    internal long MemoryBytes { get; init; } = 1L << 30;

    internal int MaxThreads { get; init; } = 1024;

    /// <summary>Bytes that every address is moved by, to break its alignment.</summary>
    internal int Misalignment { get; init; }

    /// <summary>Result codes of calls that are to fail, by the interface's names.</summary>
    internal Dictionary<string, int> Failures { get; } = [];

    /// <summary>Remember nothing, so that what the device itself allocates can be counted.</summary>
    internal bool Quiet { get; set; }

    internal string AssemblerLog { get; set; } = "";

    internal List<FakeLaunch> Launches { get; } = [];

    internal List<string> Calls { get; } = [];

    internal int LiveAllocations => memory.Count;

    internal int LiveModules => modules.Count;

    internal long Allocated => memory.Values.Sum();

    public int Initialise() => Answer(nameof(Initialise));

    public int Version(out int version)
    {
        version = CudaVersion;
        return Answer(nameof(Version));
    }

    public int DeviceCount(out int count)
    {
        count = Devices;
        return Answer(nameof(DeviceCount));
    }

    public int Device(int ordinal, out int device)
    {
        device = 7 + ordinal;
        return Answer(nameof(Device));
    }

    public int DeviceName(int device, out string name)
    {
        name = "Fake GPU";
        return Answer(nameof(DeviceName));
    }

    public int DeviceMemory(int device, out long bytes)
    {
        bytes = MemoryBytes;
        return Answer(nameof(DeviceMemory));
    }

    public int DeviceAttribute(int attribute, int device, out int value)
    {
        value = attribute switch
        {
            CudaAttribute.Multiprocessors => 10,
            CudaAttribute.CapabilityMajor => Capability.Major,
            CudaAttribute.CapabilityMinor => Capability.Minor,
            _ => throw new ArgumentOutOfRangeException(nameof(attribute), attribute, "not asked for"),
        };
        return Answer(nameof(DeviceAttribute));
    }

    public int RetainPrimaryContext(int device, out nint context)
    {
        context = 4711;
        return Answer(nameof(RetainPrimaryContext));
    }

    public int ReleasePrimaryContext(int device) => Answer(nameof(ReleasePrimaryContext));

    public int SetCurrentContext(nint context) => context == 4711 ? Answer(nameof(SetCurrentContext)) : 201;

    public int MemoryInfo(out long free, out long total)
    {
        (free, total) = (MemoryBytes - Allocated, MemoryBytes);
        return Answer(nameof(MemoryInfo));
    }

    public int Allocate(long bytes, out nint address)
    {
        address = 0;
        int result = Answer(nameof(Allocate));
        if (result != 0) return result;
        if (bytes > MemoryBytes - Allocated) return CudaResult.OutOfMemory;
        nint start = (nint)NativeMemory.AlignedAlloc((nuint)(bytes + Misalignment), 256);
        address = start + Misalignment;
        NativeMemory.Fill((void*)address, (nuint)bytes, 0xCD); // as memory comes: not zeroed
        memory.Add(address, bytes);
        return 0;
    }

    public int Free(nint address)
    {
        if (!memory.Remove(address)) return 1;
        NativeMemory.AlignedFree((void*)(address - Misalignment));
        return Answer(nameof(Free));
    }

    public int Clear(nint address, long bytes)
    {
        NativeMemory.Clear((void*)address, (nuint)bytes);
        return Answer(nameof(Clear));
    }

    public int CopyToDevice(nint destination, void* source, long bytes) => Copy(nameof(CopyToDevice), (void*)destination, source, bytes);

    public int CopyToHost(void* destination, nint source, long bytes) => Copy(nameof(CopyToHost), destination, (void*)source, bytes);

    public int CopyOnDevice(nint destination, nint source, long bytes) => Copy(nameof(CopyOnDevice), (void*)destination, (void*)source, bytes);

    public int LoadModule(string ptx, out nint module, out string log)
    {
        (module, log) = (nextHandle++, AssemblerLog);
        int result = Answer(nameof(LoadModule));
        if (result == 0) modules.Add(module, ptx);
        return result;
    }

    public int UnloadModule(nint module) => modules.Remove(module) ? Answer(nameof(UnloadModule)) : 400;

    public int Function(nint module, string name, out nint function)
    {
        function = module;
        return modules[module].Contains(name, StringComparison.Ordinal) ? Answer(nameof(Function)) : 500;
    }

    public int FunctionAttribute(int attribute, nint function, out int value)
    {
        value = attribute switch
        {
            CudaFunctionAttribute.MaxThreadsPerBlock => MaxThreads,
            CudaFunctionAttribute.Registers => 40,
            CudaFunctionAttribute.LocalBytes => 0,
            _ => throw new ArgumentOutOfRangeException(nameof(attribute), attribute, "not asked for"),
        };
        return Answer(nameof(FunctionAttribute));
    }

    public int Launch(nint function, int blocks, int threadsX, int threadsY, void** arguments)
    {
        int result = Answer(nameof(Launch));
        if (result != 0) return result;
        if (Quiet) return 0;
        string ptx = modules[function];
        int[] sizes = PtxText.ParameterBytes(ptx);
        var copies = new byte[sizes.Length][];
        for (int i = 0; i < sizes.Length; i++) copies[i] = new ReadOnlySpan<byte>(arguments[i], sizes[i]).ToArray();
        Launches.Add(new FakeLaunch(PtxText.EntryName(ptx), blocks, threadsX, threadsY, copies));
        Execute(ptx, blocks, threadsX, threadsY, copies);
        return 0;
    }

    public int Synchronize() => Answer(nameof(Synchronize));

    public int CreateEvent(out nint created)
    {
        created = nextHandle++;
        events.Add(created, 0);
        return Answer(nameof(CreateEvent));
    }

    public int RecordEvent(nint recorded)
    {
        events[recorded] = clock += 2.5;
        return Answer(nameof(RecordEvent));
    }

    public int WaitForEvent(nint recorded) => Answer(nameof(WaitForEvent));

    public int Elapsed(nint start, nint end, out float milliseconds)
    {
        milliseconds = (float)(events[end] - events[start]);
        return Answer(nameof(Elapsed));
    }

    public int DestroyEvent(nint destroyed) => events.Remove(destroyed) ? Answer(nameof(DestroyEvent)) : 400;

    public string Describe(int result) => $"FAKE_ERROR_{result}";

    public void Dispose()
    {
        foreach (nint address in memory.Keys) NativeMemory.AlignedFree((void*)(address - Misalignment));
        memory.Clear();
    }

    /// <summary>What a launch does: nothing here.</summary>
    protected virtual void Execute(string ptx, int blocks, int threadsX, int threadsY, byte[][] arguments)
    {
    }

    private int Copy(string name, void* destination, void* source, long bytes)
    {
        int result = Answer(name);
        if (result == 0) NativeMemory.Copy(source, destination, (nuint)bytes);
        return result;
    }

    private int Answer(string call)
    {
        if (!Quiet) Calls.Add(call);
        return Failures.GetValueOrDefault(call);
    }
}
