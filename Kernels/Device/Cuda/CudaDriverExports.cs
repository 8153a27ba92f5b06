using System.Runtime.InteropServices;

namespace Arena.Kernels.Device.Cuda;

// The exported functions, by the names of the CUDA driver API. The suffix _v2 of an export marks its 64-bit form.
public sealed unsafe partial class CudaDriver
{
    private delegate* unmanaged<uint, int> cuInit;
    private delegate* unmanaged<int*, int> cuDriverGetVersion;
    private delegate* unmanaged<int*, int> cuDeviceGetCount;
    private delegate* unmanaged<int*, int, int> cuDeviceGet;
    private delegate* unmanaged<byte*, int, int, int> cuDeviceGetName;
    private delegate* unmanaged<nuint*, int, int> cuDeviceTotalMem;
    private delegate* unmanaged<int*, int, int, int> cuDeviceGetAttribute;
    private delegate* unmanaged<nint*, int, int> cuDevicePrimaryCtxRetain;
    private delegate* unmanaged<int, int> cuDevicePrimaryCtxRelease;
    private delegate* unmanaged<nint, int> cuCtxSetCurrent;
    private delegate* unmanaged<nuint*, nuint*, int> cuMemGetInfo;
    private delegate* unmanaged<nint*, nuint, int> cuMemAlloc;
    private delegate* unmanaged<nint, int> cuMemFree;
    private delegate* unmanaged<nint, byte, nuint, int> cuMemsetD8;
    private delegate* unmanaged<nint, void*, nuint, int> cuMemcpyHtoD;
    private delegate* unmanaged<void*, nint, nuint, int> cuMemcpyDtoH;
    private delegate* unmanaged<nint, nint, nuint, int> cuMemcpyDtoD;
    private delegate* unmanaged<nint*, void*, uint, int*, void**, int> cuModuleLoadDataEx;
    private delegate* unmanaged<nint, int> cuModuleUnload;
    private delegate* unmanaged<nint*, nint, byte*, int> cuModuleGetFunction;
    private delegate* unmanaged<int*, int, nint, int> cuFuncGetAttribute;
    private delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> cuLaunchKernel;
    private delegate* unmanaged<nint, int> cuStreamSynchronize;
    private delegate* unmanaged<nint*, uint, int> cuEventCreate;
    private delegate* unmanaged<nint, nint, int> cuEventRecord;
    private delegate* unmanaged<nint, int> cuEventSynchronize;
    private delegate* unmanaged<float*, nint, nint, int> cuEventElapsedTime;
    private delegate* unmanaged<nint, int> cuEventDestroy;
    private delegate* unmanaged<int, nint*, int> cuGetErrorName;
    private delegate* unmanaged<int, nint*, int> cuGetErrorString;

    private void Bind(nint library)
    {
        cuInit = (delegate* unmanaged<uint, int>)NativeLibrary.GetExport(library, "cuInit");
        cuDriverGetVersion = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDriverGetVersion");
        cuDeviceGetCount = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDeviceGetCount");
        cuDeviceGet = (delegate* unmanaged<int*, int, int>)NativeLibrary.GetExport(library, "cuDeviceGet");
        cuDeviceGetName = (delegate* unmanaged<byte*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetName");
        cuDeviceTotalMem = (delegate* unmanaged<nuint*, int, int>)NativeLibrary.GetExport(library, "cuDeviceTotalMem_v2");
        cuDeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)NativeLibrary.GetExport(library, "cuDeviceGetAttribute");
        cuDevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRetain");
        cuDevicePrimaryCtxRelease = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "cuDevicePrimaryCtxRelease_v2");
        cuCtxSetCurrent = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuCtxSetCurrent");
        cuMemGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)NativeLibrary.GetExport(library, "cuMemGetInfo_v2");
        cuMemAlloc = (delegate* unmanaged<nint*, nuint, int>)NativeLibrary.GetExport(library, "cuMemAlloc_v2");
        cuMemFree = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuMemFree_v2");
        cuMemsetD8 = (delegate* unmanaged<nint, byte, nuint, int>)NativeLibrary.GetExport(library, "cuMemsetD8_v2");
        cuMemcpyHtoD = (delegate* unmanaged<nint, void*, nuint, int>)NativeLibrary.GetExport(library, "cuMemcpyHtoD_v2");
        cuMemcpyDtoH = (delegate* unmanaged<void*, nint, nuint, int>)NativeLibrary.GetExport(library, "cuMemcpyDtoH_v2");
        cuMemcpyDtoD = (delegate* unmanaged<nint, nint, nuint, int>)NativeLibrary.GetExport(library, "cuMemcpyDtoD_v2");
        cuModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)NativeLibrary.GetExport(library, "cuModuleLoadDataEx");
        cuModuleUnload = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuModuleUnload");
        cuModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)NativeLibrary.GetExport(library, "cuModuleGetFunction");
        cuFuncGetAttribute = (delegate* unmanaged<int*, int, nint, int>)NativeLibrary.GetExport(library, "cuFuncGetAttribute");
        cuLaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)NativeLibrary.GetExport(library, "cuLaunchKernel");
        cuStreamSynchronize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuStreamSynchronize");
        cuEventCreate = (delegate* unmanaged<nint*, uint, int>)NativeLibrary.GetExport(library, "cuEventCreate");
        cuEventRecord = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "cuEventRecord");
        cuEventSynchronize = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventSynchronize");
        cuEventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)NativeLibrary.GetExport(library, "cuEventElapsedTime");
        cuEventDestroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "cuEventDestroy_v2");
        cuGetErrorName = (delegate* unmanaged<int, nint*, int>)NativeLibrary.GetExport(library, "cuGetErrorName");
        cuGetErrorString = (delegate* unmanaged<int, nint*, int>)NativeLibrary.GetExport(library, "cuGetErrorString");
    }
}
