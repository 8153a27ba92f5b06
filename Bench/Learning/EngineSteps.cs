using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>One step of learning with each engine: network 32-128-128-12, batch 8,192, forward + backward + AdamW. Times are per step.</summary>
/// <remarks>
/// A forward is 43,776 floating-point operations a row, forward and backward are 123,136: a step is 1.01 G. The torch engine is timed in builds that have
/// it (<c>-p:Torch=true</c>).
/// </remarks>
public class EngineSteps
{
    private const int Rows = 8_192;
    private static readonly NetworkSpec Network = new(32, [128, 128], Activation.Relu, 11, []); // 11 means and the value

    private CpuDevice device = null!;
    private INetworkEngine engine = null!;
    private DeviceBuffer<float> observations = null!;
    private DeviceBuffer<float> outputs = null!;
    private DeviceBuffer<float> moments = null!;
    private DeviceBuffer<double> norm = null!;
    private DeviceBuffer<int> skipped = null!;

    /// <summary>Engines of this build.</summary>
    public static IEnumerable<EngineKind> Engines => NetworkEngines.HasTorch ? [EngineKind.Builtin, EngineKind.Torch] : [EngineKind.Builtin];

    /// <summary>Threads; 0 = all cores.</summary>
    [Params(1, 0)]
    public int Threads { get; set; }

    /// <summary>What runs the network.</summary>
    [ParamsSource(nameof(Engines))]
    public EngineKind Engine { get; set; }

    /// <summary>Allocates, and checks that the engine agrees with the built-in one.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = Threads });
        engine = NetworkEngines.Choose(Engine, device).Create(device, Network, Rows);
        engine.Initialise(1);
        observations = device.Allocate<float>(Rows * 32L, "observations");
        outputs = device.Allocate<float>(Rows * (long)Network.Outputs, "outputs");
        moments = device.Allocate<float>(3L * engine.Parameters.Length, "moments and decays");
        norm = device.Allocate<double>(1, "norm");
        skipped = device.Allocate<int>(1, "skipped");
        var random = new Random(1);
        foreach (ref float value in observations.View.AsSpan()) value = 2f * random.NextSingle() - 1f;
        Check();
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        engine.Dispose();
        observations.Dispose();
        outputs.Dispose();
        moments.Dispose();
        norm.Dispose();
        skipped.Dispose();
        device.Dispose();
    }

    /// <summary>As when collecting.</summary>
    [Benchmark]
    public float Forward()
    {
        engine.Forward(observations.View, Rows, outputs.View, keepActivations: false);
        return outputs.View[0];
    }

    /// <summary>As when learning; the outputs, made small, serve as their own gradient.</summary>
    [Benchmark]
    public float Step()
    {
        int length = engine.Parameters.Length;
        device.Launch(new ClearFloats { Destination = engine.Gradients }, length);
        engine.Forward(observations.View, Rows, outputs.View, keepActivations: true);
        engine.Backward(outputs.View, Rows);
        device.Launch(Optimise(length), length);
        engine.RefreshDerived();
        return engine.Weights[0];
    }

    private AdamWStep Optimise(int length) => new()
    {
        Weights = engine.Weights,
        Gradients = engine.Gradients,
        FirstMoments = moments.View.Slice(0, length),
        SecondMoments = moments.View.Slice(length, length),
        Decays = moments.View.Slice(2L * length, length),
        SquaredNorm = norm.View,
        Skipped = skipped.View,
        LearningRate = 1e-6f,
        Beta1 = 0.9f,
        OneMinusBeta1 = 0.1f,
        Beta2 = 0.999f,
        OneMinusBeta2 = 0.001f,
        Correction1 = 1f,
        Correction2 = 1f,
        Epsilon = 1e-5f,
        MaxNorm = 1f,
    };

    private void Check()
    {
        Forward();
        float[] actual = outputs.ToArray();
        using var builtin = new BuiltinEngine(device, Network, Rows);
        builtin.Initialise(1);
        builtin.Forward(observations.View, Rows, outputs.View, keepActivations: false);
        if (actual.Zip(outputs.ToArray(), (a, b) => Math.Abs(a - b)).Max() > 1e-5f)
            throw new InvalidOperationException("The engines give different outputs; nothing is worth timing.");
    }
}
