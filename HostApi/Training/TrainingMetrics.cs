using System.Diagnostics;
using Arena.HostApi.Metrics;
using Arena.HostApi.SelfPlay;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

namespace Arena.HostApi.Training;

/// <summary>Fills a sample with what one update of a session did. Allocates nothing after the first updates.</summary>
internal sealed class TrainingMetrics
{
    private readonly TrainingSession session;
    private readonly IDevice device;
    private readonly string[] headNames;
    private readonly string[] tensorNames;
    private readonly string[] listedNames;
    private readonly int agentsPerMatch;
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly TimeSpan before; // in the processes before this one
    private TrainingTimes timesBefore;
    private TimeSpan communicatedBefore;
    private long closed;

    internal TrainingMetrics(TrainingSession session, IDevice device)
    {
        (this.session, this.device) = (session, device);
        EnvironmentSpec spec = session.Spec;
        headNames = [.. spec.Action.Discrete.Select(head => MetricRegistry.HeadEntropy.With(head.Name))];
        tensorNames = [.. session.Parameters.Tensors.Select(tensor => MetricRegistry.TensorGradient.With(tensor.Name))];
        listedNames = [.. (session.Trainer.Listed?.Opponents ?? []).Select(one => MetricRegistry.ListedScore.With(one.Name))];
        agentsPerMatch = spec.AgentsPerMatch;
        closed = began;
        timesBefore = session.Times;
        before = timesBefore.Total;
    }

    /// <summary>Lets the session make one update, and sets all its metrics but the clock's.</summary>
    internal void Update(MetricSample sample)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread(), transferred = device.TransferredBytes;
        session.Update();
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        transferred = device.TransferredBytes - transferred;

        sample.Update = session.Updates - 1;
        sample.AgentSteps = session.AgentSteps;
        sample.Set("progress/env_steps", session.AgentSteps / agentsPerMatch);
        sample.Set("progress/episodes", session.Episodes.Total);
        session.Episodes.Fill(sample);
        if (session.Episodes.Guarded) sample.Set("guard/diverged", session.Episodes.Diverged);
        Policy(sample, session.Statistics);
        Learner(sample, session.Statistics);
        if (session.Pool is { } pool)
        {
            sample.Set("selfplay/pool_size", pool.Entries.Count);
            sample.SetKnown("selfplay/pool_score", pool.MeanScore);
            sample.SetKnown("selfplay/opponent_age", pool.MeanAge(session.Updates));
        }

        for (int i = 0; i < listedNames.Length; i++) sample.SetKnown(listedNames[i], session.Trainer.Listed!.Mean(i));
        sample.Set("speed/allocated_bytes", allocated);
        sample.Set("speed/host_bytes_per_agent_step", (double)transferred / session.AgentStepsPerUpdate);
    }

    /// <summary>Sets the last evaluation's scores.</summary>
    internal static void Evaluation(MetricSample sample, IReadOnlyList<EvaluationScore> scores)
    {
        foreach (EvaluationScore score in scores)
        {
            sample.Set(MetricRegistry.EvaluationScore.With(score.Opponent), score.Score.Value);
            sample.Set(MetricRegistry.EvaluationLower.With(score.Opponent), score.Score.Lower);
            sample.SetKnown(MetricRegistry.EvaluationScript.With(score.Opponent), score.Script);
            sample.SetKnown(MetricRegistry.EvaluationMargin.With(score.Opponent), score.Margin);
        }
    }

    /// <summary>Sets what the last evaluation says about the policy's strength; nothing where that is not measured.</summary>
    internal static void Ladder(MetricSample sample, Strength? strength)
    {
        if (strength is null) return;
        sample.Set("ladder/elo", strength.Rating.Elo);
        sample.Set("ladder/elo_error", strength.Rating.Error);
        sample.Set("ladder/promoted", strength.Promoted ? 1 : 0);
    }

    /// <summary>Sets where the curriculum stands; nothing without one.</summary>
    internal static void Stage(MetricSample sample, Curriculum? curriculum)
    {
        if (curriculum is null) return;
        sample.Set(CurriculumMetrics.Stage, curriculum.Stage);
        sample.Set(CurriculumMetrics.Level, curriculum.Level);
        curriculum.FillEpisodes(sample);
    }

    /// <summary>Last of all: what the clock says about everything since the sample before.</summary>
    internal void Close(MetricSample sample)
    {
        TrainingTimes times = session.Times;
        long now = Stopwatch.GetTimestamp();
        double wall = Math.Max(1e-9, Stopwatch.GetElapsedTime(closed, now).TotalSeconds);
        double environment = (times.Environment - timesBefore.Environment).TotalSeconds, collect = (times.Collect - timesBefore.Collect).TotalSeconds;
        double learn = (times.Learn - timesBefore.Learn).TotalSeconds;
        sample.Set("speed/agent_steps_per_second", session.AgentStepsPerUpdate / Math.Max(1e-9, collect + learn));
        sample.Set("speed/share_environment", environment / wall);
        sample.Set("speed/share_inference", (collect - environment) / wall);
        sample.Set("speed/share_learn", learn / wall);
        sample.Set("speed/share_evaluate", (times.Evaluate - timesBefore.Evaluate).TotalSeconds / wall);
        sample.Seconds = (before + Stopwatch.GetElapsedTime(began, now)).TotalSeconds;
        sample.UnixSeconds = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        if (session.Shards > 1) sample.Set("speed/share_communicate", (session.Communication - communicatedBefore).TotalSeconds / wall);
        (timesBefore, communicatedBefore, closed) = (times, session.Communication, now);
    }

    private void Policy(MetricSample sample, in PpoStatistics s)
    {
        sample.Set("policy/entropy", s.Entropy);
        ReadOnlySpan<double> heads = session.Trainer.HeadEntropies;
        for (int head = 0; head < heads.Length; head++) sample.Set(headNames[head], heads[head]);
        sample.SetKnown("policy/std", s.Std);
        sample.SetKnown("policy/clipped_share", s.ClippedActionShare);
        sample.SetKnown("policy/legal_share", s.LegalShare);
        sample.SetKnown("episode/truncated_share", s.TruncatedShare);
        sample.SetKnown("value/explained_variance", s.ExplainedVariance);
        sample.SetKnown("value/mean", s.ValueMean);
        sample.SetKnown("advantage/std", s.AdvantageStd);
    }

    private void Learner(MetricSample sample, in PpoStatistics s)
    {
        sample.SetKnown("loss/policy", s.PolicyLoss);
        sample.SetKnown("loss/value", s.ValueLoss);
        sample.SetKnown("loss/total", s.TotalLoss);
        sample.SetKnown("ppo/kl", s.Kl);
        if (s.PastKl is { } pastKl) sample.Set("ppo/past_kl", pastKl);
        sample.SetKnown("ppo/clip_share", s.ClipShare);
        sample.SetKnown("ppo/first_minibatch_kl", s.FirstMinibatchKl);
        sample.SetKnown("ppo/ratio_max", s.RatioMax);
        sample.SetKnown("ppo/epochs_done", s.Epochs);
        sample.SetKnown("gradient/norm", s.GradientNorm);
        sample.SetKnown("gradient/clipped_share", s.ClippedGradientShare);
        ReadOnlySpan<double> norms = session.Trainer.TensorGradientNorms;
        for (int tensor = 0; tensor < norms.Length; tensor++) sample.Set(tensorNames[tensor], norms[tensor]);
        sample.SetKnown("optimizer/learning_rate", s.LearningRate);
        sample.SetKnown("optimizer/relative_step", s.RelativeStep);
        sample.SetKnown("recurrent/state_max", s.StateMax);
        sample.Set("guard/nonfinite", s.SkippedSteps);
        sample.Set("guard/error_rows", s.ErrorRows);
    }
}
