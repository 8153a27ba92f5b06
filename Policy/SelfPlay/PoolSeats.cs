using System.Text;
using System.Text.Json;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.Policy.SelfPlay;

/// <summary>The frozen policies that are at hand: one network per slot, and the rows they play. First the pool's slots, then one for each listed policy.</summary>
internal sealed class PoolSeats : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly IEnvironment environment;
    private readonly RolloutBuffers rollout;
    private readonly OpponentPoolConfig config;
    private readonly IDevice device;
    private readonly Shard shard;
    private readonly EnvironmentSpec spec;
    private readonly INetworkEngine?[] engines; // null where a slot has no match
    private readonly ActionHead?[] heads;
    private readonly bool[] loaded;
    private readonly int[] firstRow; // (Slots + 1)
    private readonly View<int> homeSlots;
    private readonly View<uint> odds;
    private readonly View<int> matches;
    private readonly MetricsPlace<int> counts;
    private readonly View<float> observations;
    private readonly View<byte> byteObservations;
    private readonly View<uint> masks;
    private readonly View<byte> episodeStart;
    private readonly View<uint> rowNumbers;
    private readonly View<float> state;
    private readonly View<float> outputs;
    private readonly View<float> rawActions;
    private readonly View<float> continuous;
    private readonly View<int> discrete;
    private readonly View<int> emptyHeads;
    private readonly View<float> logProbs;
    private readonly View<float> values;
    private readonly uint[] hostOdds;
    private readonly float[]?[] listed; // (F) (P) weights; null until they are given

    /// <param name="environment">What is played.</param>
    /// <param name="rollout">Where the environment writes.</param>
    /// <param name="learner">The learner's network.</param>
    /// <param name="config">Rules and sizes.</param>
    /// <param name="homes">(E) home slot per match; at least one of the run's is not −1.</param>
    /// <param name="pooled">Whether any match of the run may meet the pool.</param>
    /// <param name="policies">F: listed policies.</param>
    /// <param name="createEngine">Makes a network for at most so many rows.</param>
    /// <param name="shard">Which part of the run's matches these are.</param>
    internal PoolSeats(IEnvironment environment, RolloutBuffers rollout, INetworkEngine learner, OpponentPoolConfig config, int[] homes, bool pooled, int policies,
        Func<int, INetworkEngine> createEngine, Shard shard)
    {
        (this.environment, this.rollout, this.config, this.shard, Pooled) = (environment, rollout, config, shard, pooled);
        device = environment.Device;
        spec = environment.Spec;
        Pool = new OpponentPool(config, learner.Parameters.Length);
        int slots = config.Slots + policies;
        listed = new float[policies][];
        int[] sorted = [.. Enumerable.Range(0, homes.Length).Where(env => homes[env] >= 0).OrderBy(env => homes[env])]; // stable
        firstRow = [.. Enumerable.Range(0, slots + 1).Select(slot => sorted.Count(env => homes[env] < slot) * spec.AgentsPerSide)];
        (engines, heads, loaded) = (new INetworkEngine?[slots], new ActionHead?[slots], new bool[slots]);
        for (int slot = 0; slot < slots; slot++)
        {
            if (RowsOf(slot) == 0) continue;
            engines[slot] = Own(createEngine(RowsOf(slot)));
            heads[slot] = Own(ActionHead.Create(device, spec.Action, engines[slot]!, RowsOf(slot)));
        }

        int rows = firstRow[^1], width = spec.Observation.Length;
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        homeSlots = Take(homes, "home slots");
        matches = Take(sorted, "matches");
        odds = Take<uint>(config.Slots, "odds");
        counts = rollout.Metrics.Take<int>(config.Slots);
        observations = Take<float>(bytes ? 0 : (long)rows * width, "observations");
        byteObservations = Take<byte>(bytes ? (long)rows * width : 0, "byte observations");
        masks = Take<uint>((long)rows * spec.Action.MaskWords, "action masks");
        episodeStart = Take<byte>(rows, "episode start");
        rowNumbers = Take<uint>(rows, "row numbers");
        state = Take<float>((long)rows * learner.Spec.StateSize, "recurrent state");
        outputs = Take<float>((long)rows * learner.Spec.Outputs, "network outputs");
        rawActions = Take<float>((long)rows * spec.Action.Continuous.Count, "raw actions");
        continuous = Take<float>((long)rows * spec.Action.Continuous.Count, "clipped actions");
        discrete = Take<int>((long)rows * spec.Action.Discrete.Count, "discrete actions");
        emptyHeads = Take<int>(spec.Action.Discrete.Count == 0 ? 0 : rows, "heads without a choice");
        logProbs = Take<float>(rows, "log-probs");
        values = Take<float>(rows, "values");
        hostOdds = new uint[config.Slots];
    }

    /// <summary>The bookkeeping of the pool.</summary>
    internal OpponentPool Pool { get; private set; }

    /// <summary>Whether any match of the run may meet the pool.</summary>
    internal bool Pooled { get; }

    /// <summary>Is there a listed policy whose weights were not given?</summary>
    internal bool LacksListed => Array.IndexOf(listed, null) >= 0;

    /// <summary>(E) int: home slot of every match, −1 = none.</summary>
    internal View<int> HomeSlots => homeSlots;

    /// <summary>(Slots) uint, as <see cref="AssignOpponents.Odds"/>.</summary>
    internal View<uint> Odds => odds;

    /// <summary>(P) weights on the device of the policy in a slot that has matches.</summary>
    internal View<float> WeightsOf(int slot) => engines[slot]!.Weights;

    /// <summary>Takes up weights that were written from outside.</summary>
    internal void RefreshAll()
    {
        for (int slot = 0; slot < engines.Length; slot++)
            if (loaded[slot]) Refresh(slot);
    }

    /// <summary>Every frozen policy acts on its rows; those of matches that are not played against it go nowhere.</summary>
    internal void Act(int t, in StepViews views, View<int> opponents, ulong seed, ulong step)
    {
        if (Array.IndexOf(loaded, true) < 0) return;
        PoolRows rows = Rows;
        device.Launch(
            new GatherPool
            {
                Rows = rows,
                Observations = rollout.Slot(rollout.Observations, t, rollout.ObservationLength),
                ByteObservations = rollout.Slot(rollout.ByteObservations, t, rollout.ObservationLength),
                ActionMasks = rollout.Slot(rollout.ActionMasks, t, rollout.MaskWords),
                EpisodeStart = rollout.Slot(rollout.EpisodeStart, t),
                PoolObservations = observations,
                PoolByteObservations = byteObservations,
                PoolMasks = masks,
                PoolEpisodeStart = episodeStart,
                RowNumbers = rowNumbers,
                ObservationLength = rollout.ObservationLength,
                MaskWords = rollout.MaskWords,
            },
            firstRow[^1]);
        for (int slot = 0; slot < engines.Length; slot++)
            if (loaded[slot]) Play(slot, seed, step);
        device.Launch(
            new ScatterPool
            {
                Rows = rows,
                Opponents = opponents,
                PoolContinuous = continuous,
                PoolDiscrete = discrete,
                Continuous = views.ContinuousActions,
                Discrete = views.DiscreteActions,
                Components = spec.Action.Continuous.Count,
                Heads = spec.Action.Discrete.Count,
            },
            firstRow[^1]);
    }

    /// <summary>After a rollout: counts the matches of every slot, on the device.</summary>
    internal void Count(View<int> opponents) => device.Launch(new CountSeats { Opponents = opponents, Matches = counts.View }, config.Slots);

    /// <summary>Once the counts have been read: lets the pool decide who is at hand, and loads who came.</summary>
    internal void Seat(ulong seed, long update)
    {
        shard.Sum(counts.Host);
        foreach (int slot in Pool.AssignSlots(seed, update, counts.Host)) Load(slot);
        WriteOdds();
    }

    /// <summary>Gives a listed policy its weights.</summary>
    /// <param name="policy">0..F−1.</param>
    /// <param name="weights">(P) float; kept.</param>
    internal void LoadListed(int policy, float[] weights)
    {
        if (weights.Length != Pool.Parameters) throw new ArgumentException($"{weights.Length:N0} weights were given; the network has {Pool.Parameters:N0}.", nameof(weights));
        listed[policy] = weights;
        Load(config.Slots + policy, weights);
    }

    /// <summary>Saves the pool, all weights and the recurrent states.</summary>
    internal void Save(SavedState saved)
    {
        for (int policy = 0; policy < listed.Length; policy++)
            if (listed[policy] is { } weights) saved.Shared.Write<float>(ListedName(policy), weights);
        if (Pooled) SavePool(saved);
        if (state.Length > 0) saved.World.Write("seats/state", device, state);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="Kernels.UsageException">it is of another pool, or lacks a listed policy.</exception>
    internal void Load(SavedState saved)
    {
        for (int policy = 0; policy < listed.Length; policy++)
        {
            var weights = new float[Pool.Parameters];
            saved.Shared.Read<float>(ListedName(policy), weights);
            LoadListed(policy, weights);
        }

        if (Pooled) LoadPool(saved);
        if (state.Length > 0) saved.World.Read("seats/state", device, state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable one in owned) one.Dispose();
    }

    private void SavePool(SavedState saved)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text)) PoolState.Write(Pool, writer);
        saved.Values.Write("pool", Encoding.UTF8.GetString(text.ToArray()));
        foreach (PoolEntry entry in Pool.Entries) saved.Shared.Write(NameOf(entry.Id), entry.Weights);
    }

    private void LoadPool(SavedState saved)
    {
        using JsonDocument text = JsonDocument.Parse(saved.Values.ReadText("pool"));
        Pool = PoolState.Read(config, Pool.Parameters, text.RootElement, id =>
        {
            var stored = new float[Pool.Parameters];
            saved.Shared.Read<float>(NameOf(id), stored);
            return stored;
        });
        for (int slot = 0; slot < config.Slots; slot++)
            if (Pool.SlotEntry(slot) is not null) Load(slot);
        WriteOdds();
    }

    private PoolRows Rows => new()
    {
        Matches = matches,
        EpisodesFinished = rollout.EpisodesFinished.View,
        MatchOffset = environment.Options.MatchOffset,
        AgentsPerSide = spec.AgentsPerSide,
    };

    private void Play(int slot, ulong seed, ulong step)
    {
        INetworkEngine engine = engines[slot]!;
        int rows = RowsOf(slot), components = spec.Action.Continuous.Count, choices = spec.Action.Discrete.Count;
        View<float> memory = Slice(state, slot, engine.Spec.StateSize);
        var input = new NetworkInput
        {
            Observations = Slice(observations, slot, rollout.ObservationLength),
            ByteObservations = Slice(byteObservations, slot, rollout.ObservationLength),
            EpisodeStart = Slice(episodeStart, slot, 1),
            State = memory,
            NextState = memory,
            Sequences = rows,
            Slots = 1,
        };
        engine.Forward(input, Slice(outputs, slot, engine.Spec.Outputs), keepActivations: false);
        heads[slot]!.Sample(new SampleViews
        {
            Outputs = Slice(outputs, slot, engine.Spec.Outputs),
            ActionMasks = Slice(masks, slot, rollout.MaskWords),
            ContinuousActions = Slice(rawActions, slot, components),
            EnvironmentActions = Slice(continuous, slot, components),
            DiscreteActions = Slice(discrete, slot, choices),
            EmptyHeads = Slice(emptyHeads, slot, 1),
            LogProbs = Slice(logProbs, slot, 1),
            Values = Slice(values, slot, 1),
            RowNumbers = Slice(rowNumbers, slot, 1),
            Seed = seed,
            Purpose = LearnerPurpose.OpponentSampling,
            Step = step,
            Rows = rows,
        });
    }

    private void Load(int slot)
    {
        if (Pool.SlotEntry(slot) is { } entry) Load(slot, entry.Weights);
    }

    private void Load(int slot, ReadOnlySpan<float> weights)
    {
        if (engines[slot] is not { } engine) return;
        device.CopyToDevice(weights, engine.Weights);
        Refresh(slot);
        loaded[slot] = true;
    }

    private void Refresh(int slot)
    {
        device.Synchronize();
        engines[slot]!.RefreshDerived();
        heads[slot]!.Refresh();
    }

    // A game with this home is played against the slot with probability weight / largest weight.
    private void WriteOdds()
    {
        double largest = 0;
        for (int slot = 0; slot < hostOdds.Length; slot++) largest = Math.Max(largest, Pool.SlotWeight(slot));
        for (int slot = 0; slot < hostOdds.Length; slot++)
        {
            double weight = Pool.SlotWeight(slot);
            hostOdds[slot] = weight > 0 ? (uint)Math.Max(1, weight / largest * uint.MaxValue) : 0;
        }

        device.CopyToDevice<uint>(hostOdds, odds);
    }

    private int RowsOf(int slot) => firstRow[slot + 1] - firstRow[slot];

    private View<T> Slice<T>(View<T> column, int slot, int width)
        where T : unmanaged => column.Length == 0 || width == 0 ? default : column.Slice((long)firstRow[slot] * width, (long)RowsOf(slot) * width);

    private static string NameOf(int id) => $"pool/{id}";

    private static string ListedName(int policy) => $"listed/{policy}";

    private View<int> Take(int[] contents, string name)
    {
        View<int> view = Take<int>(contents.Length, name);
        if (contents.Length == 0) return view;
        device.CopyToDevice(contents, view);
        return view;
    }

    private View<T> Take<T>(long length, string name)
        where T : unmanaged => length == 0 ? default : Own(device.Allocate<T>(length, $"pool: {name}")).View;

    private T Own<T>(T one)
        where T : IDisposable
    {
        owned.Add(one);
        return one;
    }
}
