using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy;

/// <summary>A trained policy that acts for one side of every match of an environment.</summary>
/// <remarks>
/// One step: the side's observations → forward → sample → the environment's action buffers; rows of other sides are left
/// alone. All memory is taken at construction, and a step allocates nothing. Draws belong to evaluation and depend on seed, policy
/// step, side and global row only: not on the number of matches or threads, and never equal to a draw of training. A network's memory is
/// kept per row, and is zero where the views say that an episode starts. One thread at a time.
/// </remarks>
public sealed class PolicyPlayer : IDisposable
{
    private readonly IDevice device;
    private readonly EnvironmentSpec spec;
    private readonly int rows;
    private readonly uint firstRow;
    private readonly INetworkEngine engine;
    private readonly ActionHead head;
    private readonly List<IDisposable> owned = [];
    private readonly DeviceBuffer<float>? observations; // (rows, O), only where there are other sides
    private readonly DeviceBuffer<byte>? byteObservations; // (rows, O), likewise
    private readonly DeviceBuffer<byte>? episodeStart;  // (rows), likewise
    private readonly DeviceBuffer<float>? states;       // (rows, S), where the network has a memory
    private readonly DeviceBuffer<uint>? masks;         // (rows, MaskWords), likewise
    private readonly DeviceBuffer<float> outputs;       // (rows, L + 1)
    private readonly DeviceBuffer<float>? rawActions;   // (rows, A_c)
    private readonly DeviceBuffer<float>? continuous;   // (rows, A_c), clipped
    private readonly DeviceBuffer<int>? discrete;       // (rows, H)
    private readonly DeviceBuffer<int>? emptyHeads;     // (rows)
    private readonly DeviceBuffer<float> logProbs;      // (rows)
    private readonly DeviceBuffer<float> values;        // (rows)
    private ulong seed;
    private ulong step;
    private int side;

    /// <summary>Takes the memory; call <see cref="Load(ReadOnlySpan{float})"/> and <see cref="Reset"/> next.</summary>
    /// <param name="device">Where the environment lives: on a CPU the built-in engine plays.</param>
    /// <param name="spec">The environment's sizes.</param>
    /// <param name="numEnvs">E.</param>
    /// <param name="matchOffset">Global number of the first match.</param>
    /// <param name="network">Sizes of the policy's network; must fit the environment.</param>
    /// <exception cref="UsageException">the network does not fit the environment, or this build has no engine for the device.</exception>
    public PolicyPlayer(IDevice device, EnvironmentSpec spec, int numEnvs, int matchOffset, NetworkSpec network)
    {
        Check(spec, network);
        (this.device, this.spec) = (device, spec);
        rows = checked(numEnvs * spec.AgentsPerSide);
        firstRow = (uint)matchOffset * (uint)spec.AgentsPerSide;
        engine = Own(NetworkEngines.Choose(EngineKind.Auto, device).Create(device, network, rows));
        head = Own(ActionHead.Create(device, spec.Action, engine, rows));
        states = Take<float>(network.StateSize, "player: recurrent states");
        outputs = Take<float>(network.Outputs, "player: network outputs")!;
        rawActions = Take<float>(spec.Action.Continuous.Count, "player: raw actions");
        emptyHeads = Take<int>(spec.Action.Discrete.Count == 0 ? 0 : 1, "player: heads without a choice");
        logProbs = Take<float>(1, "player: log-probs")!;
        values = Take<float>(1, "player: values")!;
        if (spec.Sides == 1) return;
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        observations = Take<float>(bytes ? 0 : spec.Observation.Length, "player: observations");
        byteObservations = Take<byte>(bytes ? spec.Observation.Length : 0, "player: byte observations");
        episodeStart = Take<byte>(1, "player: episode start");
        masks = Take<uint>(spec.Action.MaskWords, "player: action masks");
        continuous = Take<float>(spec.Action.Continuous.Count, "player: actions");
        discrete = Take<int>(spec.Action.Discrete.Count, "player: actions");
    }

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic { get; set; }

    /// <summary>(E·A/Sides) critic's values of the last step, in the order of the side's rows.</summary>
    public View<float> Values => values.View;

    /// <summary>What the policy thought of agent <paramref name="agent"/> of match <paramref name="env"/> in its last step; host side, allocates.</summary>
    /// <param name="env">Match, 0..E−1.</param>
    /// <param name="agent">Agent of the side, 0..A/Sides−1.</param>
    /// <param name="masks">(MaskWords) legal choices of that row in that step; empty where the game has none.</param>
    /// <exception cref="ArgumentOutOfRangeException">no such row.</exception>
    public PolicyView Explain(int env, int agent, ReadOnlySpan<uint> masks)
    {
        int row = env * spec.AgentsPerSide + agent;
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, rows);
        var numbers = new float[engine.Spec.Outputs];
        device.CopyToHost(outputs.View.Slice((long)row * numbers.Length, numbers.Length), numbers);
        float[] logStd = [];
        if (engine.Spec is { ContinuousActions: > 0, StateDependentStd: false })
        {
            logStd = new float[engine.Spec.ContinuousActions];
            device.CopyToHost(engine.Weights.Slice(engine.Parameters["log_std"].Offset, logStd.Length), logStd);
        }

        return PolicyView.Of(engine.Spec, numbers, logStd, masks);
    }

    /// <summary>Copies <paramref name="weights"/> (P), so that training may go on changing them.</summary>
    /// <exception cref="ArgumentException">another length.</exception>
    public void Load(View<float> weights)
    {
        CheckLength(weights.Length);
        device.Launch(new CopyWeights { Source = weights, Destination = engine.Weights }, engine.Parameters.Length);
        Refresh();
    }

    /// <summary>Copies <paramref name="weights"/> (P) of the host.</summary>
    /// <exception cref="ArgumentException">another length.</exception>
    public void Load(ReadOnlySpan<float> weights)
    {
        CheckLength(weights.Length);
        device.CopyToDevice(weights, engine.Weights);
        Refresh();
    }

    /// <summary>Begins games on side <paramref name="side"/>: the draws start over, and nothing is remembered.</summary>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="side">0..Sides-1; both sides of one game draw different numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">no such side.</exception>
    public void Reset(ulong seed, int side)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(side);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(side, spec.Sides);
        (this.seed, this.side, step) = (seed, side, 0);
        if (states is not null) device.Launch(new ClearFloats { Destination = states.View }, checked((int)states.Length));
    }

    /// <summary>Writes the side's next actions into <paramref name="views"/>.</summary>
    /// <param name="views">Buffers of the environment's step: observations, masks and EpisodeStart are read, actions written.</param>
    public void Step(in StepViews views)
    {
        bool alone = spec.Sides == 1;
        if (!alone) Gather(views);
        engine.Forward(
            new NetworkInput
            {
                Observations = alone ? views.Observations : ViewOf(observations),
                ByteObservations = alone ? views.ByteObservations : ViewOf(byteObservations),
                EpisodeStart = alone ? views.EpisodeStart : ViewOf(episodeStart),
                State = ViewOf(states),
                NextState = ViewOf(states),
                Sequences = rows,
                Slots = 1,
            },
            outputs.View,
            keepActivations: false);
        head.Sample(new SampleViews
        {
            Outputs = outputs.View,
            ActionMasks = alone ? views.ActionMasks : ViewOf(masks),
            ContinuousActions = ViewOf(rawActions),
            EnvironmentActions = alone ? views.ContinuousActions : ViewOf(continuous),
            DiscreteActions = alone ? views.DiscreteActions : ViewOf(discrete),
            EmptyHeads = ViewOf(emptyHeads),
            LogProbs = logProbs.View,
            Values = values.View,
            Seed = seed,
            Step = step++ * (ulong)spec.Sides + (ulong)side,
            FirstRow = firstRow,
            Rows = rows,
            Deterministic = Deterministic,
            Purpose = LearnerPurpose.Evaluation,
        });
        if (!alone) Scatter(views);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable one in owned) one.Dispose();
    }

    private void Gather(in StepViews views) =>
        device.Launch(
            new GatherSide
            {
                Side = Rows,
                Observations = views.Observations,
                ByteObservations = views.ByteObservations,
                EpisodeStart = views.EpisodeStart,
                ActionMasks = views.ActionMasks,
                SideObservations = ViewOf(observations),
                SideByteObservations = ViewOf(byteObservations),
                SideEpisodeStart = ViewOf(episodeStart),
                SideMasks = ViewOf(masks),
                ObservationLength = spec.Observation.Length,
                MaskWords = spec.Action.MaskWords,
            },
            rows);

    private void Scatter(in StepViews views) =>
        device.Launch(
            new ScatterSide
            {
                Side = Rows,
                SideContinuous = ViewOf(continuous),
                SideDiscrete = ViewOf(discrete),
                Continuous = views.ContinuousActions,
                Discrete = views.DiscreteActions,
                Components = spec.Action.Continuous.Count,
                Heads = spec.Action.Discrete.Count,
            },
            rows);

    private SideRows Rows => new() { AgentsPerMatch = spec.AgentsPerMatch, AgentsPerSide = spec.AgentsPerSide, FirstAgent = side * spec.AgentsPerSide };

    private static View<T> ViewOf<T>(DeviceBuffer<T>? buffer)
        where T : unmanaged => buffer?.View ?? default;

    private void Refresh()
    {
        device.Synchronize();
        engine.RefreshDerived();
        head.Refresh();
    }

    private static void Check(EnvironmentSpec spec, NetworkSpec network)
    {
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        if (network.ByteObservations != bytes)
            throw new UsageException($"The policy takes observations of {(bytes ? "floats" : "bytes")}; '{spec.Game}' with these options gives {(bytes ? "bytes" : "floats")}.");
        if (network.Observations != spec.Observation.Length)
            throw new UsageException($"The policy takes observations of {network.Observations} numbers; '{spec.Game}' with these options gives {spec.Observation.Length}.");
        if (network.ContinuousActions != spec.Action.Continuous.Count || !network.DiscreteHeads.SequenceEqual(spec.Action.Discrete.Select(head => head.Size)))
            throw new UsageException($"The policy chooses {NetworkText.Actions(network)}; '{spec.Game}' with these options takes {NetworkText.Actions(spec.Action)}.");
    }

    private void CheckLength(long length)
    {
        if (length != engine.Parameters.Length)
            throw new ArgumentException($"{length:N0} weights were given; the network has {engine.Parameters.Length:N0}.");
    }

    private DeviceBuffer<T>? Take<T>(int width, string name)
        where T : unmanaged => width == 0 ? null : Own(device.Allocate<T>((long)rows * width, name));

    private T Own<T>(T one)
        where T : IDisposable
    {
        owned.Add(one);
        return one;
    }
}
