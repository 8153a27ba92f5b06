namespace Arena.Kernels.Device.Cuda;

/// <summary>The calls of CUDA's driver library that a <see cref="CudaDevice"/> makes; each returns the driver's result code, 0 for success.</summary>
/// <remarks>
/// <see cref="CudaDriver"/> passes them to the library that is installed with the NVIDIA driver. Tests put a driver of their own
/// here. Names and meanings are those of the CUDA driver API; handles are opaque.
/// </remarks>
public unsafe interface ICudaDriver
{
    /// <summary>cuInit.</summary>
    int Initialise();

    /// <summary>cuDriverGetVersion: 1000 × major + 10 × minor of the newest CUDA the driver can run.</summary>
    int Version(out int version);

    /// <summary>cuDeviceGetCount.</summary>
    int DeviceCount(out int count);

    /// <summary>cuDeviceGet.</summary>
    int Device(int ordinal, out int device);

    /// <summary>cuDeviceGetName.</summary>
    int DeviceName(int device, out string name);

    /// <summary>cuDeviceTotalMem; bytes.</summary>
    int DeviceMemory(int device, out long bytes);

    /// <summary>cuDeviceGetAttribute; see <see cref="CudaAttribute"/>.</summary>
    int DeviceAttribute(int attribute, int device, out int value);

    /// <summary>cuDevicePrimaryCtxRetain: the context that libtorch works in too.</summary>
    int RetainPrimaryContext(int device, out nint context);

    /// <summary>cuDevicePrimaryCtxRelease.</summary>
    int ReleasePrimaryContext(int device);

    /// <summary>cuCtxSetCurrent, for the calling thread.</summary>
    int SetCurrentContext(nint context);

    /// <summary>cuMemGetInfo; bytes.</summary>
    int MemoryInfo(out long free, out long total);

    /// <summary>cuMemAlloc.</summary>
    int Allocate(long bytes, out nint address);

    /// <summary>cuMemFree.</summary>
    int Free(nint address);

    /// <summary>cuMemsetD8 to 0.</summary>
    int Clear(nint address, long bytes);

    /// <summary>cuMemcpyHtoD.</summary>
    int CopyToDevice(nint destination, void* source, long bytes);

    /// <summary>cuMemcpyDtoH; waits for earlier launches.</summary>
    int CopyToHost(void* destination, nint source, long bytes);

    /// <summary>cuMemcpyDtoD.</summary>
    int CopyOnDevice(nint destination, nint source, long bytes);

    /// <summary>cuModuleLoadDataEx: assembles PTX for the device; <paramref name="log"/> is the assembler's error log.</summary>
    int LoadModule(string ptx, out nint module, out string log);

    /// <summary>cuModuleUnload.</summary>
    int UnloadModule(nint module);

    /// <summary>cuModuleGetFunction.</summary>
    int Function(nint module, string name, out nint function);

    /// <summary>cuFuncGetAttribute; see <see cref="CudaFunctionAttribute"/>.</summary>
    int FunctionAttribute(int attribute, nint function, out int value);

    /// <summary>cuLaunchKernel on stream 0 (the legacy default stream, libtorch's), without shared memory.</summary>
    /// <param name="function">What <see cref="Function"/> gave.</param>
    /// <param name="blocks">Blocks of the grid, 1..2³¹ − 1.</param>
    /// <param name="threadsX">Threads of a block in x.</param>
    /// <param name="threadsY">Threads of a block in y.</param>
    /// <param name="arguments">One pointer per parameter of the entry point.</param>
    int Launch(nint function, int blocks, int threadsX, int threadsY, void** arguments);

    /// <summary>cuStreamSynchronize of stream 0.</summary>
    int Synchronize();

    /// <summary>cuEventCreate.</summary>
    int CreateEvent(out nint created);

    /// <summary>cuEventRecord on stream 0.</summary>
    int RecordEvent(nint recorded);

    /// <summary>cuEventSynchronize.</summary>
    int WaitForEvent(nint recorded);

    /// <summary>cuEventElapsedTime; milliseconds, resolution about 0.5 µs.</summary>
    int Elapsed(nint start, nint end, out float milliseconds);

    /// <summary>cuEventDestroy.</summary>
    int DestroyEvent(nint destroyed);

    /// <summary>cuGetErrorName and cuGetErrorString: "CUDA_ERROR_INVALID_PTX (a PTX JIT compilation failed)".</summary>
    string Describe(int result);
}

/// <summary>Numbers of device attributes (CUdevice_attribute).</summary>
public static class CudaAttribute
{
    /// <summary>Multiprocessors.</summary>
    public const int Multiprocessors = 16;

    /// <summary>Compute capability, first number.</summary>
    public const int CapabilityMajor = 75;

    /// <summary>Compute capability, second number.</summary>
    public const int CapabilityMinor = 76;
}

/// <summary>Numbers of function attributes (CUfunction_attribute).</summary>
public static class CudaFunctionAttribute
{
    /// <summary>Largest number of threads per block, given the function's registers.</summary>
    public const int MaxThreadsPerBlock = 0;

    /// <summary>Bytes of local memory per thread.</summary>
    public const int LocalBytes = 3;

    /// <summary>Registers per thread.</summary>
    public const int Registers = 4;
}

/// <summary>Result codes that are told apart (CUresult).</summary>
public static class CudaResult
{
    /// <summary>CUDA_SUCCESS.</summary>
    public const int Success = 0;

    /// <summary>CUDA_ERROR_OUT_OF_MEMORY.</summary>
    public const int OutOfMemory = 2;

    /// <summary>CUDA_ERROR_NO_DEVICE.</summary>
    public const int NoDevice = 100;
}
