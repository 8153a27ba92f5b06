using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.Learners.Reinforce;

/// <summary>Everything REINFORCE can be told.</summary>
/// <remarks>
/// Source: Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", 1992. A batch is one
/// whole game of every match, so the number of games per update is the number of matches (<see cref="GameOptions.NumEnvs"/>).
/// </remarks>
public sealed record ReinforceConfig
{
    /// <summary>E this learner was meant for.</summary>
    public const int UsualGames = 64;

    /// <summary>γ.</summary>
    [Setting("Discount γ of a reward one tick later.", Min = 0, Max = 1)]
    public double Discount { get; init; } = 0.99;

    /// <summary>η.</summary>
    [Setting("Learning rate of Adam.", Min = 0, Max = 1)]
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>c.</summary>
    [Setting("Largest norm of a gradient; longer ones are scaled down.", Min = 1e-6, Max = 1e9)]
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>Whether each side has a policy of its own; games of one side have one anyway.</summary>
    [Setting("A policy of its own for each side.")]
    public bool TwoPolicies { get; init; } = true;

    /// <summary>Checks ranges.</summary>
    /// <exception cref="UsageException">the first thing wrong: what, value, allowed, what to do.</exception>
    public void Validate() => Settings.Check(this);

    /// <summary>What the optimiser is told: Adam without decay, constant rate.</summary>
    internal PpoConfig Optimizer => new()
    {
        LearningRate = LearningRate,
        Schedule = LearningRateSchedule.Constant,
        MaxGradientNorm = MaxGradientNorm,
        AdamEpsilon = 1e-8,
    };
}

/// <summary>What one update of REINFORCE did.</summary>
public readonly record struct ReinforceStatistics
{
    /// <summary>Number of the update, from 0.</summary>
    public long Update { get; init; }

    /// <summary>Games played.</summary>
    public int Games { get; init; }

    /// <summary>Ticks of these games.</summary>
    public long Ticks { get; init; }

    /// <summary>Rows learned from.</summary>
    public long LearnerRows { get; init; }

    /// <summary>Mean return of side 0 over all ticks, before normalising.</summary>
    public double ReturnMean { get; init; }

    /// <summary>Its standard deviation.</summary>
    public double ReturnStd { get; init; }

    /// <summary>Mean of −Ĝ·ln π over rows.</summary>
    public double PolicyLoss { get; init; }

    /// <summary>Mean entropy; nat.</summary>
    public double Entropy { get; init; }

    /// <summary>Norm of the gradient of side 0's policy, before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>The same for side 1's; of a shared policy, the same number.</summary>
    public double OtherGradientNorm { get; init; }
}
