using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners.Reinforce;

/// <summary>What one side saw and did in a batch of games: T ticks of N/Sides rows, time first, so that any ticks are adjacent rows.</summary>
internal sealed class SideGames : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly IDevice device;
    private readonly EnvironmentSpec spec;
    private readonly int side;
    private readonly INetworkEngine engine;
    private readonly View<float> observations;
    private readonly View<uint> masks;
    private readonly View<float> continuous;
    private readonly View<int> discrete;
    private readonly View<float> logProbs;
    private readonly View<float> values;
    private readonly View<byte> active;
    private readonly View<byte> episodeStart;
    private readonly View<float> advantages;
    private readonly View<byte> weights;
    private readonly View<float> outputs;
    private readonly View<float> played;
    private readonly View<int> emptyHeads;

    internal SideGames(IDevice device, EnvironmentSpec spec, int numEnvs, int side, INetworkEngine engine, int maxRows)
    {
        (this.device, this.spec, this.side, this.engine) = (device, spec, side, engine);
        Rows = numEnvs * spec.AgentsPerSide;
        long all = (long)Rows * spec.EpisodeLimit;
        Head = ActionHead.Create(device, spec.Action, engine, maxRows);
        owned.Add(Head);
        observations = Take<float>(all * spec.Observation.Length, "observations");
        masks = Take<uint>(all * spec.Action.MaskWords, "action masks");
        continuous = Take<float>(all * spec.Action.Continuous.Count, "continuous actions");
        discrete = Take<int>(all * spec.Action.Discrete.Count, "discrete actions");
        logProbs = Take<float>(all, "log-probs");
        values = Take<float>(all, "values");
        active = Take<byte>(all, "active rows");
        episodeStart = Take<byte>(Rows, "episode start");
        advantages = Take<float>(all, "normalised returns");
        weights = Take<byte>(all, "row weights");
        outputs = Take<float>((long)Rows * engine.Spec.Outputs, "network outputs");
        played = Take<float>((long)Rows * spec.Action.Continuous.Count, "clipped actions");
        emptyHeads = Take<int>(spec.Action.Discrete.Count == 0 ? 0 : Rows, "heads without a choice");
    }

    /// <summary>Rows per tick.</summary>
    internal int Rows { get; }

    /// <summary>How outputs become actions.</summary>
    internal ActionHead Head { get; }

    /// <summary>(N/Sides) int: 1 + a head that had no legal choice in some tick, else 0.</summary>
    internal View<int> EmptyHeads => emptyHeads;

    /// <summary>Reads what the side sees at tick <paramref name="t"/>, chooses, and writes the actions for the environment.</summary>
    internal void Act(int t, in StepViews views, ulong seed, ulong step, uint firstRow)
    {
        int width = spec.Observation.Length, words = spec.Action.MaskWords, components = spec.Action.Continuous.Count, heads = spec.Action.Discrete.Count;
        var side = new SideRows { AgentsPerMatch = spec.AgentsPerMatch, AgentsPerSide = spec.AgentsPerSide, FirstAgent = this.side * spec.AgentsPerSide };
        device.Launch(
            new GatherSide
            {
                Side = side,
                Observations = views.Observations,
                ActionMasks = views.ActionMasks,
                SideObservations = At(observations, t, width),
                SideMasks = At(masks, t, words),
                EpisodeStart = views.EpisodeStart,
                SideEpisodeStart = episodeStart,
                ObservationLength = width,
                MaskWords = words,
            },
            Rows);
        device.Launch(new GatherActive { Side = side, RowActive = views.RowActive, SideActive = At(active, t, 1) }, Rows);
        engine.Forward(At(observations, t, width), Rows, outputs, keepActivations: false);
        Head.Sample(new SampleViews
        {
            Outputs = outputs,
            ActionMasks = At(masks, t, words),
            ContinuousActions = At(continuous, t, components),
            EnvironmentActions = played,
            DiscreteActions = At(discrete, t, heads),
            EmptyHeads = emptyHeads,
            LogProbs = At(logProbs, t, 1),
            Values = At(values, t, 1),
            Seed = seed,
            Purpose = LearnerPurpose.ActionSampling,
            Step = step * (ulong)spec.Sides + (ulong)this.side,
            FirstRow = firstRow,
            Rows = Rows,
        });
        device.Launch(
            new ScatterSide
            {
                Side = side,
                SideContinuous = played,
                SideDiscrete = At(discrete, t, heads),
                Continuous = views.ContinuousActions,
                Discrete = views.DiscreteActions,
                Components = components,
                Heads = heads,
            },
            Rows);
    }

    /// <summary>Gives every row its return and weight; <paramref name="returns"/> and <paramref name="playing"/> are (T, E), of side 0.</summary>
    internal void Spread(View<float> returns, View<byte> playing, int ticks) =>
        device.Launch(
            new SpreadReturns
            {
                Returns = returns,
                Playing = playing,
                RowActive = active,
                Advantages = advantages,
                RowWeights = weights,
                AgentsPerSide = spec.AgentsPerSide,
                Sign = side == 0 ? 1f : -1f,
            },
            checked(ticks * Rows));

    /// <summary>Rows <paramref name="first"/> and the following <paramref name="count"/>, as a loss sees them.</summary>
    internal RolloutViews Slice(long first, int count) => new()
    {
        Observations = Cut(observations, first, count, spec.Observation.Length),
        ActionMasks = Cut(masks, first, count, spec.Action.MaskWords),
        ContinuousActions = Cut(continuous, first, count, spec.Action.Continuous.Count),
        DiscreteActions = Cut(discrete, first, count, spec.Action.Discrete.Count),
        LogProbs = logProbs.Slice(first, count),
        Values = values.Slice(first, count),
        Advantages = advantages.Slice(first, count),
        Returns = values.Slice(first, count), // the value's loss has the coefficient 0: it is its own target
        RowWeights = weights.Slice(first, count),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable one in owned) one.Dispose();
    }

    private View<T> At<T>(View<T> column, int t, int width)
        where T : unmanaged => Cut(column, (long)t * Rows, Rows, width);

    private static View<T> Cut<T>(View<T> column, long first, int count, int width)
        where T : unmanaged => width == 0 ? default : column.Slice(first * width, (long)count * width);

    private View<T> Take<T>(long length, string name)
        where T : unmanaged
    {
        if (length == 0) return default;
        DeviceBuffer<T> buffer = device.Allocate<T>(length, $"games of side {side}: {name}");
        owned.Add(buffer);
        return buffer.View;
    }
}
