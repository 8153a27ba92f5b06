using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Measuring;

/// <summary>Where the time of a tick goes, phase by phase, on one thread.</summary>
/// <param name="Workload">Who played.</param>
/// <param name="Ticks">Ticks that were timed.</param>
/// <param name="Phases">Name, nanoseconds per match and tick, share of the whole tick 0..1; in the order of the tick.</param>
public sealed record PhaseTimes(string Workload, int Ticks, IReadOnlyList<(string Name, double Nanoseconds, double Share)> Phases)
{
    private const int WarmUp = 200;

    /// <summary>Plays every workload of a game for <paramref name="seconds"/>; the first ticks, and the choice of actions, are not timed.</summary>
    /// <returns>One per workload; none where the game does not offer a profile.</returns>
    public static IReadOnlyList<PhaseTimes> Measure(IGame game, GameOptions options, ulong seed, double seconds, CancellationToken cancellation = default)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using IEnvironment environment = game.Create(device, options);
        if (environment is not IPhaseProfile profile) return [];
        using var buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
        return [.. environment.Spec.Workloads.Select(workload => Measure(profile, environment, buffers, workload, seed, seconds, cancellation))];
    }

    private static PhaseTimes Measure(
        IPhaseProfile profile, IEnvironment environment, StepBuffers buffers, Workload workload, ulong seed, double seconds, CancellationToken cancellation)
    {
        StepViews views = buffers.Views;
        using var controllers = new Controllers(environment.Device, environment.Spec, environment.NumEnvs);
        for (int side = 0; side < environment.Spec.Sides; side++) controllers.Set(side, workload.Player);
        environment.Reset(seed, views);
        var elapsed = new long[profile.PhaseNames.Count];
        int ticks = 0;
        for (int tick = 0; tick < WarmUp || elapsed.Sum() < seconds * Stopwatch.Frequency; tick++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (tick == WarmUp) Array.Clear(elapsed);
            environment.Act(controllers.View, views);
            profile.StepProfiled(views, elapsed);
            ticks = Math.Max(0, tick + 1 - WarmUp);
        }

        double sum = Math.Max(1, elapsed.Sum()), perTick = 1e9 / Stopwatch.Frequency / Math.Max(1, ticks) / environment.NumEnvs;
        return new PhaseTimes(workload.Name, ticks, [.. profile.PhaseNames.Select((name, phase) => (name, elapsed[phase] * perTick, elapsed[phase] / sum))]);
    }
}
