using Arena.Kernels.Environments;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi;

/// <summary>Adds up what people read about finished episodes, from the player's side.</summary>
internal sealed class StatisticTable
{
    private readonly IGame game;
    private readonly GameOptions options;
    private readonly double[] first;
    private readonly double[] second;
    private readonly int sides;

    internal StatisticTable(IGame game, GameOptions options, EnvironmentSpec spec)
    {
        this.game = game;
        this.options = options;
        sides = spec.Sides;
        int values = spec.Statistics.Sum(statistic => statistic.PerSide ? spec.Sides : 1);
        first = new double[values];
        second = new double[values];
        Estimates = [.. spec.Statistics.Select(statistic =>
            new StatisticEstimate(statistic, new MeanEstimate(), statistic.PerSide && sides == 2 ? new MeanEstimate() : null) { EpisodesPerSample = sides })];
    }

    internal IReadOnlyList<StatisticEstimate> Estimates { get; }

    /// <summary>A pair: the player was side 0 in the first game and side 1 in the second.</summary>
    internal void AddPair(ReadOnlySpan<float> asSide0, ReadOnlySpan<float> asSide1)
    {
        game.Report(options, asSide0, first);
        game.Report(options, asSide1, second);
        int at = 0;
        foreach (StatisticEstimate estimate in Estimates)
        {
            if (estimate.Info.PerSide)
            {
                estimate.Player.AddPair(first[at], second[at + 1]);
                estimate.Opponent!.AddPair(first[at + 1], second[at]);
                at += 2;
                continue;
            }

            estimate.Player.AddPair(first[at], second[at]);
            at++;
        }
    }

    /// <summary>One episode of a game with one side.</summary>
    internal void Add(ReadOnlySpan<float> raw)
    {
        game.Report(options, raw, first);
        for (int at = 0; at < first.Length; at++) Estimates[at].Player.Add(first[at]);
    }
}
