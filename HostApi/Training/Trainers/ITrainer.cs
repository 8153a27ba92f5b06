using Arena.Kernels.Device;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training.Trainers;

/// <summary>One algorithm with everything it collects by and learns with: what a <see cref="TrainingSession"/> drives.</summary>
internal interface ITrainer : IDisposable
{
    /// <summary>The policy that is evaluated, saved and exported.</summary>
    INetworkEngine Engine { get; }

    /// <summary>Agent-steps of an update, over all shards.</summary>
    long AgentStepsPerUpdate { get; }

    /// <summary>Past selves that are opponents; null where there are none.</summary>
    OpponentPool? Pool { get; }

    /// <summary>How the learner did against the opponents that are listed by name; null where no more than one built-in one is.</summary>
    ListedScores? Listed { get; }

    /// <summary>What the episodes that ended in the last update were like.</summary>
    EpisodeMeans Episodes { get; }

    /// <summary>(E·EpisodesPerMatch) int: episodes finished since the beginning, of the shard's own matches.</summary>
    View<int> EpisodesFinished { get; }

    /// <summary>Time in the environment since the beginning of this process, on the host's clock.</summary>
    TimeSpan EnvironmentTime { get; }

    /// <summary>Whether to wait for the device around the environment, so that <see cref="EnvironmentTime"/> is of the work and not of launching it.</summary>
    bool TimesWork { set; }

    /// <summary>(H) entropy of each discrete head in the last update, or empty; nat.</summary>
    ReadOnlySpan<double> HeadEntropies { get; }

    /// <summary>Norm of the gradient by parameter tensor, where the last update measured it; else empty.</summary>
    ReadOnlySpan<double> TensorGradientNorms { get; }

    /// <summary>What a curriculum may change of the learner.</summary>
    /// <exception cref="Kernels.UsageException">nothing: this algorithm takes no curriculum.</exception>
    ILiveSettings Live { get; }

    /// <summary>Collects and learns.</summary>
    /// <param name="update">Updates made before.</param>
    /// <param name="progress">Share of the planned updates already made, 0..1.</param>
    /// <param name="collected">Time that collecting took.</param>
    PpoStatistics Update(long update, double progress, out TimeSpan collected);

    /// <summary>Reads the policies that are opponents by name; the first update does so otherwise, unless a checkpoint was loaded.</summary>
    /// <exception cref="Kernels.UsageException">one is missing, damaged, or of another game or network.</exception>
    void LoadOpponents();

    /// <summary>Takes note that the present policy is the champion.</summary>
    void Promote(long updates, long agentSteps, ReadOnlySpan<float> weights, double rating);

    /// <summary>Saves everything beside the weights of <see cref="Engine"/>.</summary>
    void Save(SavedState state);

    /// <summary>Restores what <see cref="Save"/> kept; the weights of <see cref="Engine"/> are loaded already.</summary>
    /// <exception cref="Kernels.UsageException">it is of another game, network or size.</exception>
    void Load(SavedState state);
}
