using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Measuring;

/// <summary>Actions of a built-in player on all sides, tick by tick, ready to be replayed at full speed.</summary>
internal sealed class RecordedGame : IDisposable
{
    private const long ActionBytes = 1L << 28; // 256 MiB of recorded actions at most
    private const int MaxTicks = 400;
    private const int MinTicks = 8;

    private readonly IEnvironment environment;
    private readonly StepBuffers buffers;
    private readonly DeviceBuffer<float>? continuous; // (T, N, components)
    private readonly DeviceBuffer<int>? discrete;     // (T, N, heads)
    private readonly long continuousPerTick;
    private readonly long discretePerTick;
    private readonly ulong seed;
    private readonly Func<TimeSpan> clock;
    private readonly string recordedHash;
    private long allocated = long.MaxValue;

    /// <summary>Records.</summary>
    /// <param name="device">Where.</param>
    /// <param name="game">Which game.</param>
    /// <param name="options">Its options, number of matches included.</param>
    /// <param name="player">Who plays on all sides.</param>
    /// <param name="plan">Seed, and the clock that replays are timed with.</param>
    /// <param name="progress">Called with the share that is recorded.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    internal RecordedGame(IDevice device, IGame game, GameOptions options, string player, ThroughputPlan plan, Action<double> progress, CancellationToken cancellation)
    {
        (seed, clock) = (plan.Seed, plan.Clock);
        environment = game.Create(device, options);
        buffers = new StepBuffers(device, Spec, options.NumEnvs);
        continuousPerTick = buffers.ContinuousActions?.Length ?? 0;
        discretePerTick = buffers.DiscreteActions?.Length ?? 0;
        long perTick = sizeof(float) * (continuousPerTick + discretePerTick);
        int episode = Spec.EpisodeLimit == 0 ? MaxTicks : Spec.EpisodeLimit;
        Ticks = (int)Math.Clamp(ActionBytes / perTick, MinTicks, Math.Clamp(episode, MinTicks, MaxTicks));
        if (continuousPerTick > 0) continuous = device.Allocate<float>(Ticks * continuousPerTick, "recorded actions");
        if (discretePerTick > 0) discrete = device.Allocate<int>(Ticks * discretePerTick, "recorded actions");
        using var controllers = new Controllers(device, Spec, options.NumEnvs);
        for (int side = 0; side < Spec.Sides; side++) controllers.Set(side, player);
        StepViews views = buffers.Views;
        environment.Reset(seed, views);
        for (int t = 0; t < Ticks; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            UseSlot(ref views, t);
            environment.Act(controllers.View, views);
            long start = Stopwatch.GetTimestamp();
            environment.Step(views);
            if (t == 0)
            {
                device.Synchronize();
                FirstStep = Stopwatch.GetElapsedTime(start);
            }

            progress((t + 1.0) / Ticks);
        }

        recordedHash = environment.State.Hash();
    }

    /// <summary>T: recorded ticks.</summary>
    internal int Ticks { get; }

    /// <summary>Time of the very first step, compilation included.</summary>
    internal TimeSpan FirstStep { get; }

    internal EnvironmentSpec Spec => environment.Spec;

    internal int StateBytesPerMatch => environment.State.BytesPerMatch;

    /// <summary>
    /// Managed bytes that one step allocates, on all threads: the smallest of the replays that <see cref="Deal"/> and <see cref="CountAllocations"/> made,
    /// since other parts of a process may allocate too.
    /// </summary>
    internal double AllocatedBytesPerStep => (double)allocated / Ticks;

    private double AgentStepsPerTick => (double)environment.NumEnvs * Spec.AgentsPerMatch;

    /// <summary>Replays once and compares; how long the replay took.</summary>
    internal TimeSpan Check(Action<double> progress)
    {
        Span<TimeSpan> elapsed = stackalloc TimeSpan[1];
        Replay(elapsed, progress);
        string hash = environment.State.Hash();
        if (hash != recordedHash)
        {
            throw new InvalidOperationException(
                $"Replaying {Ticks} recorded ticks of '{Spec.Game}' (seed {seed}) gave the state {hash}, recorded was {recordedHash}; nothing was timed.");
        }

        return elapsed[0];
    }

    /// <summary>Replays whole games, one at least, for about <paramref name="duration"/>; agent-steps per second, resets left out.</summary>
    internal double Run(TimeSpan duration, CancellationToken cancellation)
    {
        Span<TimeSpan> elapsed = stackalloc TimeSpan[1];
        long ticks = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            Replay(elapsed);
            ticks += Ticks;
        }
        while (elapsed[0] < duration);

        return ticks * AgentStepsPerTick / elapsed[0].TotalSeconds;
    }

    /// <summary>Replays the game once, its ticks dealt out to <paramref name="repetitions"/> one by one: each of them sees every part of the game.</summary>
    /// <returns>Agent-steps per second of every repetition.</returns>
    internal double[] Deal(int repetitions)
    {
        repetitions = Math.Min(repetitions, Ticks);
        var elapsed = new TimeSpan[repetitions];
        ReplayCounted(elapsed);
        return [.. elapsed.Select((time, i) => (Ticks - i + repetitions - 1) / repetitions * AgentStepsPerTick / time.TotalSeconds)];
    }

    /// <summary>Replays for <see cref="AllocatedBytesPerStep"/>, up to three times while there is something to blame.</summary>
    internal void CountAllocations()
    {
        Span<TimeSpan> elapsed = stackalloc TimeSpan[1];
        for (int i = 0; i < 3 && allocated > 0; i++) ReplayCounted(elapsed);
    }

    public void Dispose()
    {
        continuous?.Dispose();
        discrete?.Dispose();
        buffers.Dispose();
        environment.Dispose();
    }

    private void ReplayCounted(Span<TimeSpan> elapsed)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Replay(elapsed);
        allocated = Math.Min(allocated, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    // One game from its beginning. Tick t adds its time to element t mod the length of elapsed; with one element nothing is looked at between ticks.
    private void Replay(Span<TimeSpan> elapsed, Action<double>? progress = null)
    {
        IDevice device = environment.Device;
        StepViews views = buffers.Views;
        environment.Reset(seed, views);
        views.RewardParts = default; // optional; a learner reads their sums from the statistics
        device.Synchronize();
        TimeSpan start = clock();
        for (int t = 0; t < Ticks; t++)
        {
            UseSlot(ref views, t);
            environment.Step(views);
            progress?.Invoke((t + 1.0) / Ticks);
            if (elapsed.Length == 1) continue;
            device.Synchronize();
            TimeSpan now = clock();
            elapsed[t % elapsed.Length] += now - start;
            start = now;
        }

        device.Synchronize();
        if (elapsed.Length == 1) elapsed[0] += clock() - start;
    }

    private void UseSlot(ref StepViews views, int t)
    {
        if (continuous is not null) views.ContinuousActions = continuous.View.Slice(t * continuousPerTick, continuousPerTick);
        if (discrete is not null) views.DiscreteActions = discrete.View.Slice(t * discretePerTick, discretePerTick);
    }
}
