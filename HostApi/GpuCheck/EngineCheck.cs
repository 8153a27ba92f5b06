using System.Globalization;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.GpuCheck;

/// <summary>The default network of every game in both engines: the built-in one on the CPU, torch on the compared device.</summary>
/// <remarks>
/// Weights and observations are written through our views and outputs and gradients read through them, so a torch that did not work in
/// the very same memory would show.
/// </remarks>
public static class EngineCheck
{
    private const int Matches = 8;
    private const int Ticks = 20;
    private const double OutputTolerance = 1e-4; // of the largest output; products in 32-bit floats, summed in another order
    private const double GradientTolerance = 1e-3;

    /// <summary>Outputs and gradients, equal within rounding.</summary>
    public static CheckOutcome Run(CheckContext context)
    {
        if (!NetworkEngines.HasTorch) return CheckOutcome.LeftOut("this build has one engine only; the other comes with -p:Torch=true");
        if (NetworkEngines.SharedMemoryFault(context.Tested) is { } fault) return CheckOutcome.Failed($"kernels and torch do not work in the same memory: {fault}");
        var torch = new EngineChoice(EngineKind.Torch, NetworkPrecision.Float32, "checked");
        var lines = new List<string>();
        string? wrong = null;
        foreach (IGame game in Registry.Games)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var seen = new Seen(context.Judge, game);
            NetworkSpec network = TrainingPlan.For(game).Network(seen.Spec);
            var weights = new float[new ParameterLayout(network).Length];
            Initialisation.Fill(new ParameterLayout(network), 1, weights);
            (float[] Outputs, float[] Gradients) expected = Pass(context.Judge, EngineChoice.Builtin, network, weights, seen), actual = Pass(context.Tested, torch, network, weights, seen);
            double outputs = Difference(expected.Outputs, actual.Outputs), gradients = Difference(expected.Gradients, actual.Gradients);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{game.Name}, {weights.Length:N0} weights, {seen.Rows} rows: outputs differ by {outputs:0.0e+0} of the largest, gradients by {gradients:0.0e+0}"));
            if (!(outputs <= OutputTolerance && gradients <= GradientTolerance)) wrong ??= lines[^1];
        }

        return wrong is null ? CheckOutcome.Passed($"kernels and torch read what the other wrote, without a copy; the default networks of {lines.Count} games agree", lines) : CheckOutcome.Failed(wrong, lines);
    }

    private static (float[] Outputs, float[] Gradients) Pass(IDevice device, EngineChoice choice, NetworkSpec network, float[] weights, Seen seen)
    {
        int rows = seen.Rows;
        using INetworkEngine engine = choice.Create(device, network, rows);
        device.CopyToDevice<float>(weights, engine.Weights);
        engine.RefreshDerived();
        using DeviceBuffer<float> floats = device.Allocate<float>(Math.Max(1, seen.Floats.Length), "check: observations");
        using DeviceBuffer<byte> bytes = device.Allocate<byte>(Math.Max(1, seen.Bytes.Length), "check: byte observations");
        using DeviceBuffer<float> states = device.Allocate<float>(Math.Max(1, (long)rows * network.StateSize), "check: states");
        using DeviceBuffer<float> outputs = device.Allocate<float>((long)rows * network.Outputs, "check: outputs"), gradients = device.Allocate<float>((long)rows * network.Outputs, "check: output gradients");
        floats.Write(seen.Floats);
        bytes.Write(seen.Bytes);
        var random = new Random(3);
        gradients.Write([.. Enumerable.Range(0, rows * network.Outputs).Select(_ => (float)(random.NextDouble() - 0.5))]);
        var input = new NetworkInput
        {
            Observations = network.ByteObservations ? default : floats.View,
            ByteObservations = network.ByteObservations ? bytes.View : default,
            State = network.StateSize > 0 ? states.View : default,
            Sequences = rows,
            Slots = 1,
        };
        engine.Forward(input, outputs.View, keepActivations: true);
        engine.Backward(gradients.View, rows);
        var result = new float[weights.Length];
        device.CopyToHost(engine.Gradients, result.AsSpan());
        return (outputs.ToArray(), result);
    }

    private static double Difference(float[] expected, float[] actual) =>
        expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / Math.Max(1e-9, expected.Max(Math.Abs));

    // Observations of real play.
    private sealed class Seen : IDisposable
    {
        private readonly IEnvironment environment;
        private readonly StepBuffers buffers;

        internal Seen(IDevice device, IGame game)
        {
            environment = game.Create(device, game.Training.Options with { NumEnvs = Matches });
            buffers = new StepBuffers(device, Spec, Matches);
            using var controllers = new Controllers(device, Spec, Matches);
            for (int side = 0; side < Spec.Sides; side++) controllers.Set(side, Spec.Opponents[0].Name);
            environment.Reset(1, buffers.Views);
            for (int tick = 0; tick < Ticks; tick++)
            {
                environment.Act(controllers.View, buffers.Views);
                environment.Step(buffers.Views);
            }

            Floats = buffers.Observations?.ToArray() ?? [];
            Bytes = buffers.ByteObservations?.ToArray() ?? [];
        }

        internal EnvironmentSpec Spec => environment.Spec;

        internal int Rows => Matches * Spec.AgentsPerMatch;

        internal float[] Floats { get; }

        internal byte[] Bytes { get; }

        public void Dispose()
        {
            buffers.Dispose();
            environment.Dispose();
        }
    }
}
