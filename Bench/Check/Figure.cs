using Arena.HostApi.Measuring;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Random;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.Bench.Check;

/// <summary>Work that is repeated for a while and counted, on one thread.</summary>
/// <param name="Count">What one call does: agent-steps, draws, millions of operations.</param>
/// <param name="Run">One call.</param>
internal sealed record Work(double Count, Action Run) : IDisposable
{
    private const double SliceSeconds = 0.04;

    /// <summary>What holds its memory.</summary>
    internal IReadOnlyList<IDisposable> Owned { get; init; } = [];

    /// <summary>Count per second of processor time over a slice of time.</summary>
    /// <remarks>Of the process, not of a clock on the wall: what other programs take of the core is not in it. All work here runs on the thread that calls it.</remarks>
    internal double Rate()
    {
        double start = Now, elapsed;
        long calls = 0;
        do
        {
            Run();
            calls++;
            elapsed = Now - start;
        }
        while (elapsed < SliceSeconds);
        return calls * Count / elapsed;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in Owned) owned.Dispose();
    }

    private static double Now => Environment.CpuUsage.TotalTime.TotalSeconds;
}

/// <summary>A rate that is watched, and the yardstick it is divided by.</summary>
/// <param name="Name">"soccer, step / draws".</param>
/// <param name="Start">Makes what is measured.</param>
/// <param name="Yardstick">Makes what it is measured against.</param>
internal sealed record Figure(string Name, Func<Work> Start, Func<Work> Yardstick)
{
    private const int Pairs = 16;
    private const int AgentStepsPerUpdate = 4_096; // about: an update of a large game takes seconds otherwise

    /// <summary>Of every game of the registry the step against random draws, which compute as it does, and an update against matrix products.</summary>
    internal static IEnumerable<Figure> All(IReadOnlyList<string> games) =>
        Registry.Games.Where(game => games.Count == 0 || games.Contains(game.Name)).SelectMany(game => new[]
        {
            new Figure($"{game.Name}, step / draws", () => Step(game), Draws),
            new Figure($"{game.Name}, training / products", () => Update(game), Products),
        });

    /// <summary>Measures both in turns; the median ratio.</summary>
    internal double Measure()
    {
        using Work measured = Start(), yardstick = Yardstick();
        for (int i = 0; i < 3; i++) // compiles, fills caches
        {
            measured.Rate();
            yardstick.Rate();
        }

        return AlternatingComparison.Run(side => new Dictionary<string, double> { [Name] = (side == Side.This ? measured : yardstick).Rate() }, Pairs)[0].Ratio;
    }

    private static Work Step(IGame game)
    {
        GameOptions options = game.DefaultOptions with { NumEnvs = Math.Min(game.Training.Options.NumEnvs, game.DefaultOptions.NumEnvs), Desync = true };
        var played = new GameCase(game, options, AgentStepsPerOperation: options.NumEnvs * (double)game.Describe(options).AgentsPerMatch);
        var matches = new Matches(played, threads: 1, "random");
        matches.Play(50);
        return new Work(played.AgentStepsPerOperation, () => matches.Play(1)) { Owned = [matches] };
    }

    private static Work Update(IGame game)
    {
        PpoConfig config = PpoConfig.For(game);
        GameOptions options = game.Training.Options;
        int perMatch = game.Describe(options).AgentsPerMatch * config.Horizon;
        options = options with { NumEnvs = Math.Clamp(AgentStepsPerUpdate / perMatch, 1, options.NumEnvs) };
        var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var session = new TrainingSession(device, game, options, config, TrainingThroughput.PlanOf(game), seed: 1);
        return new Work(session.AgentStepsPerUpdate, session.Update) { Owned = [session, device] };
    }

    private static Work Draws()
    {
        const int Count = 1 << 16;
        var drawn = new float[Count];
        return new Work(Count, () =>
        {
            for (int i = 0; i < drawn.Length; i++) drawn[i] = Philox.Uniform(Philox.Draw(1, (uint)i, 0, 0, 0, 0).X);
        });
    }

    private static Work Products()
    {
        const int Width = 256, Rows = 768;
        var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var network = new NetworkSpec(Width, [Width], Activation.Relu, 0, [Width - 1]);
        INetworkEngine engine = EngineChoice.Builtin.Create(device, network, Rows);
        engine.Initialise(1);
        DeviceBuffer<float> observations = device.Allocate<float>(Rows * Width, "products: observations"), outputs = device.Allocate<float>((long)Rows * network.Outputs, "products: outputs");
        var input = new NetworkInput { Observations = observations.View, Sequences = Rows, Slots = 1 };
        double megaFlops = Rows * NetworkOperations.PerRow(network).Forward / 1e6;
        return new Work(megaFlops, () => engine.Forward(input, outputs.View, keepActivations: false)) { Owned = [observations, outputs, engine, device] };
    }
}
