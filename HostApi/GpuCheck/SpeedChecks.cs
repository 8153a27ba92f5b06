using System.Diagnostics;
using System.Globalization;
using Arena.HostApi.Measuring;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels.Environments;
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

    /// <summary>Short trainings of the corridor and of soccer: agent-steps per second, where the time of an update goes, and what is copied.</summary>
    public static CheckOutcome Training(CheckContext context)
    {
        if (context.Gpu is not null && !NetworkEngines.HasTorch) return CheckOutcome.LeftOut("networks run on a GPU with the TorchSharp engine alone, which this build lacks (-p:Torch=true)");
        var lines = new List<string> { "| game | engine | agent-steps/s | environment | forward passes and sampling | learning | of the product's rate | bytes between host and device per update | MiB of device memory |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |" };
        var rates = new List<string>();
        foreach (IGame game in new[] { Registry.Find("corridor"), Registry.Find("soccer") })
        {
            TrainingThroughput row = TrainingThroughput.Measure(
                context.Tested, NetworkEngines.Choose(EngineKind.Auto, context.Tested), game, game.Training.Options, context.Plan.TrainingSeconds / 2, cancellation: context.Cancellation);
            rates.Add(string.Create(CultureInfo.InvariantCulture, $"{game.Name} {row.Training.Median / 1e6:0.00} M agent-steps/s, {row.TransferredBytesPerUpdate:N0} bytes read back per update"));
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"| {game.Name} | {row.Engine.Kind.ToString().ToLowerInvariant()}, {row.Engine.Precision.ToString().ToLowerInvariant()} | {row.Training.Median / 1e6:0.00} M | {row.EnvironmentShare:P0} | {row.InferenceShare:P0} | {row.LearningShare:P0} | {row.TrainingShareOfGemm:P0} | {row.TransferredBytesPerUpdate:N0} | {row.DeviceBytes / 1048576.0:0} |"));
        }

        return CheckOutcome.Passed(string.Join("; ", rates), lines);
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
