using System.Text;
using System.Text.Json;
using Arena.HostApi.SelfPlay;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.SelfPlay;

/// <summary>Elo during training, and who becomes champion.</summary>
public sealed class RatingTrackerTests
{
    private static readonly DuelGame Duel = new();

    // 75 % of 100 games against random: 173.72·ln 3 = 190.8 Elo, error 173.72/√(100·0.75·0.25) = 40.1; the prior takes a little off.
    [Fact]
    public void One_evaluation_agrees_with_a_case_worked_by_hand()
    {
        var tracker = new RatingTracker();
        Assert.Null(tracker.Present);
        PlayerRating rating = tracker.Add(1000, [Share("random", 75, 100), new EvaluationScore("solo", new Interval(5, 4, 6, 10), IsShare: false)]);
        Assert.Equal(190.8, rating.Elo, tolerance: 0.5);
        Assert.Equal(40.1, rating.Error, tolerance: 0.1);
        Assert.Equal(("000000001000", 100), (rating.Player, rating.Games));
        Assert.Throws<ArgumentException>(() => tracker.Add(2000, []));
        Assert.Throws<ArgumentException>(() => tracker.Add(2000, [], (2000, Won(1, 3, 3))));
        Assert.Equal(rating, tracker.Present); // a refused evaluation leaves nothing behind
    }

    [Fact]
    public void The_champion_goes_on_measuring_where_the_others_are_beaten_every_time()
    {
        RatingTracker with = new(), without = new();
        for (int i = 1; i <= 5; i++)
        {
            EvaluationScore[] saturated = [Share("random", 128, 128), Share("scripted:strong", i == 1 ? 100 : 128, 128)];
            without.Add(i, saturated);
            with.Add(i, saturated, i == 1 ? null : (i - 1, Won(i - 1, 40, 24)));
        }

        double[] elo = [.. Enumerable.Range(1, 5).Select(i => with.Fit.Of(Snapshots.NameOf(i))!.Elo)];
        Assert.Equal(elo.Order(), elo);
        Assert.True(elo[4] - elo[3] > 40);
        Assert.Equal(without.Fit.Of(Snapshots.NameOf(4))!.Elo, without.Fit.Of(Snapshots.NameOf(5))!.Elo, 6); // blind
    }

    [Fact]
    public void A_saved_tracker_goes_on_bit_for_bit_and_a_repeated_evaluation_replaces_the_old_one()
    {
        var tracker = new RatingTracker();
        for (int i = 1; i <= 5; i++) tracker.Add(i, [Share("random", 10 + 3 * i, 32)], i == 1 ? null : (1, Won(i, 9, 3)));
        RatingTracker copy = RatingTracker.Read(JsonDocument.Parse(Json(tracker.Write)).RootElement);
        Assert.Equal(tracker.Present, copy.Present);
        Assert.Equal(tracker.Add(6, [Share("random", 30, 32)]), copy.Add(6, [Share("random", 30, 32)]));
        Assert.Equal(Json(tracker.Write), Json(copy.Write));
        long games = tracker.Results.Games("random");
        tracker.Add(6, [Share("random", 20, 32)]);
        Assert.Equal((games, 20), (tracker.Results.Games("random"), tracker.Results.Points(Snapshots.NameOf(6), "random")));
        Assert.Throws<UsageException>(() => RatingTracker.Read(JsonDocument.Parse("{}").RootElement));
        Assert.Throws<UsageException>(() => RatingTracker.Read(JsonDocument.Parse(Json(tracker.Write).Replace("\"format\":1", "\"format\":7")).RootElement));
    }

    [Fact]
    public void Old_evaluations_go_and_the_champion_that_all_are_measured_by_stays()
    {
        var tracker = new RatingTracker();
        for (int i = 1; i <= 90; i++) tracker.Add(i, [Share("random", 20, 32)], i <= 10 ? null : (10, Won(1, 5, 5)));
        Assert.True(RatingTracker.Kept + 1 == tracker.Results.Players.Count, string.Join(' ', tracker.Results.Players)); // and random
        Assert.Contains(Snapshots.NameOf(10), tracker.Results.Players);
        Assert.Contains(Snapshots.NameOf(90), tracker.Results.Players);
        Assert.DoesNotContain(Snapshots.NameOf(11), tracker.Results.Players);
    }

    /// <summary>Policies that always name a number: a higher one wins every game, an equal one draws every game.</summary>
    [Fact]
    public void The_gate_lets_the_stronger_in_and_nobody_else()
    {
        using var device = new CpuDevice();
        NetworkSpec network = TrainedPolicies.Network(Duel, new DuelOptions());
        long before = device.AllocatedBytes;
        var meter = new StrengthMeter(device, Duel, new DuelOptions(), network, games: 30);
        Strength first = After(meter, 0, 10);
        Assert.True(first.Promoted && first.Gate is null && meter.ChampionAgentSteps == 10);
        Strength equal = After(meter, 0, 20);
        Assert.False(equal.Promoted);
        Assert.Equal(16, equal.Gate!.Score.Count); // half of 32: not above ½, so it ends there
        Strength stronger = After(meter, 1, 30);
        Assert.True(stronger.Promoted);
        Assert.Equal((32, 1.0), (stronger.Gate!.Score.Count, stronger.Gate.Score.Value));
        Assert.Equal(30, meter.ChampionAgentSteps);
        Assert.Equal(TrainedPolicies.Always(network, 1), meter.ChampionWeights.ToArray());
        Strength weaker = After(meter, 0, 40);
        Assert.Equal((false, 0.0), (weaker.Promoted, weaker.Gate!.Score.Value));
        Assert.True(stronger.Rating.Elo > weaker.Rating.Elo + 300);

        var copy = new StrengthMeter(device, Duel, new DuelOptions(), network, games: 30);
        var state = new SavedState();
        meter.Save(state);
        copy.Load(state);
        state.CheckAllRead();
        Assert.Equal(After(meter, 2, 50), After(copy, 2, 50));
        Assert.Equal(Json(meter.Ratings.Write), Json(copy.Ratings.Write));
        Assert.Equal(meter.ChampionWeights.ToArray(), copy.ChampionWeights.ToArray());
        Assert.Equal(50, copy.ChampionAgentSteps);
        meter.Dispose();
        copy.Dispose();
        Assert.Equal(before, device.AllocatedBytes);

        Strength After(StrengthMeter judge, int choice, long agentSteps)
        {
            using DeviceBuffer<float> weights = device.Allocate<float>(judge.ChampionWeights.Length, "weights");
            weights.Write(TrainedPolicies.Always(network, choice));
            return judge.After(weights.View, agentSteps, [Share("random", 8 + 4 * choice, 16)]);
        }
    }

    private static EvaluationScore Share(string opponent, double points, int games) => new(opponent, Wilson.Of(points, games), IsShare: true);

    private static GamePairs Won(int seed, int won, int lost)
    {
        var games = new GamePairs();
        for (int i = 0; i < won; i++) games.Add(1, (seed + i) % 2);
        for (int i = 0; i < lost; i++) games.Add(0, (seed + i) % 2);
        return games;
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory)) write(writer);
        return Encoding.UTF8.GetString(memory.ToArray());
    }
}
