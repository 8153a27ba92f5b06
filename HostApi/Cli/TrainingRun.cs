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
internal sealed class TrainingRun(CliContext context, GameRequest request, TrainingSession session, RunDirectory run, IDevice device)
{
    private const double RateWindowSeconds = 5;

    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private readonly Queue<(double Seconds, long AgentSteps)> recent = new();
    private long evaluatedAt;

    /// <summary>Trains until the plan is done or Ctrl-C; what was learned is on disk either way.</summary>
    internal void Run()
    {
        TextWriter output = context.Terminal.Output;
        output.WriteLine(Numbers.Text($"Training {request.Game.Name} ({request.Changes}), seed {request.Seed}"));
        output.WriteLine(Numbers.Text(
            $"  {session.PlannedUpdates * session.AgentStepsPerUpdate:N0} agent-steps, network of {new ParameterLayout(session.Network).Length:N0} weights, written to {run.Path}"));
        output.WriteLine($"  {device.Description}: no other device is part of this version");
        output.WriteLine();
        using var dashboard = new Dashboard(context.Terminal);
        try
        {
            while (!session.Finished)
            {
                session.Update();
                if (session.Updates % session.UpdatesPerEvaluation == 0 || session.Finished) Evaluate();
                TrainingProgress? shown = dashboard.IsDue ? Progress() : null;
                if (shown is not null) dashboard.Show(shown);
                WriteMetrics();
                context.Cancellation.ThrowIfCancellationRequested();
            }

            dashboard.Finish(Progress());
            run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
            run.Finish(session.Curriculum?.StopReason ?? "finished");
            if (session.Curriculum is { } curriculum) output.WriteLine(CurriculumEnd(curriculum));
        }
        catch (OperationCanceledException)
        {
            run.SaveLast(Description(session.AgentSteps), session.CopyWeights());
            run.Finish("Ctrl-C");
            throw;
        }
        catch (NonFiniteException exception)
        {
            run.Finish(exception.Message); // the policies on disk are those of the last evaluation, before the fault
            throw;
        }
    }

    private static string CurriculumEnd(Curriculum curriculum) => Numbers.Text(
        $"Curriculum: in stage '{curriculum.StageName}' ({curriculum.Stage + 1} of {curriculum.StageCount}), {curriculum.StageAgentSteps:N0} agent-steps after it began.") +
        (curriculum.StopReason is { } reason ? $" The run ended early: {reason}." : "");

    private void Evaluate()
    {
        bool best = session.Evaluate(context.Cancellation);
        evaluatedAt = session.AgentSteps;
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
            new("time/learn", times.Learn.TotalSeconds), new("time/evaluate", times.Evaluate.TotalSeconds),
        };
        foreach ((StatisticInfo info, double mean) in session.EpisodeStatistics()) values.Add(new($"episode/{info.Name.Replace(' ', '_')}", mean));
        if (evaluatedAt == session.AgentSteps)
        {
            foreach (EvaluationScore score in session.Scores)
            {
                values.Add(new($"eval/{score.Opponent}/score", score.Score.Value));
                values.Add(new($"eval/{score.Opponent}/lower", score.Score.Lower));
            }
        }

        if (session.Curriculum is { } curriculum) values.AddRange([new(CurriculumMetrics.Stage, curriculum.Stage), new(CurriculumMetrics.Level, curriculum.Level)]);
        run.Metrics.Append(session.Updates - 1, session.AgentSteps, elapsed.Elapsed.TotalSeconds, values);
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
            Elapsed = elapsed.Elapsed,
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
            EvaluatedAt = evaluatedAt,
            BestAt = session.BestAgentSteps,
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
