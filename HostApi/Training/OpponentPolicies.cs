using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Policies of other runs as opponents in training.</summary>
internal static class OpponentPolicies
{
    /// <summary>(P) the weights of the policy in a file or a run directory.</summary>
    /// <param name="path">As it was given to --opponent.</param>
    /// <param name="game">The game that is trained.</param>
    /// <param name="options">Its options in training.</param>
    /// <param name="network">The learner's network: opponents are played by one of the same sizes.</param>
    /// <exception cref="UsageException">missing, damaged, of another game or size, or of another network.</exception>
    internal static float[] Read(string path, IGame game, GameOptions options, NetworkSpec network)
    {
        PolicyFile policy = PolicyFile.Load(RunDirectory.Resolve(path));
        policy.CheckFits(game, options);
        NetworkSpec stored = policy.Description.Network;
        if (!NetworkText.Same(stored, network))
            throw new UsageException(
                $"The opponent '{path}' has the network {NetworkText.Describe(stored)}, and this run has {NetworkText.Describe(network)}; opponents in training must have the run's own. " +
                "Train with the options of its network (--network, --hidden-width, --activation, --core and the others), or name another opponent.");
        return policy.Weights.ToArray();
    }
}
