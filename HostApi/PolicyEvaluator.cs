using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi;

/// <summary>How a policy did against one opponent, in one number with its interval.</summary>
/// <param name="Opponent">Whom it played; in games with one side, the script it is compared with.</param>
/// <param name="Score">Points per game 0..1 with Wilson's interval; in games with one side the mean score of an episode.</param>
/// <param name="IsShare">Whether <paramref name="Score"/> is a share of points, 0..1.</param>
public sealed record EvaluationScore(string Opponent, Interval Score, bool IsShare)
{
    /// <summary>Goals for minus goals against per game; NaN where the game counts no goals.</summary>
    public double Margin { get; init; } = double.NaN;

    /// <summary>Games with one side: mean score of the script on the same seeds; NaN otherwise.</summary>
    public double Script { get; init; } = double.NaN;
}

/// <summary>Measures weights against built-in opponents again and again: what training calls every few seconds.</summary>
/// <remarks>
/// Matches, buffers and network are allocated once, apart from those of training, and the weights are copied. Only the first
/// episode of each match counts; in games with two sides every match is played from both. The same weights and seed give the
/// same results, on any number of threads.
/// </remarks>
public sealed class PolicyEvaluator : IDisposable
{
    private const string PolicyName = "policy";
    private const string Goals = "goals"; // name of the statistic that a margin is made of

    private readonly IGame game;
    private readonly GameOptions options;
    private readonly EnvironmentSpec spec;
    private readonly FirstEpisodes matches;
    private readonly PolicyPlayer player;
    private readonly IReadOnlyList<string> opponents;
    private readonly int games;
    private (ulong Seed, double Mean)? script; // the script plays alike in every evaluation of a seed

    /// <summary>Allocates.</summary>
    /// <param name="device">Where to play.</param>
    /// <param name="game">Which game.</param>
    /// <param name="options">Its options; the number of matches follows from <paramref name="games"/>, and no episode is cut short.</param>
    /// <param name="network">Sizes of the policy's network.</param>
    /// <param name="opponents">Built-in opponents; all of the game when null. Not used in games with one side.</param>
    /// <param name="games">Games per opponent, rounded up to whole pairs (one side: episodes).</param>
    /// <param name="ranks">The processes that share the games; each has all results. Null: this one alone.</param>
    /// <exception cref="UsageException">no such opponent, or the network does not fit the game.</exception>
    public PolicyEvaluator(IDevice device, IGame game, GameOptions options, NetworkSpec network, IReadOnlyList<string>? opponents = null, int games = 128, Ranks? ranks = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(games, 1);
        this.game = game;
        this.games = games;
        spec = game.Describe(options);
        this.opponents = opponents ?? [.. spec.Opponents.Select(opponent => opponent.Name)];
        foreach (string name in this.opponents) Opponents.ControllerOf(spec, name);
        this.options = options with { NumEnvs = spec.Sides == 2 ? (games + 1) / 2 : Evaluation.MatchesFor(games, spec), Desync = false };
        matches = new FirstEpisodes(device, game, this.options, ranks);
        try
        {
            player = matches.CreatePlayer(network);
        }
        catch
        {
            matches.Dispose();
            throw;
        }
    }

    /// <summary>Take the most likely action instead of a sample.</summary>
    public bool Deterministic
    {
        get => player.Deterministic;
        set => player.Deterministic = value;
    }

    /// <summary>Games with two sides: plays every opponent from both sides.</summary>
    /// <param name="weights">(P) float, flat, on the device.</param>
    /// <param name="seed">Seed of the games; not the training's.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="InvalidOperationException">the game has one side: use <see cref="EvaluateAlone"/>.</exception>
    public IReadOnlyList<PairingResult> Evaluate(View<float> weights, ulong seed = EvaluationPlan.HeldOutSeed, CancellationToken cancellation = default)
    {
        if (spec.Sides != 2) throw new InvalidOperationException($"'{game.Name}' has one side; use EvaluateAlone.");
        player.Load(weights);
        var results = new List<PairingResult>();
        foreach (string opponent in opponents)
        {
            var games = new GamePairs();
            var statistics = new StatisticTable(game, options, spec);
            Evaluation.PlayPairs(matches, game, spec, (PolicyName, player), (opponent, null), seed, games, statistics, null, cancellation);
            results.Add(new PairingResult(PolicyName, opponent, games, statistics.Estimates));
        }

        return results;
    }

    /// <summary>Games with one side: the policy's episodes, and the ratio to the scripted baseline's on the same seeds.</summary>
    /// <param name="weights">(P) float, flat, on the device.</param>
    /// <param name="seed">Seed of the games; not the training's.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    /// <exception cref="InvalidOperationException">the game has two sides: use <see cref="Evaluate"/>.</exception>
    public SoloResult EvaluateAlone(View<float> weights, ulong seed = EvaluationPlan.HeldOutSeed, CancellationToken cancellation = default)
    {
        if (spec.Sides != 1) throw new InvalidOperationException($"'{game.Name}' has two sides; use Evaluate.");
        player.Load(weights);
        SoloResult policy = Alone((PolicyName, player), seed, cancellation);
        double mean = Script(seed, cancellation);
        return policy with { RatioToBaseline = mean > 0 ? policy.Score.Mean / mean : double.NaN };
    }

    /// <summary>Either, as one number per opponent: what dashboards show and what the best policy is chosen by.</summary>
    /// <param name="weights">(P) float, flat, on the device.</param>
    /// <param name="seed">Seed of the games; not the training's.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    public IReadOnlyList<EvaluationScore> Measure(View<float> weights, ulong seed = EvaluationPlan.HeldOutSeed, CancellationToken cancellation = default) =>
        spec.Sides == 2
            ? [.. Evaluate(weights, seed, cancellation).Select(result => new EvaluationScore(result.Opponent, result.Games.Score, IsShare: true) { Margin = Margin(result) })]
            : [new EvaluationScore(Opponents.Baseline(spec), EvaluateAlone(weights, seed, cancellation).Score.Interval, IsShare: false) { Script = Script(seed, cancellation) }];

    /// <inheritdoc/>
    public void Dispose() => matches.Dispose();

    private static double Margin(PairingResult result) =>
        result.Statistics.FirstOrDefault(statistic => statistic.Info.Name == Goals) is { Opponent: { } opponent } goals ? goals.Player.Mean - opponent.Mean : double.NaN;

    private double Script(ulong seed, CancellationToken cancellation)
    {
        if (script?.Seed != seed) script = (seed, Alone((Opponents.Baseline(spec), null), seed, cancellation).Score.Mean);
        return script.Value.Mean;
    }

    private SoloResult Alone((string Name, PolicyPlayer? Policy) who, ulong seed, CancellationToken cancellation)
    {
        var score = new MeanEstimate();
        var statistics = new StatisticTable(game, options, spec);
        Evaluation.PlayAlone(matches, game, spec, who, seed, games, score, statistics, null, cancellation);
        return new SoloResult(who.Name, score, double.NaN, statistics.Estimates) { Diverged = matches.Diverged };
    }
}
