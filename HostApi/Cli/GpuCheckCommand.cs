using System.CommandLine;
using Arena.HostApi.GpuCheck;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Policy.Networks;

namespace Arena.HostApi.Cli;

/// <summary><c>arena gpucheck</c>: everything that only a GPU can tell, in one command, kept in a dated file.</summary>
internal static class GpuCheckCommand
{
    internal static Command Create(CliContext context)
    {
        var rehearse = CliOption.Flag("--rehearse", "Make every step with the CPU as both devices, in small sizes: tries the check itself.");
        var matches = CliOption.Whole("--matches", "Matches of each game that are compared; 0 = 64 (rehearsal: 8).", 0, 0, 65_536);
        var ticks = CliOption.Whole("--ticks", "Ticks of each game that are compared; 0 = 4096 (rehearsal: 256).", 0, 0, 1_000_000);
        var seconds = CliOption.Number("--seconds", "Seconds per measured throughput; 0 = 1 (rehearsal: 0.1).", 0, 0, 60);
        var limit = CliOption.Number("--game-seconds", "Seconds after which the comparison of one game is cut short, which makes the check incomplete; 0 = 90.", 0, 0, 86_400);
        var steps = CliOption.Text("--steps", $"The steps to make, with commas between; all by default: {string.Join(", ", GpuCheckRun.StepNames)}.", "NAMES");
        var folder = CliOption.Text("--out", "Folder for the report; the current one by default.", "FOLDER");
        var command = new Command("gpucheck", "Check a GPU against the CPU bit by bit, and measure it; writes a dated report.") { rehearse, matches, ticks, limit, seconds, steps, folder };
        command.SetAction(parsed =>
        {
            CheckPlan plan = parsed.GetValue(rehearse) ? CheckPlan.Rehearsal : new CheckPlan();
            if (parsed.GetValue(matches) is > 0 and int givenMatches) plan = plan with { Matches = givenMatches };
            if (parsed.GetValue(ticks) is > 0 and int givenTicks) plan = plan with { Ticks = givenTicks };
            if (parsed.GetValue(seconds) is > 0 and double givenSeconds) plan = plan with { Seconds = givenSeconds };
            if (parsed.GetValue(limit) is > 0 and double givenLimit) plan = plan with { GameSeconds = givenLimit };
            IReadOnlyCollection<string>? only = parsed.GetValue(steps) is { } named ? Steps(named) : null;
            DateTime now = DateTime.UtcNow;
            string path = Path.Combine(parsed.GetValue(folder) ?? ".", Numbers.Text($"gpucheck-{now:yyyy-MM-dd-HHmm}{(parsed.GetValue(rehearse) ? "-rehearsal" : "")}.md"));
            using var judge = new CpuDevice();
            using IDevice tested = parsed.GetValue(rehearse) ? new CpuDevice(new CpuDeviceOptions { Threads = 3, ChunkSize = 7 }) : Gpu();
            using ResultFile file = ResultFile.Open(path)!;
            context.Terminal.Output.WriteLine($"{tested.Description}, compared with {judge.Description}");
            var run = new GpuCheckRun(new CheckContext(judge, tested, plan, context.Cancellation), only);
            run.Run(context.Terminal.Output.WriteLine);
            file.Commit(run.Report(now));
            context.Terminal.Output.WriteLine($"{run.Verdict}; written to {path}");
            return run.Passed ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static string[] Steps(string named)
    {
        string[] names = named.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? unknown = names.Length == 0 ? "" : names.FirstOrDefault(name => !GpuCheckRun.StepNames.Contains(name));
        return unknown is null ? names : throw new UsageException($"--steps names '{unknown}', which is no step of the check. The steps are: {string.Join(", ", GpuCheckRun.StepNames)}.");
    }

    private static IDevice Gpu()
    {
        try
        {
            return CudaDevices.Open(memory: NetworkEngines.CudaMemory()); // networks read tensors, so torch owns the memory
        }
        catch (CudaUnavailableException why)
        {
            throw new UsageException($"There is no GPU to check: {why.Message}. To try the check itself without one: {ThisProgram.Command("gpucheck", "--rehearse")}.");
        }
    }
}
