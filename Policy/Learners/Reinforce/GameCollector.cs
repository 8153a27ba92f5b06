using System.Diagnostics;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners.Reinforce;

/// <summary>Plays one whole game of every match: the batch that REINFORCE learns from.</summary>
/// <remarks>
/// All matches begin together, under a seed of the batch's own, and play until the last first game has ended; taking the first games to
/// end instead would favour short ones. What a match does after its game has weight 0. Between batches nothing is carried, so a
/// run resumes from its weights, moments and number of batches alone.
/// </remarks>
internal sealed class GameCollector : IDisposable
{
    private const int TicksPerLook = 16; // reading back whether all games are over costs more than a tick of a small batch

    private readonly IEnvironment environment;
    private readonly IDevice device;
    private readonly EnvironmentSpec spec;
    private readonly StepBuffers buffers;
    private readonly SideGames[] sides;
    private readonly DeviceBuffer<float> sideReward;
    private readonly DeviceBuffer<byte> playing;
    private readonly DeviceBuffer<int> length;
    private readonly DeviceBuffer<int> cut;
    private readonly int[] read;

    internal GameCollector(IEnvironment environment, IReadOnlyList<INetworkEngine> engines)
    {
        this.environment = environment;
        device = environment.Device;
        spec = environment.Spec;
        long slots = (long)spec.EpisodeLimit * environment.NumEnvs;
        buffers = new StepBuffers(device, spec, environment.NumEnvs);
        sides = [.. Enumerable.Range(0, spec.Sides).Select(side => new SideGames(device, spec, environment.NumEnvs, side, engines[side % engines.Count], ReinforceLearner.MaxRows(spec, environment.NumEnvs)))];
        sideReward = device.Allocate<float>(slots, "games: rewards");
        playing = device.Allocate<byte>(slots, "games: playing");
        length = device.Allocate<int>(environment.NumEnvs, "games: length");
        cut = device.Allocate<int>(environment.NumEnvs, "games: cut");
        read = new int[environment.NumEnvs];
    }

    /// <summary>One per side.</summary>
    internal IReadOnlyList<SideGames> Sides => sides;

    /// <summary>(T, E) float: reward of side 0.</summary>
    internal View<float> SideReward => sideReward.View;

    /// <summary>(T, E) byte: the tick belongs to the game.</summary>
    internal View<byte> Playing => playing.View;

    /// <summary>(E) int: ticks of each game.</summary>
    internal View<int> Length => length.View;

    /// <summary>The matches' results as the environment left them.</summary>
    internal StepBuffers Buffers => buffers;

    /// <summary>Time in the environment since the beginning, on the host's clock.</summary>
    internal TimeSpan EnvironmentTime { get; private set; }

    /// <summary>Whether to wait for the device before and after the environment, so that the time is of the work and not of launching it.</summary>
    internal bool TimesWork { get; set; }

    /// <summary>Plays batch <paramref name="batch"/>; returns T, the ticks recorded.</summary>
    /// <exception cref="UsageException">the clock cut a game.</exception>
    internal int Play(ulong seed, long batch)
    {
        UInt4 words = LearnerRandom.Draw(seed, 0, (ulong)batch, LearnerPurpose.GameBatch, 0);
        StepViews views = buffers.Views;
        foreach (SideGames side in sides) side.Head.Refresh();
        environment.Reset(words.X | (ulong)words.Y << 32, views);
        uint firstRow = (uint)environment.Options.MatchOffset * (uint)spec.AgentsPerSide;
        int tick = 0;
        while (tick < spec.EpisodeLimit)
        {
            foreach (SideGames side in sides) side.Act(tick, views, seed, (ulong)batch * (ulong)spec.EpisodeLimit + (ulong)tick, firstRow);
            if (TimesWork) environment.Device.Synchronize();
            long start = Stopwatch.GetTimestamp();
            environment.Step(views);
            if (TimesWork) environment.Device.Synchronize();
            EnvironmentTime += Stopwatch.GetElapsedTime(start);
            Record(tick++, views);
            if (tick % TicksPerLook == 0 && Missing() == 0) break;
        }

        Check(batch);
        return tick;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SideGames side in sides) side.Dispose();
        buffers.Dispose();
        sideReward.Dispose();
        playing.Dispose();
        length.Dispose();
        cut.Dispose();
    }

    private void Record(int tick, in StepViews views)
    {
        long first = (long)tick * environment.NumEnvs;
        device.Launch(
            new RecordGameStep
            {
                Rewards = views.Rewards,
                Terminated = views.Terminated,
                Truncated = views.Truncated,
                SideReward = sideReward.View.Slice(first, environment.NumEnvs),
                Playing = playing.View.Slice(first, environment.NumEnvs),
                Length = length.View,
                Cut = cut.View,
                Tick = tick,
                Sides = spec.Sides,
                AgentsPerSide = spec.AgentsPerSide,
            },
            environment.NumEnvs);
    }

    private int Missing()
    {
        length.Read(read);
        return read.AsSpan().Count(0);
    }

    private void Check(long batch)
    {
        int missing = Missing();
        if (missing > 0)
            throw new InvalidOperationException($"batch {batch}: {missing} games of '{spec.Game}' did not end within the episode limit of {spec.EpisodeLimit} ticks.");
        cut.Read(read);
        int match = read.AsSpan().IndexOfAnyExcept(0);
        if (match >= 0)
            throw new UsageException(
                $"The clock cut the game of match {match} after {read[match]} ticks (batch {batch}). REINFORCE has no critic that could value what would have followed; " +
                "let the clock end games instead, as in --clock terminate, or learn with --algorithm ppo.");
        foreach (SideGames side in sides)
        {
            if (side.EmptyHeads.Length == 0) continue;
            int[] empty = new int[side.EmptyHeads.Length];
            device.CopyToHost(side.EmptyHeads, empty);
            int row = empty.AsSpan().IndexOfAnyExcept(0);
            if (row >= 0)
                throw new InvalidOperationException($"batch {batch}, row {row}: head '{spec.Action.Discrete[empty[row] - 1].Name}' had no legal choice. This is a fault of the game's action masks.");
        }
    }
}
