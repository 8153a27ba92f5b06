namespace Arena.Kernels.Device.Cuda;

/// <summary>A kernel that is loaded on the GPU.</summary>
/// <param name="Name">The struct's name, for messages and profiles.</param>
/// <param name="Module">Handle of its module.</param>
/// <param name="Function">Handle of its entry point.</param>
/// <param name="MaxThreads">Threads per block that its registers allow.</param>
/// <param name="Registers">Registers per thread.</param>
/// <param name="LocalBytes">Local memory per thread; more than 0 means that registers were spilled.</param>
/// <param name="FromStore">Was its PTX kept from an earlier run?</param>
public sealed record CudaKernel(string Name, nint Module, nint Function, int MaxThreads, int Registers, int LocalBytes, bool FromStore);

/// <summary>Compiles and loads each kernel struct once.</summary>
internal sealed class CudaKernels(CheckedDriver driver, IKernelCompiler compiler, IPtxStore? store, CudaFacts facts) : IDisposable
{
    // Kernel parameters are 4 KiB at most in PTX 8.0.
    private const int LargestArgument = 4096;

    private readonly Dictionary<Type, CudaKernel> loaded = [];

    /// <summary>All loaded kernels.</summary>
    internal IReadOnlyCollection<CudaKernel> All => loaded.Values;

    /// <summary>The kernel of type <paramref name="type"/>; compiles and loads it at first.</summary>
    /// <param name="type">The struct.</param>
    /// <param name="bytes">Its size.</param>
    internal CudaKernel Find(Type type, int bytes)
    {
        if (loaded.TryGetValue(type, out CudaKernel? kernel)) return kernel;
        kernel = Load(type, bytes);
        loaded.Add(type, kernel);
        return kernel;
    }

    /// <summary>Unloads all modules.</summary>
    public void Dispose()
    {
        foreach (CudaKernel kernel in loaded.Values) driver.Check(driver.Calls.UnloadModule(kernel.Module), $"unloading the kernel {kernel.Name}");
        loaded.Clear();
        compiler.Dispose();
    }

    private CudaKernel Load(Type type, int bytes)
    {
        string name = PtxKey.NameOf(type);
        if (bytes > LargestArgument) throw new KernelCompileException($"{name} has {bytes:N0} bytes of arguments; a GPU takes {LargestArgument:N0}. Put tables into a buffer.");
        string key = PtxKey.Of(type, compiler.Identity, facts);
        string? kept = store?.Find(key);
        string ptx = kept ?? PtxText.Mark(compiler.Compile(type, facts.Capability.Target));
        CheckLayout(ptx, type, bytes);
        int result = driver.Calls.LoadModule(ptx, out nint module, out string log);
        if (result != CudaResult.Success)
            throw new CudaException(
                $"The kernel {name} does not load on {facts.Name} ({facts.DriverText}): {driver.Calls.Describe(result)}. The driver's assembler says: {(log.Length == 0 ? "nothing" : log.Trim())}", result);
        if (kept is null) store?.Keep(key, ptx);
        driver.Check(driver.Calls.Function(module, PtxText.EntryName(ptx), out nint function), $"finding the entry point of {name}");
        int Attribute(int number)
        {
            driver.Check(driver.Calls.FunctionAttribute(number, function, out int value), $"asking for the size of {name}");
            return value;
        }

        return new CudaKernel(
            name, module, function, Attribute(CudaFunctionAttribute.MaxThreadsPerBlock), Attribute(CudaFunctionAttribute.Registers), Attribute(CudaFunctionAttribute.LocalBytes), kept is not null);
    }

    // The struct is passed as it lies in memory, so the compiler must have laid it out alike.
    private static void CheckLayout(string ptx, Type type, int bytes)
    {
        bool phased = typeof(IPhasedKernel).IsAssignableFrom(type);
        int[] expected = phased ? [bytes, sizeof(int), sizeof(int)] : [sizeof(int), bytes];
        int[] actual = PtxText.ParameterBytes(ptx);
        if (!actual.AsSpan().SequenceEqual(expected))
            throw new KernelCompileException(
                $"The compiled entry point of {PtxKey.NameOf(type)} takes parameters of {string.Join(", ", actual)} bytes; {string.Join(", ", expected)} are passed. This is a fault of the compiler or of the kept text.");
    }
}
