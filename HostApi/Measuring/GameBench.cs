using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Measuring;

/// <summary>What <c>arena bench</c> measures of one game: replays of the environment alone, and a network that plays and learns.</summary>
/// <param name="Steps">One row per number of threads and workload.</param>
/// <param name="Networks">One row per number of threads; empty where networks were left out.</param>
/// <param name="NoNetworks">Why there is no row of a network though one was wanted; null otherwise.</param>
public sealed record GameBench(IReadOnlyList<ThroughputRow> Steps, IReadOnlyList<TrainingThroughput> Networks, string? NoNetworks)
{
    private const double NetworkWeight = 2; // rows of a step that a network takes the time of, for the progress line

    /// <summary>Measures one game.</summary>
    /// <param name="device">A GPU, on which everything runs; or a CPU, of which every number of threads gets a device of its own.</param>
    /// <param name="game">Which.</param>
    /// <param name="options">Its options, number of matches included.</param>
    /// <param name="plan">How long.</param>
    /// <param name="networks">What plays and learns; null for the environment alone.</param>
    /// <param name="progress">Called with the share done and what is being measured.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="UsageException">networks are required, and the game cannot be trained with these settings.</exception>
    public static GameBench Measure(
        IDevice device, IGame game, GameOptions options, ThroughputPlan plan, NetworkBench? networks, Action<double, string>? progress = null, CancellationToken cancellation = default)
    {
        int devices = device is CpuDevice ? plan.ThreadCounts.Count : 1;
        double steps = devices * game.Describe(options).Workloads.Count, learned = networks is null ? 0 : devices * NetworkWeight, all = steps + learned;
        void StepProgress(double share, string what) => progress?.Invoke(share * steps / all, what);
        IReadOnlyList<ThroughputRow> rows = device is CpuDevice
            ? Throughput.Measure(game, options, plan, StepProgress, cancellation)
            : Throughput.Measure(device, game, options, plan, StepProgress, cancellation);
        if (networks is null) return new GameBench(rows, [], null);
        try
        {
            var trained = new List<TrainingThroughput>();
            if (device is not CpuDevice) trained.Add(Train(device, (share, what) => progress?.Invoke((steps + share * learned) / all, what)));
            else
            {
                foreach (int threads in plan.ThreadCounts)
                {
                    using var own = new CpuDevice(new CpuDeviceOptions { Threads = threads });
                    double before = trained.Count;
                    string where = threads == 1 ? "1 core" : $"{threads} cores";
                    trained.Add(Train(own, (share, what) => progress?.Invoke((steps + (before + share) * NetworkWeight) / all, $"{where}, {what}")));
                }
            }

            return new GameBench(rows, trained, null);
        }
        catch (UsageException why) when (!networks.Required)
        {
            return new GameBench(rows, [], why.Message);
        }

        // Matches begin at different lengths, as in training.
        TrainingThroughput Train(IDevice where, Action<double, string> report) =>
            TrainingThroughput.Measure(where, networks.Engine(where), game, options with { Desync = true }, plan.SecondsPerRow, networks.Network, plan.Clock, report, cancellation);
    }
}

/// <summary>Which network is measured, and what runs it.</summary>
/// <param name="Engine">Chooses the engine for a device.</param>
/// <param name="Network">The network; null for the one that training uses by default.</param>
/// <param name="Required">Whether settings that cannot be trained with are an error rather than a row less.</param>
public sealed record NetworkBench(Func<IDevice, EngineChoice> Engine, Training.NetworkPreset? Network, bool Required);
