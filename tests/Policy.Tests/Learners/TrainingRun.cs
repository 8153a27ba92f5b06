using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Learners;

/// <summary>Environment, engine, rollout, collector and learner together, on a device of its own.</summary>
internal sealed class TrainingRun : IDisposable
{
    internal TrainingRun(string game, GameOptions options, PpoConfig config, int threads = 1, ulong seed = 1, int hidden = 16, bool memory = false)
    {
        Device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        Environment = Registry.Find(game).Create(Device, options);
        ActionSpec action = Environment.Spec.Action;
        var spec = new NetworkSpec(
            Environment.Spec.Observation.Length, [hidden, hidden], Activation.Tanh, action.Continuous.Count, [.. action.Discrete.Select(head => head.Size)])
        {
            Core = memory ? NetworkCore.MinGru : NetworkCore.None,
            CoreWidth = memory ? hidden : 0,
        };
        Rollout = new RolloutBuffers(Environment, config.Horizon, spec.StateSize, config.Segment);
        Engine = new ScalarEngine(Device, spec, Math.Max(Rollout.Rows, PpoLearner.MinibatchRows(config, Rollout.Rows)), (int)seed);
        Collector = new RolloutCollector(Environment, Engine, Rollout, config);
        Learner = new PpoLearner(Engine, Rollout, config, seed);
        Collector.Reset(seed);
    }

    internal CpuDevice Device { get; }

    internal IEnvironment Environment { get; }

    internal RolloutBuffers Rollout { get; }

    internal ScalarEngine Engine { get; }

    internal RolloutCollector Collector { get; }

    internal PpoLearner Learner { get; }

    internal PpoStatistics Update(double progress = 0)
    {
        Collector.Collect();
        return Learner.Update(progress);
    }

    public void Dispose()
    {
        Learner.Dispose();
        Collector.Dispose();
        Engine.Dispose();
        Rollout.Dispose();
        Environment.Dispose();
        Device.Dispose();
    }
}
