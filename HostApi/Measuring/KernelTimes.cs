using System.Diagnostics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.HostApi.Measuring;

/// <summary>Where the time of training goes, kernel by kernel.</summary>
/// <param name="Threads">Threads that ran kernels.</param>
/// <param name="Updates">Updates that were timed.</param>
/// <param name="AgentSteps">Agent-steps collected and learned from.</param>
/// <param name="Total">Time of all of them.</param>
/// <param name="Kernels">Of every kernel, the longest time first.</param>
public sealed record KernelTimes(int Threads, int Updates, long AgentSteps, TimeSpan Total, IReadOnlyList<LaunchTime> Kernels)
{
    private const double WarmUpSeconds = 0.5;

    /// <summary>Share of the time between launches, 0..1: the host's own work.</summary>
    public double OutsideShare => 1 - Kernels.Sum(one => one.Time.TotalSeconds) / Total.TotalSeconds;

    /// <summary>Trains for about <paramref name="seconds"/>, with two updates at least, and throws the result away.</summary>
    /// <param name="device">Where; launches on a GPU return before they are done, so it must be a CPU.</param>
    /// <param name="engine">What runs the network.</param>
    /// <param name="game">Which.</param>
    /// <param name="options">Its options.</param>
    /// <param name="seconds">Of timed updates.</param>
    /// <param name="network">The network; null for the one that training uses by default.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">the device is none, or the game cannot be trained with these settings.</exception>
    public static KernelTimes Measure(
        IDevice device, EngineChoice engine, IGame game, GameOptions options, double seconds, NetworkPreset? network = null, CancellationToken cancellation = default)
    {
        if (device is not CpuDevice cpu)
            throw new UsageException($"--profile times launches as they return, but on '{device.Name}' they return before their work is done. Use --device cpu; {ThisProgram.Command("gpucheck")} shows how an update's time is spent on a GPU.");
        TrainingPlan plan = TrainingThroughput.PlanOf(game);
        if (network is not null) plan = network.Apply(plan);
        PpoConfig config = PpoConfig.For(game);
        using var session = new TrainingSession(device, game, options, config, plan, seed: 1, engine: engine);
        long start = Stopwatch.GetTimestamp();
        while (session.Updates < 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds) Update(session, cancellation);
        cpu.TimesLaunches = true;
        long steps = session.AgentSteps, updates = session.Updates, begin = Stopwatch.GetTimestamp();
        while (session.Updates < updates + 2 || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds) Update(session, cancellation);
        TimeSpan total = Stopwatch.GetElapsedTime(begin);
        cpu.TimesLaunches = false;
        return new KernelTimes(cpu.Threads, (int)(session.Updates - updates), session.AgentSteps - steps, total, cpu.LaunchTimes);
    }

    private static void Update(TrainingSession session, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        session.Update();
    }
}
