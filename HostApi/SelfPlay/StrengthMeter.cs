using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy;
using Arena.Policy.Distributed;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.SelfPlay;

/// <summary>What an evaluation says about strength.</summary>
/// <param name="Rating">The policy's Elo with its error.</param>
/// <param name="Gate">Its games against the champion and the verdict; null where there was no champion to meet.</param>
/// <param name="Promoted">It is the champion from here on: it passed the gate, or is the first one.</param>
public sealed record Strength(PlayerRating Rating, PromotionVerdict? Gate, bool Promoted);

/// <summary>Rates the policy in training and keeps the champion: what a session calls after each evaluation of a game with two sides.</summary>
/// <remarks>
/// The policy plays the champion half of the gate's games; unless it scores more than half of their points it cannot be far above, and that is all.
/// Otherwise it plays the other half, and the gate judges all of them. Stopping early only makes the gate harder to pass, so the
/// chance to promote by luck stays below the gate's own. Games are side-balanced, on seeds that no other evaluation uses and that change with the
/// agent-steps, so that a champion is not chosen for its luck on a few starts. Memory is taken once.
/// </remarks>
public sealed class StrengthMeter : IDisposable
{
    /// <summary>Seeds of gate games begin here; agent-steps are added.</summary>
    public const ulong GateSeed = 1UL << 60;

    private const ulong SecondHalf = 1UL << 59; // added to the seed
    private const long NoChampion = -1;

    private readonly IGame game;
    private readonly GameOptions options;
    private readonly EnvironmentSpec spec;
    private readonly IDevice device;
    private readonly FirstEpisodes matches;
    private readonly PolicyPlayer candidate;
    private readonly PolicyPlayer opponent;
    private readonly float[] champion;

    /// <summary>Takes memory.</summary>
    /// <param name="device">Where to play.</param>
    /// <param name="game">A game with two sides.</param>
    /// <param name="options">Options of evaluation games; the number of matches follows from <paramref name="games"/>.</param>
    /// <param name="network">Sizes of the policies.</param>
    /// <param name="games">Games of the gate, rounded up to a multiple of four: two halves of whole pairs.</param>
    /// <param name="ranks">The processes that share the games; each comes to the same verdict. Null: this one alone.</param>
    /// <exception cref="ArgumentException">a game with one side.</exception>
    public StrengthMeter(IDevice device, IGame game, GameOptions options, NetworkSpec network, int games = 256, Ranks? ranks = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(games, 1);
        (this.device, this.game) = (device, game);
        spec = game.Describe(options);
        if (spec.Sides != 2) throw new ArgumentException($"'{game.Name}' has {spec.Sides} side; strength is measured in games between two.", nameof(game));
        this.options = options with { NumEnvs = (games + 3) / 4, Desync = false };
        matches = new FirstEpisodes(device, game, this.options, ranks);
        candidate = matches.CreatePlayer(network);
        opponent = matches.CreatePlayer(network);
        champion = new float[new ParameterLayout(network).Length];
    }

    /// <summary>Results and ratings of all evaluations.</summary>
    public RatingTracker Ratings { get; private set; } = new();

    /// <summary>Agent-steps behind the champion; null before the first evaluation.</summary>
    public long? ChampionAgentSteps { get; private set; }

    /// <summary>(P) the champion's weights, a copy; zeros before the first evaluation.</summary>
    public ReadOnlySpan<float> ChampionWeights => champion;

    /// <summary>Plays the champion, rates the policy, and promotes it if the gate opens.</summary>
    /// <param name="weights">(P) float on the device; copied.</param>
    /// <param name="agentSteps">Agent-steps behind them.</param>
    /// <param name="scores">The evaluation against built-in opponents.</param>
    /// <param name="cancellation">Ends it early, with an exception and nothing changed.</param>
    public Strength After(View<float> weights, long agentSteps, IReadOnlyList<EvaluationScore> scores, CancellationToken cancellation = default)
    {
        if (ChampionAgentSteps is not { } championSteps)
        {
            PlayerRating first = Ratings.Add(agentSteps, scores);
            Enthrone(weights, agentSteps);
            return new Strength(first, null, Promoted: true);
        }

        GamePairs games = Play(weights, agentSteps, cancellation);
        PromotionVerdict verdict = PromotionGate.Judge(games, GateSeed + (ulong)agentSteps);
        PlayerRating rating = Ratings.Add(agentSteps, scores, (championSteps, games));
        if (verdict.Promoted) Enthrone(weights, agentSteps);
        return new Strength(rating, verdict, verdict.Promoted);
    }

    /// <summary>Saves ratings and champion.</summary>
    public void Save(SavedState state)
    {
        state.Values.Write("strength/champion", ChampionAgentSteps ?? NoChampion);
        state.World.Write<float>("strength/champion", champion);
        state.Values.Write("strength/ratings", JsonText.Of(writer =>
        {
            writer.WritePropertyName("ratings");
            Ratings.Write(writer);
        }));
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    /// <exception cref="UsageException">it is of another network or version.</exception>
    public void Load(SavedState state)
    {
        long steps = state.Values.ReadLong("strength/champion", NoChampion);
        state.World.Read<float>("strength/champion", champion);
        ChampionAgentSteps = steps == NoChampion ? null : steps;
        try
        {
            using JsonDocument saved = JsonDocument.Parse(state.Values.ReadText("strength/ratings"));
            Ratings = RatingTracker.Read(saved.RootElement.GetProperty("ratings"));
        }
        catch (Exception damage) when (damage is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw SavedState.Mismatch($"its ratings are damaged ({damage.Message.TrimEnd('.')})");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => matches.Dispose();

    private void Enthrone(View<float> weights, long agentSteps)
    {
        device.CopyToHost(weights, champion);
        ChampionAgentSteps = agentSteps;
    }

    private GamePairs Play(View<float> weights, long agentSteps, CancellationToken cancellation)
    {
        candidate.Load(weights);
        opponent.Load(champion);
        var games = new GamePairs();
        var statistics = new StatisticTable(game, options, spec);
        ulong seed = GateSeed + (ulong)agentSteps;
        Evaluation.PlayPairs(matches, game, spec, ("candidate", candidate), ("champion", opponent), seed, games, statistics, null, cancellation);
        if (games.Points > games.Games / 2.0)
            Evaluation.PlayPairs(matches, game, spec, ("candidate", candidate), ("champion", opponent), seed + SecondHalf, games, statistics, null, cancellation);
        return games;
    }
}
