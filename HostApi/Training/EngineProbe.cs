using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Policy.Networks;

namespace Arena.HostApi.Training;

/// <summary>Time of a network's passes over batches of one size.</summary>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="ForwardSeconds">Median time of a forward pass, as while collecting.</param>
/// <param name="LearnSeconds">Median time of a forward and a backward pass, as while learning.</param>
public sealed record ProbedBatch(int Rows, double ForwardSeconds, double LearnSeconds);

/// <summary>Times a network's passes for a few seconds over growing batches: what <c>train --probe</c> prints.</summary>
/// <remarks>Batches are of single slots; a network with memory learns over sequences of the same number of rows in about the same time.</remarks>
public static class EngineProbe
{
    /// <summary>Sizes that are tried, unless one takes longer than its share of the time.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [64, 256, 1_024, 4_096, 16_384];

    /// <summary>Times <paramref name="network"/> on <paramref name="device"/>.</summary>
    /// <param name="device">One that the engine runs on.</param>
    /// <param name="network">Any network.</param>
    /// <param name="choice">What runs it.</param>
    /// <param name="seconds">Time for all sizes together; each gets an equal part, and at least three passes.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    public static IReadOnlyList<ProbedBatch> Measure(IDevice device, NetworkSpec network, EngineChoice choice, double seconds = 3, CancellationToken cancellation = default)
    {
        using INetworkEngine engine = choice.Create(device, network, Sizes[^1]);
        engine.Initialise(1);
        using DeviceBuffer<float> floats = device.Allocate<float>((long)Sizes[^1] * network.Observations, "probe: observations");
        using DeviceBuffer<byte> bytes = device.Allocate<byte>((long)Sizes[^1] * network.Observations, "probe: byte observations");
        using DeviceBuffer<float> state = device.Allocate<float>(Math.Max(1, (long)Sizes[^1] * network.StateSize), "probe: state");
        using DeviceBuffer<float> outputs = device.Allocate<float>((long)Sizes[^1] * network.Outputs, "probe: outputs");
        double each = seconds / (2 * Sizes.Count);
        return [.. Sizes.Select(Time)];

        ProbedBatch Time(int rows)
        {
            var input = new NetworkInput
            {
                Observations = network.ByteObservations ? default : floats.View,
                ByteObservations = network.ByteObservations ? bytes.View : default,
                State = network.StateSize > 0 ? state.View : default,
                Sequences = rows,
                Slots = 1,
            };
            double forward = Median(each, cancellation, () => engine.Forward(input, outputs.View, keepActivations: false));
            double learn = Median(each, cancellation, () =>
            {
                engine.Forward(input, outputs.View, keepActivations: true);
                engine.Backward(outputs.View, rows);
            });
            return new ProbedBatch(rows, forward, learn);
        }
    }

    private static double Median(double seconds, CancellationToken cancellation, Action pass)
    {
        const int Fewest = 3;
        pass(); // the first one is compiled
        var times = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < Fewest || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            pass();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return times.Order().ElementAt(times.Count / 2);
    }
}
