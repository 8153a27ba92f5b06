using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners.Reinforce;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Learners.Reinforce;

/// <summary>Environment, networks and learner together.</summary>
internal sealed class ReinforceRun : IDisposable
{
    internal ReinforceRun(string game, GameOptions options, ReinforceConfig config, int threads = 1, ulong seed = 1, int hidden = 8)
    {
        Device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        Environment = Registry.Find(game).Create(Device, options);
        EnvironmentSpec spec = Environment.Spec;
        var network = new NetworkSpec(
            spec.Observation.Length, [hidden], Activation.Tanh, spec.Action.Continuous.Count, [.. spec.Action.Discrete.Select(head => head.Size)]);
        Engines = [.. Enumerable.Range(0, ReinforceLearner.EnginesFor(spec, config)).Select(i => Engine(network, seed + (ulong)i))];
        Learner = new ReinforceLearner(Environment, Engines, config, seed);
    }

    internal CpuDevice Device { get; }

    internal IEnvironment Environment { get; }

    internal BuiltinEngine[] Engines { get; }

    internal ReinforceLearner Learner { get; }

    internal float[] Weights(int engine = 0) => Engines[engine].Weights.AsSpan().ToArray();

    public void Dispose()
    {
        Learner.Dispose();
        foreach (BuiltinEngine engine in Engines) engine.Dispose();
        Environment.Dispose();
        Device.Dispose();
    }

    private BuiltinEngine Engine(NetworkSpec network, ulong seed)
    {
        var engine = new BuiltinEngine(Device, network, ReinforceLearner.MaxRows(Environment.Spec, Environment.NumEnvs));
        engine.Initialise(seed);
        return engine;
    }
}
