using System.Diagnostics;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.Policy.Learners;

/// <summary>Fills a rollout: one network plays both sides, except where <see cref="OpponentSeats"/> gives one to somebody else.</summary>
/// <remarks>
/// The environment shows every side the match from its own end, so one network serves both (mirrored self-play). The recurrent
/// state of a row goes on from slot to slot and rollout to rollout, and is zero where an episode begins. After warm-up a rollout allocates nothing.
/// </remarks>
public sealed class RolloutCollector : IDisposable
{
    private readonly IEnvironment environment;
    private readonly INetworkEngine engine;
    private readonly RolloutBuffers rollout;
    private readonly OpponentSeats seats;
    private readonly IDevice device;
    private readonly ActionHead head;
    private readonly DeviceBuffer<float> outputs;
    private readonly int outputLength;
    private bool started;

    /// <summary>Prepares; call <see cref="Reset"/> next.</summary>
    /// <param name="environment">What is played.</param>
    /// <param name="engine">The network; MaxRows ≥ N.</param>
    /// <param name="rollout">Where it is written; made for the same environment.</param>
    /// <param name="seats">Who plays what; not disposed of here.</param>
    /// <exception cref="UsageException">the network does not fit the game.</exception>
    public RolloutCollector(IEnvironment environment, INetworkEngine engine, RolloutBuffers rollout, OpponentSeats seats)
    {
        this.seats = seats;
        this.environment = environment;
        this.engine = engine;
        this.rollout = rollout;
        device = environment.Device;
        EnvironmentSpec spec = environment.Spec;
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        if (engine.Spec.ByteObservations != bytes)
            throw new UsageException($"The network takes observations of {(bytes ? "floats" : "bytes")}; '{spec.Game}' with these options gives {(bytes ? "bytes" : "floats")}.");
        if (engine.Spec.Observations != spec.Observation.Length)
            throw new UsageException($"The network takes {engine.Spec.Observations} inputs; an observation of '{spec.Game}' has {spec.Observation.Length} elements.");
        if (engine.MaxRows < rollout.Rows)
            throw new ArgumentException($"The engine takes {engine.MaxRows} rows at a time; a slot has {rollout.Rows}.", nameof(engine));
        if (engine.Spec.StateSize != rollout.StateSize)
            throw new ArgumentException($"The network has {engine.Spec.StateSize} floats of state per row; the rollout was made for {rollout.StateSize}.", nameof(rollout));
        outputLength = engine.Spec.Outputs;
        head = ActionHead.Create(device, spec.Action, engine, rollout.Rows);
        outputs = device.Allocate<float>((long)rollout.Rows * outputLength, "collector: network outputs");
    }

    /// <summary>Number of the next rollout, from 0; with the slot it is the counter of every draw.</summary>
    public long Update { get; set; }

    /// <summary>Key of the learner's draws; the same as the environment's, whose purposes never meet the learner's.</summary>
    public ulong Seed { get; private set; }

    /// <summary>Time spent in the network and in sampling since the beginning, on the host's clock.</summary>
    public TimeSpan InferenceTime { get; private set; }

    /// <summary>Time spent in the environment since the beginning, on the host's clock.</summary>
    public TimeSpan EnvironmentTime { get; private set; }

    /// <summary>
    /// Whether to wait for the device between network and environment, so that both times are of the work and not of launching it. A GPU then idles
    /// while the host prepares what comes next; a CPU has never anything to wait for.
    /// </summary>
    public bool TimesWork { get; set; }

    /// <summary>Starts episode 0 in every match.</summary>
    public void Reset(ulong seed)
    {
        Seed = seed;
        Update = 0;
        seats.Reset();
        environment.Reset(seed, rollout.StepViews(-1));
        if (rollout.States is { } states) device.Launch(new ClearFloats { Destination = states.View }, checked((int)states.Length));
        started = true;
    }

    /// <summary>Plays T slots and values what comes after them.</summary>
    /// <exception cref="InvalidOperationException">before <see cref="Reset"/>.</exception>
    public void Collect()
    {
        if (!started) throw new InvalidOperationException("Collect was called before Reset; call Reset(seed) first.");
        if (Update > 0) Carry();
        head.Refresh();
        device.Launch(new ClearFinals { FinalSteps = rollout.FinalSteps.View, FinalCounts = rollout.FinalCounts.View, Finals = rollout.Finals }, rollout.Rows);
        rollout.Episodes.Begin();
        for (int t = 0; t < rollout.Horizon; t++) PlaySlot(t);
        seats.EndPlay();
        // What follows the last slot is valued with the state carried there, which stays as it is: the next rollout begins with it.
        Value(Seen(rollout.Horizon), rollout.Slot(rollout.Values, rollout.Horizon));
        for (int part = 0; part < rollout.Finals; part++) ValueFinals(part);
        Update++;
    }

    /// <summary>Saves between rollouts: the counters and the slot with which the next rollout begins. The environment saves itself.</summary>
    public void Save(SavedState state)
    {
        state.Values.Write("collector/update", Update);
        state.Values.Write("collector/seed", Seed);
        int slot = NextSlot;
        if (rollout.Observations is { } floats)
            state.World.Write("collector/observations", device, rollout.Slot(floats, slot, rollout.ObservationLength), rollout.Rows, rollout.ObservationLength);
        if (rollout.ByteObservations is { } bytes)
            state.World.Write("collector/byteObservations", device, rollout.Slot(bytes, slot, rollout.ObservationLength), rollout.Rows, rollout.ObservationLength);
        if (rollout.States is { } memory) state.World.Write("collector/states", memory, rollout.Rows, rollout.StateSize);
        if (rollout.ActionMasks is { } masks)
            state.World.Write("collector/actionMasks", device, rollout.Slot(masks, slot, rollout.MaskWords), rollout.Rows, rollout.MaskWords);
        state.World.Write("collector/episodeStart", device, rollout.Slot(rollout.EpisodeStart, slot));
        state.World.Write("collector/rowActive", device, rollout.Slot(rollout.RowActive, slot));
        if (rollout.EpisodeStatistics is { } statistics)
            state.World.Write("collector/episodeStatistics", statistics, rollout.NumEnvs * environment.Spec.EpisodesPerMatch, environment.Spec.RawStatistics);
        state.World.Write("collector/episodesFinished", rollout.EpisodesFinished);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="UsageException">it is of another game or another number of matches.</exception>
    public void Load(SavedState state)
    {
        Update = state.Values.ReadLong("collector/update");
        Seed = state.Values.ReadULong("collector/seed");
        int slot = NextSlot;
        if (rollout.Observations is { } floats) state.World.Read("collector/observations", device, rollout.Slot(floats, slot, rollout.ObservationLength));
        if (rollout.ByteObservations is { } bytes) state.World.Read("collector/byteObservations", device, rollout.Slot(bytes, slot, rollout.ObservationLength));
        if (rollout.States is { } memory) state.World.Read("collector/states", memory);
        if (rollout.ActionMasks is { } masks) state.World.Read("collector/actionMasks", device, rollout.Slot(masks, slot, rollout.MaskWords));
        state.World.Read("collector/episodeStart", device, rollout.Slot(rollout.EpisodeStart, slot));
        state.World.Read("collector/rowActive", device, rollout.Slot(rollout.RowActive, slot));
        if (rollout.EpisodeStatistics is { } statistics) state.World.Read("collector/episodeStatistics", statistics);
        state.World.Read("collector/episodesFinished", rollout.EpisodesFinished);
        started = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        head.Dispose();
        outputs.Dispose();
    }

    // Where what comes next lies: the slot behind the last rollout, which Collect carries to the front, or what Reset wrote.
    private int NextSlot => Update > 0 ? rollout.Horizon : 0;

    private ulong StepOf(int t) => (ulong)Update * (ulong)rollout.Horizon + (ulong)t;

    private void PlaySlot(int t)
    {
        if (TimesWork) device.Synchronize();
        long start = Stopwatch.GetTimestamp();
        StepViews views = rollout.StepViews(t);
        seats.Assign(t, Seed);
        if (rollout.StateSize > 0 && t % rollout.SegmentLength == 0) KeepStates(t);
        NetworkInput input = Seen(t);
        input.NextState = input.State;
        engine.Forward(input, outputs.View, keepActivations: false);
        Sample(t, views);
        if (TimesWork) device.Synchronize();
        long sampled = Stopwatch.GetTimestamp();
        seats.Act(t, views, Seed, StepOf(t)); // the rows that Assign gave to somebody else: their actions replace the learner's
        environment.Step(views);
        KeepFinals(t);
        if (TimesWork) device.Synchronize();
        InferenceTime += Stopwatch.GetElapsedTime(start, sampled);
        EnvironmentTime += Stopwatch.GetElapsedTime(sampled);
    }

    private void Sample(int t, in StepViews views) =>
        head.Sample(new SampleViews
        {
            Outputs = outputs.View,
            ActionMasks = rollout.Slot(rollout.ActionMasks, t, rollout.MaskWords),
            ContinuousActions = rollout.Slot(rollout.ContinuousActions, t, rollout.Components),
            EnvironmentActions = views.ContinuousActions,
            DiscreteActions = views.DiscreteActions,
            EmptyHeads = rollout.EmptyHeads?.View ?? default,
            LogProbs = rollout.Slot(rollout.LogProbs, t),
            Values = rollout.Slot(rollout.Values, t),
            Seed = Seed,
            Purpose = LearnerPurpose.ActionSampling,
            Step = StepOf(t),
            FirstRow = (uint)environment.Options.MatchOffset * (uint)environment.Spec.AgentsPerMatch,
            Rows = rollout.Rows,
        });

    // Every row's observation of slot t, and the state before it; the engine starts rows of a new episode from zero.
    private NetworkInput Seen(int t) => new()
    {
        Observations = rollout.Slot(rollout.Observations, t, rollout.ObservationLength),
        ByteObservations = rollout.Slot(rollout.ByteObservations, t, rollout.ObservationLength),
        EpisodeStart = rollout.Slot(rollout.EpisodeStart, t),
        State = rollout.States?.View ?? default,
        Sequences = rollout.Rows,
        Slots = 1,
    };

    private void KeepStates(int t) =>
        device.Launch(
            new KeepStates
            {
                States = rollout.States!.View,
                EpisodeStart = rollout.Slot(rollout.EpisodeStart, t),
                Kept = rollout.Slot(rollout.SegmentStates, t / rollout.SegmentLength, rollout.StateSize),
                StateSize = rollout.StateSize,
            },
            rollout.Rows);

    private void KeepFinals(int t) =>
        device.Launch(
            new KeepFinals
            {
                Truncated = rollout.Slot(rollout.Truncated, t),
                LastObservations = rollout.LastObservations?.View ?? default,
                LastByteObservations = rollout.LastByteObservations?.View ?? default,
                States = rollout.States?.View ?? default,
                FinalObservations = rollout.FinalObservations?.View ?? default,
                FinalByteObservations = rollout.FinalByteObservations?.View ?? default,
                FinalStates = rollout.FinalStates?.View ?? default,
                FinalSteps = rollout.FinalSteps.View,
                FinalCounts = rollout.FinalCounts.View,
                ObservationLength = rollout.ObservationLength,
                StateSize = rollout.StateSize,
                Finals = rollout.Finals,
                Slot = t,
            },
            rollout.Rows);

    // N of the N·F final observations, with the states carried into them. Places without a truncation get the value of an old
    // observation, which nobody reads.
    private void ValueFinals(int part) =>
        Value(
            new NetworkInput
            {
                Observations = rollout.Slot(rollout.FinalObservations, part, rollout.ObservationLength),
                ByteObservations = rollout.Slot(rollout.FinalByteObservations, part, rollout.ObservationLength),
                State = rollout.Slot(rollout.FinalStates, part, rollout.StateSize),
                Sequences = rollout.Rows,
                Slots = 1,
            },
            rollout.Slot(rollout.FinalValues, part));

    private void Value(in NetworkInput input, View<float> values)
    {
        engine.Forward(input, outputs.View, keepActivations: false);
        device.Launch(new TakeValues { Outputs = outputs.View, Values = values, OutputLength = outputLength }, rollout.Rows);
    }

    private void Carry() =>
        device.Launch(
            new CarryRows
            {
                Observations = rollout.Observations?.View ?? default,
                ByteObservations = rollout.ByteObservations?.View ?? default,
                ActionMasks = rollout.ActionMasks?.View ?? default,
                EpisodeStart = rollout.EpisodeStart.View,
                RowActive = rollout.RowActive.View,
                From = (long)rollout.Horizon * rollout.Rows,
                ObservationLength = rollout.ObservationLength,
                MaskWords = rollout.MaskWords,
            },
            rollout.Rows);
}
