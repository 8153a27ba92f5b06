using System.Runtime.InteropServices;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>Loads torch's libraries once, checks that they work, and sets what is global to them.</summary>
public static class TorchRuntime
{
    /// <summary>The binding this build was compiled against; the native library must be of the same one.</summary>
    public const string BindingVersion = "0.107.0";

    private const string Remedy =
        "Build with -p:Torch=true and leave NativeTorch on, so that the package with the libraries is restored (docs/networks.md, \"The torch engine\"); or use --engine builtin.";

    /// <summary>Loads and checks the libraries for <paramref name="device"/>, and sets threads and precision.</summary>
    /// <returns>Torch's name of the device.</returns>
    /// <exception cref="UsageException">they are missing, of another version, or do not compute.</exception>
    internal static Device Prepare(IDevice device, NetworkPrecision precision)
    {
        bool cuda = device.Name == "cuda";
        if (precision == NetworkPrecision.TensorFloat32 && !cuda)
            throw new UsageException($"The precision is TensorFloat32, which only CUDA has, and the device is '{device.Name}'; use Float32 here.");
        Device loaded = Load(cuda);
        if (device is CpuDevice cpu) set_num_threads(cpu.Threads);
        if (cuda) backends.cuda.matmul.allow_tf32 = precision == NetworkPrecision.TensorFloat32;
        return loaded;
    }

    /// <summary>Loads and checks the libraries.</summary>
    /// <exception cref="UsageException">they are missing, of another version, or do not compute.</exception>
    internal static Device Load(bool cuda)
    {
        // Before the CUDA libraries are loaded: without it, matrix products may choose their order of summation anew every time.
        if (cuda) TorchNative.SetEnvironment("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
        try
        {
            Initialise(cuda ? DeviceType.CUDA : DeviceType.CPU);
            Device device = torch.device(cuda ? DeviceType.CUDA : DeviceType.CPU, cuda ? 0 : -1);
            CheckComputation(device);
            return device;
        }
        catch (Exception exception) when (Unusable(exception))
        {
            throw new UsageException(
                $"The torch engine was chosen, but its native libraries cannot be used here: {Cause(exception)}. LibTorchSharp {BindingVersion} and the libtorch it was compiled against are needed. {Remedy}");
        }
    }

    // First of all calls: a CPU tensor would load the libraries without CUDA. The binding prints where it searched if it finds nothing; the
    // message says what a user needs of that.
    private static void Initialise(DeviceType type)
    {
        TextWriter console = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            InitializeDeviceType(type);
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    private static bool Unusable(Exception exception) => exception
        is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or TypeInitializationException or NotSupportedException
        or ExternalException or InvalidOperationException or FileNotFoundException;

    private static string Cause(Exception exception)
    {
        Exception first = exception.GetBaseException();
        if (first is NotSupportedException) return "LibTorchSharp, or the libtorch beside it, is missing or cannot be loaded";
        return first.Message.Split('\n')[0].TrimEnd('.', ' ', '\r');
    }

    // Libraries of other versions may load and then compute nonsense: one product and its gradient by hand.
    private static void CheckComputation(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, 3, device: device), w = ones(4, 3, device: device, requires_grad: true);
        Tensor y = nn.functional.linear(x, w);
        y.sum().backward();
        if (y.sum().item<float>() != 24f || w.grad is not { } gradient || gradient.sum().item<float>() != 24f)
            throw new InvalidOperationException("a product of two small matrices came out wrong");
    }
}
