using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>The buffers a step reads and writes, as kernels see them. A view of length 0 is not wanted and not written.</summary>
/// <remarks>
/// A caller passes slot t of its rollout for actions and results and slot t + 1 for observations, so nothing is copied
/// afterwards. Shapes: N rows = E matches × A agents, row-major.
/// </remarks>
public struct StepViews
{
    /// <summary>(N, components) float in [−1, 1]; in.</summary>
    public View<float> ContinuousActions;

    /// <summary>(N, heads) int; in.</summary>
    public View<int> DiscreteActions;

    /// <summary>(N, O) float; what each row sees next; out.</summary>
    public View<float> Observations;

    /// <summary>(N, O) byte, for games with byte observations; out.</summary>
    public View<byte> ByteObservations;

    /// <summary>(N, MaskWords) bits of legal discrete choices for the next action; out.</summary>
    public View<uint> ActionMasks;

    /// <summary>(N) float; result of this action; out.</summary>
    public View<float> Rewards;

    /// <summary>(N, RewardComponents) float; weighted parts that sum to the reward in their order; out, optional.</summary>
    public View<float> RewardParts;

    /// <summary>(N) byte; 1 when the rules ended the episode with this action; out.</summary>
    public View<byte> Terminated;

    /// <summary>(N) byte; 1 when the clock ended it (never together with <see cref="Terminated"/>); out.</summary>
    public View<byte> Truncated;

    /// <summary>(N) byte; 1 when the next observation is the first of an episode; out.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(N) byte; 1 when the next action of this row counts (its agent is alive and taking part); out.</summary>
    public View<byte> RowActive;

    /// <summary>(N, O) float; the last observation of rows truncated by this step, other rows untouched; out.</summary>
    public View<float> FinalObservations;

    /// <summary>(N, O) byte; the same for byte observations; out.</summary>
    public View<byte> FinalByteObservations;

    /// <summary>(N) bits of <see cref="ErrorCode"/>, added to what is there; the host clears them; out.</summary>
    public View<uint> Errors;

    /// <summary>
    /// (E·<see cref="EnvironmentSpec.EpisodesPerMatch"/>, RawStatistics) float; of the last finished episode of each match, or of each
    /// agent where episodes are its own; out.
    /// </summary>
    public View<float> EpisodeStatistics;

    /// <summary>(E·<see cref="EnvironmentSpec.EpisodesPerMatch"/>) int; episodes finished since the last reset; out.</summary>
    public View<int> EpisodesFinished;

    /// <summary>What a reset writes for a row before its first action: no result, no error, the first observation of an episode.</summary>
    /// <param name="row">Agent row.</param>
    /// <param name="components">Reward components of the game.</param>
    public readonly void ClearRow(int row, int components)
    {
        Rewards[row] = 0f;
        Terminated[row] = 0;
        Truncated[row] = 0;
        EpisodeStart[row] = 1;
        RowActive[row] = 1;
        Errors[row] = 0;
        if (RewardParts.Length == 0) return;
        for (int component = 0; component < components; component++) RewardParts[row * components + component] = 0f;
    }
}

/// <summary>Bits of the error column. A bad action is played as "do nothing".</summary>
public static class ErrorCode
{
    /// <summary>A continuous action has a component that is NaN or infinite.</summary>
    public const uint ActionNotFinite = 1;

    /// <summary>A discrete action is negative, or not below the size of its head.</summary>
    public const uint ActionOutOfRange = 2;

    /// <summary>A discrete action that the mask forbids.</summary>
    public const uint ActionMasked = 4;

    /// <summary>The state itself is no longer finite: a fault of the simulation, not of the action.</summary>
    public const uint StateNotFinite = 8;

    /// <summary>In words, for messages.</summary>
    public static string Describe(uint bits)
    {
        var words = new List<string>();
        if ((bits & ActionNotFinite) != 0) words.Add("a continuous action is NaN or infinite");
        if ((bits & ActionOutOfRange) != 0) words.Add("a discrete action is out of range");
        if ((bits & ActionMasked) != 0) words.Add("a discrete action is not legal in this state");
        if ((bits & StateNotFinite) != 0) words.Add("the state of the simulation is not finite");
        return words.Count == 0 ? "no error" : string.Join(" and ", words);
    }
}

/// <summary>One set of step buffers: what a caller without a rollout of its own passes to every step.</summary>
public sealed class StepBuffers : IDisposable
{
    private readonly List<IDisposable> owned = [];

    /// <summary>Allocates every buffer that <paramref name="spec"/> needs.</summary>
    public StepBuffers(IDevice device, EnvironmentSpec spec, int numEnvs)
    {
        long rows = (long)numEnvs * spec.AgentsPerMatch;
        bool bytes = spec.Observation.Kind == ObservationKind.Byte;
        long observations = rows * spec.Observation.Length;
        ContinuousActions = Take<float>(device, rows * spec.Action.Continuous.Count, "continuous actions");
        DiscreteActions = Take<int>(device, rows * spec.Action.Discrete.Count, "discrete actions");
        Observations = Take<float>(device, bytes ? 0 : observations, "observations");
        ByteObservations = Take<byte>(device, bytes ? observations : 0, "byte observations");
        FinalObservations = Take<float>(device, bytes ? 0 : observations, "final observations");
        FinalByteObservations = Take<byte>(device, bytes ? observations : 0, "final byte observations");
        ActionMasks = Take<uint>(device, rows * spec.Action.MaskWords, "action masks");
        Rewards = Take<float>(device, rows, "rewards");
        RewardParts = Take<float>(device, rows * spec.RewardComponents.Count, "reward parts");
        Terminated = Take<byte>(device, rows, "terminated");
        Truncated = Take<byte>(device, rows, "truncated");
        EpisodeStart = Take<byte>(device, rows, "episode start");
        RowActive = Take<byte>(device, rows, "row active");
        Errors = Take<uint>(device, rows, "errors");
        EpisodeStatistics = Take<float>(device, (long)numEnvs * spec.EpisodesPerMatch * spec.RawStatistics, "episode statistics");
        EpisodesFinished = Take<int>(device, (long)numEnvs * spec.EpisodesPerMatch, "episodes finished");
    }

    /// <summary>See <see cref="StepViews.ContinuousActions"/>; null where the game has none. So with all others.</summary>
    public DeviceBuffer<float>? ContinuousActions { get; }

    /// <summary>See <see cref="StepViews.DiscreteActions"/>.</summary>
    public DeviceBuffer<int>? DiscreteActions { get; }

    /// <summary>See <see cref="StepViews.Observations"/>.</summary>
    public DeviceBuffer<float>? Observations { get; }

    /// <summary>See <see cref="StepViews.ByteObservations"/>.</summary>
    public DeviceBuffer<byte>? ByteObservations { get; }

    /// <summary>See <see cref="StepViews.FinalObservations"/>.</summary>
    public DeviceBuffer<float>? FinalObservations { get; }

    /// <summary>See <see cref="StepViews.FinalByteObservations"/>.</summary>
    public DeviceBuffer<byte>? FinalByteObservations { get; }

    /// <summary>See <see cref="StepViews.ActionMasks"/>.</summary>
    public DeviceBuffer<uint>? ActionMasks { get; }

    /// <summary>See <see cref="StepViews.Rewards"/>.</summary>
    public DeviceBuffer<float>? Rewards { get; }

    /// <summary>See <see cref="StepViews.RewardParts"/>.</summary>
    public DeviceBuffer<float>? RewardParts { get; }

    /// <summary>See <see cref="StepViews.Terminated"/>.</summary>
    public DeviceBuffer<byte>? Terminated { get; }

    /// <summary>See <see cref="StepViews.Truncated"/>.</summary>
    public DeviceBuffer<byte>? Truncated { get; }

    /// <summary>See <see cref="StepViews.EpisodeStart"/>.</summary>
    public DeviceBuffer<byte>? EpisodeStart { get; }

    /// <summary>See <see cref="StepViews.RowActive"/>.</summary>
    public DeviceBuffer<byte>? RowActive { get; }

    /// <summary>See <see cref="StepViews.Errors"/>.</summary>
    public DeviceBuffer<uint>? Errors { get; }

    /// <summary>See <see cref="StepViews.EpisodeStatistics"/>.</summary>
    public DeviceBuffer<float>? EpisodeStatistics { get; }

    /// <summary>See <see cref="StepViews.EpisodesFinished"/>.</summary>
    public DeviceBuffer<int>? EpisodesFinished { get; }

    /// <summary>All buffers as views.</summary>
    public StepViews Views => new()
    {
        ContinuousActions = ContinuousActions?.View ?? default,
        DiscreteActions = DiscreteActions?.View ?? default,
        Observations = Observations?.View ?? default,
        ByteObservations = ByteObservations?.View ?? default,
        FinalObservations = FinalObservations?.View ?? default,
        FinalByteObservations = FinalByteObservations?.View ?? default,
        ActionMasks = ActionMasks?.View ?? default,
        Rewards = Rewards?.View ?? default,
        RewardParts = RewardParts?.View ?? default,
        Terminated = Terminated?.View ?? default,
        Truncated = Truncated?.View ?? default,
        EpisodeStart = EpisodeStart?.View ?? default,
        RowActive = RowActive?.View ?? default,
        Errors = Errors?.View ?? default,
        EpisodeStatistics = EpisodeStatistics?.View ?? default,
        EpisodesFinished = EpisodesFinished?.View ?? default,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in owned) buffer.Dispose();
    }

    private DeviceBuffer<T>? Take<T>(IDevice device, long length, string name)
        where T : unmanaged
    {
        if (length == 0) return null;
        DeviceBuffer<T> buffer = device.Allocate<T>(length, name);
        owned.Add(buffer);
        return buffer;
    }
}
