using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Measuring;

/// <summary>What to measure, and for how long.</summary>
public sealed record ThroughputPlan
{
    /// <summary>Seconds of timed steps per row of the table; one whole game at least.</summary>
    public double SecondsPerRow { get; init; } = 2;

    /// <summary>Repetitions the seconds are split into; the median counts.</summary>
    public int Repetitions { get; init; } = 7;

    /// <summary>Largest number of threads; 0 = all cores. A row with one thread is always measured.</summary>
    public int Threads { get; init; }

    /// <summary>Seed of the recorded games.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether to time by the processor time of this process, which other programs do not lengthen; means something with one thread, on a CPU.</summary>
    public bool ProcessorTime { get; init; }

    /// <summary>Time that has passed since some moment.</summary>
    internal Func<TimeSpan> Clock => ProcessorTime ? static () => Environment.CpuUsage.TotalTime : static () => Stopwatch.GetElapsedTime(0);

    /// <summary>Numbers of threads that are measured on a CPU: one, and the largest.</summary>
    public IReadOnlyList<int> ThreadCounts
    {
        get
        {
            int all = Threads == 0 ? Environment.ProcessorCount : Threads;
            return all == 1 ? [1] : [1, all];
        }
    }
}

/// <summary>One measured line: step, observations and rewards of one workload on so many threads.</summary>
public sealed record ThroughputRow
{
    /// <summary>"random play".</summary>
    public required string Workload { get; init; }

    /// <summary>Threads that ran kernels; 0 on a GPU.</summary>
    public required int Threads { get; init; }

    /// <summary>Agent-steps per second.</summary>
    public required Rates Rates { get; init; }

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

    /// <summary>Seconds of the very first step, which may compile.</summary>
    public required double FirstStepSeconds { get; init; }

    /// <summary>Seconds from the beginning of the row to its first timed step: recording, the check, and the warm-up.</summary>
    public required double PreparationSeconds { get; init; }

    /// <summary>Median agent-steps per second.</summary>
    public double AgentStepsPerSecond => Rates.Median;

    /// <summary>Median match-steps per second.</summary>
    public double MatchStepsPerSecond => AgentStepsPerSecond / AgentsPerMatch;

    /// <summary>Nanoseconds of wall time per agent-step, all threads together.</summary>
    public double NanosecondsPerAgentStep => 1e9 / AgentStepsPerSecond;

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
    private const double LongGameSeconds = 1; // one warms up by itself
    private const double RecordingShare = 0.4, CheckShare = 0.2; // of a row, for the progress line: a whole game each, of which the timing has several

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
        int[] threads = [.. plan.ThreadCounts];
        var rows = new List<ThroughputRow>();
        for (int i = 0; i < threads.Length; i++)
        {
            using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads[i] });
            double before = i;
            string where = threads[i] == 1 ? "1 core" : $"{threads[i]} cores";
            rows.AddRange(Measure(device, game, options, plan, (share, what) => progress?.Invoke((before + share) / threads.Length, $"{where}, {what}"), cancellation));
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
        double copy = CopyBandwidth.Measure(device, plan.Clock);
        var rows = new List<ThroughputRow>();
        foreach (Workload workload in workloads)
        {
            double before = rows.Count;
            rows.Add(MeasureRow(device, game, options, workload, copy, plan, (share, what) => progress?.Invoke((before + share) / workloads.Count, $"{what} {workload.Name}"), cancellation));
        }

        return rows;
    }

    /// <summary>Bytes of observation, mask, reward and four flags; error bits and statistics are written now and then only.</summary>
    public static int WrittenBytes(EnvironmentSpec spec)
    {
        int element = spec.Observation.Kind == ObservationKind.Byte ? 1 : sizeof(float);
        return spec.Observation.Length * element + spec.Action.MaskWords * sizeof(uint) + sizeof(float) + 4;
    }

    private static ThroughputRow MeasureRow(
        IDevice device, IGame game, GameOptions options, Workload workload, double copy, ThroughputPlan plan, Action<double, string> progress, CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        using var replay = new RecordedGame(device, game, options, workload.Player, plan, share => progress(RecordingShare * share, "recording"), cancellation);
        double wholeGame = replay.Check(share => progress(RecordingShare + CheckShare * share, "warming up")).TotalSeconds; // compiles, fills caches, wakes threads
        if (wholeGame < LongGameSeconds) WarmUp.Run(plan.SecondsPerRow, () => replay.Run(TimeSpan.Zero, cancellation));
        double preparation = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double[] speeds = Time(replay, wholeGame, plan, share => progress(RecordingShare + CheckShare + (1 - RecordingShare - CheckShare) * share, "timing"), cancellation);
        return new ThroughputRow
        {
            Workload = workload.Name,
            Threads = (device as CpuDevice)?.Threads ?? 0,
            Rates = new Rates(speeds),
            AgentsPerMatch = replay.Spec.AgentsPerMatch,
            Ticks = replay.Ticks,
            StateBytesPerMatch = replay.StateBytesPerMatch,
            BytesPerAgentStep = WrittenBytes(replay.Spec),
            CopyBytesPerSecond = copy,
            AllocatedBytesPerStep = replay.AllocatedBytesPerStep,
            FirstStepSeconds = replay.FirstStep.TotalSeconds,
            PreparationSeconds = preparation,
        };
    }

    // A game that takes longer than its share of the time is replayed once, its ticks dealt out, so that a large batch does not take minutes.
    private static double[] Time(RecordedGame replay, double wholeGame, ThroughputPlan plan, Action<double> progress, CancellationToken cancellation)
    {
        double each = plan.SecondsPerRow / plan.Repetitions;
        double[] speeds;
        if (wholeGame > each)
        {
            speeds = replay.Deal(plan.Repetitions);
        }
        else
        {
            speeds = new double[plan.Repetitions];
            for (int i = 0; i < speeds.Length; i++)
            {
                speeds[i] = replay.Run(TimeSpan.FromSeconds(each), cancellation);
                progress((double)(i + 1) / speeds.Length);
            }
        }

        replay.CountAllocations();
        return speeds;
    }
}
