using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;

namespace Arena.HostApi;

/// <summary>Plays a batch of matches and keeps the first finished episode of each; of each agent, where episodes are its own.</summary>
/// <remarks>
/// Episodes end at different ticks and the next begins at once; counting whatever is finished at some tick would favour short
/// episodes, so exactly the first one of each match or agent counts. Several processes play a part of the matches each, and all have all results.
/// </remarks>
internal sealed class FirstEpisodes : IDisposable
{
    private const int PatienceTicks = 1_000_000; // where no clock ends an episode

    private readonly IEnvironment environment;
    private readonly StepBuffers buffers;
    private readonly Controllers controllers;
    private readonly List<PolicyPlayer> owned = [];
    private readonly Ranks ranks;
    private readonly int matches; // of all ranks
    private readonly int[] finished;
    private readonly float[] latest;

    internal FirstEpisodes(IDevice device, IGame game, GameOptions options, Ranks? ranks = null)
    {
        (this.ranks, matches) = (ranks ?? new Ranks(), options.NumEnvs);
        int first = FirstMatch(this.ranks.Rank), own = Math.Max(1, FirstMatch(this.ranks.Rank + 1) - first); // one that is not counted where there are more ranks than matches
        environment = game.Create(device, options with { NumEnvs = own, MatchOffset = options.MatchOffset + first });
        environment.Survey = true;
        buffers = new StepBuffers(device, environment.Spec, own);
        controllers = new Controllers(device, environment.Spec, own);
        finished = new int[own * environment.Spec.EpisodesPerMatch];
        latest = new float[finished.Length * environment.Spec.RawStatistics];
    }

    /// <summary>Of the episodes that counted in the last play those, in this process, that diverged; null for a game that cannot diverge.</summary>
    internal IReadOnlyList<Divergence>? Diverged { get; private set; }

    /// <summary>Memory for a policy that plays here; freed with this batch.</summary>
    internal PolicyPlayer CreatePlayer(NetworkSpec network)
    {
        var player = new PolicyPlayer(environment.Device, environment.Spec, environment.NumEnvs, environment.Options.MatchOffset, network);
        owned.Add(player);
        return player;
    }

    /// <summary>Raw statistics (E·EpisodesPerMatch, RawStatistics) of the first episodes, from <paramref name="seed"/>.</summary>
    /// <param name="players">One per side: a built-in opponent's name, or a policy made by <see cref="CreatePlayer"/>.</param>
    /// <param name="seed">Seed of the matches and of sampled actions.</param>
    /// <param name="wanted">How many episodes count, those with the lowest numbers; 0 = all.</param>
    /// <param name="progress">Called with the share that is done.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="UsageException">episodes without a clock did not end.</exception>
    internal float[] Play(ReadOnlySpan<(string Name, PolicyPlayer? Policy)> players, ulong seed, int wanted, Action<double>? progress, CancellationToken cancellation)
    {
        for (int side = 0; side < players.Length; side++)
        {
            controllers.Set(side, players[side].Policy is null ? players[side].Name : Opponents.Outside);
            players[side].Policy?.Reset(seed, side);
        }

        int width = environment.Spec.RawStatistics, limit = environment.Spec.EpisodeLimit;
        int missing = EpisodesOf(ranks.Rank, wanted);
        var first = new float[missing * width];
        var done = new bool[missing];
        StepViews views = buffers.Views;
        environment.Reset(seed, views);
        for (int tick = 0; missing > 0; tick++)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckPatience(tick, missing, done.Length, limit);
            foreach ((_, PolicyPlayer? policy) in players) policy?.Step(views);
            if (controllers.Any) environment.Act(controllers.View, views);
            environment.Step(views);
            missing -= Collect(first, done, width);
            progress?.Invoke(limit > 0 ? (double)(tick + 1) / limit : 1 - (double)missing / done.Length);
        }

        Diverged = DivergedFirst(done.Length);
        return ranks.Size == 1 ? first : GatherAll(first, wanted);
    }

    public void Dispose()
    {
        foreach (PolicyPlayer player in owned) player.Dispose();
        controllers.Dispose();
        buffers.Dispose();
        environment.Dispose();
    }

    // A match's first divergence is that of its first episode, if that one diverged.
    private IReadOnlyList<Divergence>? DivergedFirst(int episodes)
    {
        if (environment.Divergences is not { } log) return null;
        log.Take(out IReadOnlyList<Divergence> firsts);
        return [.. firsts.Where(one => one.Episode == 0 && one.Match - environment.Options.MatchOffset < episodes)];
    }

    private int FirstMatch(int rank) => (int)((long)matches * rank / ranks.Size);

    // Of the wanted episodes with the lowest numbers, those in a rank's matches.
    private int EpisodesOf(int rank, int wanted)
    {
        int perMatch = environment.Spec.EpisodesPerMatch, begin = FirstMatch(rank) * perMatch, end = FirstMatch(rank + 1) * perMatch;
        return wanted == 0 ? end - begin : Math.Clamp(wanted - begin, 0, end - begin);
    }

    private float[] GatherAll(float[] own, int wanted)
    {
        int width = environment.Spec.RawStatistics, longest = Enumerable.Range(0, ranks.Size).Max(rank => EpisodesOf(rank, wanted)) * width;
        var padded = new float[longest];
        own.CopyTo(padded, 0);
        var gathered = new float[longest * ranks.Size];
        ranks.Gather<float>(padded, gathered);
        return [.. Enumerable.Range(0, ranks.Size).SelectMany(rank => gathered.Skip(rank * longest).Take(EpisodesOf(rank, wanted) * width))];
    }

    // An agent may wait before its episode begins, so that a clock can run late.
    private void CheckPatience(int tick, int missing, int all, int limit)
    {
        if (tick <= (limit > 0 ? 2L * limit : PatienceTicks)) return;
        if (limit > 0)
            throw new InvalidOperationException($"{missing} of {all} episodes of '{environment.Spec.Game}' did not end within twice the episode limit of {limit} ticks.");
        throw new UsageException(
            $"{missing} of {all} episodes of '{environment.Spec.Game}' did not end within {PatienceTicks:N0} ticks, and with these settings no clock ends them; " +
            $"choose settings with a limit ('{ThisProgram.Command("games")}' lists them).");
    }

    // Statistics are read back only in ticks in which a first episode ended.
    private int Collect(float[] first, bool[] done, int width)
    {
        buffers.EpisodesFinished!.Read(finished);
        int fresh = 0;
        for (int episode = 0; episode < done.Length; episode++)
        {
            if (finished[episode] == 0 || done[episode]) continue;
            if (fresh++ == 0) buffers.EpisodeStatistics!.Read(latest);
            done[episode] = true;
            latest.AsSpan(episode * width, width).CopyTo(first.AsSpan(episode * width));
        }

        return fresh;
    }
}
