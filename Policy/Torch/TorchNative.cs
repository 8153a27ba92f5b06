using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Arena.Policy.Torch;

/// <summary>Two entry points of LibTorchSharp that the binding does not pass on as they are.</summary>
/// <remarks>Signatures are those of TorchSharp 0.107.0.</remarks>
internal static unsafe partial class TorchNative
{
    private const string Library = "LibTorchSharp";

    /// <summary>Address of a tensor's first element, its storage offset included; the tensor must be contiguous.</summary>
    /// <remarks>The binding's own storage().data_ptr() leaves out the offset, and converts (so copies) where the element type differs.</remarks>
    [LibraryImport(Library, EntryPoint = "THSTensor_data")]
    internal static partial nint Address(nint tensor);

    /// <summary>A CPU tensor over memory of somebody else, who must keep it; 0 on failure.</summary>
    /// <remarks>
    /// The binding wraps managed arrays only. On any other device than the CPU this call would copy.
    /// </remarks>
    [LibraryImport(Library, EntryPoint = "THSTensor_new")]
    private static partial nint New(
        void* data, delegate* unmanaged<void*, void> deleter, long* sizes, int count, sbyte elementType, sbyte tensorType, int deviceType, int deviceIndex, byte requiresGradient);

    /// <summary>Sets a variable for native code, and for ours.</summary>
    /// <remarks>On Linux and macOS .NET keeps a copy of the environment: what it sets there, a native library does not see.</remarks>
    internal static void SetEnvironment(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows() && SetVariable(name, value, overwrite: 1) != 0) throw new InvalidOperationException($"the variable {name} could not be set");
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    /// <summary>A (rows, columns) float tensor over CPU memory.</summary>
    internal static nint Wrap(float* data, long rows, long columns)
    {
        long* sizes = stackalloc long[2] { rows, columns };
        const sbyte Float = (sbyte)TorchSharp.torch.ScalarType.Float32;
        return New(data, &Keep, sizes, 2, Float, Float, (int)TorchSharp.DeviceType.CPU, 0, 0);
    }

    // Whoever allocated the memory frees it.
    [UnmanagedCallersOnly]
    private static void Keep(void* data)
    {
    }
}
