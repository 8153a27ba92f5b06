using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>What to measure, and for how long.</summary>
public sealed record ThroughputPlan
{
    /// <summary>Seconds of timed steps per row of the table.</summary>
    public double SecondsPerRow { get; init; } = 3;

    /// <summary>Repetitions the seconds are split into; the median counts.</summary>
    public int Repetitions { get; init; } = 7;

    /// <summary>Largest number of threads; 0 = all cores. A row with one thread is always measured.</summary>
    public int Threads { get; init; }

    /// <summary>Seed of the recorded games.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>One measured line: step, observations and rewards of one workload on so many threads.</summary>
public sealed record ThroughputRow
{
    /// <summary>"random play".</summary>
    public required string Workload { get; init; }

    /// <summary>Threads that ran kernels; 0 on a GPU.</summary>
    public required int Threads { get; init; }

    /// <summary>Agent-steps per second of every repetition, ascending.</summary>
    public required IReadOnlyList<double> Repetitions { get; init; }

    /// <summary>A: agents per match.</summary>
    public required int AgentsPerMatch { get; init; }

    /// <summary>Ticks of the recorded game that is replayed.</summary>
    public required int Ticks { get; init; }

    /// <summary>Bytes of state of one match.</summary>
    public required int StateBytesPerMatch { get; init; }

    /// <summary>Bytes of observation and results written per agent-step.</summary>
    public required int BytesPerAgentStep { get; init; }

    /// <summary>Bytes per second that a plain copy writes on the same threads.</summary>
    public required double CopyBytesPerSecond { get; init; }

    /// <summary>Managed bytes allocated per step of the whole batch; must be 0.</summary>
    public required double AllocatedBytesPerStep { get; init; }

    /// <summary>Median agent-steps per second.</summary>
    public double AgentStepsPerSecond => Repetitions[Repetitions.Count / 2];

    /// <summary>Median match-steps per second.</summary>
    public double MatchStepsPerSecond => AgentStepsPerSecond / AgentsPerMatch;

    /// <summary>Nanoseconds of wall time per agent-step, all threads together.</summary>
    public double NanosecondsPerAgentStep => 1e9 / AgentStepsPerSecond;

    /// <summary>(fastest − slowest repetition) / median.</summary>
    public double Spread => (Repetitions[^1] - Repetitions[0]) / AgentStepsPerSecond;

    /// <summary>Bytes of results written per second.</summary>
    public double BytesPerSecond => AgentStepsPerSecond * BytesPerAgentStep;
}

/// <summary>Measures how fast an environment steps: records a game's actions, then times replaying them.</summary>
/// <remarks>
/// Replaying leaves the cost of choosing actions out and makes every repetition the same game. The state after the replay
/// must have the hash of the recorded one, otherwise nothing is timed.
/// </remarks>
public static class Throughput
{
    /// <summary>All workloads, on one thread and on all.</summary>
    /// <param name="game">The game.</param>
    /// <param name="options">Its options, number of matches included.</param>
    /// <param name="plan">How long.</param>
    /// <param name="progress">Called with the share done and what is being measured.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="InvalidOperationException">a replay did not reproduce the recorded state.</exception>
    public static IReadOnlyList<ThroughputRow> Measure(
        IGame game, GameOptions options, ThroughputPlan plan, Action<double, string>? progress = null, CancellationToken cancellation = default)
    {
        int all = plan.Threads == 0 ? Environment.ProcessorCount : plan.Threads;
        int[] threads = all == 1 ? [1] : [1, all];
        IReadOnlyList<Workload> workloads = game.Describe(options).Workloads;
        var rows = new List<ThroughputRow>();
        foreach (int count in threads)
        {
            using var device = new CpuDevice(new CpuDeviceOptions { Threads = count });
            double before = rows.Count, total = threads.Length * workloads.Count;
            rows.AddRange(Measure(device, game, options, plan, (share, name) => progress?.Invoke((before + share * workloads.Count) / total, $"{name}, {count} thread{(count == 1 ? "" : "s")}"), cancellation));
        }

        return rows;
    }

    /// <summary>All workloads on one device.</summary>
    /// <param name="device">Any; of a GPU, <see cref="ThroughputRow.Threads"/> is 0.</param>
    /// <param name="game">The game.</param>
    /// <param name="options">Its options, number of matches included.</param>
    /// <param name="plan">How long; its threads are not used.</param>
    /// <param name="progress">Called with the share done and what is being measured.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="InvalidOperationException">a replay did not reproduce the recorded state.</exception>
    public static IReadOnlyList<ThroughputRow> Measure(
        IDevice device, IGame game, GameOptions options, ThroughputPlan plan, Action<double, string>? progress = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<Workload> workloads = game.Describe(options).Workloads;
        double copy = CopyBandwidth.Measure(device);
        var rows = new List<ThroughputRow>();
        foreach ((string name, string player) in workloads)
        {
            double before = rows.Count;
            using var replay = new RecordedGame(device, game, options, player, plan.Seed, cancellation);
            replay.Check();
            rows.Add(MeasureRow(replay, name, (device as CpuDevice)?.Threads ?? 0, copy, plan, share => progress?.Invoke((before + share) / workloads.Count, name), cancellation));
        }

        return rows;
    }

    private static ThroughputRow MeasureRow(
        RecordedGame replay, string workload, int threads, double copy, ThroughputPlan plan, Action<double> progress, CancellationToken cancellation)
    {
        replay.Run(TimeSpan.FromSeconds(Math.Min(0.5, plan.SecondsPerRow / 4)), cancellation); // warm-up: compiles, fills caches, wakes threads
        var speeds = new double[plan.Repetitions];
        for (int i = 0; i < speeds.Length; i++)
        {
            speeds[i] = replay.Run(TimeSpan.FromSeconds(plan.SecondsPerRow / plan.Repetitions), cancellation);
            progress((double)(i + 1) / speeds.Length);
        }

        Array.Sort(speeds);
        return new ThroughputRow
        {
            Workload = workload,
            Threads = threads,
            Repetitions = speeds,
            AgentsPerMatch = replay.Spec.AgentsPerMatch,
            Ticks = replay.Ticks,
            StateBytesPerMatch = replay.StateBytesPerMatch,
            BytesPerAgentStep = WrittenBytes(replay.Spec),
            CopyBytesPerSecond = copy,
            AllocatedBytesPerStep = replay.AllocatedBytesPerStep(),
        };
    }

    // Observation, mask, reward, four flags; error bits and statistics are written now and then only.
    private static int WrittenBytes(EnvironmentSpec spec)
    {
        int element = spec.Observation.Kind == ObservationKind.Byte ? 1 : sizeof(float);
        return spec.Observation.Length * element + spec.Action.MaskWords * sizeof(uint) + sizeof(float) + 4;
    }
}

/// <summary>How fast memory can be copied: the yardstick for everything that streams.</summary>
public static class CopyBandwidth
{
    private const int BlockBytes = 1 << 18;
    private const long Bytes = 1L << 27; // 128 MiB: larger than the caches of this class of machine

    /// <summary>Bytes written per second by copying a large buffer on <paramref name="device"/>; best of five.</summary>
    public static double Measure(IDevice device)
    {
        using DeviceBuffer<byte> source = device.Allocate<byte>(Bytes, "copy source"), target = device.Allocate<byte>(Bytes, "copy target");
        var kernel = new CopyBlocks { Source = source.View, Target = target.View };
        double best = 0;
        for (int i = 0; i < 6; i++)
        {
            device.Synchronize();
            long start = Stopwatch.GetTimestamp();
            if (device is CudaDevice gpu) gpu.CopyOnDevice(source.View, target.View);
            else device.Launch(kernel, (int)(Bytes / BlockBytes));
            device.Synchronize();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (i > 0) best = Math.Max(best, Bytes / seconds); // the first touches fresh pages
        }

        return best;
    }

    private struct CopyBlocks : IKernel
    {
        internal View<byte> Source;
        internal View<byte> Target;

        public void Run(int block)
        {
            long offset = (long)block * BlockBytes;
            Source.Slice(offset, BlockBytes).AsSpan().CopyTo(Target.Slice(offset, BlockBytes).AsSpan());
        }
    }
}
