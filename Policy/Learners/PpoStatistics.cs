namespace Arena.Policy.Learners;

/// <summary>What one update did; means over the rows that were learned from, of all optimiser steps unless said otherwise.</summary>
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

    /// <summary>Mean entropy; nat.</summary>
    public double Entropy { get; init; }

    /// <summary>Mean of r − 1 − ln r in the last epoch that ran; nat.</summary>
    public double Kl { get; init; }

    /// <summary>The same in the first minibatch, before any step: 0 up to rounding, unless collecting and learning disagree.</summary>
    public double FirstMinibatchKl { get; init; }

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

    /// <summary>η.</summary>
    public double LearningRate { get; init; }
}
