using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;

namespace Arena.Policy.Networks;

/// <summary>What runs and differentiates networks.</summary>
public enum EngineKind
{
    /// <summary>Torch on CUDA, else the built-in engine.</summary>
    Auto,

    /// <summary><see cref="BuiltinEngine"/>: plain C# on the CPU.</summary>
    Builtin,

    /// <summary>TorchSharp, in builds that have it.</summary>
    Torch,
}

/// <summary>An engine that was chosen for a device.</summary>
/// <param name="Kind">Builtin or Torch.</param>
/// <param name="Precision">Of matrix products.</param>
/// <param name="Reason">Why this one, as a clause.</param>
public sealed record EngineChoice(EngineKind Kind, NetworkPrecision Precision, string Reason)
{
    /// <summary>The built-in engine, without a question.</summary>
    public static EngineChoice Builtin { get; } = new(EngineKind.Builtin, NetworkPrecision.Float32, "nothing else was asked for");

    /// <summary>"builtin engine, float32 products: the device is a CPU".</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} engine, {Precision.ToString().ToLowerInvariant()} products: {Reason}";

    /// <summary>Makes an engine with weights of zero.</summary>
    /// <exception cref="UsageException">a size does not fit, or torch's libraries cannot be used.</exception>
    public INetworkEngine Create(IDevice device, NetworkSpec spec, int maxRows) => NetworkEngines.Create(this, device, spec, maxRows);
}

/// <summary>Chooses and makes engines.</summary>
public static class NetworkEngines
{
    // The one line that knows how this was built.
    private static readonly ITorchFactory? Torch =
#if TORCH
        new Torch.TorchFactory();
#else
        null;
#endif

    /// <summary>Whether this build has the torch engine.</summary>
    public static bool HasTorch => Torch is not null;

    /// <summary>Where a CUDA device must take its memory from so that networks can run on it; null in builds without the torch engine.</summary>
    /// <exception cref="UsageException">torch's libraries cannot be used.</exception>
    public static IDeviceMemory? CudaMemory() => Torch?.CudaMemory();

    /// <summary>Writes through a view and reads through a tensor, and the other way round; null if both are the same memory.</summary>
    /// <returns>What differs; null if nothing does.</returns>
    /// <exception cref="InvalidOperationException">this build has no torch engine.</exception>
    public static string? SharedMemoryFault(IDevice device) =>
        (Torch ?? throw new InvalidOperationException("This build has no torch engine; ask HasTorch first.")).SharedMemoryFault(device);

    /// <summary>The engine for <paramref name="device"/>.</summary>
    /// <param name="asked">What the user asked for.</param>
    /// <param name="device">Where networks run.</param>
    /// <param name="precision">Of matrix products; null: TensorFloat-32 on CUDA, 32-bit floats elsewhere.</param>
    /// <exception cref="UsageException">it cannot be had here.</exception>
    public static EngineChoice Choose(EngineKind asked, IDevice device, NetworkPrecision? precision = null)
    {
        bool cuda = device.Name == "cuda";
        EngineKind kind = asked != EngineKind.Auto ? asked : cuda ? EngineKind.Torch : EngineKind.Builtin;
        if (kind == EngineKind.Builtin && cuda)
            throw new UsageException("--engine is builtin, which runs on the CPU only, and the device is CUDA. Use --engine torch, or --device cpu.");
        if (kind == EngineKind.Torch && !HasTorch)
            throw new UsageException(
                $"{(asked == EngineKind.Torch ? "--engine is torch" : "The device is CUDA, whose networks run in the torch engine")}, but this build has no torch engine. " +
                $"Build it with -p:Torch=true (docs/networks.md, \"The torch engine\"), or use {(cuda ? "--device cpu" : "--engine builtin")}.");
        NetworkPrecision chosen = precision ?? (cuda ? NetworkPrecision.TensorFloat32 : NetworkPrecision.Float32);
        if (kind == EngineKind.Builtin && chosen != NetworkPrecision.Float32)
            throw new UsageException($"--precision is {chosen.ToString().ToLowerInvariant()}, which the built-in engine does not have; it computes in float32. Leave the option out, or use --engine torch.");
        if (chosen == NetworkPrecision.TensorFloat32 && !cuda)
            throw new UsageException($"--precision is tensorfloat32, which only CUDA has, and the device is '{device.Name}'. Use float32 or bfloat16.");
        string reason = asked != EngineKind.Auto ? $"--engine {asked.ToString().ToLowerInvariant()}"
            : cuda ? "the device is CUDA"
            : HasTorch ? "the device is a CPU, where this engine is the faster one" : "the device is a CPU, and this build has no other";
        return new EngineChoice(kind, chosen, reason);
    }

    internal static INetworkEngine Create(EngineChoice choice, IDevice device, NetworkSpec spec, int maxRows) =>
        choice.Kind == EngineKind.Torch && Torch is not null ? Torch.Create(device, spec, maxRows, choice.Precision) : new BuiltinEngine(device, spec, maxRows);
}

/// <summary>The torch engine as builds see it that may not have it.</summary>
internal interface ITorchFactory
{
    /// <summary>Makes an engine with weights of zero.</summary>
    INetworkEngine Create(IDevice device, NetworkSpec spec, int maxRows, NetworkPrecision precision);

    /// <summary>Memory of torch's tensors on the GPU.</summary>
    IDeviceMemory CudaMemory();

    /// <summary>What differs between a view and the tensor over it; null if nothing does.</summary>
    string? SharedMemoryFault(IDevice device);
}
