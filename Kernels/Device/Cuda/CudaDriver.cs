using System.Runtime.InteropServices;

namespace Arena.Kernels.Device.Cuda;

/// <summary>The driver library of this machine: libcuda.so.1 (Linux, WSL) or nvcuda.dll (Windows).</summary>
/// <remarks>
/// Loaded by hand and not by DllImport: it is absent on most machines, and which of its names exists differs. The library stays
/// loaded until the process ends.
/// </remarks>
public sealed unsafe partial class CudaDriver : ICudaDriver
{
    private const int LogBytes = 16 << 10;
    private const int ErrorLogBuffer = 5; // CU_JIT_ERROR_LOG_BUFFER
    private const int ErrorLogSize = 6; // CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES

    private static readonly string[] Names = OperatingSystem.IsWindows() ? ["nvcuda.dll"] : ["libcuda.so.1", "libcuda.so", "/usr/lib/wsl/lib/libcuda.so.1"];

    private CudaDriver(string name, nint library)
    {
        Name = name;
        Bind(library);
    }

    /// <summary>Name under which the library was found.</summary>
    public string Name { get; }

    /// <summary>Loads the library.</summary>
    /// <exception cref="CudaUnavailableException">there is none, or it lacks a call that is needed.</exception>
    public static CudaDriver Load() => Load(Names);

    internal static CudaDriver Load(IEnumerable<string> names)
    {
        string[] tried = [.. names];
        foreach (string name in tried)
        {
            if (!NativeLibrary.TryLoad(name, out nint library)) continue;
            try
            {
                return new CudaDriver(name, library);
            }
            catch (EntryPointNotFoundException missing)
            {
                throw new CudaUnavailableException($"the NVIDIA driver library {name} is too old or damaged ({missing.Message}); install NVIDIA driver 525 or newer");
            }
        }

        throw new CudaUnavailableException(
            $"no NVIDIA driver was found (tried {string.Join(", ", tried)}); install one (Linux and WSL: nvidia-smi must work in this very shell; docs/gpu.md)");
    }

    /// <inheritdoc/>
    public int Initialise() => cuInit(0);

    /// <inheritdoc/>
    public int Version(out int version)
    {
        fixed (int* out1 = &version) return cuDriverGetVersion(out1);
    }

    /// <inheritdoc/>
    public int DeviceCount(out int count)
    {
        fixed (int* out1 = &count) return cuDeviceGetCount(out1);
    }

    /// <inheritdoc/>
    public int Device(int ordinal, out int device)
    {
        fixed (int* out1 = &device) return cuDeviceGet(out1, ordinal);
    }

    /// <inheritdoc/>
    public int DeviceName(int device, out string name)
    {
        const int Length = 256;
        byte* text = stackalloc byte[Length];
        int result = cuDeviceGetName(text, Length, device);
        name = result == CudaResult.Success ? Marshal.PtrToStringUTF8((nint)text) ?? "" : "";
        return result;
    }

    /// <inheritdoc/>
    public int DeviceMemory(int device, out long bytes)
    {
        fixed (long* out1 = &bytes) return cuDeviceTotalMem((nuint*)out1, device);
    }

    /// <inheritdoc/>
    public int DeviceAttribute(int attribute, int device, out int value)
    {
        fixed (int* out1 = &value) return cuDeviceGetAttribute(out1, attribute, device);
    }

    /// <inheritdoc/>
    public int RetainPrimaryContext(int device, out nint context)
    {
        fixed (nint* out1 = &context) return cuDevicePrimaryCtxRetain(out1, device);
    }

    /// <inheritdoc/>
    public int ReleasePrimaryContext(int device) => cuDevicePrimaryCtxRelease(device);

    /// <inheritdoc/>
    public int SetCurrentContext(nint context) => cuCtxSetCurrent(context);

    /// <inheritdoc/>
    public int MemoryInfo(out long free, out long total)
    {
        fixed (long* out1 = &free, out2 = &total) return cuMemGetInfo((nuint*)out1, (nuint*)out2);
    }

    /// <inheritdoc/>
    public int Allocate(long bytes, out nint address)
    {
        fixed (nint* out1 = &address) return cuMemAlloc(out1, (nuint)bytes);
    }

    /// <inheritdoc/>
    public int Free(nint address) => cuMemFree(address);

    /// <inheritdoc/>
    public int Clear(nint address, long bytes) => cuMemsetD8(address, 0, (nuint)bytes);

    /// <inheritdoc/>
    public int CopyToDevice(nint destination, void* source, long bytes) => cuMemcpyHtoD(destination, source, (nuint)bytes);

    /// <inheritdoc/>
    public int CopyToHost(void* destination, nint source, long bytes) => cuMemcpyDtoH(destination, source, (nuint)bytes);

    /// <inheritdoc/>
    public int CopyOnDevice(nint destination, nint source, long bytes) => cuMemcpyDtoD(destination, source, (nuint)bytes);

    /// <inheritdoc/>
    public int LoadModule(string ptx, out nint module, out string log)
    {
        var logBytes = new byte[LogBytes];
        nint text = Marshal.StringToCoTaskMemUTF8(ptx);
        try
        {
            fixed (byte* logStart = logBytes)
            fixed (nint* out1 = &module)
            {
                int* options = stackalloc int[2] { ErrorLogBuffer, ErrorLogSize };
                // A value is passed in the pointer's place, as the API has it.
                void** values = stackalloc void*[2] { logStart, (void*)(nint)LogBytes };
                int result = cuModuleLoadDataEx(out1, (void*)text, 2, options, values);
                log = Marshal.PtrToStringUTF8((nint)logStart) ?? "";
                return result;
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    /// <inheritdoc/>
    public int UnloadModule(nint module) => cuModuleUnload(module);

    /// <inheritdoc/>
    public int Function(nint module, string name, out nint function)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            fixed (nint* out1 = &function) return cuModuleGetFunction(out1, module, (byte*)text);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    /// <inheritdoc/>
    public int FunctionAttribute(int attribute, nint function, out int value)
    {
        fixed (int* out1 = &value) return cuFuncGetAttribute(out1, attribute, function);
    }

    /// <inheritdoc/>
    public int Launch(nint function, int blocks, int threadsX, int threadsY, void** arguments) =>
        cuLaunchKernel(function, (uint)blocks, 1, 1, (uint)threadsX, (uint)threadsY, 1, 0, 0, arguments, null);

    /// <inheritdoc/>
    public int Synchronize() => cuStreamSynchronize(0);

    /// <inheritdoc/>
    public int CreateEvent(out nint created)
    {
        fixed (nint* out1 = &created) return cuEventCreate(out1, 0);
    }

    /// <inheritdoc/>
    public int RecordEvent(nint recorded) => cuEventRecord(recorded, 0);

    /// <inheritdoc/>
    public int WaitForEvent(nint recorded) => cuEventSynchronize(recorded);

    /// <inheritdoc/>
    public int Elapsed(nint start, nint end, out float milliseconds)
    {
        fixed (float* out1 = &milliseconds) return cuEventElapsedTime(out1, start, end);
    }

    /// <inheritdoc/>
    public int DestroyEvent(nint destroyed) => cuEventDestroy(destroyed);

    /// <inheritdoc/>
    public string Describe(int result)
    {
        nint name = 0, text = 0;
        if (cuGetErrorName(result, &name) != CudaResult.Success || name == 0) return $"CUDA error {result}";
        string words = cuGetErrorString(result, &text) == CudaResult.Success && text != 0 ? $" ({Marshal.PtrToStringUTF8(text)})" : "";
        return Marshal.PtrToStringUTF8(name) + words;
    }
}
