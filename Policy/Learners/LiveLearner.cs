using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.Policy.Learners;

/// <summary>The settings of PPO and its opponents that may change while it runs.</summary>
/// <remarks>They are what an update reads anew, and the named opponents' share, by which games that begin are dealt. All others are sizes or the optimiser's own.</remarks>
/// <param name="learner">The learner.</param>
/// <param name="seats">Whom it plays.</param>
public sealed class LiveLearner(PpoLearner learner, OpponentSeats seats) : ILiveSettings
{
    private const string Share = "opponentShare";

    /// <inheritdoc/>
    public object Settings => learner.Config;

    /// <inheritdoc/>
    public IReadOnlyList<string> Changeable { get; } =
        ["discount", "gaeLambda", "learningRate", "clipRange", "valueClipRange", "valueCoefficient", "entropyCoefficient", "boundCoefficient", "targetKl", Share];

    /// <inheritdoc/>
    public void Change(string path, string value)
    {
        string known = Kernels.Environments.Settings.Find(learner.Config, path).Path;
        if (!Changeable.Contains(known))
            throw new UsageException($"The learner's {known} is fixed for a run; those that may change in it are {string.Join(", ", Changeable)}.");
        learner.Config = Kernels.Environments.Settings.With(learner.Config, known, value);
        if (known == Share) seats.OpponentShare = learner.Config.OpponentShare;
    }
}
