using Arena.Kernels.Learning;
using Arena.Policy.Distributed;

namespace Arena.Policy.SelfPlay;

/// <summary>What the learner scored against each listed opponent in the games that ended in one update, over all shards.</summary>
public sealed class ListedScores
{
    private readonly Shard shard;
    private readonly int firstPolicy; // seat of policy 0
    private readonly int[] builtIns;  // item of a built-in opponent, by its place
    private readonly int[] policies;  // item of a policy
    private readonly double[] points;
    private readonly double[] games;

    internal ListedScores(OpponentList list, int poolSlots, Shard shard)
    {
        (Opponents, this.shard, firstPolicy) = (list.Items, shard, OpponentSeat.FirstSlot + poolSlots);
        int[] all = [.. Enumerable.Range(0, list.Items.Count)];
        (builtIns, policies) = ([.. all.Where(item => !list.Items[item].IsPolicy)], [.. all.Where(item => list.Items[item].IsPolicy)]);
        (points, games) = (new double[all.Length], new double[all.Length]);
    }

    /// <summary>Whom it met, in the order of the list.</summary>
    public IReadOnlyList<ListedOpponent> Opponents { get; }

    /// <summary>Points per game, 0..1, against one of <see cref="Opponents"/> in the last update; NaN where no game ended.</summary>
    public double Mean(int opponent) => games[opponent] > 0 ? points[opponent] / games[opponent] : double.NaN;

    internal void Begin()
    {
        Array.Clear(points);
        Array.Clear(games);
    }

    /// <summary>Counts a game.</summary>
    /// <param name="seat">The <see cref="OpponentSeat"/> of a listed opponent.</param>
    /// <param name="score">The learner's, 0..1.</param>
    internal void Add(int seat, double score)
    {
        int item = OpponentSeat.IsBuiltIn(seat) ? builtIns[OpponentSeat.PlaceOf(seat)] : policies[seat - firstPolicy];
        points[item] += score;
        games[item]++;
    }

    internal void End()
    {
        shard.Sum<double>(points);
        shard.Sum<double>(games);
    }
}
