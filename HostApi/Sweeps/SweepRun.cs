using Arena.HostApi.Cli;
using Arena.Kernels;

namespace Arena.HostApi.Sweeps;

/// <summary>Works on a sweep until nothing is left: workers, words for the terminal, the table and the report at the end.</summary>
internal sealed class SweepRun(CliContext context, SweepDirectory sweep, int workers, int threads)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Lock output = new();
    private readonly SweepPlan plan = sweep.Plan;

    /// <summary>Works, alone or with others.</summary>
    /// <returns>Whether any trial has a score.</returns>
    /// <exception cref="OperationCanceledException">Ctrl-C; trials that ran have saved themselves.</exception>
    internal bool Run()
    {
        string stages = plan.Rungs == 1 ? "each to the end" : Numbers.Text($"successive halving with {string.Join(", ", Enumerable.Range(0, plan.Rungs).Select(rung => Numbers.Text($"{100 * plan.Share(rung):0.##} %")))} of a training");
        Say(Numbers.Text($"Sweep of {plan.Game.Name}: {plan.Trials} trials, {stages}; tried: {string.Join(", ", plan.Space.Names)}"));
        Say(Numbers.Text($"  {workers} at a time with {threads} {(threads == 1 ? "thread" : "threads")} each, kept in {sweep.Path}"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        try
        {
            Task[] all = [.. Enumerable.Range(0, workers).Select(_ => Task.Factory.StartNew(() => Work(stop), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Wait(all);
        }
        finally
        {
            SweepReport.Write(sweep);
        }

        SweepReport report = SweepReport.Of(sweep);
        report.WriteTables(context.Terminal);
        Say($"{Path.Join(sweep.Path, SweepReport.FileName)} shows score against time in a browser; {Path.Join(sweep.Path, SweepReport.ResultsName)} is the same for programs.");
        if (report.Failure is not { } failure) return true;
        context.Terminal.Error.WriteLine($"arena: no trial of the sweep in '{sweep.Path}' has a score. {failure} Correct the search space and begin another sweep.");
        return false;
    }

    // The first fault, not the cancellations that follow from it.
    private static void Wait(Task[] all)
    {
        try
        {
            Task.WaitAll(all);
        }
        catch (AggregateException several)
        {
            Exception[] faults = [.. several.Flatten().InnerExceptions];
            throw faults.FirstOrDefault(fault => fault is not OperationCanceledException) ?? new OperationCanceledException();
        }
    }

    private void Work(CancellationTokenSource stop)
    {
        try
        {
            var runner = new TrialRunner(plan, threads);
            while (true)
            {
                stop.Token.ThrowIfCancellationRequested();
                using SweepDirectory.Claim? claim = sweep.Take(out bool done);
                if (done) return;
                if (claim is null)
                {
                    stop.Token.WaitHandle.WaitOne(Patience); // others work on what comes next
                    continue;
                }

                RungResult result = runner.Run(claim, stop.Token);
                claim.Finish(result);
                Say(Line(claim.Job, result));
            }
        }
        catch
        {
            stop.Cancel();
            throw;
        }
    }

    private string Line(SweepJob job, RungResult result)
    {
        string who = job.ConfirmSeed is { } seed ? $"{SweepReport.Name(job.Trial)}, seed {seed}" : plan.Rungs == 1 ? SweepReport.Name(job.Trial) : Numbers.Text($"{SweepReport.Name(job.Trial)}, stage {job.Rung + 1} of {plan.Rungs}");
        return result.Failure is { } failure
            ? $"{who}: failed. {failure}"
            : Numbers.Text($"{who}: score {result.Value:0.000} (≥ {result.Lower:0.000}) after {result.AgentSteps:N0} agent-steps, {result.Seconds:0} s");
    }

    private void Say(string line)
    {
        lock (output)
        {
            context.Terminal.Output.WriteLine(line);
            context.Terminal.Output.Flush();
        }
    }
}
