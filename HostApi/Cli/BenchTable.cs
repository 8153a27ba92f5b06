using System.Globalization;
using Arena.HostApi.Measuring;
using Arena.Kernels.Device;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary>What <c>arena bench</c> prints: the machine, one table, what the shares are of, memory, and how to read it.</summary>
internal static class BenchTable
{
    private const string Untrained = "untrained network";
    private const double BusyShare = 0.25; // of the cores, by other programs, from which on the reader is warned

    internal static void Write(
        Terminal terminal, GameRequest request, ThroughputPlan plan, GameBench measured, IReadOnlyList<ReinforceThroughput> batches, double? load)
    {
        WriteHead(terminal, request, plan, measured, load);
        WriteRates(terminal, plan, measured);
        WriteAmounts(terminal, measured);
        if (batches.Count > 0) WriteReinforce(terminal, batches);
        WriteReading(terminal, plan, measured);
    }

    private static void WriteHead(Terminal terminal, GameRequest request, ThroughputPlan plan, GameBench measured, double? load)
    {
        int agents = measured.Steps[0].AgentsPerMatch;
        string changes = (request with { Options = request.Options with { NumEnvs = request.Game.DefaultOptions.NumEnvs } }).ShownChanges;
        Say(terminal, Numbers.Text($"{request.Game.Name}, {changes}, seed {request.Seed}: {request.Options.NumEnvs:N0} matches of {agents:N0} agent{(agents == 1 ? "" : "s")}"));
        string device = measured.Networks.Count > 0 && measured.Networks[^1].Threads == 0 ? measured.Networks[^1].Device : CpuDevice.InstructionSet;
        Say(terminal, $"{Surroundings.Machine}, {device}");
        Say(terminal, Surroundings.Software);
        if (measured.Networks.Count > 0)
        {
            TrainingThroughput row = measured.Networks[^1];
            Say(terminal, Numbers.Text($"network {NetworkText.Describe(row.Network)}: {row.Weights:N0} weights; {Word(row.Engine.Kind)} engine, {Word(row.Engine.Precision)} products"));
        }

        if (BuildInfo.Checked) Say(terminal, "CHECKED BUILD, several times slower: use -c Release");
        if (load > BusyShare * Environment.ProcessorCount && !plan.ProcessorTime)
            Say(terminal, Numbers.Text($"Other programs were running (load average {load:0.0}), so these figures are too low; --processor-time measures one core in spite of them."));
        terminal.Output.WriteLine();
    }

    private static void WriteRates(Terminal terminal, ThroughputPlan plan, GameBench measured)
    {
        string[] columns = ["who plays", "cores", "step", "copy", "+ inference", "GEMM", "+ training", "GEMM"];
        if (measured.Networks.Count == 0) columns = columns[..4];
        var table = new ResultTable(plan.ProcessorTime ? "Agent-steps per second of processor time" : "Agent-steps per second", columns);
        void Add(params string[] cells) => table.Add([.. cells, .. Enumerable.Repeat("", Math.Max(0, columns.Length - cells.Length))]);
        foreach (IGrouping<int, ThroughputRow> group in measured.Steps.GroupBy(row => row.Threads))
        {
            string cores = group.Key == 0 ? "GPU" : Numbers.Text($"{group.Key}");
            foreach (ThroughputRow row in group) Add(row.Workload, cores, Rate(row.Rates), Share(row.BytesPerSecond / row.CopyBytesPerSecond));
            foreach (TrainingThroughput row in measured.Networks.Where(row => row.Threads == group.Key))
            {
                Add(Untrained, cores, Rate(row.Step), Share(row.Step.Median * group.First().BytesPerAgentStep / row.CopyBytesPerSecond),
                    Rate(row.Inference), Share(row.InferenceShareOfGemm), Rate(row.Training), Share(row.TrainingShareOfGemm));
            }
        }

        table.Write(terminal);
    }

    private static void WriteAmounts(Terminal terminal, GameBench measured)
    {
        ThroughputRow step = measured.Steps[0];
        string copies = PerCores(measured.Steps.DistinctBy(row => row.Threads).Select(row => (row.CopyBytesPerSecond / 1e9, row.Threads)), "0.0", "GB/s");
        Note(terminal, "copy", Numbers.Text($"share of {copies} (a plain copy); an agent-step writes {step.BytesPerAgentStep:N0} B"));
        string memory = Numbers.Text($"{step.StateBytesPerMatch:N0} B of state per match"), garbage = Numbers.Text($"{measured.Steps.Max(row => row.AllocatedBytesPerStep):0.##} B allocated per step");
        string first = $"first step {Seconds(step.FirstStepSeconds)}", warm = Seconds(step.PreparationSeconds);
        if (measured.Networks.Count > 0)
        {
            TrainingThroughput row = measured.Networks[^1], single = measured.Networks[0];
            string rates = PerCores(measured.Networks.Select(one => (one.GemmRate / 1e9, one.Threads)), "0", "GFLOP/s");
            string stem = row.Network.Stem is null ? "" : ", and its stem";
            Note(terminal, "GEMM", Numbers.Text($"share of {rates} (products); {row.InferenceOperations / 1e3:N0} kFLOP an agent-step, {row.TrainingOperations / 1e3:N0} in training{stem}"));
            Note(terminal, "update", Numbers.Text($"{100 * row.EnvironmentShare:0} % environment, {100 * row.InferenceShare:0} % inference, {100 * row.LearningShare:0} % learning on {On(row.Threads)}; {row.TransferredBytesPerUpdate:N0} B to and from the host"));
            memory += Numbers.Text($"; in training {row.DeviceBytes / 1048576.0:N0} MiB on the device, {row.ProcessBytes / 1048576.0:N0} MiB resident");
            garbage += Numbers.Text($", {row.AllocatedBytesPerUpdate:0.##} B per update");
            first += $", first update {Seconds(single.FirstUpdateSeconds)}";
            warm += $" and {Seconds(single.PreparationSeconds)}";
        }

        Note(terminal, "memory", memory);
        Note(terminal, "garbage", garbage);
        Note(terminal, "warm-up", $"{first}; timed after {warm}");
        if (measured.NoNetworks is { } why) Note(terminal, "network", $"none was measured: {why}");
        terminal.Output.WriteLine();
    }

    private static void WriteReinforce(Terminal terminal, IReadOnlyList<ReinforceThroughput> batches)
    {
        ReinforceThroughput any = batches[0];
        var table = new ResultTable(Numbers.Text($"REINFORCE, games of {any.AgentsPerMatch} agents and {any.Ticks} ticks, played and learned from"), "games per update", "games/s", "agent-steps/s");
        foreach (ReinforceThroughput batch in batches)
            table.Add(Numbers.Text($"{batch.Games}"), Numbers.Text($"{batch.GamesPerSecond:N0}"), Numbers.Short(batch.AgentStepsPerSecond));
        table.Write(terminal);
    }

    private static void WriteReading(Terminal terminal, ThroughputPlan plan, GameBench measured)
    {
        string network = measured.Networks.Count == 0 ? "" : "; \"+ inference\" adds a forward pass and a draw of actions before it, \"+ training\" learning";
        Say(terminal, $"How to read it: an agent-step is one agent acting once. \"step\" is rules, observations and rewards{network}. "
            + $"± is half the way from the slowest to the fastest of {plan.Repetitions} repetitions: smaller differences are noise.");
    }

    private static void Note(Terminal terminal, string what, string text) => WrappedText.Write(terminal.Output, $"{what,-9}", text, terminal.Width - 1);

    private static void Say(Terminal terminal, string text) => WrappedText.Write(terminal.Output, "", text, terminal.Width - 1);

    private static string Rate(Rates rates) => Numbers.Text($"{Numbers.Short(rates.Median)} ±{50 * rates.Spread,3:0} %");

    private static string Share(double share) => Numbers.Text($"{100 * share:0} %");

    // "24.5 GB/s on 1 core, 21.9 on 2".
    private static string PerCores(IEnumerable<(double Rate, int Threads)> rates, string format, string unit) => string.Join(", ", rates.Select((one, i) =>
        one.Rate.ToString(format, CultureInfo.InvariantCulture) + (i == 0 ? $" {unit} on {On(one.Threads)}" : Numbers.Text($" on {one.Threads}"))));

    private static string On(int threads) => threads switch { 0 => "the GPU", 1 => "1 core", _ => Numbers.Text($"{threads} cores") };

    private static string Seconds(double seconds) => seconds < 1 ? Numbers.Text($"{1e3 * seconds:0} ms") : Numbers.Text($"{seconds:0.0} s");

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
