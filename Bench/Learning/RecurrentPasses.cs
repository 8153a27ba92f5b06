using Arena.Kernels.Device;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>
/// Networks with memory of the soccer presets (49-128-128, ReLU, core of 128, 4 means, 4 log-stds, value): forward over one slot of 768 rows, as when
/// collecting, and forward with backward over 96 sequences of 64 slots, as when learning. Times are per row.
/// </summary>
/// <remarks>
/// Operations per row, forward: LSTM 309,760, MinGRU 113,152; forward and backward: three times that less 12,544. At 64 operations a cycle the LSTM's
/// are 4,840 and 14,324 cycles. GemmProducts says what a product reaches by itself.
/// </remarks>
public class RecurrentPasses
{
    private const int CollectRows = 768;
    private const int Sequences = 96;
    private const int Slots = 64;
    private const int LearnRows = Sequences * Slots;

    private CpuDevice device = null!;
    private BuiltinEngine engine = null!;
    private DeviceBuffer<float> observations = null!;
    private DeviceBuffer<float> outputs = null!;
    private DeviceBuffer<float> states = null!;
    private DeviceBuffer<byte> starts = null!;

    /// <summary>What remembers.</summary>
    [Params(NetworkCore.Lstm, NetworkCore.MinGru)]
    public NetworkCore Core { get; set; }

    /// <summary>Threads; 0 = all cores.</summary>
    [Params(1, 0)]
    public int Threads { get; set; }

    /// <summary>Allocates, and checks that another micro-kernel on one thread gives the same bits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = Threads });
        engine = Create(device, MicroKernel.Auto);
        observations = device.Allocate<float>(LearnRows * 49L, "observations");
        outputs = device.Allocate<float>((long)LearnRows * engine.Spec.Outputs, "outputs");
        states = device.Allocate<float>((long)CollectRows * engine.Spec.StateSize, "states");
        starts = device.Allocate<byte>(LearnRows, "episode starts");
        var random = new Random(1);
        foreach (ref float value in observations.View.AsSpan()) value = 2f * random.NextSingle() - 1f;
        foreach (ref byte start in starts.View.AsSpan()) start = (byte)(random.Next(100) == 0 ? 1 : 0);
        Learn();
        float[] gradients = engine.Gradients.AsSpan().ToArray();

        using var oneThread = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using BuiltinEngine other = Create(oneThread, MicroKernel.Portable);
        other.Forward(Input(Sequences, Slots), outputs.View, keepActivations: true);
        other.Backward(outputs.View, LearnRows);
        if (!gradients.AsSpan().SequenceEqual(other.Gradients.AsSpan()))
            throw new InvalidOperationException("Two micro-kernels gave different gradients; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        engine.Dispose();
        observations.Dispose();
        outputs.Dispose();
        states.Dispose();
        starts.Dispose();
        device.Dispose();
    }

    /// <summary>One slot, state in and out.</summary>
    [Benchmark(OperationsPerInvoke = CollectRows)]
    public float Collect()
    {
        NetworkInput input = Input(CollectRows, 1);
        input.NextState = input.State;
        engine.Forward(input, outputs.View, keepActivations: false);
        return outputs.View[0];
    }

    /// <summary>Forward and backward through time; the outputs serve as their own gradient.</summary>
    [Benchmark(OperationsPerInvoke = LearnRows)]
    public float Learn()
    {
        engine.Gradients.AsSpan().Clear();
        engine.Forward(Input(Sequences, Slots), outputs.View, keepActivations: true);
        engine.Backward(outputs.View, LearnRows);
        return engine.Gradients[0];
    }

    private NetworkInput Input(int sequences, int slots) => new()
    {
        Observations = observations.View,
        EpisodeStart = starts.View,
        State = states.View,
        Sequences = sequences,
        Slots = slots,
    };

    private BuiltinEngine Create(CpuDevice on, MicroKernel instructions)
    {
        var spec = new NetworkSpec(49, [128, 128], Activation.Relu, 4, []) { Core = Core, CoreWidth = 128, StateDependentStd = true };
        var created = new BuiltinEngine(on, spec, LearnRows, instructions);
        created.Initialise(1);
        return created;
    }
}
