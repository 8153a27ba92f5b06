using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Corridor;

/// <summary>Constants of the corridor (own choice: the smallest game in which a wrong learner stands out).</summary>
public static class CorridorConstants
{
    /// <summary>Cells; the ends are 0 and Cells − 1.</summary>
    public const int Cells = 9;

    /// <summary>Cell an episode begins in; four steps from either end.</summary>
    public const int StartCell = 4;

    /// <summary>O: one-hot cell, two cue elements, the share of time left.</summary>
    public const int ObservationLength = Cells + 2 + 1;

    /// <summary>Reward components: goal, step.</summary>
    public const int RewardComponents = 2;

    /// <summary>Raw statistics: return, ticks, 1 when the paying end was reached.</summary>
    public const int RawStatistics = 3;

    /// <summary>Random purpose of the cue.</summary>
    public const uint CuePurpose = 0;

    /// <summary>Random purpose of the random opponent.</summary>
    public const uint RandomPolicyPurpose = 1;
}

/// <summary>The numbers of a set of options.</summary>
public struct CorridorParameters
{
    /// <summary>Global number of match 0.</summary>
    public int MatchOffset;

    /// <summary>1 = discrete actions.</summary>
    public int Discrete;

    /// <summary>1 = byte observations.</summary>
    public int Bytes;

    /// <summary>1 = a cue names the paying end.</summary>
    public int Memory;

    /// <summary>1 = the left wall is masked.</summary>
    public int Masks;

    /// <summary>1 = first episodes are cut.</summary>
    public int Desync;

    /// <summary>1 = the end of the clock terminates.</summary>
    public int ClockTerminates;

    /// <summary>Ticks of an episode.</summary>
    public int MaxTicks;

    /// <summary>Reward of the paying end.</summary>
    public float GoalReward;

    /// <summary>Reward of the other end, with <see cref="Memory"/>.</summary>
    public float WrongEndReward;

    /// <summary>Reward of every other step.</summary>
    public float StepReward;
}

/// <summary>What every corridor kernel knows: state, buffers, and numbers.</summary>
public struct CorridorArguments
{
    /// <summary>Columns.</summary>
    public CorridorState State;

    /// <summary>Buffers of this step.</summary>
    public StepViews Views;

    /// <summary>Key of all draws.</summary>
    public ulong Seed;

    /// <summary>Numbers: of every match, or of this one where <see cref="Variants"/> are used.</summary>
    public CorridorParameters Parameters;

    /// <summary>Other numbers for some matches.</summary>
    public VariantViews<CorridorParameters> Variants;
}

/// <summary>Starts episode 0 of every match. One index per match.</summary>
public struct CorridorReset : IKernel
{
    /// <summary>Arguments.</summary>
    public CorridorArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        ref StepViews views = ref Arguments.Views;
        CorridorEpisode.Begin(env, 0, ref Arguments);
        views.ClearRow(env, CorridorConstants.RewardComponents);
        views.EpisodesFinished[env] = 0;
        CorridorObserve.Write(env, Arguments, final: 0);
    }
}

/// <summary>How an episode starts.</summary>
public static class CorridorEpisode
{
    /// <summary>Puts match <paramref name="env"/> at the start of <paramref name="episode"/>, by the variant that was chosen for it.</summary>
    public static void Begin(int env, int episode, ref CorridorArguments a)
    {
        a.Variants.Begin(env, ref a.Parameters);
        a.State.Cell[env, 0] = CorridorConstants.StartCell;
        a.State.Tick[env, 0] = 0;
        a.State.Episode[env, 0] = episode;
        a.State.Return[env, 0] = 0f;
        uint word = Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + env), (uint)episode, 0, 0, CorridorConstants.CuePurpose).X;
        a.State.Cue[env, 0] = a.Parameters.Memory == 0 ? 0 : 1 + (int)(word & 1);
    }
}

/// <summary>One tick: move, pay, end, next episode, observe. One index per match.</summary>
public struct CorridorStep : IKernel
{
    /// <summary>Arguments.</summary>
    public CorridorArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        ref CorridorState state = ref Arguments.State;
        ref StepViews views = ref Arguments.Views;
        int direction = Direction(env);
        // A step with the cue in sight would carry it on in the position, and nobody would have to remember it.
        if (Arguments.Parameters.Memory != 0 && state.Tick[env, 0] == 0) direction = 0;
        int cell = Scalar.Max(0, Scalar.Min(CorridorConstants.Cells - 1, state.Cell[env, 0] + direction));
        int tick = state.Tick[env, 0] + 1;
        int cue = state.Cue[env, 0];
        bool atPayingEnd = cell == (cue == 1 ? 0 : CorridorConstants.Cells - 1);
        bool atWrongEnd = cue != 0 && cell == (cue == 1 ? CorridorConstants.Cells - 1 : 0);
        bool atEnd = atPayingEnd || atWrongEnd;
        bool outOfTime = !atEnd
            && tick >= EpisodeClock.Limit(Arguments.Parameters.MaxTicks, Arguments.Parameters.Desync, Arguments.Parameters.MatchOffset + env, state.Episode[env, 0]);
        bool terminated = atEnd || (outOfTime && Arguments.Parameters.ClockTerminates != 0);
        bool truncated = outOfTime && !terminated;

        float goal = atPayingEnd ? Arguments.Parameters.GoalReward : atWrongEnd ? Arguments.Parameters.WrongEndReward : 0f;
        float step = atEnd ? 0f : Arguments.Parameters.StepReward;
        float total = state.Return[env, 0] + (goal + step);
        state.Cell[env, 0] = cell;
        state.Tick[env, 0] = tick;
        state.Return[env, 0] = total;

        views.Rewards[env] = goal + step;
        if (views.RewardParts.Length > 0)
        {
            views.RewardParts[2 * env] = goal;
            views.RewardParts[2 * env + 1] = step;
        }

        views.Terminated[env] = (byte)(terminated ? 1 : 0);
        views.Truncated[env] = (byte)(truncated ? 1 : 0);
        views.EpisodeStart[env] = (byte)(terminated || truncated ? 1 : 0);
        views.RowActive[env] = 1;
        if (terminated || truncated) End(env, total, tick, atPayingEnd, truncated);
        CorridorObserve.Write(env, Arguments, final: 0);
    }

    // The last observation of a truncated episode is kept before the state is overwritten.
    private void End(int env, float total, int tick, bool reached, bool truncated)
    {
        ref StepViews views = ref Arguments.Views;
        if (truncated) CorridorObserve.Write(env, Arguments, final: 1);
        int at = env * CorridorConstants.RawStatistics;
        views.EpisodeStatistics[at] = total;
        views.EpisodeStatistics[at + 1] = tick;
        views.EpisodeStatistics[at + 2] = reached ? 1f : 0f;
        views.EpisodesFinished[env] += 1;
        CorridorEpisode.Begin(env, Arguments.State.Episode[env, 0] + 1, ref Arguments);
    }

    // -1, 0 (a bad action does nothing) or 1.
    private int Direction(int env)
    {
        if (Arguments.Parameters.Discrete == 0)
        {
            float value = Arguments.Views.ContinuousActions[env];
            if (Scalar.IsFinite(value)) return value < 0f ? -1 : 1;
            Arguments.Views.Errors[env] |= ErrorCode.ActionNotFinite;
            return 0;
        }

        int choice = Arguments.Views.DiscreteActions[env];
        if (choice != 0 && choice != 1)
        {
            Arguments.Views.Errors[env] |= ErrorCode.ActionOutOfRange;
            return 0;
        }

        if (choice == 0 && Arguments.Parameters.Masks != 0 && Arguments.State.Cell[env, 0] == 0)
        {
            Arguments.Views.Errors[env] |= ErrorCode.ActionMasked;
            return 0;
        }

        return 2 * choice - 1;
    }
}

/// <summary>State to observation row. One index per match.</summary>
public struct CorridorObserve : IKernel
{
    /// <summary>Arguments.</summary>
    public CorridorArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        Write(env, Arguments, final: 0);
    }

    /// <summary>Writes the row of match <paramref name="env"/>, into the final observations when <paramref name="final"/> is 1.</summary>
    public static void Write(int env, in CorridorArguments a, int final)
    {
        int cell = a.State.Cell[env, 0];
        int tick = a.State.Tick[env, 0];
        int cue = tick == 0 ? a.State.Cue[env, 0] : 0;
        float timeLeft = 1f - (float)tick / a.Parameters.MaxTicks;
        for (int element = 0; element < CorridorConstants.ObservationLength; element++)
        {
            float value = element < CorridorConstants.Cells ? (element == cell ? 1f : 0f)
                : element < CorridorConstants.Cells + 2 ? (element - CorridorConstants.Cells == cue - 1 ? 1f : 0f)
                : timeLeft;
            Put(env * CorridorConstants.ObservationLength + element, value, a, final);
        }

        if (a.Parameters.Masks != 0) a.Views.ActionMasks[env] = cell == 0 ? 2u : 3u;
    }

    private static void Put(int at, float value, in CorridorArguments a, int final)
    {
        if (a.Parameters.Bytes != 0)
        {
            byte scaled = (byte)(int)(value * 255f + 0.5f);
            if (final != 0) a.Views.FinalByteObservations[at] = scaled;
            else a.Views.ByteObservations[at] = scaled;
        }
        else if (final != 0) a.Views.FinalObservations[at] = value;
        else a.Views.Observations[at] = value;
    }
}

/// <summary>Built-in players: random (1) and the optimal script (2). One index per match.</summary>
public struct CorridorAct : IKernel
{
    /// <summary>Arguments.</summary>
    public CorridorArguments Arguments;

    /// <summary>(E) who plays; 0 = outside.</summary>
    public View<byte> Controllers;

    /// <inheritdoc/>
    public void Run(int env)
    {
        int controller = Controllers[env];
        if (controller == 0) return;
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        int tick = Arguments.State.Tick[env, 0];
        uint word = Philox.Draw(Arguments.Seed, (uint)(Arguments.Parameters.MatchOffset + env), (uint)Arguments.State.Episode[env, 0], (uint)tick, 0,
            CorridorConstants.RandomPolicyPurpose).X;
        bool right = controller == 1 ? word >> 31 != 0 : Arguments.State.Cue[env, 0] != 1;
        // A random player picks among legal actions.
        if (Arguments.Parameters.Masks != 0 && Arguments.State.Cell[env, 0] == 0) right = true;
        if (Arguments.Parameters.Discrete != 0) Arguments.Views.DiscreteActions[env] = right ? 1 : 0;
        else Arguments.Views.ContinuousActions[env] = controller == 1 ? Philox.Symmetric(word) : right ? 1f : -1f;
    }
}
