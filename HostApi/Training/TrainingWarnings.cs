using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>Says in words what looks unhealthy in the numbers of a training run, and what to suspect first.</summary>
/// <remarks>
/// The limits are where a healthy run of PPO never stays for long (<see cref="Metrics.MetricRegistry"/> says where it stays); the first updates
/// are left out, since all of them start badly. What is not known (NaN) is never unhealthy.
/// </remarks>
public static class TrainingWarnings
{
    private const int SettlingUpdates = 20;
    private const double HighKl = 0.1;          // nat; five times the usual target
    private const double HighClipShare = 0.4;
    private const double DeadKl = 1e-9;         // nat; with a healthy rate even a small step makes more
    private const double NearlyDone = 0.95;     // of the plan; there the rate has all but fallen to 0
    private const double LowExplainedVariance = 0;
    private const double LowEntropyShare = 0.05;
    private const double LowStd = 0.05;
    private const double HighStd = 2;
    private const double HighGradientClippedShare = 0.5;
    private const double LowPoolScore = 0.4;
    private const double HighPoolScore = 0.9;
    private const double LowTotalShare = 0.9;

    /// <summary>The run's own warnings, then those its numbers give reason for.</summary>
    public static IReadOnlyList<string> Of(TrainingProgress progress)
    {
        var warnings = new List<string>(progress.Warnings);
        if (progress.Update < SettlingUpdates) return warnings;
        AddPolicy(warnings, progress);
        AddLearner(warnings, progress);
        AddPool(warnings, progress);
        double shares = progress.EnvironmentShare + progress.InferenceShare + progress.LearningShare + (double.IsNaN(progress.EvaluationShare) ? 0 : progress.EvaluationShare);
        if (shares < LowTotalShare) warnings.Add(Numbers.Text($"{100 * (1 - shares):0} % of the time is spent elsewhere; is the machine busy with other work?"));
        return warnings;
    }

    private static void AddPolicy(List<string> warnings, TrainingProgress progress)
    {
        if (progress.Entropy < LowEntropyShare * progress.LargestEntropy)
            warnings.Add(Numbers.Text($"Entropy is {progress.Entropy:0.###} nat, {100 * progress.Entropy / progress.LargestEntropy:0} % of the largest: the policy hardly tries anything else any more; raise the entropy coefficient if it is not as good as it can be."));
        if (progress.Std < LowStd) warnings.Add(Numbers.Text($"Actions vary by {progress.Std:0.###} only: the policy hardly tries anything else any more; raise the entropy coefficient if it is not as good as it can be."));
        if (progress.Std > HighStd) warnings.Add(Numbers.Text($"Actions vary by {progress.Std:0.##}, more than the range that is played: lower the entropy coefficient."));
        if (progress.Kl > HighKl) warnings.Add(Numbers.Text($"KL is {progress.Kl:0.###} nat: the policy jumps; lower the learning rate."));
        if (progress.ClipShare > HighClipShare) warnings.Add(Numbers.Text($"{100 * progress.ClipShare:0} % of the ratios are clipped; lower the learning rate."));
        if (progress.ClipShare == 0 && progress.Kl < DeadKl && !(progress.ShareDone > NearlyDone))
            warnings.Add("The policy does not move: no ratio is clipped and KL is 0; check the learning rate, and whether rewards ever differ.");
    }

    private static void AddLearner(List<string> warnings, TrainingProgress progress)
    {
        if (progress.ExplainedVariance < LowExplainedVariance)
            warnings.Add(Numbers.Text($"Explained variance is {progress.ExplainedVariance:0.##;-0.##;0}: the critic is worse than a constant; check discount and rewards."));
        if (progress.GradientClippedShare > HighGradientClippedShare)
            warnings.Add(Numbers.Text($"{100 * progress.GradientClippedShare:0} % of the gradients are scaled down; lower the scale of rewards, or raise the largest norm."));
    }

    private static void AddPool(List<string> warnings, TrainingProgress progress)
    {
        if (progress.PoolScore < LowPoolScore) warnings.Add(Numbers.Text($"The policy scores {100 * progress.PoolScore:0} % against its past: it forgets; raise the share of pool matches, or lower the learning rate."));
        if (progress.PoolScore > HighPoolScore) warnings.Add(Numbers.Text($"The policy scores {100 * progress.PoolScore:0} % against its past: the pool is too weak to teach it anything; admit policies more often."));
    }
}
