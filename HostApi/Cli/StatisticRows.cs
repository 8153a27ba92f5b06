using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>Statistics of finished episodes: one row each, one column per player, never wider than the lines it is written on.</summary>
/// <param name="title">Above the table.</param>
/// <param name="players">Heads of the columns.</param>
internal sealed class StatisticRows(string title, params string[] players)
{
    private const int LongestHead = 20; // a share with its interval is as long

    private readonly List<(string Name, string[] Cells, string Unit)> rows = [];

    /// <summary>Of a pairing: what is kept for both players, then what belongs to the match.</summary>
    internal static void Write(Terminal terminal, PairingResult result)
    {
        var sides = new StatisticRows($"{result.Player} against {result.Opponent}, per game (mean ± 95 %)", result.Player, result.Opponent);
        var match = new StatisticRows("Of both together", "match");
        foreach (StatisticEstimate statistic in result.Statistics)
        {
            string player = Text(statistic, statistic.Interval);
            if (statistic.OpponentInterval is { } opponent) sides.Add(statistic.Info.Name, [player, Text(statistic, opponent)], statistic.Info.Unit);
            else match.Add(statistic.Info.Name, [player], statistic.Info.Unit);
        }

        if (sides.rows.Count > 0) sides.Write(terminal);
        if (match.rows.Count > 0) match.Write(terminal);
    }

    /// <summary>The players of a game with one side.</summary>
    internal static StatisticRows Of(IReadOnlyList<SoloResult> results)
    {
        var rows = new StatisticRows("Statistics (mean ± 95 %)", [.. results.Select(result => result.Player)]);
        for (int i = 0; i < results[0].Statistics.Count; i++)
            rows.Add(results[0].Statistics[i].Info.Name, [.. results.Select(result => Text(result.Statistics[i], result.Statistics[i].Interval))], results[0].Statistics[i].Info.Unit);
        return rows;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="name">Of the statistic.</param>
    /// <param name="cells">One per player.</param>
    /// <param name="unit">Of the statistic, or empty.</param>
    internal void Add(string name, string[] cells, string unit) => rows.Add((name, cells, unit));

    /// <summary>
    /// All players side by side, without the units where these would not fit; otherwise in several tables, each of as many players as fit.
    /// </summary>
    internal void Write(Terminal terminal)
    {
        ResultTable? whole = new[] { Table(0, players.Length, units: true), Table(0, players.Length, units: false) }.FirstOrDefault(table => table.FitsInto(terminal));
        if (whole is not null)
        {
            whole.Write(terminal);
            return;
        }

        for (int from = 0; from < players.Length;)
        {
            int count = players.Length - from;
            while (count > 1 && !Table(from, count, units: true).FitsInto(terminal)) count--;
            Table(from, count, units: true).Write(terminal);
            from += count;
        }
    }

    private ResultTable Table(int from, int count, bool units)
    {
        var table = new ResultTable(title, ["statistic", .. players.Skip(from).Take(count).Select(Head), .. units ? ["unit"] : Array.Empty<string>()])
        {
            RightAligned = column => column > 0 && column <= count,
        };
        foreach ((string name, string[] cells, string unit) in rows) table.Add([name, .. cells.Skip(from).Take(count), .. units ? [unit] : Array.Empty<string>()]);
        return table;
    }

    private static string Text(StatisticEstimate statistic, Interval interval) => statistic.IsShare ? Numbers.ShareText(interval) : Numbers.MeanText(interval);

    // The end of a run's folder tells it from others.
    private static string Head(string player) => player.Length <= LongestHead ? player : "…" + player[^(LongestHead - 1)..];
}
