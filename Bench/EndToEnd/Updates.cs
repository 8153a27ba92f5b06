using Arena.HostApi.Measuring;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.EndToEnd;

/// <summary>Collect + learn: one update of PPO for every registered game, as <c>arena train GAME</c> makes it, with the game's own training defaults.</summary>
/// <remarks>
/// The setup makes two updates on one thread and on all, and refuses to time runs whose weights differ in a bit. <c>arena bench GAME</c> tells rollout and learning
/// apart. An update of the moba takes seconds: choose a game with <c>--filter</c>.
/// </remarks>
public class Updates
{
    private (CpuDevice Device, TrainingSession Session) one;
    private (CpuDevice Device, TrainingSession Session) all;

    /// <summary>Every game of the registry: with a quarter of the matches that its training plays, and with all of them.</summary>
    public static IEnumerable<GameCase> Cases => Registry.Games.SelectMany(game => new[] { 4, 1 }.Select(part =>
    {
        GameOptions options = game.Training.Options with { NumEnvs = Math.Max(1, game.Training.Options.NumEnvs / part) };
        return new GameCase(game, options, (double)options.NumEnvs * game.Describe(options).AgentsPerMatch * PpoConfig.For(game).Horizon);
    }));

    /// <summary>Game and matches side by side.</summary>
    [ParamsSource(nameof(Cases))]
    public GameCase Case { get; set; } = null!;

    /// <summary>Starts two runs and compares them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        one = Start(threads: 1);
        all = Start(threads: 0);
        for (int i = 0; i < 2; i++)
        {
            one.Session.Update();
            all.Session.Update();
        }

        if (!one.Session.CopyWeights().AsSpan().SequenceEqual(all.Session.CopyWeights()))
            throw new InvalidOperationException($"{Case}: one thread and all threads learn different weights; nothing is worth timing.");
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        foreach ((CpuDevice device, TrainingSession session) in new[] { one, all })
        {
            session.Dispose();
            device.Dispose();
        }
    }

    /// <summary>On one thread.</summary>
    [Benchmark(Baseline = true)]
    public void OneCore() => one.Session.Update();

    /// <summary>On all cores.</summary>
    [Benchmark]
    public void AllCores() => all.Session.Update();

    private (CpuDevice Device, TrainingSession Session) Start(int threads)
    {
        var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        PpoConfig config = PpoConfig.For(Case.Game);
        return (device, new TrainingSession(device, Case.Game, Case.Options, config, TrainingThroughput.PlanOf(Case.Game), seed: 1));
    }
}
