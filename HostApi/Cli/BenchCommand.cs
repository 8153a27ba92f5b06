using System.CommandLine;
using Arena.HostApi.Measuring;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Cli;

/// <summary><c>arena bench GAME</c>: how fast a game steps, is played by a network and is learned from on this machine.</summary>
internal sealed class BenchCommand
{
    private readonly CliContext context;
    private readonly Option<double> seconds = CliOption.Number("--seconds", "Seconds that are timed per figure; one whole game at least.", 2, 0.01, 3600);
    private readonly Option<bool> json = CliOption.Flag("--json", "Write JSON instead of a table.");
    private readonly Option<bool?> training = new("--training") { Description = "Whether a network plays and learns too, with the game's own training defaults; false: the game alone.", HelpName = "true|false" };
    private readonly Option<bool> reinforce = CliOption.Flag("--reinforce", "Also measure training by REINFORCE, with batches of 1, 64 and 512 whole games.");
    private readonly Option<bool> profile = CliOption.Flag("--profile", "Instead, measure the share of every kernel in training, and of every phase of a tick where the game tells (moba).");
    private readonly Option<bool> processorTime = CliOption.Flag("--processor-time", "Time one core by processor time, which other programs do not lengthen.");
    private readonly Option<string?> file;
    private readonly Option<string?> network;
    private readonly EngineOptions engines;
    private readonly BenchComparison comparison;
    private readonly GameInputs inputs;

    private BenchCommand(Command command, CliContext context)
    {
        this.context = context;
        foreach (Option option in new Option[] { seconds, json, training, processorTime, reinforce, profile }) command.Options.Add(option);
        comparison = BenchComparison.AddTo(command, context);
        file = ResultFile.AddOption(command);
        network = NetworkOption.AddTo(command, "The network that plays and learns, by name.");
        engines = EngineOptions.AddTo(command, resumed: null);
        // As many matches as training plays, so that all columns are of the same batch.
        inputs = GameInputs.AddTo(command, context.Game, context.Game?.Training.Options.NumEnvs ?? 1);
    }

    internal static Command Create(CliContext context)
    {
        var command = new Command("bench", "Measure agent-steps/s on one core and on all: the game alone, with a network that plays, with training.");
        var bench = new BenchCommand(command, context);
        command.SetAction(bench.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        GameRequest request = inputs.Read(parsed);
        if (comparison.Wanted(parsed))
        {
            using ResultFile? compared = ResultFile.Open(parsed.GetValue(file));
            comparison.Run(parsed, parsed.GetValue(json), compared);
            return ExitCode.Success;
        }

        bool single = parsed.GetValue(processorTime);
        bool wanted = parsed.GetValue(training) != false, required = parsed.GetValue(training) == true || parsed.GetValue(network) is not null || engines.Given(parsed);
        // Without an engine for it a GPU still steps games; on the CPU rows make devices of their own, with their own number of threads.
        using IDevice device = request.CreateDevice(context.Terminal, wanted && (required || NetworkEngines.HasTorch) ? DeviceUse.Networks : DeviceUse.Games);
        if (parsed.GetValue(profile))
        {
            Profile(parsed, request, device, wanted);
            return ExitCode.Success;
        }

        if (single && (request.Threads > 1 || device is not CpuDevice))
        {
            throw new UsageException(
                "--processor-time is of one core: threads that wait for each other use processor time while they wait, and a GPU uses none. " +
                "Give --threads 1 or none, and --device cpu where there is a GPU.");
        }

        using ResultFile? saved = ResultFile.Open(parsed.GetValue(file));
        EngineRequest engine = engines.Read(parsed);
        if (required) EngineOptions.Choose(engine, device); // known to be wrong before anything is measured
        var plan = new ThroughputPlan { SecondsPerRow = parsed.GetValue(seconds), Threads = single ? 1 : request.Threads, Seed = request.Seed, ProcessorTime = single };
        NetworkBench? networks = wanted ? new NetworkBench(where => EngineOptions.Choose(engine, where), NetworkOption.Find(parsed, network), required) : null;
        double? load = Surroundings.Load;
        using var progress = new ProgressLine(context.Terminal, "bench");
        GameBench measured = GameBench.Measure(device, request.Game, request.Options, plan, networks, progress.Report, context.Cancellation);
        IReadOnlyList<ReinforceThroughput> batches = parsed.GetValue(reinforce) ? Reinforce(request, plan, progress) : [];
        progress.Dispose();
        string text = BenchJson.Of(request, plan, measured, batches);
        saved?.Commit(text);
        if (parsed.GetValue(json)) context.Terminal.Output.WriteLine(text);
        else BenchTable.Write(context.Terminal, request, plan, measured, batches, load);
        return ExitCode.Success;
    }

    private void Profile(ParseResult parsed, GameRequest request, IDevice device, bool trains)
    {
        IReadOnlyList<PhaseTimes> phases = PhaseTimes.Measure(request.Game, request.Options, request.Seed, parsed.GetValue(seconds), context.Cancellation);
        foreach (PhaseTimes times in phases) ProfileTable.Write(context.Terminal, request, times);
        if (!trains && phases.Count == 0)
            throw new UsageException($"--profile was given without training, but {request.Game.Name} with these options does not say where the time of a tick goes; moba without stacking does. Leave out --training false.");
        if (!trains) return;
        EngineChoice engine = EngineOptions.Choose(engines.Read(parsed), device);
        ProfileTable.Write(
            context.Terminal, request,
            KernelTimes.Measure(device, engine, request.Game, request.Options with { Desync = true }, parsed.GetValue(seconds), NetworkOption.Find(parsed, network), context.Cancellation));
    }

    private IReadOnlyList<ReinforceThroughput> Reinforce(GameRequest request, ThroughputPlan plan, ProgressLine progress)
    {
        progress.Report(1, "REINFORCE");
        return ReinforceThroughput.Measure(request.Game, OnTopOf(ReinforceDefaults.Options(request.Game), request), request.Threads, plan.SecondsPerRow, context.Cancellation);
    }

    // What the user changed, on top of the options that a training starts from.
    private static GameOptions OnTopOf(GameOptions options, GameRequest request)
    {
        foreach (SettingInfo value in Settings.Changed(request.Options, request.Game.DefaultOptions))
            if (value.Path != "numEnvs") options = Settings.With(options, value.Path, Settings.Format(value.Default));
        return options;
    }
}
