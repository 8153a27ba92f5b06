namespace Arena.Kernels.Device.Cuda;

/// <summary>Turns a kernel struct into PTX.</summary>
/// <remarks>
/// The entry point of an <see cref="IKernel"/> takes (int count, TKernel kernel) and runs one index per thread; that of an
/// <see cref="IPhasedKernel"/> takes (TKernel kernel, int groups, int lanes), one row of threads per group
/// (<see cref="LaunchGeometry"/>).
/// </remarks>
public interface IKernelCompiler : IDisposable
{
    /// <summary>Name, version and settings: whatever changes the text it writes changes this.</summary>
    string Identity { get; }

    /// <summary>PTX with one entry point, for a GPU of at least the given compute capability.</summary>
    /// <param name="kernel">A closed struct type.</param>
    /// <param name="target">Compute capability to compile for.</param>
    /// <exception cref="KernelCompileException">the compiler rejects the kernel.</exception>
    string Compile(Type kernel, ComputeCapability target);
}

/// <summary>Compute capability of a GPU: 8.0 for an A100, 9.0 for an H100.</summary>
public readonly record struct ComputeCapability(int Major, int Minor) : IComparable<ComputeCapability>
{
    /// <summary>The oldest that is supported (Volta).</summary>
    public static readonly ComputeCapability Oldest = new(7, 0);

    /// <summary>The newest that code is compiled for (Ampere); the driver's assembler takes it on to newer GPUs.</summary>
    public static readonly ComputeCapability NewestTarget = new(8, 0);

    /// <summary>What to compile for, on such a GPU.</summary>
    public ComputeCapability Target => CompareTo(NewestTarget) > 0 ? NewestTarget : this;

    /// <inheritdoc/>
    public int CompareTo(ComputeCapability other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}";
}

/// <summary>A kernel that cannot be compiled for a GPU.</summary>
public sealed class KernelCompileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Keeps compiled PTX between runs.</summary>
public interface IPtxStore
{
    /// <summary>The text kept under <paramref name="key"/>, or null. A damaged entry counts as none.</summary>
    string? Find(string key);

    /// <summary>Keeps <paramref name="ptx"/>; a store that cannot write says so once and goes on without.</summary>
    void Keep(string key, string ptx);
}
