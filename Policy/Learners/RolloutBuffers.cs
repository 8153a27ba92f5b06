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
    /// <param name="environment">What is played.</param>
    /// <param name="horizon">T, at least 1.</param>
    /// <param name="stateSize">S: floats of recurrent state per row; 0 for networks without memory.</param>
    /// <param name="segmentLength">B, a divisor of T: slots of which a recurrent network learns at once; 0 = T.</param>
    public RolloutBuffers(IEnvironment environment, int horizon, int stateSize = 0, int segmentLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(stateSize);
        EnvironmentSpec spec = environment.Spec;
        Spec = spec;
        Device = environment.Device;
        Horizon = horizon;
        SegmentLength = segmentLength == 0 ? horizon : segmentLength;
        if (SegmentLength < 1 || horizon % SegmentLength != 0)
            throw new ArgumentException($"Segments of {segmentLength} slots do not divide a horizon of {horizon}.", nameof(segmentLength));
        NumEnvs = environment.NumEnvs;
        FirstMatch = environment.Options.MatchOffset;
        Rows = environment.NumEnvs * spec.AgentsPerMatch;
        ObservationLength = spec.Observation.Length;
        StateSize = stateSize;
        Components = spec.Action.Continuous.Count;
        Heads = spec.Action.Discrete.Count;
        MaskWords = spec.Action.MaskWords;
        // A first episode may be cut short; from then on truncations lie a whole episode apart.
        Finals = spec.TruncationSpacing == 0 ? 1 : 1 + (horizon - 1) / spec.TruncationSpacing;
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        long slots = (long)horizon * Rows, next = slots + Rows, finals = (long)Rows * Finals;
        long floats = bytes ? 0 : ObservationLength, asBytes = bytes ? ObservationLength : 0;
        Observations = TakeIfAny<float>(next * floats, "rollout: observations");
        ByteObservations = TakeIfAny<byte>(next * asBytes, "rollout: byte observations");
        ActionMasks = TakeIfAny<uint>(next * MaskWords, "rollout: action masks");
        ContinuousActions = TakeIfAny<float>(slots * Components, "rollout: continuous actions");
        EnvironmentActions = TakeIfAny<float>((long)Rows * Components, "rollout: squashed actions");
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
        States = TakeIfAny<float>((long)Rows * stateSize, "rollout: recurrent states");
        SegmentStates = TakeIfAny<float>(horizon / SegmentLength * (long)Rows * stateSize, "rollout: segment states");
        LastObservations = TakeIfAny<float>(Rows * floats, "rollout: last observations");
        LastByteObservations = TakeIfAny<byte>(Rows * asBytes, "rollout: last byte observations");
        FinalObservations = TakeIfAny<float>(finals * floats, "rollout: final observations");
        FinalByteObservations = TakeIfAny<byte>(finals * asBytes, "rollout: final byte observations");
        FinalStates = TakeIfAny<float>(finals * stateSize, "rollout: final states");
        FinalSteps = Take<int>(finals, "rollout: final steps");
        FinalCounts = Take<int>(Rows, "rollout: truncations per row");
        FinalValues = Take<float>(finals, "rollout: final values");
        Advantages = Take<float>(slots, "rollout: advantages");
        Returns = Take<float>(slots, "rollout: returns");
        Errors = Take<uint>(Rows, "rollout: errors");
        EpisodeStatistics = TakeIfAny<float>((long)NumEnvs * spec.EpisodesPerMatch * spec.RawStatistics, "rollout: episode statistics");
        EpisodesFinished = Take<int>((long)NumEnvs * spec.EpisodesPerMatch, "rollout: episodes finished");
        Metrics = Own(new MetricsBlock(Device));
        Episodes = Own(new FinishedEpisodes(Device, Metrics, EpisodesFinished.View, EpisodeStatistics?.View ?? default));
    }

    /// <summary>The environment's sizes.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>Where the memory lies.</summary>
    public IDevice Device { get; }

    /// <summary>T.</summary>
    public int Horizon { get; }

    /// <summary>E.</summary>
    public int NumEnvs { get; }

    /// <summary>Global number of match 0.</summary>
    public int FirstMatch { get; }

    /// <summary>N = E·A.</summary>
    public int Rows { get; }

    /// <summary>B: slots of a segment; divides T.</summary>
    public int SegmentLength { get; }

    /// <summary>O.</summary>
    public int ObservationLength { get; }

    /// <summary>S: floats of recurrent state per row; 0 without memory.</summary>
    public int StateSize { get; }

    /// <summary>F = 1 + (T − 1)/TruncationSpacing: truncations a row can have in a rollout.</summary>
    public int Finals { get; }

    /// <summary>A_c: continuous components.</summary>
    public int Components { get; }

    /// <summary>H: discrete heads.</summary>
    public int Heads { get; }

    /// <summary>Words of a mask row; 0 without masks.</summary>
    public int MaskWords { get; }

    /// <summary>(T + 1, N, O) float; null for games with byte observations.</summary>
    public DeviceBuffer<float>? Observations { get; }

    /// <summary>(T + 1, N, O) byte; null for games with float observations.</summary>
    public DeviceBuffer<byte>? ByteObservations { get; }

    /// <summary>(T + 1, N, MaskWords) bits of legal choices; null without masks.</summary>
    public DeviceBuffer<uint>? ActionMasks { get; }

    /// <summary>(T, N, A_c) float: raw samples, before clipping; null without continuous actions.</summary>
    public DeviceBuffer<float>? ContinuousActions { get; }

    /// <summary>(N, A_c) float: the present slot's actions as the environment plays them, in [−1, 1]; null without continuous actions.</summary>
    public DeviceBuffer<float>? EnvironmentActions { get; }

    /// <summary>(T, N, H) int; null without discrete heads.</summary>
    public DeviceBuffer<int>? DiscreteActions { get; }

    /// <summary>(N) int: 1 + a head that had no legal choice in some slot, else 0; null without discrete heads.</summary>
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

    /// <summary>(N, S) float: recurrent state of every row behind the last slot played; null without memory.</summary>
    public DeviceBuffer<float>? States { get; }

    /// <summary>(T/B, N, S) float: recurrent state entering slots 0, B, 2B, …, zero where an episode begins; null without memory.</summary>
    public DeviceBuffer<float>? SegmentStates { get; }

    /// <summary>(N, O) float: what the environment wrote at each row's last truncation; null for byte observations.</summary>
    public DeviceBuffer<float>? LastObservations { get; }

    /// <summary>(N, O) byte: the same for games with byte observations.</summary>
    public DeviceBuffer<byte>? LastByteObservations { get; }

    /// <summary>(N, F, O) float: the last observation before the row's k-th truncation in this rollout; null for byte observations.</summary>
    public DeviceBuffer<float>? FinalObservations { get; }

    /// <summary>(N, F, O) byte: the same for games with byte observations.</summary>
    public DeviceBuffer<byte>? FinalByteObservations { get; }

    /// <summary>(N, F, S) float: the state carried into that observation; null without memory.</summary>
    public DeviceBuffer<float>? FinalStates { get; }

    /// <summary>(N, F) int: the slot of that truncation; −1 = there was none.</summary>
    public DeviceBuffer<int> FinalSteps { get; }

    /// <summary>(N) int: truncations of the row in this rollout; more than F is a fault of the game.</summary>
    public DeviceBuffer<int> FinalCounts { get; }

    /// <summary>(N, F) float: values of the final observations; where there was no truncation, a number without meaning.</summary>
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

    /// <summary>What an update reads back, in one copy.</summary>
    public MetricsBlock Metrics { get; }

    /// <summary>Who finished an episode in the rollout.</summary>
    public FinishedEpisodes Episodes { get; }

    /// <summary>All T·N rows as a loss sees them.</summary>
    public RolloutViews Views => new()
    {
        Observations = Observations?.View.Slice(0, (long)Horizon * Rows * ObservationLength) ?? default,
        ByteObservations = ByteObservations?.View.Slice(0, (long)Horizon * Rows * ObservationLength) ?? default,
        EpisodeStart = EpisodeStart.View.Slice(0, (long)Horizon * Rows),
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
            ByteObservations = Slot(ByteObservations, t + 1, ObservationLength),
            ActionMasks = Slot(ActionMasks, t + 1, MaskWords),
            Rewards = Slot(Rewards, result),
            Terminated = Slot(Terminated, result),
            Truncated = Slot(Truncated, result),
            EpisodeStart = Slot(EpisodeStart, t + 1),
            RowActive = Slot(RowActive, t + 1),
            FinalObservations = LastObservations?.View ?? default,
            FinalByteObservations = LastByteObservations?.View ?? default,
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

    private DeviceBuffer<T> Take<T>(long length, string name)
        where T : unmanaged => Own(Device.Allocate<T>(length, name));

    private T Own<T>(T one)
        where T : IDisposable
    {
        owned.Add(one);
        return one;
    }

    private DeviceBuffer<T>? TakeIfAny<T>(long length, string name)
        where T : unmanaged => length == 0 ? null : Take<T>(length, name);
}
