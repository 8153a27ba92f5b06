using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests;

/// <summary>Policies made by hand or by chance, for tests of what plays them.</summary>
internal static class TrainedPolicies
{
    /// <summary>A network for a game, small.</summary>
    internal static NetworkSpec Network(IGame game, GameOptions options)
    {
        EnvironmentSpec spec = game.Describe(options);
        return new NetworkSpec(spec.Observation.Length, [8], Activation.Tanh, spec.Action.Continuous.Count, [.. spec.Action.Discrete.Select(head => head.Size)]);
    }

    /// <summary>Weights that always choose <paramref name="choice"/> of a game with one discrete head, whatever is seen.</summary>
    internal static float[] Always(NetworkSpec network, int choice)
    {
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        weights[layout["actor.bias"].Offset + choice] = 30f; // e^-30: never seen in a test
        return weights;
    }

    /// <summary>Untrained weights.</summary>
    internal static float[] Initial(NetworkSpec network, ulong seed)
    {
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, seed, weights);
        return weights;
    }

    /// <summary>Saves weights to <paramref name="path"/>.</summary>
    internal static string Save(string path, IGame game, GameOptions options, float[] weights)
    {
        PolicyFile.Save(path, PolicyDescription.Of(game, options, Network(game, options), 1000, 7), weights);
        return path;
    }
}
