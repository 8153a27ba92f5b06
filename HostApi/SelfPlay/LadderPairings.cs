using Arena.Policy.SelfPlay;

namespace Arena.HostApi.SelfPlay;

/// <summary>Two players of a ladder and the games they lack.</summary>
internal sealed record LadderPairing(string Player, string Opponent, int Games);

/// <summary>Which pairings of a ladder say most, so that not all of them have to be played.</summary>
/// <remarks>
/// A game between equals tells about four times as much about their distance as one that is won nine times in ten (the
/// information is p·(1 − p)), so the pairings wanted are: everybody against the random player, which ties all to the zero of the scale
/// and is a column of the table; snapshots that follow each other, which is the question asked; and each player against the
/// nearest ones above in the present fit. n players have about (2 + neighbours)·n pairings instead of n²/2. Fewest games first, then the closest.
/// </remarks>
internal static class LadderPairings
{
    /// <summary>Wanted pairings that have fewer games than they should, in the order in which to play them.</summary>
    /// <param name="snapshots">Names of the snapshots, oldest first.</param>
    /// <param name="others">Names of the built-in players; the random player is among them.</param>
    /// <param name="results">What was played.</param>
    /// <param name="games">Games a pairing should have.</param>
    /// <param name="neighbours">How many of the nearest players above each one are wanted.</param>
    internal static IReadOnlyList<LadderPairing> Missing(
        IReadOnlyList<string> snapshots, IReadOnlyList<string> others, ResultsTable results, int games, int neighbours)
    {
        RatingFit fit = BradleyTerry.Fit(results);
        var wanted = new HashSet<(string, string)>();
        foreach (string player in snapshots.Concat(others)) Want(player, BradleyTerry.RandomPlayer);
        for (int i = 1; i < snapshots.Count; i++) Want(snapshots[i], snapshots[i - 1]);
        string[] order = [.. snapshots.Concat(others).Where(player => fit.Of(player) is not null && results.Games(player) > 0)
            .OrderBy(player => fit.Of(player)!.Elo).ThenBy(player => player, StringComparer.Ordinal)];
        for (int i = 0; i < order.Length; i++)
            for (int j = i + 1; j <= i + neighbours && j < order.Length; j++) Want(order[j], order[i]);
        return [.. wanted
            .Select(pair => (Pair: pair, Played: results.Games(pair.Item1, pair.Item2), Distance: Distance(pair)))
            .Where(pairing => pairing.Played < games)
            .OrderBy(pairing => pairing.Played).ThenBy(pairing => pairing.Distance).ThenBy(pairing => pairing.Pair)
            .Select(pairing => new LadderPairing(pairing.Pair.Item1, pairing.Pair.Item2, games - (int)pairing.Played))];

        void Want(string player, string opponent)
        {
            if (player != opponent && !wanted.Contains((opponent, player))) wanted.Add((player, opponent));
        }

        double Distance((string Player, string Opponent) pair) =>
            fit.Of(pair.Player) is { } a && fit.Of(pair.Opponent) is { } b ? Math.Abs(a.Elo - b.Elo) : double.PositiveInfinity;
    }
}
