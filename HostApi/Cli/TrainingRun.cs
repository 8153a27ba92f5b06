using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary>Drives a session to its end: updates, evaluations, metrics, the dashboard, and the policies on disk.</summary>
internal sealed class TrainingRun(CliContext context, GameRequest request, TrainingSession session, RunDirectory run, IDevice device)
{
    /// <summary>Trains until the plan is done or Ctrl-C; what was learned is on disk either way.</summary>
    internal void Run()
    {
        TextWriter output = context.Terminal.Output;
        output.WriteLine(Numbers.Text($"Training {request.Game.Name} ({request.Changes}), seed {request.Seed}"));
        output.WriteLine(Numbers.Text(
            $"  {session.PlannedUpdates * session.AgentStepsPerUpdate:N0} agent-steps, network of {session.Parameters.Length:N0} weights, written to {run.Path}"));
        output.WriteLine($"  {device.Description}: no other device is part of this version");
        output.WriteLine();
        using var dashboard = new Dashboard(context.Terminal);
        var screen = new DashboardSink(dashboard, Start());
        using var reporter = new MetricsReporter(run.Metrics, run.Events, screen);
        try
        {
            Train(reporter, screen);
            reporter.Complete();
            run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
            run.Finish("finished");
        }
        catch (OperationCanceledException)
        {
            run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
            run.Finish("Ctrl-C");
            reporter.Complete();
            throw;
        }
        catch (NonFiniteException exception)
        {
            run.Finish(exception.Message); // the policies on disk are those of the last evaluation, before the fault
            throw;
        }
    }

    private void Train(MetricsReporter reporter, DashboardSink screen)
    {
        var metrics = new TrainingMetrics(session, device);
        while (!session.Finished)
        {
            MetricSample sample = reporter.Take();
            metrics.Update(sample);
            try
            {
                if (session.Updates % session.UpdatesPerEvaluation == 0 || session.Finished) Evaluate(sample, screen);
            }
            finally
            {
                metrics.Close(sample); // also when Ctrl-C ends the evaluation: the update was made
                reporter.Post(sample);
            }

            context.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private void Evaluate(MetricSample sample, DashboardSink screen)
    {
        bool best = session.Evaluate(context.Cancellation);
        TrainingMetrics.Evaluation(sample, session.Scores);
        screen.Evaluated(
            [.. session.Scores.Select((score, i) => new EvaluationProgress(score.Opponent, score.Score, score.IsShare, session.BestScores[i].Score.Lower))],
            session.AgentSteps, session.BestAgentSteps);
        if (best) run.SaveBest(Description(session.BestAgentSteps), session.BestWeights);
        run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
    }

    private TrainingProgress Start()
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
            LargestEntropy = heads.Count > 0 ? heads.Sum(choice => Math.Log(choice.Size)) : double.NaN,
        };
    }

    private PolicyDescription Description(long agentSteps) =>
        PolicyDescription.Of(request.Game, session.EvaluationOptions, session.Network, agentSteps, request.Seed);
}
