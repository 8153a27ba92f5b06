using System.Diagnostics;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.HostApi.Measuring;

/// <summary>How fast a game is played by a network and learned from: environment, rollout, rollout with learning, of the same updates.</summary>
public sealed record TrainingThroughput
{
    private const int Repetitions = 7;
    private const int FewestRepetitions = 3;
    private const double LongUpdateSeconds = 4; // one has thousands of passes

    /// <summary>Where kernels ran.</summary>
    public required string Device { get; init; }

    /// <summary>Threads that ran kernels; 0 on a GPU.</summary>
    public required int Threads { get; init; }

    /// <summary>What ran the network.</summary>
    public required EngineChoice Engine { get; init; }

    /// <summary>The network.</summary>
    public required NetworkSpec Network { get; init; }

    /// <summary>P: its weights.</summary>
    public required int Weights { get; init; }

    /// <summary>E: matches side by side.</summary>
    public required int Matches { get; init; }

    /// <summary>Agent-steps per second of the environment alone, while the network plays; on a GPU in updates that wait after each part.</summary>
    public required Rates Step { get; init; }

    /// <summary>Agent-steps per second of collecting a rollout: a forward pass, a draw of actions, a step; on a GPU likewise.</summary>
    public required Rates Inference { get; init; }

    /// <summary>Agent-steps per second of whole updates: a rollout, and learning from it.</summary>
    public required Rates Training { get; init; }

    /// <summary>Share of the time in the environment, 0..1.</summary>
    public required double EnvironmentShare { get; init; }

    /// <summary>Share in forward passes and sampling while collecting.</summary>
    public required double InferenceShare { get; init; }

    /// <summary>Share in learning.</summary>
    public double LearningShare => 1 - EnvironmentShare - InferenceShare;

    /// <summary>Operations of matrices per agent-step while collecting, 2 per multiply-add, without those of a stem.</summary>
    public required double InferenceOperations { get; init; }

    /// <summary>The same while collecting and learning.</summary>
    public required double TrainingOperations { get; init; }

    /// <summary>Operations per second that the engine reaches in products of a good size on the same threads.</summary>
    public required double GemmRate { get; init; }

    /// <summary>Bytes per second that a plain copy writes on the same threads.</summary>
    public required double CopyBytesPerSecond { get; init; }

    /// <summary>Managed bytes that the training thread allocates per update; 0 with the built-in engine.</summary>
    public required double AllocatedBytesPerUpdate { get; init; }

    /// <summary>Bytes between host and device per update: guards and statistics.</summary>
    public required double TransferredBytesPerUpdate { get; init; }

    /// <summary>Device memory of the run.</summary>
    public required long DeviceBytes { get; init; }

    /// <summary>Resident memory of the process.</summary>
    public required long ProcessBytes { get; init; }

    /// <summary>Seconds of the first update, which compiles.</summary>
    public required double FirstUpdateSeconds { get; init; }

    /// <summary>Seconds from the beginning to the first timed update: memory, the first updates.</summary>
    public required double PreparationSeconds { get; init; }

    /// <summary>Share of <see cref="GemmRate"/> that collecting reaches, waiting for the environment included.</summary>
    public double InferenceShareOfGemm => Inference.Median * InferenceOperations / GemmRate;

    /// <summary>Share of <see cref="GemmRate"/> that whole updates reach.</summary>
    public double TrainingShareOfGemm => Training.Median * TrainingOperations / GemmRate;

    /// <summary>Trains for about <paramref name="seconds"/> and throws the result away.</summary>
    /// <param name="device">Where; a CUDA device whose memory is torch's.</param>
    /// <param name="engine">What runs the network.</param>
    /// <param name="game">Which.</param>
    /// <param name="options">Its options.</param>
    /// <param name="seconds">Of timed updates; three of them at least.</param>
    /// <param name="network">The network; null for the one that training uses by default.</param>
    /// <param name="clock">What updates are timed with; null: the clock on the wall. The parts of an update always have their shares of that.</param>
    /// <param name="progress">Called with the share done and what is being measured.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="Arena.Kernels.UsageException">the game cannot be trained with these settings.</exception>
    public static TrainingThroughput Measure(
        IDevice device, EngineChoice engine, IGame game, GameOptions options, double seconds, NetworkPreset? network = null, Func<TimeSpan>? clock = null,
        Action<double, string>? progress = null, CancellationToken cancellation = default)
    {
        clock ??= Wall;
        TrainingPlan plan = PlanOf(game);
        if (network is not null) plan = network.Apply(plan);
        PpoConfig config = PpoConfig.For(game);
        progress?.Invoke(0, "first update");
        long begin = Stopwatch.GetTimestamp(), already = device.AllocatedBytes;
        using var session = new TrainingSession(device, game, options, config, plan, seed: 1, engine: engine);
        double first = WarmUp(session, seconds, progress, cancellation);
        double preparation = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        long transferred = device.TransferredBytes;
        Series series = Train(session, seconds, clock, progress, cancellation);
        transferred = device.TransferredBytes - transferred;
        Series parts = series;
        if (device is not CpuDevice)
        {
            // Launches return before their work is done, so a second series waits after each part.
            session.TimesWork = true;
            parts = Train(session, seconds / 2, clock, progress, cancellation);
        }

        long memory = device.AllocatedBytes - already, resident = Environment.WorkingSet;
        (double forward, double backward) = NetworkOperations.PerRow(session.Network);
        // T + 1 forward passes of all rows: one values what follows the last slot. Forward and backward of every row in every epoch.
        double collect = forward * (config.Horizon + 1) / config.Horizon;
        return new TrainingThroughput
        {
            Device = device.Description,
            Threads = (device as CpuDevice)?.Threads ?? 0,
            Engine = engine,
            Network = session.Network,
            Weights = session.Parameters.Length,
            Matches = options.NumEnvs,
            Step = parts.Step,
            Inference = parts.Inference,
            Training = series.Training,
            EnvironmentShare = parts.EnvironmentShare,
            InferenceShare = parts.InferenceShare,
            InferenceOperations = collect,
            TrainingOperations = collect + series.EpochsPerUpdate * (forward + backward),
            GemmRate = Measuring.GemmRate.Measure(device, engine, clock),
            CopyBytesPerSecond = CopyBandwidth.Measure(device, clock),
            AllocatedBytesPerUpdate = series.AllocatedBytesPerUpdate,
            TransferredBytesPerUpdate = (double)transferred / series.Updates,
            DeviceBytes = memory,
            ProcessBytes = resident,
            FirstUpdateSeconds = first,
            PreparationSeconds = preparation,
        };
    }

    /// <summary>The plan of a run that goes on for as long as anybody asks, with the game's own changes.</summary>
    public static TrainingPlan PlanOf(IGame game) => TrainingPlan.For(game) with { AgentSteps = long.MaxValue / 4 };

    // Seconds of the first update.
    private static double WarmUp(TrainingSession session, double seconds, Action<double, string>? progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        session.Update();
        double first = Stopwatch.GetElapsedTime(start).TotalSeconds;
        progress?.Invoke(0.2, "warming up training");
        if (first > LongUpdateSeconds) return first;
        Measuring.WarmUp.Run(seconds, () =>
        {
            cancellation.ThrowIfCancellationRequested();
            session.Update();
        });
        return first;
    }

    private static TimeSpan Wall() => Stopwatch.GetElapsedTime(0);

    private static Series Train(TrainingSession session, double seconds, Func<TimeSpan> clock, Action<double, string>? progress, CancellationToken cancellation)
    {
        var series = new Series(session.AgentStepsPerUpdate);
        double spent = 0;
        while (series.Count < FewestRepetitions || (series.Count < Repetitions && spent < seconds))
        {
            TrainingTimes before = session.Times;
            TimeSpan begin = clock(), elapsed;
            int updates = 0;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                long bytes = GC.GetAllocatedBytesForCurrentThread();
                session.Update();
                series.Allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
                series.Epochs += session.Statistics.Epochs;
                updates++;
                elapsed = clock() - begin;
            }
            while (elapsed.TotalSeconds < seconds / Repetitions);
            series.Add(updates, elapsed, before, session.Times);
            spent += elapsed.TotalSeconds;
            progress?.Invoke(0.2 + 0.8 * Math.Min(1, Math.Max(spent / seconds, (double)series.Count / Repetitions)), "timing training");
        }

        return series;
    }

    // What a series of repetitions took, part by part.
    private sealed class Series(long agentStepsPerUpdate)
    {
        private readonly List<(double Step, double Inference, double Training)> rates = [];
        private TrainingTimes all;

        internal int Updates { get; private set; }

        internal long Epochs { get; set; }

        internal long Allocated { get; set; }

        internal int Count => rates.Count;

        internal Rates Step => new(rates.Select(rate => rate.Step));

        internal Rates Inference => new(rates.Select(rate => rate.Inference));

        internal Rates Training => new(rates.Select(rate => rate.Training));

        internal double EnvironmentShare => all.Environment / all.Training;

        internal double InferenceShare => (all.Collect - all.Environment) / all.Training;

        internal double EpochsPerUpdate => (double)Epochs / Updates;

        internal double AllocatedBytesPerUpdate => (double)Allocated / Updates;

        internal void Add(int updates, TimeSpan elapsed, TrainingTimes before, TrainingTimes after)
        {
            TimeSpan environment = after.Environment - before.Environment, collect = after.Collect - before.Collect, training = after.Training - before.Training;
            double rate = updates * agentStepsPerUpdate / elapsed.TotalSeconds;
            rates.Add((rate * (training / environment), rate * (training / collect), rate));
            all = new TrainingTimes(all.Collect + collect, all.Environment + environment, all.Learn + training - collect, default);
            Updates += updates;
        }
    }
}
