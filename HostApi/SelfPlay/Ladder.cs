using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.SelfPlay;

/// <summary>How much a ladder is played.</summary>
public sealed record LadderPlan
{
    /// <summary>Seed of ladder games: apart from training, from choosing the best policy and from its final table.</summary>
    public const ulong LadderSeed = 700_000_001;

    /// <summary>Games of every wanted pairing, rounded up to whole pairs.</summary>
    public int Games { get; init; } = 128;

    /// <summary>How many of the nearest players above each one it plays.</summary>
    public int Neighbours { get; init; } = 2;

    /// <summary>Seed of the games.</summary>
    public ulong Seed { get; init; } = LadderSeed;
}

/// <summary>Side-balanced games among the snapshots of a run and the built-in opponents, and the ratings that follow.</summary>
/// <remarks>
/// Incremental: pairings that have their games are not played again, and a pairing that lacks some plays other matches than before.
/// Ratings decide who is whose neighbour, so pairings are chosen, played and rated in rounds until none is missing. The same snapshots, settings and
/// plan give the same ladder on any number of threads.
/// </remarks>
public sealed class Ladder
{
    private const int MaxRounds = 10; // neighbours settle in two or three

    private readonly IDevice device;
    private readonly IGame game;
    private readonly GameOptions options;
    private readonly IReadOnlyList<Player> snapshots;
    private readonly IReadOnlyList<Player> others;

    /// <summary>Prepares; nothing is played.</summary>
    /// <param name="device">Where to play.</param>
    /// <param name="game">A game with two sides.</param>
    /// <param name="options">Options of evaluation games.</param>
    /// <param name="snapshots">Policies by age, oldest first, each with a name of its own.</param>
    /// <param name="others">Built-in opponents; the random player is added where it lacks.</param>
    /// <param name="results">What was played before; added to.</param>
    /// <exception cref="ArgumentException">a game with one side, or a name used twice.</exception>
    public Ladder(IDevice device, IGame game, GameOptions options, IReadOnlyList<Player> snapshots, IReadOnlyList<Player> others, ResultsTable? results = null)
    {
        if (game.Describe(options).Sides != 2) throw new ArgumentException($"'{game.Name}' has one side; nobody plays anybody.", nameof(game));
        (this.device, this.game, this.options, this.snapshots) = (device, game, options, snapshots);
        this.others = others.Any(player => player.Name == BradleyTerry.RandomPlayer) ? others : [BradleyTerry.RandomPlayer, .. others];
        string[] names = [.. snapshots.Concat(this.others).Select(player => player.Name)];
        if (names.Distinct().Count() < names.Length) throw new ArgumentException("Two players of the ladder have the same name.", nameof(snapshots));
        Results = results ?? new ResultsTable();
    }

    /// <summary>Everything played so far.</summary>
    public ResultsTable Results { get; }

    /// <summary>Pairings that <see cref="Play"/> played.</summary>
    public int PairingsPlayed { get; private set; }

    /// <summary>Ratings by the results so far, the random player at 0.</summary>
    public RatingFit Fit => BradleyTerry.Fit(Results);

    /// <summary>Plays what is missing.</summary>
    /// <param name="plan">How much.</param>
    /// <param name="played">Called after each pairing, so that nothing played is lost.</param>
    /// <param name="progress">Called with the share done of what is known to be missing, and who plays.</param>
    /// <param name="cancellation">Ends it early, with an exception; <see cref="Results"/> has every finished pairing.</param>
    public void Play(LadderPlan plan, Action? played = null, Action<double, string>? progress = null, CancellationToken cancellation = default)
    {
        Dictionary<string, Player> players = snapshots.Concat(others).ToDictionary(player => player.Name, StringComparer.Ordinal);
        string[] snapshotNames = [.. snapshots.Select(player => player.Name)], otherNames = [.. others.Select(player => player.Name)];
        int wanted = plan.Games + (plan.Games & 1);
        for (int round = 0; round < MaxRounds; round++)
        {
            IReadOnlyList<LadderPairing> missing = LadderPairings.Missing(snapshotNames, otherNames, Results, wanted, plan.Neighbours);
            if (missing.Count == 0) return;
            for (int i = 0; i < missing.Count; i++)
            {
                LadderPairing pairing = missing[i];
                double before = i;
                Pair(players[pairing.Player], players[pairing.Opponent], pairing.Games, plan.Seed,
                    share => progress?.Invoke((before + share) / missing.Count, $"round {round + 1}: {pairing.Player} against {pairing.Opponent}"), cancellation);
                played?.Invoke();
            }
        }
    }

    private void Pair(Player player, Player opponent, int games, ulong seed, Action<double> progress, CancellationToken cancellation)
    {
        int before = (int)(Results.Games(player.Name, opponent.Name) / 2); // pairs
        PairingResult result = Evaluation.Pair(
            device, game, options with { MatchOffset = options.MatchOffset + before }, player, opponent, new EvaluationPlan { Games = games, Seed = seed }, progress, cancellation);
        Results.Add(player.Name, opponent.Name, result.Games);
        PairingsPlayed++;
    }
}
