using System.CommandLine;
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
        var command = new Command("bench", "Measure step + observe + reward: agent-steps/s on one thread and on all.") { seconds, json };
        Option<string?> file = ResultFile.AddOption(command);
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 256);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            using (request.CreateDevice())
            {
                // Only to refuse a device that does not exist; rows make their own, with their own number of threads.
            }

            using ResultFile? saved = ResultFile.Open(parsed.GetValue(file));
            var plan = new ThroughputPlan { SecondsPerRow = parsed.GetValue(seconds), Threads = request.Threads, Seed = request.Seed };
            using var progress = new ProgressLine(context.Terminal, "bench");
            IReadOnlyList<ThroughputRow> rows = Throughput.Measure(request.Game, request.Options, plan, progress.Report, context.Cancellation);
            progress.Dispose();
            saved?.Commit(Json(request, plan, rows));
            if (parsed.GetValue(json)) context.Terminal.Output.WriteLine(Json(request, plan, rows));
            else WriteTable(context.Terminal, request, plan, rows);
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

    private static string Warning => BuildInfo.Checked ? " — CHECKED BUILD, several times slower: use -c Release" : "";

    private static string Json(GameRequest request, ThroughputPlan plan, IReadOnlyList<ThroughputRow> rows) => JsonText.Of(writer =>
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
    });
}
