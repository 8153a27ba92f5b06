using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Cli;

/// <summary>What <c>arena train GAME --probe</c> prints: what the passes of the network cost here, before anybody waits for a run.</summary>
internal static class ProbeTable
{
    internal static void Write(CliContext context, GameRequest request, EnvironmentSpec spec, NetworkSpec network, IDevice device, EngineChoice engine)
    {
        int rows = request.Options.NumEnvs * spec.AgentsPerMatch;
        TextWriter output = context.Terminal.Output;
        output.WriteLine(Numbers.Text($"Probe of {request.Game.Name} ({request.ShownChanges}): network of {new ParameterLayout(network).Length:N0} weights, {device.Description}"));
        output.WriteLine(Numbers.Text($"  A rollout has {rows:N0} rows per tick ({request.Options.NumEnvs:N0} matches of {spec.AgentsPerMatch:N0} agents)."));
        Time(context, network, device, engine);
        if (engine.Kind == EngineKind.Torch && device is CpuDevice) Time(context, network, device, EngineChoice.Builtin with { Reason = "for comparison" });
        else if (engine.Kind == EngineKind.Builtin && NetworkEngines.HasTorch)
            Time(context, network, device, NetworkEngines.Choose(EngineKind.Torch, device) with { Reason = "for comparison" });
        else output.WriteLine($"Other engines: none in this build. {DeviceChoice.Explain().Reason}");
    }

    private static void Time(CliContext context, NetworkSpec network, IDevice device, EngineChoice engine)
    {
        TextWriter output = context.Terminal.Output;
        IReadOnlyList<ProbedBatch> batches = EngineProbe.Measure(device, network, engine, cancellation: context.Cancellation);
        output.WriteLine();
        output.WriteLine($"{engine}");
        var table = new ResultTable("Passes of the network, medians", "rows", "forward", "rows/s", "forward and backward", "rows/s");
        foreach (ProbedBatch batch in batches)
        {
            table.Add(
                Numbers.Text($"{batch.Rows:N0}"),
                Numbers.Text($"{batch.ForwardSeconds * 1e3:0.000} ms"), Numbers.Text($"{batch.Rows / batch.ForwardSeconds / 1e6:0.00} M"),
                Numbers.Text($"{batch.LearnSeconds * 1e3:0.000} ms"), Numbers.Text($"{batch.Rows / batch.LearnSeconds / 1e6:0.00} M"));
        }

        table.Write(context.Terminal);
        ProbedBatch best = batches.MaxBy(batch => batch.Rows / batch.LearnSeconds)!;
        int enough = batches.First(batch => batch.Rows / batch.LearnSeconds >= 0.9 * best.Rows / best.LearnSeconds).Rows;
        output.WriteLine(Numbers.Text($"Batches of {enough:N0} rows and more reach 90 % of the best rate."));
    }
}
