using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests;

public class EvaluationTests
{
    private static readonly DuelGame Duel = new();

    [Fact]
    public void The_stronger_player_wins_from_both_sides_and_only_first_episodes_count()
    {
        using var device = new CpuDevice();
        PairingResult result = Evaluation.Pair(device, Duel, new DuelOptions(), "scripted:high", "scripted:low", new EvaluationPlan { Games = 20 });
        Assert.Equal((20, 20, 0, 0), (result.Games.Games, result.Games.Wins, result.Games.Draws, result.Games.Losses));
        PairingResult other = Evaluation.Pair(device, Duel, new DuelOptions(), "scripted:low", "scripted:high", new EvaluationPlan { Games = 20 });
        Assert.Equal(20, other.Games.Losses);
    }

    [Fact]
    public void Statistics_per_side_follow_the_player_through_the_exchange_of_sides()
    {
        using var device = new CpuDevice();
        PairingResult result = Evaluation.Pair(device, Duel, new DuelOptions(), "scripted:high", "scripted:middle", new EvaluationPlan { Games = 12 });
        StatisticEstimate goals = result.Statistics[0], length = result.Statistics[1];
        Assert.Equal((2, 0), (goals.Player.Mean, goals.Player.StandardDeviation));
        Assert.Equal((1, 0), (goals.Opponent!.Mean, goals.Opponent.StandardDeviation));
        Assert.Equal(2, length.Player.Mean, 12); // lengths 1, 2, 3 in turn
        Assert.Null(length.Opponent);
    }

    [Fact]
    public void Draws_count_half_and_odd_numbers_of_games_are_rounded_up_to_pairs()
    {
        using var device = new CpuDevice();
        // "random" plays 0, 1, 2 by match: against the middle it loses, draws and wins.
        PairingResult result = Evaluation.Pair(device, Duel, new DuelOptions(), "random", "scripted:middle", new EvaluationPlan { Games = 11 });
        Assert.Equal((12, 4, 4, 4, 6.0), (result.Games.Games, result.Games.Wins, result.Games.Draws, result.Games.Losses, result.Games.Points));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public void The_size_of_a_batch_changes_no_result(int batch)
    {
        using var device = new CpuDevice();
        PairingResult result = Evaluation.Pair(device, Duel, new DuelOptions(), "random", "scripted:middle", new EvaluationPlan { Games = 28, BatchMatches = batch });
        Assert.Equal((10, 10, 8), (result.Games.Losses, result.Games.Draws, result.Games.Wins));
    }

    [Fact]
    public void Matches_that_never_end_are_an_error_not_a_hang()
    {
        using var device = new CpuDevice();
        var endless = Assert.Throws<InvalidOperationException>(() =>
            Evaluation.Pair(device, Duel, new DuelOptions { Endless = true }, "random", "scripted:low", new EvaluationPlan { Games = 4 }));
        Assert.Contains("episode limit of 3 ticks", endless.Message);
    }

    [Fact]
    public void A_game_with_one_side_is_compared_with_its_script_on_the_same_seeds()
    {
        using var device = new CpuDevice();
        IReadOnlyList<SoloResult> results = Evaluation.Solo(
            device, Registry.Find("corridor"), new CorridorOptions { Desync = true }, ["random", "scripted:optimal"], new EvaluationPlan { Games = 300 });
        Assert.Equal(CorridorGame.OptimalReturn, results[1].Score.Mean, 5);
        Assert.Equal(1, results[1].RatioToBaseline, 12);
        Assert.Equal(results[0].Score.Mean / results[1].Score.Mean, results[0].RatioToBaseline, 12);
        Assert.InRange(results[0].Score.Interval.Upper, 0.1, 0.6);
    }

    [Fact]
    public void Strong_beats_weak_at_soccer_from_both_sides()
    {
        using var device = new CpuDevice();
        PairingResult result = Evaluation.Pair(
            device, Registry.Find("soccer"), new SoccerOptions(), "scripted:strong", "scripted:weak", new EvaluationPlan { Games = 32 });
        Assert.True(result.Games.Score.Lower > 0.5, $"lower bound {result.Games.Score.Lower}");
        StatisticEstimate win = result.Statistics[0];
        Assert.Equal(result.Games.Wins / 32.0, win.Player.Mean, 6);
        Assert.Equal(result.Games.Losses / 32.0, win.Opponent!.Mean, 6);
    }

    [Fact]
    public void A_deterministic_game_repeats_and_a_leak_is_caught()
    {
        Assert.All(Determinism.Check(Registry.Find("corridor"), new CorridorOptions { NumEnvs = 33 }, 5, 100), run => Assert.True(run.Same, run.Name));
        IReadOnlyList<DeterminismRun> leaky = Determinism.Check(Duel, new DuelOptions { NumEnvs = 8, Leak = true }, 5, 0);
        Assert.False(leaky[^1].Same);
        Assert.Equal("4 matches", leaky[^1].Name);
    }
}
