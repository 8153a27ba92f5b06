using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>Says in words what looks unhealthy in the numbers of a training run, and what to suspect first.</summary>
/// <remarks>The limits are where a healthy run of PPO never stays for long; the first updates are left out, since all of them start badly.</remarks>
public static class TrainingWarnings
{
    private const int SettlingUpdates = 20;
    private const double HighKl = 0.1;          // nat; five times the usual target
    private const double HighClipShare = 0.4;
    private const double LowExplainedVariance = 0;
    private const double LowTotalShare = 0.9;

    /// <summary>The run's own warnings, then those its numbers give reason for.</summary>
    public static IReadOnlyList<string> Of(TrainingProgress progress)
    {
        var warnings = new List<string>(progress.Warnings);
        if (progress.Update < SettlingUpdates) return warnings;
        if (progress.Kl > HighKl) warnings.Add(Numbers.Text($"KL is {progress.Kl:0.###} nat: the policy jumps; lower the learning rate."));
        if (progress.ClipShare > HighClipShare) warnings.Add(Numbers.Text($"{100 * progress.ClipShare:0} % of the ratios are clipped; lower the learning rate."));
        if (progress.ExplainedVariance < LowExplainedVariance)
            warnings.Add(Numbers.Text($"Explained variance is {progress.ExplainedVariance:0.##}: the critic is worse than a constant; check discount and rewards."));
        double shares = progress.EnvironmentShare + progress.InferenceShare + progress.LearningShare + (double.IsNaN(progress.EvaluationShare) ? 0 : progress.EvaluationShare);
        if (shares < LowTotalShare) warnings.Add(Numbers.Text($"{100 * (1 - shares):0} % of the time is spent elsewhere; is the machine busy with other work?"));
        return warnings;
    }
}
