using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;

namespace Arena.Policy.Learners;

/// <summary>How the learning rate moves from the first to the last planned update.</summary>
public enum LearningRateSchedule
{
    /// <summary>Linear to 0.</summary>
    Linear,

    /// <summary>Always the same.</summary>
    Constant,

    /// <summary>Half a cosine to 0 (Loshchilov and Hutter, arXiv 1608.03983, without restarts).</summary>
    Cosine,
}

/// <summary>Everything PPO can be told; the defaults are those for soccer on a CPU.</summary>
/// <remarks>
/// Sources: Schulman et al., arXiv 1707.06347 (PPO), 1506.02438 (advantages); Andrychowicz et al., arXiv 2006.05990 (no value
/// clipping); Huang et al., "The 37 implementation details of PPO", 2022 (gradient norm, Adam ε). Learning rate, entropy
/// coefficient and opponent share: docs/training.md, "What the defaults rest on".
/// </remarks>
public sealed record PpoConfig
{
    /// <summary>E these values were tuned with at soccer; the number of matches itself is an option of the game.</summary>
    public const int TunedNumEnvs = 128;

    /// <summary>What a game's training starts from: the defaults with the game's own changes (<see cref="TrainingDefaults.Learner"/>), as the command line has it.</summary>
    /// <exception cref="UsageException">the game names a setting that does not exist, or a value that is not allowed.</exception>
    public static PpoConfig For(IGame game) => game.Training.Learner.Aggregate(new PpoConfig(), (config, change) => Settings.With(config, change.Key, change.Value));

    /// <summary>T.</summary>
    [Setting("Slots collected per update.", Unit = "ticks", Min = 1, Max = 4096)]
    public int Horizon { get; init; } = 64;

    /// <summary>B; see <see cref="Segment"/>.</summary>
    [Setting("Slots of one row that stay together in a minibatch; divides the horizon.", Unit = "ticks", Min = 0, Max = 4096, Zero = "the horizon")]
    public int SegmentLength { get; init; }

    /// <summary>K.</summary>
    [Setting("Passes over a rollout.", Min = 1, Max = 100)]
    public int Epochs { get; init; } = 2;

    /// <summary>Optimiser steps per pass.</summary>
    [Setting("Minibatches per pass.", Min = 1, Max = 4096)]
    public int Minibatches { get; init; } = 8;

    /// <summary>γ.</summary>
    [Setting("Discount γ of a reward one tick later.", Min = 0, Max = 1)]
    public double Discount { get; init; } = 0.99;

    /// <summary>λ.</summary>
    [Setting("λ of advantage estimation: 0 trusts the critic, 1 the rewards.", Min = 0, Max = 1)]
    public double GaeLambda { get; init; } = 0.95;

    /// <summary>See <see cref="ComputeVTrace"/>.</summary>
    [Setting("Estimate advantages anew before each pass after the first, corrected by V-trace for how far the policy has moved.")]
    public bool VTrace { get; init; }

    /// <summary>η of the first update.</summary>
    [Setting("Learning rate at the start.", Min = 0, Max = 1)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How η goes on.</summary>
    [Setting("How the learning rate goes on.")]
    public LearningRateSchedule Schedule { get; init; }

    /// <summary>n: update k of the first n has (k + 1)/n of the scheduled rate.</summary>
    [Setting("Updates over which the learning rate rises to the scheduled one.", Min = 0, Max = 1_000_000, Zero = "none")]
    public int WarmUpUpdates { get; init; }

    /// <summary>Whether rewards are divided by the running standard deviation of the discounted return; <see cref="ReturnNormalizer"/>.</summary>
    [Setting("Divide rewards by the running standard deviation of the discounted return.")]
    public bool NormalizeReturns { get; init; }

    /// <summary>ε.</summary>
    [Setting("Clip range ε of the probability ratio.", Min = 0.001, Max = 10)]
    public double ClipRange { get; init; } = 0.2;

    /// <summary>ε_v.</summary>
    [Setting("Clip range of the value loss.", Min = 0, Max = 1e9, Zero = "off")]
    public double ValueClipRange { get; init; }

    /// <summary>c_v.</summary>
    [Setting("Coefficient of the value loss.", Min = 0, Max = 100)]
    public double ValueCoefficient { get; init; } = 0.5;

    /// <summary>c_H.</summary>
    [Setting("Coefficient of the entropy bonus.", Min = 0, Max = 10)]
    public double EntropyCoefficient { get; init; } = 3e-3;

    /// <summary>c_Ω.</summary>
    [Setting("Coefficient of the penalty on action means beyond the range that is played.", Min = 0, Max = 10)]
    public double BoundCoefficient { get; init; } = 1e-3;

    /// <summary>c_KL of the first update; falls linearly to 0.</summary>
    [Setting("Coefficient of the penalty on the distance KL(policy, slow average of its past) at the start; falls linearly to 0.", Min = 0, Max = 100, Zero = "off", Option = "kl-to-past")]
    public double PastKlCoefficient { get; init; }

    /// <summary>Rate of θ_ref += rate·(θ − θ_ref).</summary>
    [Setting("Share of the way that the average of past weights goes to the present ones per update; with --kl-to-past.", Min = 0, Max = 1)]
    public double PastRate { get; init; } = 0.01;

    /// <summary>An epoch whose mean KL passes 1.5 times this is the update's last.</summary>
    [Setting("Distance between old and new policy after which an update stops early.", Unit = "nat", Min = 0, Max = 100, Zero = "never")]
    public double TargetKl { get; init; } = 0.02;

    /// <summary>c.</summary>
    [Setting("Largest norm of a gradient; longer ones are scaled down.", Min = 1e-6, Max = 1e9)]
    public double MaxGradientNorm { get; init; } = 0.5;

    /// <summary>β₁.</summary>
    [Setting("AdamW's β₁.", Min = 0, Max = 0.9999)]
    public double AdamBeta1 { get; init; } = 0.9;

    /// <summary>β₂.</summary>
    [Setting("AdamW's β₂.", Min = 0, Max = 0.999999)]
    public double AdamBeta2 { get; init; } = 0.999;

    /// <summary>ε of AdamW.</summary>
    [Setting("AdamW's ε.", Min = 1e-12, Max = 1)]
    public double AdamEpsilon { get; init; } = 1e-5;

    /// <summary>λ of AdamW.</summary>
    [Setting("AdamW's weight decay, on matrices only.", Min = 0, Max = 1)]
    public double WeightDecay { get; init; }

    /// <summary>Share of matches against <see cref="Opponent"/>; games of one side have none.</summary>
    [Setting("Share of matches played against the opponents of --opponent for good.", Min = 0, Max = 1)]
    public double OpponentShare { get; init; } = 0.25;

    /// <summary>The opponents of those matches, as <see cref="SelfPlay.OpponentList"/> reads them.</summary>
    [Setting("The opponents of those matches: built-in ones by name, policies by path, with weights where not all are met alike, as in random:1,strong:3.")]
    public string Opponent { get; init; } = "random";

    /// <summary>B, resolved.</summary>
    public int Segment => SegmentLength == 0 ? Horizon : SegmentLength;

    /// <summary>Checks ranges and combinations.</summary>
    /// <exception cref="UsageException">the first thing wrong: what, value, allowed, what to do.</exception>
    public void Validate()
    {
        Settings.Check(this);
        if (Horizon % Segment != 0)
            throw new UsageException($"--segment-length is {Segment}, which does not divide the horizon of {Horizon}; use a divisor, or 0 for whole rollouts.");
    }

    /// <summary>c_KL when a share <paramref name="progress"/> (0..1) of the planned updates is done.</summary>
    public double PastKlCoefficientAt(double progress) => PastKlCoefficient * (1 - Math.Clamp(progress, 0, 1));

    /// <summary>η of update <paramref name="update"/>, counted from 0, when a share <paramref name="progress"/> (0..1) of the planned updates is done.</summary>
    public double LearningRateAt(double progress, long update)
    {
        double done = Math.Clamp(progress, 0, 1);
        double scheduled = Schedule switch
        {
            LearningRateSchedule.Constant => 1,
            LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => 1 - done,
        };
        double warm = update < WarmUpUpdates ? (update + 1.0) / WarmUpUpdates : 1;
        return LearningRate * scheduled * warm;
    }
}
