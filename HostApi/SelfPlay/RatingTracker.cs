using System.Text.Json;
using Arena.Kernels;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.SelfPlay;

/// <summary>The Elo of the policy in training, from its evaluations: <c>ladder/elo</c> and <c>ladder/elo_error</c>.</summary>
/// <remarks>
/// Every evaluation is a player of its own, named by its agent-steps, with results against built-in opponents (which never change and so
/// tie all evaluations together) and against the champion. All of them are fitted at once, the random player at 0. At most
/// <see cref="Kept"/> evaluations are kept, the newest and the champions they met first.
/// </remarks>
public sealed class RatingTracker
{
    /// <summary>Evaluations kept: enough for a run's, few enough for a fit in milliseconds.</summary>
    public const int Kept = 64;

    private const int Format = 1;
    private readonly List<string> players = []; // in the order of evaluation

    /// <summary>All results so far.</summary>
    public ResultsTable Results { get; private set; } = new();

    /// <summary>Ratings of everybody in <see cref="Results"/>.</summary>
    public RatingFit Fit { get; private set; } = BradleyTerry.Fit(new ResultsTable());

    /// <summary>The last evaluation's rating; null before the first.</summary>
    public PlayerRating? Present { get; private set; }

    /// <summary>Adds an evaluation and rates it.</summary>
    /// <param name="agentSteps">Agent-steps behind the policy.</param>
    /// <param name="scores">Scores against built-in opponents; those that are no shares of points are left out.</param>
    /// <param name="champion">Agent-steps behind the champion and the games against it; null where there were none.</param>
    /// <returns>The policy's rating.</returns>
    /// <exception cref="ArgumentException">nothing to rate by.</exception>
    public PlayerRating Add(long agentSteps, IReadOnlyList<EvaluationScore> scores, (long AgentSteps, GamePairs Games)? champion = null)
    {
        string name = Snapshots.NameOf(agentSteps);
        EvaluationScore[] shares = [.. scores.Where(score => score.IsShare && score.Score.Count > 0)];
        if (champion is { } self && self.AgentSteps == agentSteps) throw new ArgumentException($"The policy after {agentSteps} agent-steps cannot be rated by games against itself.", nameof(champion));
        if (shares.Length == 0 && champion is not { Games.Games: > 0 }) throw new ArgumentException($"The evaluation after {agentSteps} agent-steps has no game with a winner; nothing rates it.", nameof(scores));
        if (players.Remove(name)) Results.Remove(name); // measured again, as when a run goes back to a checkpoint
        foreach (EvaluationScore score in shares)
            Results.Add(name, score.Opponent, Math.Round(2 * score.Score.Value * score.Score.Count) / 2, score.Score.Count);
        if (champion is { } met) Results.Add(name, Snapshots.NameOf(met.AgentSteps), met.Games);
        players.Add(name);
        Prune();
        Fit = BradleyTerry.Fit(Results);
        return Present = Fit.Of(name)!;
    }

    /// <summary>Writes one object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("format", Format);
        writer.WriteStartArray("evaluations");
        foreach (string player in players) writer.WriteStringValue(player);
        writer.WriteEndArray();
        writer.WritePropertyName("results");
        Results.Write(writer);
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; ratings are fitted again and come out the same, bit for bit.</summary>
    /// <exception cref="UsageException">it is something else.</exception>
    public static RatingTracker Read(JsonElement saved)
    {
        var tracker = new RatingTracker();
        try
        {
            if (saved.GetProperty("format").GetInt32() != Format) throw new FormatException($"its format is {saved.GetProperty("format")}, this program reads {Format}.");
            foreach (JsonElement player in saved.GetProperty("evaluations").EnumerateArray()) tracker.players.Add(player.GetString()!);
            tracker.Results = ResultsTable.Read(saved.GetProperty("results"));
        }
        catch (Exception damage) when (damage is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"The saved ratings are damaged: {damage.Message} Load another checkpoint.");
        }

        tracker.Fit = BradleyTerry.Fit(tracker.Results);
        tracker.Present = tracker.players.Count == 0 ? null : tracker.Fit.Of(tracker.players[^1]);
        return tracker;
    }

    // A champion stays while somebody who met it is kept: its results tie them to the others. Where that keeps everybody, the oldest goes.
    private void Prune()
    {
        if (players.Count <= Kept) return;
        string gone = players[0];
        for (int i = 0; i < players.Count - 1; i++)
        {
            if (players.Skip(i + 1).Any(later => Results.Games(later, players[i]) > 0)) continue; // a champion is older than those who met it
            gone = players[i];
            break;
        }

        players.Remove(gone);
        Results.Remove(gone);
    }
}
