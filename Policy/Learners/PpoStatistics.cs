namespace Arena.Policy.Learners;

/// <summary>What one update did; means over the rows that were learned from, of all optimiser steps unless said otherwise.</summary>
/// <remarks>NaN stands for what the policy at hand does not have. What there is one number of per head or per tensor is read from <see cref="PpoLearner"/>.</remarks>
public readonly record struct PpoStatistics
{
    /// <summary>Number of this update, from 0.</summary>
    public long Update { get; init; }

    /// <summary>Rows of weight 1 in the rollout.</summary>
    public long LearnerRows { get; init; }

    /// <summary>Mean of −min(rÂ, clip(r)Â).</summary>
    public double PolicyLoss { get; init; }

    /// <summary>Mean of L_v, without its coefficient.</summary>
    public double ValueLoss { get; init; }

    /// <summary>Mean of the whole loss: policy + c_v·value − c_H·entropy + c_Ω·bound penalty + c_KL·distance to the past.</summary>
    public double TotalLoss { get; init; }

    /// <summary>Mean entropy; nat.</summary>
    public double Entropy { get; init; }

    /// <summary>Mean σ; NaN for discrete actions.</summary>
    public double Std { get; init; }

    /// <summary>Share of sampled components with abs(a) &gt; 1; NaN where nothing is clipped: discrete actions, tanh.</summary>
    public double ClippedActionShare { get; init; }

    /// <summary>Share of choices that are legal; NaN without action masks.</summary>
    public double LegalShare { get; init; }

    /// <summary>Mean of r − 1 − ln r in the last epoch that ran; nat.</summary>
    public double Kl { get; init; }

    /// <summary>The same in the first minibatch, before any step: 0 up to rounding, unless collecting and learning disagree.</summary>
    public double FirstMinibatchKl { get; init; }

    /// <summary>Mean KL(policy ‖ slow average of its past); nat; null without that penalty.</summary>
    public double? PastKl { get; init; }

    /// <summary>The largest r.</summary>
    public double RatioMax { get; init; }

    /// <summary>Share of rows with abs(r − 1) &gt; ε.</summary>
    public double ClipShare { get; init; }

    /// <summary>Mean of Ω.</summary>
    public double BoundPenalty { get; init; }

    /// <summary>Epochs that ran.</summary>
    public int Epochs { get; init; }

    /// <summary>Mean norm of the gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Share of optimiser steps whose gradient was scaled down.</summary>
    public double ClippedGradientShare { get; init; }

    /// <summary>1 − Var(R − V)/Var(R) of the rollout: 1 = a perfect critic, 0 = no better than a constant.</summary>
    public double ExplainedVariance { get; init; }

    /// <summary>Mean V of the rollout.</summary>
    public double ValueMean { get; init; }

    /// <summary>Standard deviation of A before normalisation.</summary>
    public double AdvantageStd { get; init; }

    /// <summary>Of the episodes that ended, the share that the clock ended; NaN when none ended.</summary>
    public double TruncatedShare { get; init; }

    /// <summary>‖θ_after − θ_before‖ / ‖θ_before‖ of the whole update.</summary>
    public double RelativeStep { get; init; }

    /// <summary>Optimiser steps left out because the gradient's norm was not finite; an update that returns had none.</summary>
    public int SkippedSteps { get; init; }

    /// <summary>Rows whose action the environment could not play; an update that returns had none.</summary>
    public int ErrorRows { get; init; }

    /// <summary>η.</summary>
    public double LearningRate { get; init; }
}
