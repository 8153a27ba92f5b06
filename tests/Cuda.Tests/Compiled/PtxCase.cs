using System.Collections.Concurrent;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.Cuda.Tests.Compiled;

/// <summary>The PTX of shipped kernels, compiled once for all tests.</summary>
internal static class PtxCase
{
    private static readonly Lock Gate = new();
    private static readonly IKernelCompiler Compiler = KernelCompilers.Create();
    private static readonly ConcurrentDictionary<Type, string> Texts = [];

    /// <summary>Every kernel of the library that a GPU can be asked to run.</summary>
    internal static IReadOnlyList<Type> Shipped { get; } = KernelCatalog.Of(typeof(IKernel).Assembly);

    /// <summary>A kernel by its full name.</summary>
    internal static Type Named(string name) => Shipped.Single(type => type.ToString() == name);

    /// <summary>As the compiler writes it, before anything is marked.</summary>
    internal static string Raw(Type kernel)
    {
        lock (Gate) return Texts.GetOrAdd(kernel, type => Compiler.Compile(type, ComputeCapability.NewestTarget));
    }
}
