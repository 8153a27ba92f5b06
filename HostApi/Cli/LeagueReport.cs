using Arena.HostApi.SelfPlay;
using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>What <c>arena league</c> found, as a table with a verdict in words, and as JSON.</summary>
internal sealed class LeagueReport
{
    /// <summary>A snapshot counts as weaker than an earlier one beyond this many standard errors of the difference: three, since all pairs of snapshots are compared.</summary>
    internal const double FallErrors = 3;

    private const int FallsNamed = 3;

    private readonly string run;
    private readonly IGame game;
    private readonly string changes;
    private readonly LadderPlan plan;
    private readonly PlayerRating[] snapshots; // oldest first
    private readonly Ladder ladder;
    private readonly RatingFit fit;

    internal LeagueReport(string run, IGame game, IEnumerable<SettingInfo> changes, LadderPlan plan, IReadOnlyList<Player> snapshots, Ladder ladder)
    {
        (this.run, this.game, this.plan, this.ladder) = (run, game, plan, ladder);
        this.changes = string.Join(' ', changes.Select(setting => $"{setting.OptionName} {Settings.Format(setting.Default)}").DefaultIfEmpty("defaults"));
        fit = ladder.Fit;
        this.snapshots = [.. snapshots.Select(player => fit.Of(player.Name)!)];
    }

    /// <summary>The snapshots that are weaker than an earlier one, each with the strongest before it; the largest falls first.</summary>
    internal IReadOnlyList<(PlayerRating From, PlayerRating To, double Error)> Falls => FallsIn(snapshots, fit);

    internal static IReadOnlyList<(PlayerRating From, PlayerRating To, double Error)> FallsIn(IReadOnlyList<PlayerRating> snapshots, RatingFit fit)
    {
        var falls = new List<(PlayerRating From, PlayerRating To, double Error)>();
        for (int i = 1; i < snapshots.Count; i++)
        {
            PlayerRating best = snapshots.Take(i).MaxBy(rating => rating.Elo)!;
            double error = fit.DifferenceError(best.Player, snapshots[i].Player);
            if (best.Elo - snapshots[i].Elo > FallErrors * error) falls.Add((best, snapshots[i], error));
        }

        return [.. falls.OrderByDescending(fall => fall.From.Elo - fall.To.Elo)];
    }

    internal void WriteTable(Terminal terminal)
    {
        terminal.Output.WriteLine(Numbers.Text(
            $"{run}: {game.Name}, {changes}, {snapshots.Length} snapshots and {fit.Ratings.Count(rating => !IsSnapshot(rating))} built-in players, {plan.Games} games per pairing, {ladder.PairingsPlayed} pairings played, {ladder.Results.Pairings.Count()} in ladder.json"));
        terminal.Output.WriteLine();
        var table = new ResultTable("Ladder (Elo, the random player at 0; ± one standard error; sampled actions)", "player", "agent-steps", "Elo", "±", "games", "against random");
        foreach (PlayerRating rating in snapshots) Add(table, "snapshot", Numbers.Text($"{Steps(rating):N0}"), rating);
        foreach (PlayerRating rating in fit.Ratings.Where(rating => !IsSnapshot(rating)).OrderBy(rating => rating.Elo)) Add(table, rating.Player, "–", rating);
        table.Write(terminal);
        terminal.Output.WriteLine(Verdict());
    }

    /// <summary>The result as one JSON document.</summary>
    internal string Json() => JsonText.Of(writer =>
    {
        writer.WriteString("run", run);
        writer.WriteString("game", game.Name);
        writer.WriteString("settings", changes);
        writer.WriteNumber("games", plan.Games);
        writer.WriteNumber("pairingsPlayed", ladder.PairingsPlayed);
        writer.WriteBoolean("rises", Falls.Count == 0);
        writer.WriteString("verdict", Verdict());
        LadderFile.WriteFit(writer, fit);
        writer.WriteStartObject("againstRandom");
        foreach (PlayerRating rating in fit.Ratings.Where(rating => rating.Player != fit.Anchor))
            writer.WriteInterval(rating.Player, ladder.Results.Score(rating.Player, fit.Anchor));
        writer.WriteEndObject();
    });

    /// <summary>Whether it rises, in words.</summary>
    internal string Verdict()
    {
        if (snapshots.Length < 2) return "One snapshot makes no ladder: nothing can be said about the way it was learned.";
        PlayerRating first = snapshots[0], last = snapshots[^1];
        string span = Numbers.Text($"The last snapshot stands {last.Elo - first.Elo:0} ± {fit.DifferenceError(first.Player, last.Player):0} Elo above the first.");
        IReadOnlyList<(PlayerRating From, PlayerRating To, double Error)> falls = Falls;
        if (falls.Count == 0) return Numbers.Text($"The ladder rises within error: no snapshot is more than {FallErrors:0} standard errors weaker than an earlier one. {span}");
        IEnumerable<string> named = falls.Take(FallsNamed).Select(fall => Numbers.Text(
            $"after {Steps(fall.To):N0} agent-steps it is {fall.From.Elo - fall.To.Elo:0} ± {fall.Error:0} Elo weaker than after {Steps(fall.From):N0}"));
        string more = falls.Count > FallsNamed ? Numbers.Text($", and {falls.Count - FallsNamed} more") : "";
        return $"The ladder does not rise throughout: {string.Join("; ", named)}{more}. {span}";
    }

    /// <summary>Elo as it may be read: "412", "≥ 412" for one who never lost, "≤", or "?".</summary>
    internal static string EloText(PlayerRating rating) => rating.Bound switch
    {
        RatingBound.AtLeast => Numbers.Text($"≥ {rating.Elo:0}"),
        RatingBound.AtMost => Numbers.Text($"≤ {rating.Elo:0}"),
        RatingBound.Unknown => "?",
        _ => Numbers.Text($"{rating.Elo:0}"),
    };

    private void Add(ResultTable table, string player, string steps, PlayerRating rating)
    {
        bool anchor = rating.Player == fit.Anchor;
        table.Add(player, steps, EloText(rating), anchor ? "–" : Numbers.Text($"{rating.Error:0}"), Numbers.Text($"{rating.Games:N0}"),
            anchor ? "–" : Numbers.ShareText(ladder.Results.Score(rating.Player, fit.Anchor)));
    }

    private bool IsSnapshot(PlayerRating rating) => snapshots.Any(snapshot => snapshot.Player == rating.Player);

    private static long Steps(PlayerRating rating) => long.Parse(rating.Player, System.Globalization.CultureInfo.InvariantCulture);
}
