using System.Security.Cryptography;
using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Validation.Replay;

/// <summary>Collects one match of a batch, tick by tick, beginning right after a reset.</summary>
/// <remarks>Copies a few hundred bytes from the device per tick: for watching and reporting, not for a training loop.</remarks>
public sealed class ReplayRecorder
{
    private readonly IEnvironment environment;
    private readonly int env;
    private readonly List<ReplayTick> ticks = [];
    private readonly ulong seed;

    /// <summary>Begins to record match <paramref name="env"/> of the batch; call it after <see cref="IEnvironment.Reset"/> and before the first step.</summary>
    /// <exception cref="UsageException">the batch has no such match.</exception>
    public ReplayRecorder(IEnvironment environment, int env)
    {
        if (env < 0 || env >= environment.NumEnvs)
            throw new UsageException($"Match {env} cannot be recorded; the batch has the matches 0..{environment.NumEnvs - 1}.");
        this.environment = environment;
        this.env = env;
        seed = environment.Seed;
    }

    /// <summary>Ticks recorded.</summary>
    public int Count => ticks.Count;

    /// <summary>Records the actions that are about to be played: call it before every <see cref="IEnvironment.Step"/>, once all actions are written.</summary>
    public void Record(StepBuffers buffers)
    {
        EnvironmentSpec spec = environment.Spec;
        var continuous = new float[spec.AgentsPerMatch * spec.Action.Continuous.Count];
        var discrete = new int[spec.AgentsPerMatch * spec.Action.Discrete.Count];
        if (buffers.ContinuousActions is { } floats)
            environment.Device.CopyToHost(floats.View.Slice((long)env * continuous.Length, continuous.Length), continuous);
        if (buffers.DiscreteActions is { } choices)
            environment.Device.CopyToHost(choices.View.Slice((long)env * discrete.Length, discrete.Length), discrete);
        ticks.Add(new ReplayTick(environment.Progress, new MatchActions(continuous, discrete)));
    }

    /// <summary>What was recorded so far, ending with the match's present state: call it after the step of the last recorded tick.</summary>
    public ReplayFile Finish()
    {
        EnvironmentSpec spec = environment.Spec;
        return new ReplayFile
        {
            Game = spec.Game,
            Settings = Reproduction.Changed(Registry.Find(spec.Game), environment.Options, "numEnvs", "matchOffset"),
            Seed = seed,
            Match = environment.Options.MatchOffset + env,
            Agents = spec.AgentsPerMatch,
            Continuous = spec.Action.Continuous.Count,
            Discrete = spec.Action.Discrete.Count,
            FinalState = HashOf(environment, env),
            Ticks = [.. ticks],
        };
    }

    /// <summary>SHA-256 of one match's state, lower-case hexadecimal.</summary>
    internal static string HashOf(IEnvironment environment, int env) => Convert.ToHexStringLower(SHA256.HashData(environment.State.ReadMatch(env)));
}
