using System.Diagnostics;
using System.Globalization;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.HostApi.GpuCheck;

/// <summary>How fast the device is: launches, games, batch sizes, an update.</summary>
public static class SpeedChecks
{
    private const double LargestShare = 0.5; // of the free memory
    private const long LargestState = 1L << 31; // bytes that are hashed before anything is timed

    /// <summary>What an empty launch and a copy cost, by the GPU's own clock.</summary>
    public static CheckOutcome Launches(CheckContext context)
    {
        if (context.Gpu is not { } gpu) return CheckOutcome.LeftOut("launches are timed on a GPU alone");
        const int Count = 1000;
        using DeviceBuffer<float> a = gpu.Allocate<float>(1024, "check: launch"), b = gpu.Allocate<float>(1024, "check: launch");
        using CudaTimer timer = gpu.CreateTimer();
        var kernel = new Kernels.Learning.CopyWeights { Source = a.View, Destination = b.View };
        double best = double.PositiveInfinity;
        for (int i = 0; i < 5; i++)
        {
            timer.Start();
            for (int j = 0; j < Count; j++) gpu.Launch(kernel, 1024);
            timer.Stop();
            best = Math.Min(best, timer.Seconds / Count);
        }

        double copy = CopyBandwidth.Measure(gpu);
        return CheckOutcome.Passed(string.Create(CultureInfo.InvariantCulture, $"{best * 1e6:0.0} us from launch to launch; a copy on the device writes {copy / 1e9:0} GB/s (and reads as much)"));
    }

    /// <summary>Agent-steps per second of every game with its default number of matches, and the share of the copy's bandwidth.</summary>
    public static CheckOutcome Games(CheckContext context)
    {
        var lines = new List<string> { "| game | workload | matches | agent-steps/s | match-steps/s | GB/s written | of copy |", "| --- | --- | --- | --- | --- | --- | --- |" };
        foreach (IGame game in Registry.Games)
        {
            GameOptions options = game.DefaultOptions with { NumEnvs = Math.Min(context.Plan.LargestBatch, context.Gpu is null ? 2 : 4096) };
            if (!Fits(context, game, options)) options = options with { NumEnvs = game.DefaultOptions.NumEnvs };
            foreach (ThroughputRow row in Measure(context, game, options)) lines.Add(Line(game, options.NumEnvs, row));
        }

        return CheckOutcome.Passed($"{lines.Count - 2} workloads measured", lines);
    }

    /// <summary>The first workload of every game with growing numbers of matches.</summary>
    public static CheckOutcome Sweep(CheckContext context)
    {
        var lines = new List<string> { "| game | workload | matches | agent-steps/s | match-steps/s | GB/s written | of copy |", "| --- | --- | --- | --- | --- | --- | --- |" };
        foreach (IGame game in Registry.Games)
        {
            long start = Stopwatch.GetTimestamp();
            for (int matches = Math.Min(64, context.Plan.LargestBatch); matches <= context.Plan.LargestBatch && Stopwatch.GetElapsedTime(start).TotalSeconds < context.Plan.SweepSeconds; matches *= 4)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                GameOptions options = game.DefaultOptions with { NumEnvs = matches };
                if (!Fits(context, game, options)) break;
                lines.Add(Line(game, matches, Measure(context, game, options)[0]));
            }
        }

        return CheckOutcome.Passed($"{lines.Count - 2} batch sizes measured", lines);
    }

    /// <summary>A short training of the corridor, which is solved in seconds, and where the time of an update goes.</summary>
    public static CheckOutcome Training(CheckContext context)
    {
        if (context.Gpu is not null && !NetworkEngines.HasTorch) return CheckOutcome.LeftOut("networks run on a GPU with the TorchSharp engine alone, which this build lacks (-p:Torch=true)");
        IGame game = Registry.Find("corridor");
        PpoConfig config = TrainingThroughput.ConfigOf(game);
        using var session = new TrainingSession(context.Tested, game, game.Training.Options, config, new TrainingPlan { AgentSteps = long.MaxValue / 4 }, seed: 1, engine: NetworkEngines.Choose(EngineKind.Auto, context.Tested));
        session.Update();
        TrainingTimes before = session.Times;
        long updates = 1, transferred = context.Tested.TransferredBytes;
        double Trained() => (session.Times.Training - before.Training).TotalSeconds;
        while (Trained() < context.Plan.TrainingSeconds)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            session.Update();
            updates++;
        }

        double all = Trained(), environment = (session.Times.Environment - before.Environment).TotalSeconds, collect = (session.Times.Collect - before.Collect).TotalSeconds;
        double rate = (updates - 1) * session.AgentStepsPerUpdate / all;
        return CheckOutcome.Passed(
            string.Create(CultureInfo.InvariantCulture, $"corridor, {updates} updates: {rate / 1e6:0.00} M agent-steps/s"),
            string.Create(CultureInfo.InvariantCulture, $"time: environment {environment / all:P0}, forward passes and sampling {(collect - environment) / all:P0}, learning {1 - collect / all:P0}"),
            string.Create(CultureInfo.InvariantCulture, $"{(context.Tested.TransferredBytes - transferred) / Math.Max(1, updates - 1):N0} bytes between host and device per update (the learner's guards and statistics), {context.Tested.AllocatedBytes / 1048576.0:0} MiB allocated"));
    }

    private static IReadOnlyList<ThroughputRow> Measure(CheckContext context, IGame game, GameOptions options) =>
        Throughput.Measure(context.Tested, game, options, new ThroughputPlan { SecondsPerRow = context.Plan.Seconds, Repetitions = 3 }, cancellation: context.Cancellation);

    // State, two sets of step buffers and recorded actions, roughly.
    private static bool Fits(CheckContext context, IGame game, GameOptions options)
    {
        using IEnvironment one = game.Create(context.Judge, options with { NumEnvs = 1 });
        EnvironmentSpec spec = one.Spec;
        long perMatch = one.State.BytesPerMatch + 2L * spec.AgentsPerMatch * (spec.Observation.Length + spec.RewardComponents.Count + 16) * sizeof(float);
        long free = context.Gpu is { } gpu ? gpu.Memory.Free : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - GC.GetGCMemoryInfo().MemoryLoadBytes;
        return options.NumEnvs * perMatch + (1L << 29) < free * LargestShare && (long)options.NumEnvs * one.State.BytesPerMatch < LargestState;
    }

    private static string Line(IGame game, int matches, ThroughputRow row) => string.Create(CultureInfo.InvariantCulture,
        $"| {game.Name} | {row.Workload} | {matches:N0} | {row.AgentStepsPerSecond / 1e6:0.00} M | {row.MatchStepsPerSecond / 1e6:0.000} M | {row.BytesPerSecond / 1e9:0.00} | {row.BytesPerSecond / row.CopyBytesPerSecond:P0} |");
}
