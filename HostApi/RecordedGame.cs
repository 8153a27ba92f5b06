using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

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
    private readonly string recordedHash;

    internal RecordedGame(IDevice device, IGame game, GameOptions options, string player, ulong seed, CancellationToken cancellation)
    {
        this.seed = seed;
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
            environment.Step(views);
        }

        recordedHash = environment.State.Hash();
    }

    /// <summary>T: recorded ticks.</summary>
    internal int Ticks { get; }

    internal EnvironmentSpec Spec => environment.Spec;

    internal int StateBytesPerMatch => environment.State.BytesPerMatch;

    /// <summary>Replays once and compares.</summary>
    internal void Check()
    {
        Replay();
        string hash = environment.State.Hash();
        if (hash != recordedHash)
            throw new InvalidOperationException(
                $"Replaying {Ticks} recorded ticks of '{Spec.Game}' (seed {seed}) gave the state {hash}, recorded was {recordedHash}; nothing was timed.");
    }

    /// <summary>Replays for about <paramref name="duration"/>; agent-steps per second, resets left out.</summary>
    internal double Run(TimeSpan duration, CancellationToken cancellation)
    {
        TimeSpan elapsed = TimeSpan.Zero;
        long steps = 0;
        while (elapsed < duration)
        {
            cancellation.ThrowIfCancellationRequested();
            elapsed += Replay();
            steps += Ticks;
        }

        return steps * (double)environment.NumEnvs * Spec.AgentsPerMatch / elapsed.TotalSeconds;
    }

    /// <summary>Managed bytes that one step allocates, on all threads; the smallest of three tries, since other parts of a process may allocate too.</summary>
    internal double AllocatedBytesPerStep()
    {
        long least = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Replay();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return (double)least / Ticks;
    }

    public void Dispose()
    {
        continuous?.Dispose();
        discrete?.Dispose();
        buffers.Dispose();
        environment.Dispose();
    }

    private TimeSpan Replay()
    {
        StepViews views = buffers.Views;
        environment.Reset(seed, views);
        views.RewardParts = default; // optional; a learner reads their sums from the statistics
        environment.Device.Synchronize();
        long start = Stopwatch.GetTimestamp();
        for (int t = 0; t < Ticks; t++)
        {
            UseSlot(ref views, t);
            environment.Step(views);
        }

        environment.Device.Synchronize();
        return Stopwatch.GetElapsedTime(start);
    }

    private void UseSlot(ref StepViews views, int t)
    {
        if (continuous is not null) views.ContinuousActions = continuous.View.Slice(t * continuousPerTick, continuousPerTick);
        if (discrete is not null) views.DiscreteActions = discrete.View.Slice(t * discretePerTick, discretePerTick);
    }
}
