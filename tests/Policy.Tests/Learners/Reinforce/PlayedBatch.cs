using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Learners.Reinforce;
using Arena.Policy.Networks;
using Arena.Validation.Learning;
using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Learners.Reinforce;

/// <summary>A batch as it was played, and its loss in double precision from rewards, observations and actions alone.</summary>
internal sealed class PlayedBatch
{
    private readonly EnvironmentSpec spec;
    private readonly ParameterLayout layout;
    private readonly int engines;
    private readonly double[][] normalised; // [match][tick], of side 0
    private readonly List<Step>[] steps;    // per engine

    internal PlayedBatch(ReinforceRun run)
    {
        spec = run.Environment.Spec;
        layout = run.Engines[0].Parameters;
        engines = run.Engines.Length;
        int envs = run.Environment.NumEnvs, ticks = spec.EpisodeLimit;
        var lengths = new int[envs];
        run.Device.CopyToHost(run.Learner.Games.Length, lengths);
        double[][] returns = [.. lengths.Select((length, env) => ReinforceReference.Returns(
            [.. Enumerable.Range(0, length).Select(t => (double)run.Learner.Games.SideReward[(long)t * envs + env])], 0.99))];
        normalised = ReinforceReference.Normalise(returns);
        steps = [.. Enumerable.Range(0, engines).Select(_ => new List<Step>())];
        for (int side = 0; side < spec.Sides; side++) Read(run.Learner.Games.Sides[side], side, lengths, envs, ticks);
    }

    /// <summary>The loss of network <paramref name="engine"/> if its weights were these.</summary>
    internal double Loss(int engine, double[] weights)
    {
        NetworkReference network = Network(weights);
        return ReinforceReference.Loss(normalised.Length, steps[engine].Select(step => (step.Return, LogProb(network, weights, step))));
    }

    private void Read(SideGames side, int index, int[] lengths, int envs, int ticks)
    {
        RolloutViews all = side.Slice(0, Math.Min(ticks, lengths.Max()) * side.Rows);
        for (int env = 0; env < envs; env++)
        {
            for (int t = 0; t < lengths[env]; t++)
            {
                for (int agent = 0; agent < spec.AgentsPerSide; agent++)
                {
                    long row = (long)t * side.Rows + env * spec.AgentsPerSide + agent;
                    double[] observation = [.. Enumerable.Range(0, spec.Observation.Length).Select(i => (double)all.Observations[row * spec.Observation.Length + i])];
                    double[] action = spec.Action.Continuous.Count > 0
                        ? [.. Enumerable.Range(0, spec.Action.Continuous.Count).Select(i => (double)all.ContinuousActions[row * spec.Action.Continuous.Count + i])]
                        : [all.DiscreteActions[row]];
                    steps[index % engines].Add(new Step(observation, action, (index == 0 ? 1 : -1) * normalised[env][t]));
                }
            }
        }
    }

    private double LogProb(NetworkReference network, double[] weights, Step step)
    {
        double[] outputs = network.Forward(step.Observation, ReferenceRows.Of(1))[..^1];
        if (spec.Action.Continuous.Count > 0) return PolicyLossReference.GaussianLogProb(step.Action, outputs, Values(weights, "log_std"));
        return PolicyLossReference.CategoricalLogProb([(int)step.Action[0]], [outputs], [[.. outputs.Select(_ => true)]]);
    }

    private NetworkReference Network(double[] weights) =>
        new([Layer(weights, "encoder.0"), new ActivationLayer(Nonlinearity.Tanh)], [Layer(weights, "actor")], [Layer(weights, "critic")]);

    private LinearLayer Layer(double[] weights, string name)
    {
        IReadOnlyList<int> shape = layout[$"{name}.weight"].Shape;
        return new LinearLayer(name, shape[1], shape[0], Values(weights, $"{name}.weight"), Values(weights, $"{name}.bias"));
    }

    private double[] Values(double[] weights, string name) => weights[layout[name].Offset..(layout[name].Offset + layout[name].Length)];

    private sealed record Step(double[] Observation, double[] Action, double Return);
}
