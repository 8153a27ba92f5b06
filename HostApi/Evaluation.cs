using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi;

/// <summary>How much to play.</summary>
public sealed record EvaluationPlan
{
    /// <summary>A seed no training run uses unless told to.</summary>
    public const ulong HeldOutSeed = 900_000_001;

    /// <summary>Games of each pairing, rounded up to whole pairs (games with one side: episodes).</summary>
    public int Games { get; init; } = 256;

    /// <summary>Seed of the games.</summary>
    public ulong Seed { get; init; } = HeldOutSeed;

    /// <summary>Matches simulated side by side at most; changes memory, never a result.</summary>
    public int BatchMatches { get; init; } = 4096;
}

/// <summary>A statistic of the player, and of its opponent where the game keeps it per side.</summary>
public sealed record StatisticEstimate(StatisticInfo Info, MeanEstimate Player, MeanEstimate? Opponent);

/// <summary>A player against another, side-balanced.</summary>
public sealed record PairingResult(string Player, string Opponent, GamePairs Games, IReadOnlyList<StatisticEstimate> Statistics);

/// <summary>A player of a game with one side.</summary>
/// <param name="Player">Its name.</param>
/// <param name="Score">Score per episode.</param>
/// <param name="RatioToBaseline">Mean score / mean score of the scripted baseline on the same seeds; NaN where the latter is not positive.</param>
/// <param name="Statistics">The game's statistics.</param>
public sealed record SoloResult(string Player, MeanEstimate Score, double RatioToBaseline, IReadOnlyList<StatisticEstimate> Statistics);

/// <summary>Plays built-in players against each other and measures how strong they are.</summary>
public static class Evaluation
{
    /// <summary>Two-sided games: E matches are played twice with the same seed and the sides exchanged.</summary>
    /// <param name="device">Where to play.</param>
    /// <param name="game">A game with two sides.</param>
    /// <param name="options">Its options; the number of matches follows from the plan, and no episode is cut short.</param>
    /// <param name="player">Built-in player whose score is reported.</param>
    /// <param name="opponent">Whom it plays against.</param>
    /// <param name="plan">How much.</param>
    /// <param name="progress">Called with the share done.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    public static PairingResult Pair(
        IDevice device, IGame game, GameOptions options, string player, string opponent, EvaluationPlan plan,
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
            double Share(double half, double share) => (begin + batch.NumEnvs * (half + share) / 2) / pairs;
            float[] asSide0 = matches.Play([player, opponent], plan.Seed, share => progress?.Invoke(Share(0, share)), cancellation);
            float[] asSide1 = matches.Play([opponent, player], plan.Seed, share => progress?.Invoke(Share(1, share)), cancellation);
            for (int env = 0; env < batch.NumEnvs; env++)
            {
                ReadOnlySpan<float> first = Row(asSide0, env, spec), second = Row(asSide1, env, spec);
                games.Add(game.Score(first), 1 - game.Score(second));
                statistics.AddPair(first, second);
            }
        }

        return new PairingResult(player, opponent, games, statistics.Estimates);
    }

    /// <summary>Games with one side: every player's episodes on the same seeds, and its ratio to the scripted baseline.</summary>
    public static IReadOnlyList<SoloResult> Solo(
        IDevice device, IGame game, GameOptions options, IReadOnlyList<string> players, EvaluationPlan plan,
        Action<double>? progress = null, CancellationToken cancellation = default)
    {
        EnvironmentSpec spec = game.Describe(options);
        if (spec.Sides != 1) throw new ArgumentException($"'{game.Name}' has {spec.Sides} sides; play pairings.", nameof(game));
        string baseline = Opponents.Baseline(spec);
        string[] all = [.. players.Append(baseline).Distinct()];
        var results = new List<SoloResult>();
        for (int i = 0; i < all.Length; i++)
        {
            double before = i;
            results.Add(Episodes(device, game, options, all[i], plan, share => progress?.Invoke((before + share) / all.Length), cancellation));
        }

        double reference = results.Find(result => result.Player == baseline)!.Score.Mean;
        return [.. results.Where(result => players.Contains(result.Player))
            .Select(result => result with { RatioToBaseline = reference > 0 ? result.Score.Mean / reference : double.NaN })];
    }

    private static SoloResult Episodes(
        IDevice device, IGame game, GameOptions options, string player, EvaluationPlan plan, Action<double> progress, CancellationToken cancellation)
    {
        EnvironmentSpec spec = game.Describe(options);
        var score = new MeanEstimate();
        var statistics = new StatisticTable(game, options, spec);
        foreach ((GameOptions batch, int begin) in Batches(options, plan.Games, plan.BatchMatches))
        {
            using var matches = new FirstEpisodes(device, game, batch);
            float[] raw = matches.Play([player], plan.Seed, share => progress((begin + batch.NumEnvs * share) / plan.Games), cancellation);
            for (int env = 0; env < batch.NumEnvs; env++)
            {
                score.Add(game.Score(Row(raw, env, spec)));
                statistics.Add(Row(raw, env, spec));
            }
        }

        return new SoloResult(player, score, double.NaN, statistics.Estimates);
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
