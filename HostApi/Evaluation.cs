using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi;

/// <summary>How much to play.</summary>
public sealed record EvaluationPlan
{
    /// <summary>A seed no training run uses unless told to.</summary>
    public const ulong HeldOutSeed = 900_000_001;

    /// <summary>Games of each pairing, rounded up to whole pairs (games with one side: episodes, or lives where each agent has its own).</summary>
    public int Games { get; init; } = 256;

    /// <summary>Seed of the games.</summary>
    public ulong Seed { get; init; } = HeldOutSeed;

    /// <summary>Episodes simulated side by side at most, and one match at least; changes memory, never a result.</summary>
    public int BatchMatches { get; init; } = 4096;

    /// <summary>Policies take their most likely action instead of sampling; sampled is the headline everywhere.</summary>
    public bool Deterministic { get; init; }
}

/// <summary>A statistic of the player, and of its opponent where the game keeps it per side.</summary>
public sealed record StatisticEstimate(StatisticInfo Info, MeanEstimate Player, MeanEstimate? Opponent)
{
    private const string OfEpisodes = "share of episodes", OfGames = "share of games"; // units of what is 0 or 1 in every one

    /// <summary>Episodes behind a sample of <see cref="Player"/>: 2 where games are played in pairs.</summary>
    public int EpisodesPerSample { get; init; } = 1;

    /// <summary>Whether it is a share of the episodes.</summary>
    public bool IsShare => Info.Unit is OfEpisodes or OfGames && Player.Count > 0;

    /// <summary>The player's with its 95 % interval: Wilson's for a share, which says something where all episodes are alike, else mean ± t·s/√n.</summary>
    public Interval Interval => Of(Player);

    /// <summary>The opponent's; null where there is none.</summary>
    public Interval? OpponentInterval => Opponent is null ? null : Of(Opponent);

    private Interval Of(MeanEstimate estimate)
    {
        if (!IsShare) return estimate.Interval;
        long episodes = estimate.Count * EpisodesPerSample;
        return Wilson.Of(Math.Clamp(estimate.Mean * episodes, 0, episodes), episodes);
    }
}

/// <summary>A player against another, side-balanced.</summary>
public sealed record PairingResult(string Player, string Opponent, GamePairs Games, IReadOnlyList<StatisticEstimate> Statistics);

/// <summary>A player of a game with one side.</summary>
/// <param name="Player">Its name.</param>
/// <param name="Score">Score per episode.</param>
/// <param name="RatioToBaseline">Mean score / mean score of the scripted baseline on the same seeds; NaN where the latter is not positive.</param>
/// <param name="Statistics">The game's statistics.</param>
public sealed record SoloResult(string Player, MeanEstimate Score, double RatioToBaseline, IReadOnlyList<StatisticEstimate> Statistics)
{
    /// <summary>Of the episodes those that the divergence guard of the simulation ended; null for a game that cannot diverge.</summary>
    public IReadOnlyList<Divergence>? Diverged { get; init; }
}

/// <summary>Plays built-in opponents and policies against each other and measures how strong they are.</summary>
public static class Evaluation
{
    /// <summary>Two-sided games: E matches are played twice with the same seed and the sides exchanged.</summary>
    /// <param name="device">Where to play.</param>
    /// <param name="game">A game with two sides.</param>
    /// <param name="options">Its options; the number of matches follows from the plan, and no episode is cut short.</param>
    /// <param name="player">Player whose score is reported: a built-in opponent (its name will do) or a policy.</param>
    /// <param name="opponent">Whom it plays against.</param>
    /// <param name="plan">How much.</param>
    /// <param name="progress">Called with the share done.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="Kernels.UsageException">no such opponent, or a policy of another game or size.</exception>
    public static PairingResult Pair(
        IDevice device, IGame game, GameOptions options, Player player, Player opponent, EvaluationPlan plan,
        Action<double>? progress = null, CancellationToken cancellation = default)
    {
        EnvironmentSpec spec = game.Describe(options);
        if (spec.Sides != 2) throw new ArgumentException($"'{game.Name}' has {spec.Sides} side; a pairing needs 2.", nameof(game));
        int pairs = (plan.Games + 1) / 2;
        var games = new GamePairs();
        var statistics = new StatisticTable(game, options, spec);
        foreach ((GameOptions batch, int begin) in Batches(options, pairs, plan.BatchMatches))
        {
            using var matches = new FirstEpisodes(device, game, batch);
            PlayPairs(matches, game, spec, Seat(matches, game, options, player, plan), Seat(matches, game, options, opponent, plan), plan.Seed, games, statistics,
                share => progress?.Invoke((begin + batch.NumEnvs * share) / pairs), cancellation);
        }

        return new PairingResult(player.Name, opponent.Name, games, statistics.Estimates);
    }

    // Every match twice, from the same seed and with the sides exchanged.
    internal static void PlayPairs(
        FirstEpisodes matches, IGame game, EnvironmentSpec spec, (string, PolicyPlayer?) player, (string, PolicyPlayer?) opponent, ulong seed,
        GamePairs games, StatisticTable statistics, Action<double>? progress, CancellationToken cancellation)
    {
        float[] asSide0 = matches.Play([player, opponent], seed, 0, share => progress?.Invoke(share / 2), cancellation);
        float[] asSide1 = matches.Play([opponent, player], seed, 0, share => progress?.Invoke((1 + share) / 2), cancellation);
        for (int env = 0; env < asSide0.Length / spec.RawStatistics; env++)
        {
            ReadOnlySpan<float> first = Row(asSide0, env, spec), second = Row(asSide1, env, spec);
            games.Add(game.Score(first), 1 - game.Score(second));
            statistics.AddPair(first, second);
        }
    }

    // The first episodes of a game with one side.
    internal static void PlayAlone(
        FirstEpisodes matches, IGame game, EnvironmentSpec spec, (string, PolicyPlayer?) player, ulong seed, int episodes,
        MeanEstimate score, StatisticTable statistics, Action<double>? progress, CancellationToken cancellation)
    {
        float[] raw = matches.Play([player], seed, episodes, progress, cancellation);
        for (int env = 0; env < raw.Length / spec.RawStatistics; env++)
        {
            score.Add(game.Score(Row(raw, env, spec)));
            statistics.Add(Row(raw, env, spec));
        }
    }

    /// <summary>Games with one side: every player's episodes on the same seeds, and its ratio to the scripted baseline.</summary>
    public static IReadOnlyList<SoloResult> Solo(
        IDevice device, IGame game, GameOptions options, IReadOnlyList<Player> players, EvaluationPlan plan,
        Action<double>? progress = null, CancellationToken cancellation = default)
    {
        EnvironmentSpec spec = game.Describe(options);
        if (spec.Sides != 1) throw new ArgumentException($"'{game.Name}' has {spec.Sides} sides; play pairings.", nameof(game));
        string baseline = Opponents.Baseline(spec);
        Player[] all = [.. players.Append(baseline).DistinctBy(player => player.Name)];
        var results = new List<SoloResult>();
        for (int i = 0; i < all.Length; i++)
        {
            double before = i;
            results.Add(Episodes(device, game, options, all[i], plan, share => progress?.Invoke((before + share) / all.Length), cancellation));
        }

        double reference = results.Find(result => result.Player == baseline)!.Score.Mean;
        return [.. results.Where(result => players.Any(player => player.Name == result.Player))
            .Select(result => result with { RatioToBaseline = reference > 0 ? result.Score.Mean / reference : double.NaN })];
    }

    private static SoloResult Episodes(
        IDevice device, IGame game, GameOptions options, Player player, EvaluationPlan plan, Action<double> progress, CancellationToken cancellation)
    {
        EnvironmentSpec spec = game.Describe(options);
        var score = new MeanEstimate();
        var statistics = new StatisticTable(game, options, spec);
        List<Divergence>? diverged = null;
        int perMatch = spec.EpisodesPerMatch, all = MatchesFor(plan.Games, spec);
        foreach ((GameOptions batch, int begin) in Batches(options, all, Math.Max(1, plan.BatchMatches / perMatch)))
        {
            using var matches = new FirstEpisodes(device, game, batch);
            int episodes = Math.Min(batch.NumEnvs * perMatch, plan.Games - begin * perMatch);
            PlayAlone(matches, game, spec, Seat(matches, game, options, player, plan), plan.Seed, episodes, score, statistics,
                share => progress((begin + batch.NumEnvs * share) / all), cancellation);
            if (matches.Diverged is { } some) (diverged ??= []).AddRange(some);
        }

        return new SoloResult(player.Name, score, double.NaN, statistics.Estimates) { Diverged = diverged };
    }

    /// <summary>Matches in which so many episodes run at the same time.</summary>
    internal static int MatchesFor(int episodes, EnvironmentSpec spec) => (episodes + spec.EpisodesPerMatch - 1) / spec.EpisodesPerMatch;

    private static (string Name, PolicyPlayer? Policy) Seat(FirstEpisodes matches, IGame game, GameOptions options, Player player, EvaluationPlan plan)
    {
        if (player.Policy is not { } file) return (player.Name, null);
        file.CheckFits(game, options);
        PolicyPlayer policy = matches.CreatePlayer(file.Description.Network);
        policy.Load(file.Weights);
        policy.Deterministic = plan.Deterministic;
        return (player.Name, policy);
    }

    // Random draws use global match numbers, so splitting a batch changes nothing but memory.
    private static IEnumerable<(GameOptions Batch, int Begin)> Batches(GameOptions options, int matches, int batchMatches)
    {
        for (int begin = 0; begin < matches; begin += batchMatches)
            yield return (options with
            {
                NumEnvs = Math.Min(batchMatches, matches - begin),
                MatchOffset = options.MatchOffset + begin,
                Desync = false,
            }, begin);
    }

    private static ReadOnlySpan<float> Row(float[] raw, int env, EnvironmentSpec spec) =>
        raw.AsSpan(env * spec.RawStatistics, spec.RawStatistics);
}
