using System.Diagnostics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Cli;

/// <summary>Drives a session to its end: updates, evaluations, metrics, the dashboard, and the policies on disk.</summary>
internal sealed class TrainingRun(
    CliContext context, GameRequest request, TrainingSession session, RunDirectory run, IDevice device, TrainingCheckpoints checkpoints)
{
    private const double RateWindowSeconds = 5;

    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private readonly Queue<(double Seconds, long AgentSteps)> recent = new();
    private readonly TimeSpan before = session.Times.Total; // in the processes before this one

    /// <summary>Update to pause after.</summary>
    internal long Until { get; init; } = long.MaxValue;

    /// <summary>What the run began with, in words; empty for nothing.</summary>
    internal string Start { get; init; } = "";

    /// <summary>Trains until the plan is done, <see cref="Until"/>, or Ctrl-C; what was learned is on disk whichever it was.</summary>
    /// <returns>Whether the plan is done.</returns>
    internal bool Run()
    {
        TextWriter output = context.Terminal.Output;
        output.WriteLine(Numbers.Text($"Training {request.Game.Name} ({request.Changes}), seed {request.Seed}{(Start.Length > 0 ? $", {Start}" : "")}"));
        output.WriteLine(Numbers.Text(
            $"  {session.PlannedUpdates * session.AgentStepsPerUpdate:N0} agent-steps, network of {new ParameterLayout(session.Network).Length:N0} weights, written to {run.Path}"));
        output.WriteLine($"  {device.Description}: no other device is part of this version");
        output.WriteLine();
        using var dashboard = new Dashboard(context.Terminal);
        try
        {
            while (!session.Finished && session.Updates < Until)
            {
                session.Update();
                if (session.Updates % session.UpdatesPerEvaluation == 0 || session.Finished) Evaluate();
                TrainingProgress? shown = dashboard.IsDue ? Progress() : null;
                if (shown is not null) dashboard.Show(shown);
                WriteMetrics();
                checkpoints.AfterUpdate();
                context.Cancellation.ThrowIfCancellationRequested();
            }

            dashboard.Finish(Progress());
            End(session.Finished ? session.Curriculum?.StopReason ?? "finished" : Numbers.Text($"--until {Until}"));
            if (session.Curriculum is { } curriculum) output.WriteLine(CurriculumEnd(curriculum));
            return session.Finished;
        }
        catch (OperationCanceledException)
        {
            End("Ctrl-C or SIGTERM");
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

    private void End(string reason)
    {
        run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
        checkpoints.AtEnd();
        run.Finish(reason);
        if (!session.Finished) context.Terminal.Output.WriteLine(Numbers.Text($"Paused after update {session.Updates} of {session.PlannedUpdates}. Go on with: arena train --resume {run.Path}"));
    }

    // Never cut short: an update and its evaluation belong together, and a checkpoint lies between updates.
    private void Evaluate()
    {
        bool best = session.Evaluate();
        if (best) run.SaveBest(Description(session.BestAgentSteps), session.BestWeights);
        run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
    }

    private PolicyDescription Description(long agentSteps) =>
        PolicyDescription.Of(request.Game, session.EvaluationOptions, session.Network, agentSteps, request.Seed);

    private void WriteMetrics()
    {
        PpoStatistics s = session.Statistics;
        TrainingTimes times = session.Times;
        var values = new List<KeyValuePair<string, double>>
        {
            new("ppo/policy_loss", s.PolicyLoss), new("ppo/value_loss", s.ValueLoss), new("ppo/entropy", s.Entropy), new("ppo/kl", s.Kl),
            new("ppo/clip_share", s.ClipShare), new("ppo/epochs", s.Epochs), new("ppo/gradient_norm", s.GradientNorm),
            new("ppo/explained_variance", s.ExplainedVariance), new("ppo/learning_rate", s.LearningRate),
            new("time/environment", times.Environment.TotalSeconds), new("time/collect", times.Collect.TotalSeconds),
            new("time/checkpoint", checkpoints.Time.TotalSeconds), new("checkpoint/failed", checkpoints.Failed),
            new("time/learn", times.Learn.TotalSeconds), new("time/evaluate", times.Evaluate.TotalSeconds),
        };
        foreach ((StatisticInfo info, double mean) in session.EpisodeStatistics()) values.Add(new($"episode/{info.Name.Replace(' ', '_')}", mean));
        if (session.EvaluatedAgentSteps == session.AgentSteps)
        {
            foreach (EvaluationScore score in session.Scores)
            {
                values.Add(new($"eval/{score.Opponent}/score", score.Score.Value));
                values.Add(new($"eval/{score.Opponent}/lower", score.Score.Lower));
            }
        }

        if (session.Curriculum is { } curriculum) values.AddRange([new(CurriculumMetrics.Stage, curriculum.Stage), new(CurriculumMetrics.Level, curriculum.Level)]);
        run.Metrics.Append(session.Updates - 1, session.AgentSteps, (before + elapsed.Elapsed).TotalSeconds, values);
    }

    private TrainingProgress Progress()
    {
        TrainingTimes times = session.Times;
        PpoStatistics s = session.Statistics;
        double seconds = times.Training.TotalSeconds, total = Math.Max(1e-9, times.Total.TotalSeconds);
        IReadOnlyList<(StatisticInfo Info, double Mean)> episodes = session.EpisodeStatistics();
        return new TrainingProgress
        {
            Game = request.Game.Name,
            Seed = request.Seed,
            Run = run.Path,
            Update = session.Updates,
            AgentSteps = session.AgentSteps,
            PlannedAgentSteps = session.PlannedUpdates * session.AgentStepsPerUpdate,
            Elapsed = before + elapsed.Elapsed,
            StepsPerSecondNow = RecentRate(seconds),
            StepsPerSecondMean = session.AgentSteps / Math.Max(1e-9, seconds),
            EnvironmentShare = times.Environment.TotalSeconds / total,
            InferenceShare = (times.Collect - times.Environment).TotalSeconds / total,
            LearningShare = times.Learn.TotalSeconds / total,
            EvaluationShare = times.Evaluate.TotalSeconds / total,
            Episodes = session.Episodes,
            EpisodeLength = episodes.FirstOrDefault(statistic => statistic.Info.Name == "length").Mean,
            Rewards = [.. episodes.Where(statistic => statistic.Info.Name.StartsWith("reward ", StringComparison.Ordinal) || statistic.Info.Name == "return")
                .Select(statistic => new RewardMean(statistic.Info.Name.Replace("reward ", "", StringComparison.Ordinal), statistic.Mean))],
            Entropy = s.Entropy,
            Kl = s.Kl,
            ClipShare = s.ClipShare,
            ExplainedVariance = s.ExplainedVariance,
            ValueLoss = s.ValueLoss,
            LearningRate = s.LearningRate,
            Evaluations = [.. session.Scores.Select((score, i) => new EvaluationProgress(score.Opponent, score.Score, score.IsShare, session.BestScores[i].Score.Lower))],
            EvaluatedAt = session.EvaluatedAgentSteps,
            BestAt = session.BestAgentSteps,
            Warnings = checkpoints.Warnings,
            MemoryBytes = Environment.WorkingSet,
        };
    }

    // Over the last seconds of training time, so that an evaluation does not look like a slow learner.
    private double RecentRate(double seconds)
    {
        recent.Enqueue((seconds, session.AgentSteps));
        while (recent.Count > 2 && seconds - recent.Peek().Seconds > RateWindowSeconds) recent.Dequeue();
        (double from, long steps) = recent.Peek();
        return seconds - from > 0 ? (session.AgentSteps - steps) / (seconds - from) : double.NaN;
    }
}
