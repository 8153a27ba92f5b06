using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests;

/// <summary>A network's outputs in words.</summary>
public class PolicyViewTests
{
    [Fact]
    public void Probabilities_are_the_softmax_of_legal_choices()
    {
        var network = new NetworkSpec(3, [4], Activation.Tanh, 0, [2, 3]);
        // Head 0: logits 0 and ln 3, so 1/4 and 3/4. Head 1: the largest logit is not legal, the others are equal.
        PolicyView view = PolicyView.Of(network, [0f, MathF.Log(3f), 5f, 1f, 1f, 0.7f], [], [0b11011u]);
        Assert.Equal(0.25f, view.Probabilities[0][0], 1e-6f);
        Assert.Equal(0.75f, view.Probabilities[0][1], 1e-6f);
        Assert.Equal([0f, 0.5f, 0.5f], view.Probabilities[1]);
        Assert.Equal(0.7f, view.Value);
        Assert.Equal(1f, PolicyView.Of(network, [0f, 0f, 500f, 1f, 1f, 0f], [], []).Probabilities[1][0]); // no mask: all are legal, and nothing overflows
    }

    [Fact]
    public void Means_are_what_is_played_and_standard_deviations_follow_the_bounded_logarithm()
    {
        var network = new NetworkSpec(3, [4], Activation.Tanh, 2, []);
        PolicyView view = PolicyView.Of(network, [0.5f, -3f, 0.1f], [0f, ParameterLayout.InitialLogStd], []);
        Assert.Equal([0.5f, -1f], view.Means);
        Assert.Equal(MathF.Exp(-1.5f), view.Stds[0], 1e-6f); // ρ = 0: the middle of the range
        Assert.Equal(0.6f, view.Stds[1], 0.01f);
    }

    [Theory]
    [InlineData("soccer")]
    [InlineData("corridor")]
    public void What_is_explained_is_what_was_done(string name)
    {
        using var device = new CpuDevice();
        IGame game = Arena.Kernels.Environments.Registry.Find(name);
        GameOptions options = name == "soccer" ? new SoccerOptions { NumEnvs = 2 } : new CorridorOptions { NumEnvs = 2 };
        using IEnvironment environment = game.Create(device, options);
        EnvironmentSpec spec = environment.Spec;
        using var buffers = new StepBuffers(device, spec, 2);
        environment.Reset(3, buffers.Views);
        var network = new NetworkSpec(spec.Observation.Length, [8], Activation.Tanh, spec.Action.Continuous.Count, [.. spec.Action.Discrete.Select(head => head.Size)]);
        using var player = new PolicyPlayer(device, spec, 2, 0, network) { Deterministic = true };
        var layout = new ParameterLayout(network);
        var weights = new float[layout.Length];
        Initialisation.Fill(layout, 9, weights);
        player.Load(weights);
        int side = spec.Sides - 1, first = side * spec.AgentsPerSide;
        player.Reset(3, side);
        player.Step(buffers.Views);
        for (int env = 0; env < 2; env++)
        {
            for (int agent = 0; agent < spec.AgentsPerSide; agent++)
            {
                PolicyView view = player.Explain(env, agent, []);
                int row = env * spec.AgentsPerMatch + first + agent;
                Assert.Equal(player.Values[env * spec.AgentsPerSide + agent], view.Value);
                for (int i = 0; i < view.Means.Length; i++) Assert.Equal(buffers.ContinuousActions!.View[row * view.Means.Length + i], view.Means[i]);
                for (int head = 0; head < view.Probabilities.Length; head++)
                    Assert.Equal(buffers.DiscreteActions!.View[row * view.Probabilities.Length + head], Array.IndexOf(view.Probabilities[head], view.Probabilities[head].Max()));
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => player.Explain(2, 0, []));
    }
}
