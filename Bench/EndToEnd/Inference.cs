using Arena.HostApi.Measuring;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.EndToEnd;

/// <summary>One forward pass over what all agents of a batch see, for every registered game, with the network that its training uses. Times are per tick.</summary>
/// <remarks>
/// Between two ticks of a rollout this is what the network does, but for drawing actions. The setup refuses to time passes whose outputs differ between one thread
/// and all. <c>NetworkPasses</c>, <c>RecurrentPasses</c> and <c>StemPasses</c> time parts of networks, backward too.
/// </remarks>
public class Inference
{
    private Pass one = null!;
    private Pass all = null!;

    /// <summary>Every game of the registry.</summary>
    public static IEnumerable<GameCase> Cases => GameCase.All([16, 256], (spec, matches) => (double)spec.AgentsPerMatch * matches);

    /// <summary>Game and matches side by side.</summary>
    [ParamsSource(nameof(Cases))]
    public GameCase Case { get; set; } = null!;

    /// <summary>Plays to a typical position and compares.</summary>
    [GlobalSetup]
    public void Setup()
    {
        one = new Pass(Case, threads: 1);
        all = new Pass(Case, threads: 0);
        if (!one.Run().AsSpan().SequenceEqual(all.Run().AsSpan()))
            throw new InvalidOperationException($"{Case}: one thread and all threads give different outputs; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        one.Dispose();
        all.Dispose();
    }

    /// <summary>On one thread.</summary>
    [Benchmark(Baseline = true)]
    public float OneCore() => one.Run()[0];

    /// <summary>On all cores.</summary>
    [Benchmark]
    public float AllCores() => all.Run()[0];

    // A network and a batch that it sees.
    private sealed class Pass : IDisposable
    {
        private readonly CpuDevice device;
        private readonly Matches matches;
        private readonly INetworkEngine engine;
        private readonly DeviceBuffer<float> outputs;
        private readonly DeviceBuffer<float> states;
        private readonly NetworkInput input;

        internal Pass(GameCase played, int threads)
        {
            device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
            matches = new Matches(played, threads, "random");
            matches.Play(50);
            NetworkSpec network = TrainingThroughput.PlanOf(played.Game).Network(matches.Spec);
            int rows = played.Options.NumEnvs * matches.Spec.AgentsPerMatch;
            engine = EngineChoice.Builtin.Create(device, network, rows);
            engine.Initialise(1);
            outputs = device.Allocate<float>((long)rows * network.Outputs, "outputs");
            states = device.Allocate<float>(Math.Max(1, (long)rows * network.StateSize), "states");
            input = new NetworkInput
            {
                Observations = matches.Buffers.Observations?.View ?? default,
                ByteObservations = matches.Buffers.ByteObservations?.View ?? default,
                State = network.StateSize > 0 ? states.View : default,
                Sequences = rows,
                Slots = 1,
            };
        }

        public void Dispose()
        {
            states.Dispose();
            outputs.Dispose();
            engine.Dispose();
            matches.Dispose();
            device.Dispose();
        }

        internal View<float> Run()
        {
            engine.Forward(input, outputs.View, keepActivations: false);
            return outputs.View;
        }
    }
}
