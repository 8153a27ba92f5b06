namespace Arena.Kernels.Device.Cuda;

/// <summary>The compiler of this build.</summary>
public static class KernelCompilers
{
    /// <summary>Why this build cannot compile kernels for a GPU, or null where it can.</summary>
    public static string? Missing =>
        !BuildInfo.Cuda ? "this program was built without GPU support; build it with -p:Cuda=true (docs/gpu.md)"
        : BuildInfo.Checked ? "this is a checked build, and index checks cannot be compiled for a GPU; build with -c Release and without -p:Checked=true"
        : null;

    /// <summary>Makes it.</summary>
    /// <exception cref="CudaUnavailableException">this build has none.</exception>
    public static IKernelCompiler Create()
    {
        if (Missing is { } reason) throw new CudaUnavailableException(reason);
#if CUDA
        return new Compiler.IlgpuCompiler();
#else
        throw new CudaUnavailableException("this build has no compiler for GPU kernels");
#endif
    }
}
