using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Arena.Kernels.Device.Cuda.Compiler;

/// <summary>ILGPU as a compiler only: from the IL of a kernel struct to PTX. It never touches a GPU.</summary>
/// <remarks>
/// Its own runtime would make a context of its own, and memory of one context must not be touched from another, where libtorch
/// works in the primary one. The instruction set is fixed: PTX 8.0, which every driver since CUDA 12.0 reads.
/// </remarks>
internal sealed class IlgpuCompiler : IKernelCompiler
{
    private const OptimizationLevel Level = OptimizationLevel.O1;

    private readonly Dictionary<ComputeCapability, PTXBackend> backends = [];
    private Context? context;

    /// <inheritdoc/>
    public string Identity => $"ILGPU {Context.Version} {Level} PTX {CudaInstructionSet.ISA_80}, .NET {Environment.Version}";

    /// <inheritdoc/>
    public string Compile(Type kernel, ComputeCapability target)
    {
        bool phased = typeof(IPhasedKernel).IsAssignableFrom(kernel);
        string entry = phased ? nameof(KernelEntries.Phased) : nameof(KernelEntries.Indexed);
        MethodInfo method = typeof(KernelEntries).GetMethod(entry, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(kernel);
        EntryPointDescription description = phased
            ? EntryPointDescription.FromExplicitlyGroupedKernel(method)
            : EntryPointDescription.FromImplicitlyGroupedKernel(method);
        try
        {
            return ((PTXCompiledKernel)BackendFor(target).Compile(description, KernelSpecialization.Empty)).PTXAssembly;
        }
        catch (Exception exception)
        {
            Dispose(); // after an error its context compiles nothing more
            throw new KernelCompileException($"{kernel} cannot be compiled for a GPU: {Reasons(exception)}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PTXBackend backend in backends.Values) backend.Dispose();
        backends.Clear();
        context?.Dispose();
        context = null;
    }

    private PTXBackend BackendFor(ComputeCapability target)
    {
        if (backends.TryGetValue(target, out PTXBackend? backend)) return backend;
        context ??= Context.Create(builder => builder.Optimize(Level).EnableAlgorithms());
        backend = new PTXBackend(context, new CudaArchitecture(target.Major, target.Minor), CudaInstructionSet.ISA_80, null!);
        backends.Add(target, backend);
        return backend;
    }

    private static string Reasons(Exception exception) => string.Join(": ", Chain(exception).Select(link => link.Message.ReplaceLineEndings(" ")).Distinct());

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException) yield return exception;
    }
}
