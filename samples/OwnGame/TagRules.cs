using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Random;

namespace OwnGame;

/// <summary>How an episode of tag starts.</summary>
public static class TagEpisode
{
    /// <summary>Puts both players on different cells, drawn for this match and episode, by the variant that was chosen for it.</summary>
    public static void Begin(int env, int episode, ref TagArguments a)
    {
        a.Variants.Begin(env, ref a.Parameters);
        UInt4 words = Philox.Draw(a.Seed, (uint)(a.Parameters.MatchOffset + env), (uint)episode, 0, 0, TagConstants.StartPurpose);
        int cells = a.Parameters.Size * a.Parameters.Size;
        int chaser = Philox.Below(words.X, cells);
        int runner = chaser + 1 + Philox.Below(words.Y, cells - 1);
        if (runner >= cells) runner -= cells;
        MatchSlots<int> cell = a.State.Cell.Of(env);
        cell[0] = chaser / a.Parameters.Size;
        cell[1] = chaser % a.Parameters.Size;
        cell[2] = runner / a.Parameters.Size;
        cell[3] = runner % a.Parameters.Size;
        a.State.Tick[env, 0] = 0;
        a.State.Episode[env, 0] = episode;
    }

    /// <summary>Bits of the moves that agent <paramref name="agent"/> may choose: those that stay on the square.</summary>
    public static uint LegalMoves(int env, int agent, in TagArguments a)
    {
        int row = a.State.Cell[env, 2 * agent], column = a.State.Cell[env, 2 * agent + 1];
        uint legal = 1;
        if (row > 0) legal |= 2;
        if (row < a.Parameters.Size - 1) legal |= 4;
        if (column > 0) legal |= 8;
        if (column < a.Parameters.Size - 1) legal |= 16;
        return legal;
    }
}

/// <summary>Starts episode 0 of every match. One index per match.</summary>
public struct TagReset : IKernel
{
    /// <summary>Arguments.</summary>
    public TagArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        ref StepViews views = ref Arguments.Views;
        TagEpisode.Begin(env, 0, ref Arguments);
        views.EpisodesFinished[env] = 0;
        for (int row = 2 * env; row < 2 * env + TagConstants.Agents; row++) views.ClearRow(row, TagConstants.RewardParts);
        TagObserve.Write(env, Arguments, final: 0);
    }
}

/// <summary>One tick: both move at once, then catch, clock, rewards, next episode, observe. One index per match.</summary>
public struct TagStep : IKernel
{
    /// <summary>Arguments.</summary>
    public TagArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        MatchSlots<int> cell = Arguments.State.Cell.Of(env);
        int tick = Arguments.State.Tick[env, 0];
        int chaserMove = Move(env, 0);
        int runnerMove = Move(env, 1);
        if ((tick + 1) % Arguments.Parameters.RestEvery == 0) runnerMove = 0;

        int chaserRow = cell[0], chaserColumn = cell[1], runnerRow = cell[2], runnerColumn = cell[3];
        int newChaserRow = chaserRow + TagConstants.RowStep(chaserMove), newChaserColumn = chaserColumn + TagConstants.ColumnStep(chaserMove);
        int newRunnerRow = runnerRow + TagConstants.RowStep(runnerMove), newRunnerColumn = runnerColumn + TagConstants.ColumnStep(runnerMove);
        bool met = newChaserRow == newRunnerRow && newChaserColumn == newRunnerColumn;
        bool swapped = newChaserRow == runnerRow && newChaserColumn == runnerColumn && newRunnerRow == chaserRow && newRunnerColumn == chaserColumn;
        cell[0] = newChaserRow;
        cell[1] = newChaserColumn;
        cell[2] = newRunnerRow;
        cell[3] = newRunnerColumn;
        Arguments.State.Tick[env, 0] = tick + 1;

        bool caught = met || swapped;
        int limit = EpisodeClock.Limit(Arguments.Parameters.MaxTicks, Arguments.Parameters.Desync, Arguments.Parameters.MatchOffset + env, Arguments.State.Episode[env, 0]);
        Finish(env, caught, !caught && tick + 1 >= limit, tick + 1);
    }

    private void Finish(int env, bool caught, bool truncated, int ticks)
    {
        ref StepViews views = ref Arguments.Views;
        for (int agent = 0; agent < TagConstants.Agents; agent++)
        {
            int row = TagConstants.Agents * env + agent;
            float catchPart = !caught ? 0f : agent == 0 ? Arguments.Parameters.Catch : -Arguments.Parameters.Catch;
            float timePart = agent == 0 ? -Arguments.Parameters.Time : Arguments.Parameters.Time;
            views.Rewards[row] = catchPart + timePart;
            if (views.RewardParts.Length > 0)
            {
                views.RewardParts[TagConstants.RewardParts * row] = catchPart;
                views.RewardParts[TagConstants.RewardParts * row + 1] = timePart;
            }

            views.Terminated[row] = (byte)(caught ? 1 : 0);
            views.Truncated[row] = (byte)(truncated ? 1 : 0);
            views.EpisodeStart[row] = (byte)(caught || truncated ? 1 : 0);
            views.RowActive[row] = 1;
        }

        if (caught || truncated)
        {
            if (truncated) TagObserve.Write(env, Arguments, final: 1); // before the state is overwritten
            views.EpisodeStatistics[TagConstants.RawStatistics * env] = caught ? 1f : 0f;
            views.EpisodeStatistics[TagConstants.RawStatistics * env + 1] = ticks;
            views.EpisodesFinished[env] += 1;
            TagEpisode.Begin(env, Arguments.State.Episode[env, 0] + 1, ref Arguments);
        }

        TagObserve.Write(env, Arguments, final: 0);
    }

    // A bad action stays where it is and sets a bit: a kernel cannot throw.
    private int Move(int env, int agent)
    {
        int row = TagConstants.Agents * env + agent;
        int move = Arguments.Views.DiscreteActions[row];
        if (move < 0 || move >= TagConstants.Moves)
        {
            Arguments.Views.Errors[row] |= ErrorCode.ActionOutOfRange;
            return 0;
        }

        if ((TagEpisode.LegalMoves(env, agent, Arguments) >> move & 1) != 0) return move;
        Arguments.Views.Errors[row] |= ErrorCode.ActionMasked;
        return 0;
    }
}

/// <summary>State to observation rows and masks. One index per match.</summary>
public struct TagObserve : IKernel
{
    /// <summary>Arguments.</summary>
    public TagArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        Write(env, Arguments, final: 0);
    }

    /// <summary>Writes both rows of match <paramref name="env"/>, into the final observations when <paramref name="final"/> is 1.</summary>
    public static void Write(int env, in TagArguments a, int final)
    {
        float last = a.Parameters.Size - 1;
        float timeLeft = 1f - (float)a.State.Tick[env, 0] / a.Parameters.MaxTicks;
        for (int agent = 0; agent < TagConstants.Agents; agent++)
        {
            int row = TagConstants.Agents * env + agent;
            View<float> target = final != 0 ? a.Views.FinalObservations : a.Views.Observations;
            int at = row * TagConstants.ObservationLength;
            target[at] = a.State.Cell[env, 2 * agent] / last;
            target[at + 1] = a.State.Cell[env, 2 * agent + 1] / last;
            target[at + 2] = a.State.Cell[env, 2 - 2 * agent] / last;
            target[at + 3] = a.State.Cell[env, 3 - 2 * agent] / last;
            target[at + 4] = agent == 0 ? 1f : -1f;
            target[at + 5] = timeLeft;
            if (final == 0) a.Views.ActionMasks[row] = TagEpisode.LegalMoves(env, agent, a);
        }
    }
}
