using Arena.HostApi.Cli;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Tests;

/// <summary>What <c>arena eval</c> prints of results that are made by hand.</summary>
public class EvalOutputTests
{
    private const string Run = "runs/snake-20261121-102249-s2";

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(160)]
    public void No_line_is_wider_than_the_terminal_and_no_cell_is_broken(int width)
    {
        string[] lines = Rich(width, terminal => StatisticRows.Of([Solo(Run, 304.454), Solo("random", 42.083), Solo("scripted:greedy", 134.039)]).Write(terminal));
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        string text = string.Join('\n', lines);
        foreach (string whole in new[] { "1121-102249-s2", "scripted:greedy", "return environment", "304.454 ± 12.706", "134.039 ± 12.706", "50.0 % (9.5 to 90.5)" }) Assert.Contains(whole, text);
        Assert.Equal(width >= 160, text.Contains("share of episodes", StringComparison.Ordinal) && lines.Count(line => line.Contains("statistic", StringComparison.Ordinal)) == 1);
    }

    [Fact]
    public void Units_go_before_players_are_parted()
    {
        // 18 + 3·20 columns and the space between them are 84; the units and two spaces are 19 more.
        IReadOnlyList<SoloResult> results = [Solo(Run, 304.454), Solo("random", 42.083), Solo("scripted:greedy", 134.039)];
        string all = Plain(103, terminal => StatisticRows.Of(results).Write(terminal)), without = Plain(102, terminal => StatisticRows.Of(results).Write(terminal));
        Assert.Contains("  unit", all);
        Assert.Contains("share of episodes", all);
        Assert.DoesNotContain("unit", without);
        Assert.Single(Heads(without));
        Assert.Single(Heads(Plain(84, terminal => StatisticRows.Of(results).Write(terminal))));
        string parted = Plain(83, terminal => StatisticRows.Of(results).Write(terminal));
        Assert.Equal(2, Heads(parted).Length);
        Assert.Equal(2, parted.Split("  unit").Length - 1);
    }

    [Fact]
    public void Statistics_of_sides_and_of_the_match_are_tables_of_their_own()
    {
        var goals = new StatisticEstimate(new StatisticInfo("goals", "per game", "", PerSide: true), Of(1, 2), Of(0, 0));
        var length = new StatisticEstimate(new StatisticInfo("length", "ticks", "", PerSide: false), Of(400, 400), null);
        string text = Plain(100, terminal => StatisticRows.Write(terminal, new PairingResult("a", "b", new GamePairs(), [goals, length])));
        Assert.Contains("goals      1.5 ± 6.353  0 ± 0  per game", text);
        Assert.Contains("length     400 ± 0  ticks", text);
    }

    [Fact]
    public void A_share_of_games_has_Wilsons_interval_over_games_not_over_pairs()
    {
        var win = new StatisticEstimate(new StatisticInfo("win", "share of games", "", PerSide: true), Of(1, 0.5), Of(0, 0.5)) { EpisodesPerSample = 2 };
        Assert.True(win.IsShare);
        Assert.Equal(Wilson.Of(3, 4), win.Interval);
        Assert.Equal(Wilson.Of(1, 4), win.OpponentInterval);
    }

    [Fact]
    public void A_game_names_what_it_gives_for_an_end_without_a_winner()
    {
        UndecidedGames soccer = new SoccerGame().Describe(new SoccerGame().DefaultOptions).Undecided, moba = new MobaGame().Describe(new MobaGame().DefaultOptions).Undecided;
        Assert.Equal("win 1, draw 1/2; 95 % intervals by Wilson", EvalOutput.Scoring(soccer));
        string text = Plain(120, terminal => EvalOutput.WriteStrengths(terminal, $"Strengths ({EvalOutput.Scoring(moba)})", moba, [Pairing()]));
        Assert.Contains("win 1, no winner 1/2 + structures ahead/24; ", text);
        Assert.Contains("undecided", text);
        Assert.DoesNotContain("draw", text);

        // The words are those of the rule: three structures ahead without a winner.
        var raw = new float[MobaStatistic.Count];
        (raw[MobaStatistic.Structures], raw[MobaStatistic.Structures + 1]) = (10, 7);
        Assert.Equal(0.5 + 3 / 24.0, new MobaGame().Score(raw), 12);
    }

    [Fact]
    public void A_narrow_terminal_keeps_the_score_and_drops_what_stands_elsewhere()
    {
        UndecidedGames words = new("drawn", "draw 1/2");
        PairingResult pairing = Pairing();
        string[] wide = Rich(140, terminal => EvalOutput.WriteStrengths(terminal, "Strengths", words, [pairing])), narrow = Rich(80, terminal => EvalOutput.WriteStrengths(terminal, "Strengths", words, [pairing]));
        Assert.Contains(wide, line => line.Contains("goals for", StringComparison.Ordinal) && line.Contains("player", StringComparison.Ordinal));
        Assert.DoesNotContain(narrow, line => line.Contains("goals for", StringComparison.Ordinal) || line.Contains("player", StringComparison.Ordinal));
        Assert.Contains(narrow, line => line.Contains($"{Run}: Strengths", StringComparison.Ordinal));
        Assert.Contains(narrow, line => line.Contains("75.0 % (30.1 to 95.4)", StringComparison.Ordinal));
        Assert.All(narrow, line => Assert.True(line.Length <= 80, line));
    }

    private static PairingResult Pairing()
    {
        var games = new GamePairs();
        games.Add(1, 0.5);
        games.Add(1, 0.5);
        return new PairingResult(Run, "scripted:normal", games, [new StatisticEstimate(new StatisticInfo("goals", "per game", "", PerSide: true), Of(1, 2), Of(0, 0))]);
    }

    // Two samples one apart to either side: s = √2, so the interval reaches 12.706.
    private static SoloResult Solo(string player, double ticks) => new(player, Of(ticks - 1, ticks + 1), double.NaN,
    [
        new StatisticEstimate(new StatisticInfo("ticks", "ticks", "", PerSide: false), Of(ticks - 1, ticks + 1), null),
        new StatisticEstimate(new StatisticInfo("success", "share of episodes", "", PerSide: false), Of(0, 1), null),
        new StatisticEstimate(new StatisticInfo("return environment", "per episode", "", PerSide: false), Of(0, 0), null),
    ]);

    private static MeanEstimate Of(params double[] samples)
    {
        var estimate = new MeanEstimate();
        foreach (double sample in samples) estimate.Add(sample);
        return estimate;
    }

    private static string[] Heads(string text) => [.. text.Split('\n').Where(line => line.StartsWith("statistic ", StringComparison.Ordinal))];

    private static string Plain(int width, Action<Terminal> write)
    {
        using var output = new StringWriter();
        write(new Terminal { Output = output, Error = output, Width = width });
        return output.ToString();
    }

    private static string[] Rich(int width, Action<Terminal> write)
    {
        using var output = new StringWriter();
        write(new Terminal { Output = output, Error = output, Width = width, IsTerminal = true });
        return System.Text.RegularExpressions.Regex.Replace(output.ToString(), "\e\\[[0-9;]*m", "").Split('\n');
    }
}
