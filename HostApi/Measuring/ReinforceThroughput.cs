using System.Diagnostics;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Measuring;

/// <summary>How fast REINFORCE trains with one number of games per update.</summary>
/// <param name="Games">Whole games of a batch, played side by side.</param>
/// <param name="AgentsPerMatch">Agents of a game.</param>
/// <param name="Ticks">Ticks of a full game.</param>
/// <param name="GamesPerSecond">Games played and learned from, median over the updates.</param>
/// <param name="AgentStepsPerSecond">The same in agent-steps, every game at its full length.</param>
public sealed record ReinforceThroughput(int Games, int AgentsPerMatch, int Ticks, double GamesPerSecond, double AgentStepsPerSecond)
{
    /// <summary>Batches that are measured.</summary>
    public static IReadOnlyList<int> Batches { get; } = [1, 64, 512];

    private const int WarmUpdates = 2;
    private const int FewestUpdates = 3;

    /// <summary>Trains for about <paramref name="seconds"/> per batch size and throws the results away.</summary>
    /// <param name="game">A game that a clock ends.</param>
    /// <param name="options">Its options, as <c>train --algorithm reinforce</c> starts from; the number of matches is set here.</param>
    /// <param name="threads">Threads that run kernels; 0 = all cores.</param>
    /// <param name="seconds">Of timed updates per row.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="Arena.Kernels.UsageException">the game cannot be trained so.</exception>
    public static IReadOnlyList<ReinforceThroughput> Measure(
        IGame game, GameOptions options, int threads, double seconds, CancellationToken cancellation = default) =>
        [.. Batches.Select(games => Measure(game, options with { NumEnvs = games }, new CpuDevice(new CpuDeviceOptions { Threads = threads }), seconds, cancellation))];

    private static ReinforceThroughput Measure(IGame game, GameOptions options, CpuDevice owned, double seconds, CancellationToken cancellation)
    {
        using CpuDevice device = owned;
        using TrainingSession session = ReinforceDefaults.Session(device, game, options);
        for (int i = 0; i < WarmUpdates; i++) session.Update();
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < FewestUpdates || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            session.Update();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        double median = times.Order().ElementAt(times.Count / 2);
        return new ReinforceThroughput(
            options.NumEnvs, session.Spec.AgentsPerMatch, session.Spec.EpisodeLimit, options.NumEnvs / median, session.AgentStepsPerUpdate / median);
    }
}
