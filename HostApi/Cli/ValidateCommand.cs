using System.CommandLine;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Validation;

namespace Arena.HostApi.Cli;

/// <summary><c>arena validate GAME</c>: kernels against the scalar reference, where the game has one, and against themselves.</summary>
internal static class ValidateCommand
{
    internal static Command Create(CliContext context)
    {
        var ticks = CliOption.Whole("--ticks", "Ticks to compare.", 400, 1, 1 << 20);
        var drive = CliOption.Text("--drive", "Who chooses the actions: mixed, or an opponent of the game.", "WHO");
        var command = new Command("validate", "Compare the kernels with the scalar reference tick by tick, and check that results repeat; without a reference, check what every game must do.") { ticks, drive };
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 64);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            var plan = new LockstepPlan { Seed = request.Seed, Ticks = parsed.GetValue(ticks) };
            bool judged = References.Games.Contains(request.Game.Name);
            if (parsed.GetValue(drive) is { } who)
                plan = judged ? plan with { Drive = who } : throw new UsageException($"--drive is '{who}', but '{request.Game.Name}' has no reference, and the checks that need none choose the actions themselves. Leave it out.");
            if (!judged && parsed.GetResult(ticks) is not { Implicit: false }) plan = plan with { Ticks = ConformanceTable.TicksFor(request) };
            context.Terminal.Output.WriteLine(Numbers.Text(
                $"{request.Game.Name}, {request.ShownChanges}, seed {request.Seed}: {request.Options.NumEnvs} matches, {plan.Ticks} ticks{(judged ? $", driven by {plan.Drive}" : "")}"));
            context.Terminal.Output.WriteLine();
            bool agrees = judged ? Compare(context, request, plan) : ConformanceTable.Write(context, request, plan.Ticks);
            // Kernels that failed at what every game must do may fail in any way when they run again, in a checked build with an exception.
            bool repeats = (judged || agrees) && CheckDeterminism(context, request, plan);
            context.Terminal.Output.WriteLine(agrees && repeats ? "Passed." : "FAILED.");
            return agrees && repeats ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static bool Compare(CliContext context, GameRequest request, LockstepPlan plan)
    {
        TextWriter output = context.Terminal.Output;
        using IDevice device = request.CreateDevice(context.Terminal, DeviceUse.Games);
        LockstepReport report;
        using (var progress = new ProgressLine(context.Terminal, "comparing with the reference"))
        {
            report = Lockstep.Run(device, request.Game, request.Options, plan, tick =>
            {
                context.Cancellation.ThrowIfCancellationRequested();
                progress.Report((double)tick / plan.Ticks);
            });
        }

        var table = new ResultTable("Kernels against the reference", "column", "comparisons", "largest scaled error", "tolerance");
        foreach (ColumnResult column in report.Columns)
            table.Add(column.Name, Numbers.Text($"{column.Comparisons:N0}"), Numbers.Text($"{column.MaxScaledError:0.###e+0}"),
                column.Tolerance == 0 ? "exact" : Numbers.Text($"{column.Tolerance:0.###e+0}"));
        table.Write(context.Terminal);
        long total = report.TicksCompared + report.TicksSetApart;
        output.WriteLine(Numbers.Text($"{report.Comparisons:N0} comparisons over {report.TicksCompared:N0} match-ticks; {report.TicksSetApart:N0} set apart ") +
            Numbers.Text($"({(total == 0 ? 0 : 100.0 * report.TicksSetApart / total):0.###} %)."));
        foreach ((string reason, long count) in report.Reasons) output.WriteLine(Numbers.Text($"  set apart: {reason}: {count:N0}"));
        if (report.First is { } first) output.WriteLine($"First difference: {first}");
        output.WriteLine();
        return report.Passed;
    }

    private static bool CheckDeterminism(CliContext context, GameRequest request, LockstepPlan plan)
    {
        IReadOnlyList<DeterminismRun> runs;
        using (var progress = new ProgressLine(context.Terminal, "running the same seed in other ways"))
            runs = Determinism.Check(request.Game, request.Options, plan.Seed, plan.Ticks, share => progress.Report(share), context.Cancellation);
        var table = new ResultTable("Same seed, run in other ways", "run", "hash", "result") { RightAligned = _ => false };
        foreach (DeterminismRun run in runs) table.Add(run.Name, run.Hash[..16], run.Same ? "same" : "DIFFERENT");
        table.Write(context.Terminal);
        return runs.All(run => run.Same);
    }
}
