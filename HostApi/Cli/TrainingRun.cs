using Arena.HostApi.Metrics;
using Arena.HostApi.SelfPlay;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary>Drives a session to its end: updates, evaluations, metrics, the dashboard, checkpoints, and the policies on disk. Of several ranks, on rank 0.</summary>
internal sealed class TrainingRun(
    CliContext context, GameRequest request, TrainingSession session, RunDirectory run, IDevice device, TrainingCheckpoints checkpoints, Ranks ranks)
{
    /// <summary>Where to pause.</summary>
    internal PausePoint Until { get; init; } = PausePoint.End;

    /// <summary>What runs the network that learns, and why.</summary>
    internal required EngineChoice Engine { get; init; }

    /// <summary>What the run began with, in words; empty for nothing.</summary>
    internal string Start { get; init; } = "";

    /// <summary>How the run is spread, in words; empty for one process with one shard.</summary>
    internal string Spread { get; init; } = "";

    /// <summary>Trains until the plan is done, <see cref="Until"/>, or Ctrl-C; what was learned is on disk whichever it was.</summary>
    /// <returns>Whether the plan is done.</returns>
    internal bool Run()
    {
        TextWriter output = context.Terminal.Output;
        output.WriteLine(Numbers.Text($"Training {request.Game.Name} ({request.ShownChanges}), seed {request.Seed}{(Start.Length > 0 ? $", {Start}" : "")}"));
        output.WriteLine(Numbers.Text(
            $"  {session.PlannedUpdates * session.AgentStepsPerUpdate:N0} agent-steps, network of {session.Parameters.Length:N0} weights, written to {run.Path}"));
        output.WriteLine($"  {device.Description}: {DeviceChoice.ReasonFor(request.DeviceName, device)}");
        output.WriteLine($"  {Engine}");
        if (Spread.Length > 0) output.WriteLine($"  {Spread}");
        output.WriteLine();
        using var dashboard = new Dashboard(context.Terminal);
        var screen = new DashboardSink(dashboard, Beginning());
        if (session.Scores.Count > 0) ShowScores(screen);
        using var reporter = new MetricsReporter(run.Metrics, run.Events, screen);
        checkpoints.SettleMetrics = reporter.Drain;
        try
        {
            Train(reporter, screen);
            End(reporter, session.Finished ? session.Curriculum?.StopReason ?? "finished" : Until.Reason);
            if (session.Curriculum is { } curriculum) output.WriteLine(CurriculumEnd(curriculum));
            return session.Finished;
        }
        catch (OperationCanceledException)
        {
            End(reporter, "Ctrl-C or SIGTERM");
            throw;
        }
        catch (NonFiniteException exception)
        {
            run.Finish(exception.Message); // policies and checkpoints on disk are from before the fault
            if (checkpoints.LastPath is { } good) output.WriteLine($"The last good checkpoint is {good}; 'arena train --resume {run.Path}' repeats what followed.");
            throw;
        }
    }

    private static string CurriculumEnd(Curriculum curriculum) => Numbers.Text(
        $"Curriculum: in stage '{curriculum.StageName}' ({curriculum.Stage + 1} of {curriculum.StageCount}), {curriculum.StageAgentSteps:N0} agent-steps after it began.") +
        (curriculum.StopReason is { } reason ? $" The run ended early: {reason}." : "");

    private void Train(MetricsReporter reporter, DashboardSink screen)
    {
        var metrics = new TrainingMetrics(session, device);
        SaveSnapshot();
        long until = Until.In(session.PlannedUpdates);
        while (!session.Finished && session.Updates < until)
        {
            MetricSample sample = reporter.Take();
            metrics.Update(sample);
            SaveSnapshot();
            if (session.Updates % session.UpdatesPerEvaluation == 0 || session.Finished) Evaluate(sample, screen);
            TrainingMetrics.Stage(sample, session.Curriculum);
            sample.Set("checkpoint/failed", checkpoints.Failed);
            sample.Set("time/checkpoint", checkpoints.Time.TotalSeconds);
            metrics.Close(sample);
            reporter.Post(sample);
            checkpoints.AfterUpdate();
            screen.Warnings = session.Episodes is { TotalDiverged: > 0 } episodes
                ? [.. checkpoints.Warnings, DivergenceText.Warning(episodes.TotalDiverged, episodes.FirstDiverged)]
                : checkpoints.Warnings;
            if (ranks.Any(context.Cancellation.IsCancellationRequested)) throw new OperationCanceledException(context.Cancellation);
        }
    }

    // Never cut short: an update and its evaluation belong together, and a checkpoint lies between updates.
    private void Evaluate(MetricSample sample, DashboardSink screen)
    {
        bool best = session.Evaluate();
        TrainingMetrics.Evaluation(sample, session.Scores);
        TrainingMetrics.Ladder(sample, session.Strength);
        ShowScores(screen);
        if (best) run.SaveBest(Description(session.BestAgentSteps), session.BestWeights);
        run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
    }

    private void SaveSnapshot()
    {
        if (session.Sides == 2 && Snapshots.Due(session.Updates, session.PlannedUpdates, session.Plan.Snapshots))
            run.SaveSnapshot(Description(session.AgentSteps), session.CopyWeights());
    }

    private void End(MetricsReporter reporter, string reason)
    {
        reporter.Complete();
        run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
        checkpoints.AtEnd();
        run.Finish(reason);
        if (session.Episodes is { Guarded: true } episodes)
            foreach (string line in DivergenceText.Lines(episodes.TotalDiverged, episodes.FirstDiverged)) context.Terminal.Output.WriteLine(line);
        if (!session.Finished) context.Terminal.Output.WriteLine(Numbers.Text($"Paused after update {session.Updates} of {session.PlannedUpdates}. Go on with: arena train --resume {run.Path}"));
    }

    private void ShowScores(DashboardSink screen) => screen.Evaluated(
        [.. session.Scores.Select((score, i) => new EvaluationProgress(score.Opponent, score.Score, score.IsShare, session.BestScores[i].Score.Lower))],
        session.EvaluatedAgentSteps, session.BestAgentSteps);

    private TrainingProgress Beginning()
    {
        IReadOnlyList<DiscreteHead> heads = session.Spec.Action.Discrete;
        return new TrainingProgress
        {
            Game = request.Game.Name,
            Seed = request.Seed,
            Run = run.Path,
            Update = session.Updates,
            AgentSteps = session.AgentSteps,
            PlannedAgentSteps = session.PlannedUpdates * session.AgentStepsPerUpdate,
            Elapsed = session.Times.Total,
            LargestEntropy = heads.Count > 0 && session.Spec.Action.Continuous.Count == 0 ? heads.Sum(choice => Math.Log(choice.Size)) : double.NaN,
        };
    }

    private PolicyDescription Description(long agentSteps) =>
        PolicyDescription.Of(request.Game, session.EvaluationOptions, session.Network, agentSteps, request.Seed);
}
