using Arena.HostApi.Metrics;
using Arena.Kernels.Environments;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Means of what a game reports about the episodes that ended in one update; of statistics kept per side, side 0's.</summary>
/// <remarks>
/// Over the matches of all shards. A match keeps the statistics of its last episode alone: where two ended in one update, the second counts. Where every
/// update begins all matches anew nobody else keeps the number of episodes, and <see cref="Save"/> does.
/// </remarks>
public sealed class EpisodeMeans
{
    private const string RewardPrefix = "reward ";
    private const string ReturnName = "return";
    private const string TotalKey = "episodes/total";

    private readonly IGame game;
    private readonly GameOptions options;
    private readonly FinishedEpisodes episodes;
    private readonly string[] names;   // metric of each statistic
    private readonly string[] ofStage; // the same of a curriculum's stage
    private readonly int[] places;     // of each statistic in a report
    private readonly bool[] rewards;   // is it a component of the reward?
    private readonly bool sumsReturn;  // the game reports components and no return
    private readonly double[] report;
    private readonly double[] sums;
    private readonly int[] counts;
    private readonly Shard shard;
    private readonly double[] overShards; // total, ended, sums, counts, diverged
    private readonly DivergenceLog? log;
    private readonly List<Divergence> firstDiverged = [];
    private StageEpisodes? stage;
    private int[] stagePlaces = []; // of its metrics in a report
    private double[] stageValues = [];

    internal EpisodeMeans(IGame game, IEnvironment environment, FinishedEpisodes episodes, Shard? shard = null)
    {
        (this.game, options, this.episodes) = (game, environment.Options, episodes);
        EnvironmentSpec spec = environment.Spec;
        int count = spec.Statistics.Count, place = 0;
        (names, places, rewards) = (new string[count], new int[count], new bool[count]);
        for (int i = 0; i < count; i++)
        {
            StatisticInfo info = spec.Statistics[i];
            rewards[i] = IsReward(info);
            names[i] = NameOf(info);
            places[i] = place;
            place += info.PerSide ? spec.Sides : 1;
        }

        ofStage = [.. spec.Statistics.Select(info => MetricRegistry.OfStage.With(info.Name))];
        sumsReturn = rewards.Contains(true) && spec.Statistics.All(info => info.Name != ReturnName);
        report = new double[place];
        (sums, counts) = (new double[count], new int[count]);
        this.shard = shard ?? Shard.Whole;
        overShards = new double[3 + 2 * count];
        log = environment.Divergences;
    }

    /// <summary>Episodes that have ended since the beginning.</summary>
    public long Total { get; private set; }

    /// <summary>Whether the counts begin at 0 in every update: where every update begins all matches anew.</summary>
    internal bool BeginsAnew { get; init; }

    /// <summary>Of those, in this update; a match (or agent, where episodes are its own) counts once.</summary>
    public int Ended { get; private set; }

    /// <summary>Whether the game has a simulation that can diverge, and a guard that ends what has.</summary>
    public bool Guarded => log is not null;

    /// <summary>Episodes that the guard ended in this update, over all shards.</summary>
    public int Diverged { get; private set; }

    /// <summary>The same since this process began.</summary>
    public long TotalDiverged { get; private set; }

    /// <summary>The first of them in this process and shard, at most <see cref="DivergenceText.Listed"/>.</summary>
    public IReadOnlyList<Divergence> FirstDiverged => firstDiverged;

    /// <summary>Who is told about every episode that has ended; null: nobody.</summary>
    internal StageEpisodes? Stage
    {
        set
        {
            stage = value;
            stagePlaces = value is null ? [] : [.. value.Metrics.Select(metric => places[Array.IndexOf(ofStage, metric)])];
            stageValues = new double[stagePlaces.Length];
        }
    }

    /// <summary>Whether a statistic is a component of the reward.</summary>
    internal static bool IsReward(StatisticInfo info) => info.Name.StartsWith(RewardPrefix, StringComparison.Ordinal);

    /// <summary>The metric of a statistic: episode/… or reward/….</summary>
    internal static string NameOf(StatisticInfo info) => IsReward(info)
        ? MetricRegistry.Reward.With(info.Name[RewardPrefix.Length..])
        : MetricRegistry.Episode.With(info.Name);

    /// <summary>The mean of one of them over the episodes that ended in the last update; NaN where none did.</summary>
    internal double Mean(string name)
    {
        int i = Array.IndexOf(names, name);
        return i < 0 || counts[i] == 0 ? double.NaN : sums[i] / counts[i];
    }

    /// <summary>Saves the number of episodes where matches that begin anew do not keep it.</summary>
    internal void Save(SavedState state)
    {
        if (BeginsAnew) state.Values.Write(TotalKey, Total);
    }

    /// <summary>Restores what <see cref="Save"/> kept.</summary>
    internal void Load(SavedState state)
    {
        if (BeginsAnew) Total = state.Values.ReadLong(TotalKey);
    }

    /// <summary>After an update, whose numbers have been read.</summary>
    internal void End()
    {
        Array.Clear(sums);
        Array.Clear(counts);
        Total = (BeginsAnew ? Total : 0) + episodes.Total;
        Ended = episodes.Count;
        for (int i = 0; i < Ended; i++)
        {
            (int owner, int number, _) = episodes.Record(i, out ReadOnlySpan<float> episode);
            if (episode.IsEmpty) continue;
            Add(episode);
            if (stage is not null) Tell(stage, owner, number);
        }

        CountDiverged();
        if (shard.Count > 1) SumOverShards();
        TotalDiverged += Diverged;
    }

    /// <summary>Sets episode/… and reward/…; nothing when no episode ended.</summary>
    internal void Fill(MetricSample sample)
    {
        if (Ended == 0) return;
        double total = 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (counts[i] == 0) continue; // undefined in all of them
            double mean = sums[i] / counts[i];
            if (rewards[i]) total += mean;
            sample.Set(names[i], mean);
        }

        if (sumsReturn) sample.Set("episode/return", total);
    }

    private void CountDiverged()
    {
        if (log is null) return;
        Diverged = log.Take(out IReadOnlyList<Divergence> firsts);
        for (int i = 0; i < firsts.Count && firstDiverged.Count < DivergenceText.Listed; i++) firstDiverged.Add(firsts[i]);
    }

    // Numbers of episodes are whole, so exact in double.
    private void SumOverShards()
    {
        (overShards[0], overShards[1]) = (Total, Ended);
        sums.CopyTo(overShards, 2);
        for (int i = 0; i < counts.Length; i++) overShards[2 + sums.Length + i] = counts[i];
        overShards[^1] = Diverged;
        shard.Sum<double>(overShards);
        Diverged = (int)overShards[^1];
        (Total, Ended) = ((long)overShards[0], (int)overShards[1]);
        overShards.AsSpan(2, sums.Length).CopyTo(sums);
        for (int i = 0; i < counts.Length; i++) counts[i] = (int)overShards[2 + sums.Length + i];
    }

    // What Add has put into the report.
    private void Tell(StageEpisodes told, int owner, int number)
    {
        for (int i = 0; i < stagePlaces.Length; i++) stageValues[i] = report[stagePlaces[i]];
        told.Ended(owner, number, stageValues);
    }

    // NaN means "undefined in this episode".
    private void Add(ReadOnlySpan<float> episode)
    {
        game.Report(options, episode, report);
        for (int i = 0; i < places.Length; i++)
        {
            double value = report[places[i]];
            if (double.IsNaN(value)) continue;
            sums[i] += value;
            counts[i]++;
        }
    }
}
