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

    /// <summary>Was the TorchSharp engine built (<c>-p:Torch=true</c>)?</summary>
    public static bool Torch
    {
        get
        {
            bool enabled = false;
            EnableTorch(ref enabled);
            return enabled;
        }
    }

    // Calls the compiler drops where the symbol is missing: the flavours without #if.
    [Conditional("CUDA")]
    private static void EnableCuda(ref bool enabled) => enabled = true;

    [Conditional("TORCH")]
    private static void EnableTorch(ref bool enabled) => enabled = true;
}
