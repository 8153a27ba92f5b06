using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>Which engine is chosen, why, and what is refused.</summary>
public sealed class EngineChoiceTests : IDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });

    public void Dispose() => device.Dispose();

    [Fact]
    public void A_cpu_takes_the_built_in_engine_and_says_why()
    {
        EngineChoice choice = NetworkEngines.Choose(EngineKind.Auto, device);
        Assert.Equal((EngineKind.Builtin, NetworkPrecision.Float32), (choice.Kind, choice.Precision));
        Assert.StartsWith("builtin engine, float32 products: the device is a CPU", choice.ToString());
        Assert.Equal("builtin engine, float32 products: --engine builtin", NetworkEngines.Choose(EngineKind.Builtin, device).ToString());
        using INetworkEngine engine = choice.Create(device, new NetworkSpec(3, [4], Activation.Tanh, 1, []), 5);
        Assert.IsType<BuiltinEngine>(engine);
        using INetworkEngine another = engine.Another(7);
        Assert.IsType<BuiltinEngine>(another);
        Assert.Equal((engine.Spec, 7), (another.Spec, another.MaxRows));
    }

    [Fact]
    public void Torch_is_an_error_with_a_remedy_where_the_build_has_none()
    {
        if (NetworkEngines.HasTorch)
        {
            Assert.Equal(EngineKind.Torch, NetworkEngines.Choose(EngineKind.Torch, device).Kind);
            return;
        }

        string message = Assert.Throws<UsageException>(() => NetworkEngines.Choose(EngineKind.Torch, device)).Message;
        Assert.Contains("--engine is torch, but this build has no torch engine", message);
        Assert.Contains("-p:Torch=true", message);
        Assert.Contains("--engine builtin", message);
    }

    [Fact]
    public void A_precision_that_the_engine_or_device_lacks_is_refused()
    {
        Assert.Contains("bfloat16", Assert.Throws<UsageException>(() => NetworkEngines.Choose(EngineKind.Builtin, device, NetworkPrecision.BFloat16)).Message);
        Assert.Contains("built-in engine does not have", Assert.Throws<UsageException>(() => NetworkEngines.Choose(EngineKind.Auto, device, NetworkPrecision.TensorFloat32)).Message);
    }
}
