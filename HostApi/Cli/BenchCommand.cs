using System.CommandLine;
using System.Text.Json;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary><c>arena bench GAME</c>: how fast a game steps on this machine.</summary>
internal static class BenchCommand
{
    internal static Command Create(CliContext context)
    {
        var seconds = CliOption.Number("--seconds", "Seconds of timed steps per row of the table.", 3, 0.01, 3600);
        var json = CliOption.Flag("--json", "Write JSON instead of a table.");
        var training = CliOption.Flag("--training", "Also measure training, with the game's own training defaults.");
        var reinforce = CliOption.Flag("--reinforce", "Also measure training by REINFORCE, with batches of 1, 64 and 512 whole games.");
        var profile = CliOption.Flag("--profile", "Instead, measure the share of every phase of a tick on one thread; moba has it.");
        var command = new Command("bench", "Measure step + observe + reward: agent-steps/s on one thread and on all.") { seconds, json, training, reinforce, profile };
        Option<string?> file = ResultFile.AddOption(command);
        Option<string?> network = NetworkOption.AddTo(command, "The network to train with --training, by name.");
        EngineOptions engines = EngineOptions.AddTo(command, resumed: null);
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 256);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            using IDevice device = request.CreateDevice(context.Terminal, parsed.GetValue(training) ? DeviceUse.Networks : DeviceUse.Games); // on the CPU rows make their own, with their own number of threads
            if (parsed.GetValue(profile))
            {
                foreach (PhaseTimes times in PhaseTimes.Measure(request.Game, request.Options, request.Seed, parsed.GetValue(seconds), context.Cancellation))
                    WriteProfile(context.Terminal, request, times);
                return ExitCode.Success;
            }

            using ResultFile? saved = ResultFile.Open(parsed.GetValue(file));
            var plan = new ThroughputPlan { SecondsPerRow = parsed.GetValue(seconds), Threads = request.Threads, Seed = request.Seed };
            using var progress = new ProgressLine(context.Terminal, "bench");
            IReadOnlyList<ThroughputRow> rows = device is CpuDevice
                ? Throughput.Measure(request.Game, request.Options, plan, progress.Report, context.Cancellation)
                : Throughput.Measure(device, request.Game, request.Options, plan, progress.Report, context.Cancellation);
            progress.Dispose();
            TrainingThroughput? learned = parsed.GetValue(training)
                ? TrainingThroughput.Measure(
                    device, EngineOptions.Choose(engines.Read(parsed), device), request.Game, OnTopOf(request.Game.Training.Options, request), parsed.GetValue(seconds), NetworkOption.Find(parsed, network), context.Cancellation)
                : null;
            IReadOnlyList<ReinforceThroughput> batches = parsed.GetValue(reinforce)
                ? ReinforceThroughput.Measure(request.Game, OnTopOf(ReinforceDefaults.Options(request.Game), request), request.Threads, parsed.GetValue(seconds), context.Cancellation)
                : [];
            saved?.Commit(Json(request, plan, rows, learned, batches));
            if (parsed.GetValue(json)) context.Terminal.Output.WriteLine(Json(request, plan, rows, learned, batches));
            else
            {
                WriteTable(context.Terminal, request, plan, rows);
                if (learned is not null) WriteTraining(context.Terminal.Output, learned);
                if (batches.Count > 0) WriteReinforce(context.Terminal, batches);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteTable(Terminal terminal, GameRequest request, ThroughputPlan plan, IReadOnlyList<ThroughputRow> rows)
    {
        ThroughputRow any = rows[0];
        terminal.Output.WriteLine($"{request.Game.Name}, {request.Changes}, seed {request.Seed}; {CpuDevice.InstructionSet}, {Environment.ProcessorCount} cores{Warning}");
        terminal.Output.WriteLine(Numbers.Text(
            $"{request.Options.NumEnvs} matches × {any.AgentsPerMatch} agent{(any.AgentsPerMatch == 1 ? "" : "s")}, {any.Ticks} recorded ticks replayed; {any.StateBytesPerMatch} B of state per match, ") +
            Numbers.Text($"{any.BytesPerAgentStep} B written per agent-step (observation and results)"));
        terminal.Output.WriteLine();
        var table = new ResultTable("Step + observe + reward", "workload", "threads", "agent-steps/s", "spread", "match-steps/s", "ns/agent-step", "GB/s written", "of copy", "B allocated/step");
        foreach (ThroughputRow row in rows)
            table.Add(row.Workload, Numbers.Text($"{row.Threads}"), Numbers.Short(row.AgentStepsPerSecond), Numbers.Text($"{100 * row.Spread:0} %"),
                Numbers.Short(row.MatchStepsPerSecond), Numbers.Text($"{row.NanosecondsPerAgentStep:0.0}"), Numbers.Text($"{row.BytesPerSecond / 1e9:0.00}"),
                Numbers.Text($"{100 * row.BytesPerSecond / row.CopyBytesPerSecond:0} %"), Numbers.Text($"{row.AllocatedBytesPerStep:0.##}"));
        table.Write(terminal);
        string copies = string.Join(", ", rows.DistinctBy(row => row.Threads).Select(row => Numbers.Text($"{row.CopyBytesPerSecond / 1e9:0.0} GB/s on {row.Threads} thread{(row.Threads == 1 ? "" : "s")}")));
        terminal.Output.WriteLine(Numbers.Text($"Median of {plan.Repetitions} repetitions; spread = (fastest - slowest) / median. A plain copy writes {copies}."));
        terminal.Output.WriteLine("Resets and the choice of actions are not timed. The replay was checked: it ends in the recorded state.");
    }

    private static void WriteProfile(Terminal terminal, GameRequest request, PhaseTimes times)
    {
        var table = new ResultTable(Numbers.Text($"{request.Game.Name}, {request.Options.NumEnvs} matches, {times.Workload}, 1 thread, {times.Ticks} ticks"), "phase", "ns per match and tick", "share");
        foreach ((string name, double nanoseconds, double share) in times.Phases)
            table.Add(name, Numbers.Text($"{nanoseconds:0}"), Numbers.Text($"{100 * share:0.0} %"));
        table.Write(terminal);
    }

    // What the user changed, on top of the options that a training starts from.
    private static GameOptions OnTopOf(GameOptions options, GameRequest request)
    {
        foreach (SettingInfo value in Settings.Changed(request.Options, request.Game.DefaultOptions))
            if (value.Path != "numEnvs") options = Settings.With(options, value.Path, Settings.Format(value.Default));
        return options;
    }

    private static void WriteReinforce(Terminal terminal, IReadOnlyList<ReinforceThroughput> batches)
    {
        ReinforceThroughput any = batches[0];
        terminal.Output.WriteLine();
        var table = new ResultTable(Numbers.Text($"REINFORCE, games of {any.AgentsPerMatch} agents and {any.Ticks} ticks, played and learned from"), "games per update", "games/s", "agent-steps/s");
        foreach (ReinforceThroughput batch in batches)
            table.Add(Numbers.Text($"{batch.Games}"), Numbers.Text($"{batch.GamesPerSecond:N0}"), Numbers.Short(batch.AgentStepsPerSecond));
        table.Write(terminal);
    }

    private static void WriteTraining(TextWriter output, TrainingThroughput row)
    {
        output.WriteLine();
        output.WriteLine(Numbers.Text($"Training (collect + learn), {row.Engine.Kind.ToString().ToLowerInvariant()} engine, {row.Engine.Precision.ToString().ToLowerInvariant()} products, {row.Device}: {Numbers.Short(row.AgentStepsPerSecond)} agent-steps/s, median over updates"));
        output.WriteLine(Numbers.Text(
            $"  time: environment {100 * row.EnvironmentShare:0} %, inference {100 * row.InferenceShare:0} %, learning {100 * row.LearningShare:0} %; the network's matrix work alone {100 * row.NetworkShare:0} %, at {row.NetworkFlops / 1e9:0} GFLOP/s"));
        output.WriteLine(Numbers.Text(
            $"  {row.AllocatedBytesPerUpdate:0.##} managed bytes allocated per update, {row.TransferredBytesPerUpdate:N0} bytes between host and device; {row.DeviceBytes / 1048576.0:0} MiB of device memory, {row.ProcessBytes / 1048576.0:0} MiB resident in all"));
    }

    private static string Warning => BuildInfo.Checked ? " — CHECKED BUILD, several times slower: use -c Release" : "";

    private static string Json(GameRequest request, ThroughputPlan plan, IReadOnlyList<ThroughputRow> rows, TrainingThroughput? training, IReadOnlyList<ReinforceThroughput> batches) => JsonText.Of(writer =>
    {
        writer.WriteString("game", request.Game.Name);
        writer.WriteString("options", request.Changes);
        writer.WriteNumber("envs", request.Options.NumEnvs);
        writer.WriteNumber("seed", request.Seed);
        writer.WriteString("instructionSet", CpuDevice.InstructionSet);
        writer.WriteNumber("cores", Environment.ProcessorCount);
        writer.WriteBoolean("checkedBuild", BuildInfo.Checked);
        writer.WriteNumber("repetitions", plan.Repetitions);
        writer.WriteStartArray("rows");
        foreach (ThroughputRow row in rows)
        {
            writer.WriteStartObject();
            writer.WriteString("workload", row.Workload);
            writer.WriteNumber("threads", row.Threads);
            writer.WriteNumber("agentsPerMatch", row.AgentsPerMatch);
            writer.WriteNumber("ticks", row.Ticks);
            writer.WriteNumber("agentStepsPerSecond", row.AgentStepsPerSecond);
            writer.WriteNumber("slowest", row.Repetitions[0]);
            writer.WriteNumber("fastest", row.Repetitions[^1]);
            writer.WriteNumber("matchStepsPerSecond", row.MatchStepsPerSecond);
            writer.WriteNumber("nanosecondsPerAgentStep", row.NanosecondsPerAgentStep);
            writer.WriteNumber("stateBytesPerMatch", row.StateBytesPerMatch);
            writer.WriteNumber("bytesPerAgentStep", row.BytesPerAgentStep);
            writer.WriteNumber("bytesPerSecond", row.BytesPerSecond);
            writer.WriteNumber("copyBytesPerSecond", row.CopyBytesPerSecond);
            writer.WriteNumber("allocatedBytesPerStep", row.AllocatedBytesPerStep);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteBatches(writer, batches);
        if (training is null) return;
        writer.WriteStartObject("training");
        writer.WriteString("device", training.Device);
        writer.WriteString("engine", training.Engine.Kind.ToString().ToLowerInvariant());
        writer.WriteString("precision", training.Engine.Precision.ToString().ToLowerInvariant());
        writer.WriteNumber("agentStepsPerSecond", training.AgentStepsPerSecond);
        writer.WriteNumber("environmentShare", training.EnvironmentShare);
        writer.WriteNumber("inferenceShare", training.InferenceShare);
        writer.WriteNumber("learningShare", training.LearningShare);
        writer.WriteNumber("networkShare", training.NetworkShare);
        writer.WriteNumber("networkFlops", training.NetworkFlops);
        writer.WriteNumber("allocatedBytesPerUpdate", training.AllocatedBytesPerUpdate);
        writer.WriteNumber("transferredBytesPerUpdate", training.TransferredBytesPerUpdate);
        writer.WriteNumber("deviceBytes", training.DeviceBytes);
        writer.WriteNumber("processBytes", training.ProcessBytes);
        writer.WriteEndObject();
    });

    private static void WriteBatches(Utf8JsonWriter writer, IReadOnlyList<ReinforceThroughput> batches)
    {
        writer.WriteStartArray("reinforce");
        foreach (ReinforceThroughput batch in batches)
        {
            writer.WriteStartObject();
            writer.WriteNumber("games", batch.Games);
            writer.WriteNumber("agentsPerMatch", batch.AgentsPerMatch);
            writer.WriteNumber("ticks", batch.Ticks);
            writer.WriteNumber("gamesPerSecond", batch.GamesPerSecond);
            writer.WriteNumber("agentStepsPerSecond", batch.AgentStepsPerSecond);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
