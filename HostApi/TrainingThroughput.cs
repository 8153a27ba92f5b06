using System.Diagnostics;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.HostApi;

/// <summary>How fast a game is trained: collect and learn, with the game's own training defaults.</summary>
/// <param name="Device">Where kernels ran.</param>
/// <param name="Engine">What ran the network.</param>
/// <param name="AgentStepsPerSecond">Median over the updates.</param>
/// <param name="EnvironmentShare">Share of the time in the environment, 0..1; on a GPU of an update that waits after each part, which is slower.</param>
/// <param name="InferenceShare">Share in forward passes and sampling while collecting.</param>
/// <param name="LearningShare">Share in learning.</param>
/// <param name="NetworkShare">Share that the network's passes alone take when timed by themselves with the same shapes.</param>
/// <param name="NetworkFlops">Floating-point operations per second of those passes (2 per multiply-add), without those of a stem.</param>
/// <param name="AllocatedBytesPerUpdate">Managed bytes that the training thread allocates per update; 0 with the built-in engine.</param>
/// <param name="TransferredBytesPerUpdate">Bytes between host and device per update: guards and statistics.</param>
/// <param name="DeviceBytes">Device memory of the run.</param>
/// <param name="ProcessBytes">Resident memory of the process.</param>
public sealed record TrainingThroughput(
    string Device, EngineChoice Engine, double AgentStepsPerSecond, double EnvironmentShare, double InferenceShare, double LearningShare, double NetworkShare,
    double NetworkFlops, double AllocatedBytesPerUpdate, double TransferredBytesPerUpdate, long DeviceBytes, long ProcessBytes)
{
    private const int WarmUpdates = 5;

    /// <summary>Trains for about <paramref name="seconds"/> and throws the result away.</summary>
    /// <param name="device">Where; a CUDA device whose memory is torch's.</param>
    /// <param name="engine">What runs the network.</param>
    /// <param name="game">Which.</param>
    /// <param name="options">Its options.</param>
    /// <param name="seconds">Of timed updates.</param>
    /// <param name="network">The network; null for the one that training uses by default.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="Arena.Kernels.UsageException">the game cannot be trained with these settings.</exception>
    public static TrainingThroughput Measure(
        IDevice device, EngineChoice engine, IGame game, GameOptions options, double seconds, NetworkPreset? network = null, CancellationToken cancellation = default)
    {
        TrainingPlan plan = game.Training.Plan.Aggregate(new TrainingPlan { AgentSteps = long.MaxValue / 4 }, (given, change) => Settings.With(given, change.Key, change.Value));
        if (network is not null) plan = network.Apply(plan);
        PpoConfig config = ConfigOf(game);
        using var session = new TrainingSession(device, game, options, config, plan, seed: 1, engine: engine);
        for (int i = 0; i < WarmUpdates; i++) session.Update();
        TrainingTimes before = session.Times;
        long allocated = 0, transferred = device.TransferredBytes;
        List<double> updates = Train(session, seconds, cancellation, ref allocated);
        transferred = device.TransferredBytes - transferred;
        if (device is not CpuDevice)
        {
            // Launches return before their work is done, so a second series waits after each part.
            session.TimesWork = true;
            before = session.Times;
            long ignored = 0;
            Train(session, seconds / 2, cancellation, ref ignored);
        }

        double median = updates.Order().ElementAt(updates.Count / 2);
        double all = (session.Times.Training - before.Training).TotalSeconds;
        double environment = (session.Times.Environment - before.Environment).TotalSeconds, collect = (session.Times.Collect - before.Collect).TotalSeconds;
        long memory = device.AllocatedBytes;
        (double networkSeconds, double flops) = NetworkPerUpdate(device, engine, session.Network, config, (int)(session.AgentStepsPerUpdate / config.Horizon));
        return new TrainingThroughput(
            device.Description, engine, session.AgentStepsPerUpdate / median, environment / all, (collect - environment) / all, 1 - collect / all,
            networkSeconds / median, flops / networkSeconds, (double)allocated / updates.Count, (double)transferred / updates.Count, memory, Environment.WorkingSet);
    }

    // Seconds of every update.
    private static List<double> Train(TrainingSession session, double seconds, CancellationToken cancellation, ref long allocated)
    {
        var updates = new List<double>(capacity: 1 << 16);
        long start = Stopwatch.GetTimestamp();
        while (updates.Count < 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan training = session.Times.Training;
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            session.Update();
            allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
            updates.Add((session.Times.Training - training).TotalSeconds);
        }

        return updates;
    }

    /// <summary>The learner's configuration with the game's own changes.</summary>
    public static PpoConfig ConfigOf(IGame game)
    {
        var config = new PpoConfig();
        foreach ((string path, string value) in game.Training.Learner) config = Settings.With(config, path, value);
        return config;
    }

    // Seconds and operations of the network's passes in one update: T + 2 forwards of all rows, and forward and backward of
    // every minibatch in every epoch. Each is timed by itself, best of a few, so this is a floor.
    private static (double Seconds, double Flops) NetworkPerUpdate(IDevice device, EngineChoice choice, NetworkSpec network, PpoConfig config, int rows)
    {
        int minibatch = PpoLearner.MinibatchRows(config, rows), most = Math.Max(rows, minibatch);
        using INetworkEngine engine = choice.Create(device, network, most);
        engine.Initialise(1);
        long elements = (long)most * network.Observations;
        using DeviceBuffer<float>? observations = network.ByteObservations ? null : device.Allocate<float>(elements, "bench: observations");
        using DeviceBuffer<byte>? bytes = network.ByteObservations ? device.Allocate<byte>(elements, "bench: observations") : null;
        using DeviceBuffer<float> outputs = device.Allocate<float>((long)most * network.Outputs, "bench: outputs");
        using DeviceBuffer<float> states = device.Allocate<float>((long)most * Math.Max(1, network.StateSize), "bench: states");
        var slot = new NetworkInput { Observations = observations?.View ?? default, ByteObservations = bytes?.View ?? default, State = states.View, NextState = states.View, Sequences = rows, Slots = 1 };
        NetworkInput segments = slot with { NextState = default, Sequences = minibatch / config.Segment, Slots = config.Segment };
        double forward = Best(device, () => engine.Forward(slot, outputs.View, keepActivations: false));
        double both = Best(device, () =>
        {
            engine.Forward(segments, outputs.View, keepActivations: true);
            engine.Backward(outputs.View, minibatch);
        });
        double forwards = config.Horizon + 2, batches = (double)config.Epochs * config.Minibatches;
        (double forwardPerRow, double backwardPerRow) = NetworkOperations.PerRow(network);
        double flops = forwards * rows * forwardPerRow + batches * minibatch * (forwardPerRow + backwardPerRow);
        return (forwards * forward + batches * both, flops);
    }

    private static double Best(IDevice device, Action pass)
    {
        double best = double.PositiveInfinity;
        device.Synchronize();
        for (int i = 0; i < 50; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pass();
            device.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
