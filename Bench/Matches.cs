using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Bench;

/// <summary>A batch of matches with one built-in player on every side, on a device of its own.</summary>
internal sealed class Matches : IDisposable
{
    private const ulong Seed = 1;

    private readonly CpuDevice device;
    private readonly StepBuffers buffers;
    private readonly DeviceBuffer<byte> controllers;
    private readonly IEnvironment environment;
    private readonly StepViews views;

    internal Matches(string name, int matches, int threads, string opponent)
    {
        string[] parts = name.Split('/');
        IGame game = BenchCases.Game(parts);
        device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        environment = game.Create(device, BenchCases.Options(parts) with { NumEnvs = matches, Desync = true });
        EnvironmentSpec spec = environment.Spec;
        buffers = new StepBuffers(device, spec, matches);
        views = buffers.Views;
        controllers = device.Allocate<byte>((long)matches * spec.Sides, "controllers");
        int number = spec.Opponents.Select(info => info.Name).ToList().IndexOf(opponent) + 1;
        if (number == 0) throw new ArgumentException($"'{name}' has no opponent '{opponent}'.");
        controllers.View.AsSpan().Fill((byte)number);
        environment.Reset(Seed, views);
    }

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

    /// <summary>Fails unless one thread and all threads give the same state after <paramref name="ticks"/> ticks.</summary>
    internal static void Verify(string name, int matches, string opponent, int ticks)
    {
        using var one = new Matches(name, matches, threads: 1, opponent);
        using var all = new Matches(name, matches, threads: 0, opponent);
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
