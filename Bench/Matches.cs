using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Validation;

namespace Arena.Bench;

/// <summary>A batch of matches with one built-in player on every side, on a device of its own.</summary>
internal sealed class Matches : IDisposable
{
    internal const ulong Seed = 1;

    private readonly CpuDevice device;
    private readonly StepBuffers buffers;
    private readonly DeviceBuffer<byte> controllers;
    private readonly IEnvironment environment;
    private readonly StepViews views;

    internal Matches(GameCase played, int threads, string opponent)
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        environment = played.Game.Create(device, played.Options);
        EnvironmentSpec spec = environment.Spec;
        buffers = new StepBuffers(device, spec, environment.NumEnvs);
        views = buffers.Views;
        controllers = device.Allocate<byte>((long)environment.NumEnvs * spec.Sides, "controllers");
        int number = spec.Opponents.Select(info => info.Name).ToList().IndexOf(opponent) + 1;
        if (number == 0) throw new ArgumentException($"'{played.Game.Name}' has no opponent '{opponent}'.");
        controllers.View.AsSpan().Fill((byte)number);
        environment.Reset(Seed, views);
    }

    /// <summary>Sizes and names.</summary>
    internal EnvironmentSpec Spec => environment.Spec;

    /// <summary>What the agents see.</summary>
    internal StepBuffers Buffers => buffers;

    /// <summary>SHA-256 of the state.</summary>
    internal string Hash => environment.State.Hash();

    /// <summary>Whole ticks: act, step (with rewards, ends, observations).</summary>
    internal void Play(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++)
        {
            environment.Act(controllers.View, views);
            environment.Step(views);
        }
    }

    /// <summary>Steps with the actions that are there.</summary>
    internal void Step(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++) environment.Step(views);
    }

    /// <summary>Observations and masks alone.</summary>
    internal void Observe(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++) environment.Observe(views);
    }

    /// <summary>Built-in players alone.</summary>
    internal void Act(int ticks)
    {
        for (int tick = 0; tick < ticks; tick++) environment.Act(controllers.View, views);
    }

    /// <summary>What match 0 is like now, and what its agents do then: one tick for a reference. The tick is played.</summary>
    internal (IReadOnlyDictionary<string, double[]> State, MatchActions Actions) PlayRecorded()
    {
        Act(1);
        var state = environment.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(0));
        int agents = Spec.AgentsPerMatch;
        var actions = new MatchActions(
            buffers.ContinuousActions?.ToArray()[..(agents * Spec.Action.Continuous.Count)] ?? [], buffers.DiscreteActions?.ToArray()[..(agents * Spec.Action.Discrete.Count)] ?? []);
        Step(1);
        return (state, actions);
    }

    /// <summary>Fails unless one thread and all threads give the same state after <paramref name="ticks"/> ticks.</summary>
    internal static void Verify(GameCase played, string opponent, int ticks)
    {
        string name = played.Game.Name;
        using var one = new Matches(played, threads: 1, opponent);
        using var all = new Matches(played, threads: 0, opponent);
        string start = one.Hash;
        one.Play(ticks);
        all.Play(ticks);
        if (one.Hash != all.Hash) throw new InvalidOperationException($"{name}: one thread and all threads differ after {ticks} ticks; nothing is worth timing.");
        if (one.Hash == start) throw new InvalidOperationException($"{name}: nothing moved in {ticks} ticks; nothing is worth timing.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        environment.Dispose();
        buffers.Dispose();
        controllers.Dispose();
        device.Dispose();
    }
}
