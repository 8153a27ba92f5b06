using Arena.HostApi.Viewer;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.Weights;
using Arena.Validation.Replay;

namespace Arena.HostApi.Cli;

/// <summary>A match that can be shown tick by tick, wherever its actions come from.</summary>
internal interface IWatchedMatch : IDisposable
{
    /// <summary>What is drawn: its match 0.</summary>
    IEnvironment Environment { get; }

    /// <summary>Results of the last step.</summary>
    StepBuffers Buffers { get; }

    /// <summary>Plays one tick; false when there are no more.</summary>
    bool Step();

    /// <summary>What the policy thought that chose the last action of an agent; null where no policy did.</summary>
    /// <param name="env">Match.</param>
    /// <param name="agent">Agent of the match.</param>
    PolicyView? Explain(int env, int agent) => null;
}

/// <summary>Built-in opponents and policies playing now.</summary>
internal sealed class LiveMatch : IWatchedMatch
{
    private readonly VectorEnv env;
    private readonly List<PolicyPlayer> policies = [];
    private readonly PolicyPlayer?[] policyOfSide;
    private readonly uint[] masks;
    private readonly StepViews views;
    private readonly ReplayRecorder? recorder;

    /// <param name="device">Where it is played.</param>
    /// <param name="request">The game.</param>
    /// <param name="players">One per side.</param>
    /// <param name="deterministic">Whether policies take their most likely action.</param>
    /// <param name="record">Whether to keep the actions for a replay.</param>
    /// <param name="person">The agent that a person plays, whatever the player of its side would do; null for none.</param>
    internal LiveMatch(IDevice device, GameRequest request, Player[] players, bool deterministic, bool record, PersonSeat? person = null)
    {
        policyOfSide = new PolicyPlayer?[players.Length];
        env = VectorEnv.Create(request.Game.Name, request.Options, device);
        views = env.Buffers.Views;
        for (int side = 0; side < players.Length; side++)
        {
            if (players[side].Policy is { } policy) Seat(policy, side, request, deterministic);
            else env.SetController(side, players[side].Name);
        }

        masks = new uint[env.Buffers.ActionMasks?.Length ?? 0];
        env.Reset(request.Seed);
        recorder = record ? new ReplayRecorder(env.Environment, 0) : null;
        if (person is null && !record) return;
        env.BeforeStep = played =>
        {
            person?.Write(played.Buffers);
            recorder?.Record(played.Buffers);
        };
    }

    /// <summary>What was played so far, if it was to be recorded.</summary>
    internal ReplayFile Recording => recorder!.Finish();

    /// <inheritdoc/>
    public IEnvironment Environment => env.Environment;

    /// <inheritdoc/>
    public StepBuffers Buffers => env.Buffers;

    /// <inheritdoc/>
    public bool Step()
    {
        env.Buffers.ActionMasks?.Read(masks);
        foreach (PolicyPlayer policy in policies) policy.Step(views);
        env.Step();
        return true;
    }

    /// <inheritdoc/>
    public PolicyView? Explain(int env, int agent)
    {
        EnvironmentSpec spec = Environment.Spec;
        int words = spec.Action.MaskWords;
        return policyOfSide[agent / spec.AgentsPerSide]?.Explain(env, agent % spec.AgentsPerSide, masks.AsSpan((env * spec.AgentsPerMatch + agent) * words, words));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PolicyPlayer policy in policies) policy.Dispose();
        env.Dispose();
    }

    private void Seat(PolicyFile file, int side, GameRequest request, bool deterministic)
    {
        var player = new PolicyPlayer(env.Environment.Device, env.Spec, env.NumEnvs, request.Options.MatchOffset, file.Description.Network) { Deterministic = deterministic };
        policies.Add(player);
        policyOfSide[side] = player;
        player.Load(file.Weights);
        player.Reset(request.Seed, side);
    }
}
