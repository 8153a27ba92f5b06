using System.Diagnostics;

namespace Arena.Kernels.Device;

/// <summary>How this library was built; for reports, benches and messages.</summary>
public static class BuildInfo
{
    /// <summary>Are indices of views checked (Debug, or <c>-p:Checked=true</c>)? Such a build is several times slower.</summary>
    public static bool Checked => BoundsCheck.Enabled;

    /// <summary>Were the GPU packages referenced (<c>-p:Cuda=true</c>)?</summary>
    public static bool Cuda
    {
        get
        {
            bool enabled = false;
            EnableCuda(ref enabled);
            return enabled;
        }
    }

    // A call the compiler drops where the symbol is missing: the flavour without #if.
    [Conditional("CUDA")]
    private static void EnableCuda(ref bool enabled) => enabled = true;
}
