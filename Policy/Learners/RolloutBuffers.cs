using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;

namespace Arena.Policy.Learners;

/// <summary>T slots of N rows: what was seen, done and got. All memory is allocated here, once.</summary>
/// <remarks>
/// Slot t holds the observation, the action chosen from it, and the result of that action; time first, row-major, one
/// flat buffer per column. The environment writes straight into it: results at t, observations at t + 1.
/// </remarks>
public sealed class RolloutBuffers : IDisposable
{
    private readonly List<IDisposable> owned = [];

    /// <summary>Allocates for <paramref name="horizon"/> slots of every row of <paramref name="environment"/>.</summary>
    /// <exception cref="UsageException">a horizon above the episode limit, byte observations, or continuous and discrete actions together.</exception>
    public RolloutBuffers(IEnvironment environment, int horizon)
    {
        EnvironmentSpec spec = environment.Spec;
        Check(spec, horizon);
        Spec = spec;
        Device = environment.Device;
        Horizon = horizon;
        NumEnvs = environment.NumEnvs;
        Rows = environment.NumEnvs * spec.AgentsPerMatch;
        ObservationLength = spec.Observation.Length;
        Components = spec.Action.Continuous.Count;
        Heads = spec.Action.Discrete.Count;
        MaskWords = spec.Action.MaskWords;
        long slots = (long)horizon * Rows, next = slots + Rows;
        Observations = Take<float>(next * ObservationLength, "rollout: observations");
        ActionMasks = TakeIfAny<uint>(next * MaskWords, "rollout: action masks");
        ContinuousActions = TakeIfAny<float>(slots * Components, "rollout: continuous actions");
        EnvironmentActions = TakeIfAny<float>((long)Rows * Components, "rollout: clipped actions");
        DiscreteActions = TakeIfAny<int>(slots * Heads, "rollout: discrete actions");
        EmptyHeads = TakeIfAny<int>(Heads > 0 ? Rows : 0, "rollout: heads without a legal choice");
        LogProbs = Take<float>(slots, "rollout: log-probs");
        Values = Take<float>(next, "rollout: values");
        Rewards = Take<float>(slots, "rollout: rewards");
        Terminated = Take<byte>(slots, "rollout: terminated");
        Truncated = Take<byte>(slots, "rollout: truncated");
        EpisodeStart = Take<byte>(next, "rollout: episode start");
        RowActive = Take<byte>(next, "rollout: row active");
        RowWeights = Take<byte>(slots, "rollout: row weights");
        FinalObservations = Take<float>((long)Rows * ObservationLength, "rollout: final observations");
        FinalValues = Take<float>(Rows, "rollout: final values");
        Advantages = Take<float>(slots, "rollout: advantages");
        Returns = Take<float>(slots, "rollout: returns");
        Errors = Take<uint>(Rows, "rollout: errors");
        EpisodeStatistics = TakeIfAny<float>((long)NumEnvs * spec.EpisodesPerMatch * spec.RawStatistics, "rollout: episode statistics");
        EpisodesFinished = Take<int>((long)NumEnvs * spec.EpisodesPerMatch, "rollout: episodes finished");
    }

    /// <summary>The environment's sizes.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>Where the memory lies.</summary>
    public IDevice Device { get; }

    /// <summary>T.</summary>
    public int Horizon { get; }

    /// <summary>E.</summary>
    public int NumEnvs { get; }

    /// <summary>N = E·A.</summary>
    public int Rows { get; }

    /// <summary>O.</summary>
    public int ObservationLength { get; }

    /// <summary>A_c: continuous components.</summary>
    public int Components { get; }

    /// <summary>H: discrete heads.</summary>
    public int Heads { get; }

    /// <summary>Words of a mask row; 0 without masks.</summary>
    public int MaskWords { get; }

    /// <summary>(T + 1, N, O) float.</summary>
    public DeviceBuffer<float> Observations { get; }

    /// <summary>(T + 1, N, MaskWords) bits of legal choices; null without masks.</summary>
    public DeviceBuffer<uint>? ActionMasks { get; }

    /// <summary>(T, N, A_c) float: raw samples, before clipping; null for discrete actions.</summary>
    public DeviceBuffer<float>? ContinuousActions { get; }

    /// <summary>(N, A_c) float: the present slot's actions as the environment plays them, in [−1, 1]; null for discrete actions.</summary>
    public DeviceBuffer<float>? EnvironmentActions { get; }

    /// <summary>(T, N, H) int; null for continuous actions.</summary>
    public DeviceBuffer<int>? DiscreteActions { get; }

    /// <summary>(N) int: 1 + a head that had no legal choice in some slot, else 0; null for continuous actions.</summary>
    public DeviceBuffer<int>? EmptyHeads { get; }

    /// <summary>(T, N) float.</summary>
    public DeviceBuffer<float> LogProbs { get; }

    /// <summary>(T + 1, N) float; slot T bootstraps.</summary>
    public DeviceBuffer<float> Values { get; }

    /// <summary>(T, N) float.</summary>
    public DeviceBuffer<float> Rewards { get; }

    /// <summary>(T, N) byte: the rules ended the episode with this action.</summary>
    public DeviceBuffer<byte> Terminated { get; }

    /// <summary>(T, N) byte: the clock did.</summary>
    public DeviceBuffer<byte> Truncated { get; }

    /// <summary>(T + 1, N) byte: the slot is the first of an episode.</summary>
    public DeviceBuffer<byte> EpisodeStart { get; }

    /// <summary>(T + 1, N) byte: the agent takes part in the slot.</summary>
    public DeviceBuffer<byte> RowActive { get; }

    /// <summary>(T, N) byte: 1 where the action was the learner's and counted.</summary>
    public DeviceBuffer<byte> RowWeights { get; }

    /// <summary>(N, O) float: the last observation before the row's truncation in this rollout (at most one, as T ≤ episode limit).</summary>
    public DeviceBuffer<float> FinalObservations { get; }

    /// <summary>(N) float: their values; of rows that were not truncated, a number without meaning.</summary>
    public DeviceBuffer<float> FinalValues { get; }

    /// <summary>(T, N) float; normalised during an update.</summary>
    public DeviceBuffer<float> Advantages { get; }

    /// <summary>(T, N) float.</summary>
    public DeviceBuffer<float> Returns { get; }

    /// <summary>(N) bits of <see cref="ErrorCode"/>.</summary>
    public DeviceBuffer<uint> Errors { get; }

    /// <summary>(E, RawStatistics) float, of the last finished episode of each match; null where the game keeps none.</summary>
    public DeviceBuffer<float>? EpisodeStatistics { get; }

    /// <summary>(E) int: episodes finished since the reset.</summary>
    public DeviceBuffer<int> EpisodesFinished { get; }

    /// <summary>All T·N rows as a loss sees them.</summary>
    public RolloutViews Views => new()
    {
        Observations = Observations.View.Slice(0, (long)Horizon * Rows * ObservationLength),
        ActionMasks = ActionMasks?.View.Slice(0, (long)Horizon * Rows * MaskWords) ?? default,
        ContinuousActions = ContinuousActions?.View ?? default,
        DiscreteActions = DiscreteActions?.View ?? default,
        LogProbs = LogProbs.View,
        Values = Values.View.Slice(0, (long)Horizon * Rows),
        Advantages = Advantages.View,
        Returns = Returns.View,
        RowWeights = RowWeights.View,
    };

    /// <summary>The buffers of an environment's step: actions and results of slot <paramref name="t"/>, observations of slot t + 1.</summary>
    /// <param name="t">0..T−1; −1 for a reset, which writes the observations of slot 0.</param>
    public StepViews StepViews(int t)
    {
        int result = Math.Max(t, 0);
        return new StepViews
        {
            ContinuousActions = EnvironmentActions?.View ?? default,
            DiscreteActions = Slot(DiscreteActions, result, Heads),
            Observations = Slot(Observations, t + 1, ObservationLength),
            ActionMasks = Slot(ActionMasks, t + 1, MaskWords),
            Rewards = Slot(Rewards, result),
            Terminated = Slot(Terminated, result),
            Truncated = Slot(Truncated, result),
            EpisodeStart = Slot(EpisodeStart, t + 1),
            RowActive = Slot(RowActive, t + 1),
            FinalObservations = FinalObservations.View,
            Errors = Errors.View,
            EpisodeStatistics = EpisodeStatistics?.View ?? default,
            EpisodesFinished = EpisodesFinished.View,
        };
    }

    /// <summary>Slot <paramref name="t"/> of a column whose first dimension is time; an empty view where there is no such column.</summary>
    /// <param name="column">One of the columns above.</param>
    /// <param name="t">0..T−1, or T where the column goes that far.</param>
    /// <param name="width">Elements per row.</param>
    public View<T> Slot<T>(DeviceBuffer<T>? column, int t, int width = 1)
        where T : unmanaged =>
        column is null ? default : column.View.Slice((long)t * Rows * width, (long)Rows * width);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in owned) buffer.Dispose();
    }

    private static void Check(EnvironmentSpec spec, int horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        if (spec.TruncationSpacing > 0 && horizon > spec.TruncationSpacing)
            throw new UsageException(
                $"--horizon is {horizon}, but '{spec.Game}' may cut episodes {spec.TruncationSpacing} ticks apart; a rollout keeps one last observation per row, so use at most {spec.TruncationSpacing}.");
        if (spec.Observation.Kind != ObservationKind.Float)
            throw new UsageException($"'{spec.Game}' with these options has byte observations; this learner takes float observations.");
        if ((spec.Action.Continuous.Count > 0) == (spec.Action.Discrete.Count > 0))
            throw new UsageException($"'{spec.Game}' has {spec.Action.Continuous.Count} continuous components and {spec.Action.Discrete.Count} discrete heads; this learner takes one kind.");
    }

    private DeviceBuffer<T> Take<T>(long length, string name)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Device.Allocate<T>(length, name);
        owned.Add(buffer);
        return buffer;
    }

    private DeviceBuffer<T>? TakeIfAny<T>(long length, string name)
        where T : unmanaged => length == 0 ? null : Take<T>(length, name);
}
