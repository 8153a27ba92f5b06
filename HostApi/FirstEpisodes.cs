using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.Networks;

namespace Arena.HostApi;

/// <summary>Plays a batch of matches and keeps the first finished episode of each.</summary>
/// <remarks>
/// Matches end at different ticks and restart by themselves; counting whatever is finished at some tick would favour short
/// episodes, so exactly the first one of each match counts.
/// </remarks>
internal sealed class FirstEpisodes : IDisposable
{
    private readonly IEnvironment environment;
    private readonly StepBuffers buffers;
    private readonly Controllers controllers;
    private readonly List<PolicyPlayer> owned = [];
    private readonly int[] finished;
    private readonly float[] latest;

    internal FirstEpisodes(IDevice device, IGame game, GameOptions options)
    {
        environment = game.Create(device, options);
        buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
        controllers = new Controllers(device, environment.Spec, options.NumEnvs);
        finished = new int[options.NumEnvs];
        latest = new float[options.NumEnvs * environment.Spec.RawStatistics];
    }

    /// <summary>Memory for a policy that plays here; freed with this batch.</summary>
    internal PolicyPlayer CreatePlayer(NetworkSpec network)
    {
        var player = new PolicyPlayer(environment.Device, environment.Spec, environment.NumEnvs, environment.Options.MatchOffset, network);
        owned.Add(player);
        return player;
    }

    /// <summary>Raw statistics (E, RawStatistics) of each match's first episode, from <paramref name="seed"/>.</summary>
    /// <param name="players">One per side: a built-in opponent's name, or a policy made by <see cref="CreatePlayer"/>.</param>
    /// <param name="seed">Seed of the matches and of sampled actions.</param>
    /// <param name="progress">Called with the share of matches that are finished.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    internal float[] Play(ReadOnlySpan<(string Name, PolicyPlayer? Policy)> players, ulong seed, Action<double>? progress, CancellationToken cancellation)
    {
        for (int side = 0; side < players.Length; side++)
        {
            controllers.Set(side, players[side].Policy is null ? players[side].Name : Opponents.Outside);
            players[side].Policy?.Reset(seed, side);
        }

        int width = environment.Spec.RawStatistics, missing = finished.Length;
        var first = new float[latest.Length];
        var done = new bool[finished.Length];
        StepViews views = buffers.Views;
        environment.Reset(seed, views);
        for (int tick = 0; missing > 0; tick++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (tick > environment.Spec.EpisodeLimit)
                throw new InvalidOperationException(
                    $"{missing} of {finished.Length} matches of '{environment.Spec.Game}' did not end within the episode limit of {environment.Spec.EpisodeLimit} ticks.");
            foreach ((_, PolicyPlayer? policy) in players) policy?.Step(views);
            if (controllers.Any) environment.Act(controllers.View, views);
            environment.Step(views);
            missing -= Collect(first, done, width);
            progress?.Invoke((double)(tick + 1) / environment.Spec.EpisodeLimit);
        }

        return first;
    }

    public void Dispose()
    {
        foreach (PolicyPlayer player in owned) player.Dispose();
        controllers.Dispose();
        buffers.Dispose();
        environment.Dispose();
    }

    // Statistics are read back only in ticks in which a match finished its first episode.
    private int Collect(float[] first, bool[] done, int width)
    {
        buffers.EpisodesFinished!.Read(finished);
        int fresh = 0;
        for (int env = 0; env < finished.Length; env++)
        {
            if (finished[env] == 0 || done[env]) continue;
            if (fresh++ == 0) buffers.EpisodeStatistics!.Read(latest);
            done[env] = true;
            latest.AsSpan(env * width, width).CopyTo(first.AsSpan(env * width));
        }

        return fresh;
    }
}
