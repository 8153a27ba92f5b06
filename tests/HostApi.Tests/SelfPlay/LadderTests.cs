using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.SelfPlay;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.SelfPlay;

/// <summary>Ladders of policies whose strength is known, and the command that plays a run's.</summary>
public sealed class LadderTests : IDisposable
{
    private static readonly DuelGame Duel = new();
    private readonly string folder = Directory.CreateTempSubdirectory("arena-ladder-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_ladder_finds_the_known_order_and_plays_nothing_twice()
    {
        using var device = new CpuDevice();
        Player[] players = [Policy(0, 0), Policy(1, 1), Policy(2, 2)];
        var ladder = new Ladder(device, Duel, new DuelOptions(), players, ["scripted:middle"]);
        int saved = 0;
        ladder.Play(new LadderPlan { Games = 12 }, () => saved++);
        double[] elo = [.. players.Select(player => ladder.Fit.Of(player.Name)!.Elo)];
        Assert.Equal(elo.Order(), elo);
        Assert.Equal(elo[1], ladder.Fit.Of("scripted:middle")!.Elo, 0); // the same player by another name
        Assert.Equal((ladder.PairingsPlayed, ladder.PairingsPlayed), (saved, ladder.Results.Pairings.Count()));
        Assert.All(ladder.Results.Pairings, pairing => Assert.Equal(12, pairing.Games));
        Assert.All(players, player => Assert.Equal(12, ladder.Results.Games(player.Name, "random")));

        var again = new Ladder(device, Duel, new DuelOptions(), players, ["scripted:middle"], ladder.Results);
        again.Play(new LadderPlan { Games = 12 });
        Assert.Equal(0, again.PairingsPlayed);
        again.Play(new LadderPlan { Games = 19 }); // whole pairs: 20
        Assert.All(again.Results.Pairings, pairing => Assert.Equal(20, pairing.Games));
    }

    [Fact]
    public void Games_added_later_are_those_that_playing_at_once_would_have_had()
    {
        using var device = new CpuDevice();
        Player[] players = [Policy(0, 0), Policy(1, 1)]; // "random" names another number in each match, so it matters which ones are played
        Ladder once = new(device, Duel, new DuelOptions(), players, []), twice = new(device, Duel, new DuelOptions(), players, []);
        once.Play(new LadderPlan { Games = 40 });
        twice.Play(new LadderPlan { Games = 14 });
        twice.Play(new LadderPlan { Games = 40 });
        Assert.Equal(once.Results.Pairings, twice.Results.Pairings);
        // "random" names 0 in seven of the matches 0..19, which "always 0" draws from both sides; the first matches again (0..6 and 0..12) would have had 3 + 5.
        Assert.Equal(7, once.Results.Points(players[0].Name, "random"));
    }

    [Fact]
    public void Pairings_are_everybody_with_random_successors_and_rated_neighbours_fewest_games_first()
    {
        var results = new ResultsTable();
        string[] snapshots = ["000000000001", "000000000002", "000000000003", "000000000004"], others = ["random", "scripted:a"];
        IReadOnlyList<LadderPairing> first = LadderPairings.Missing(snapshots, others, results, 8, 1);
        Assert.Equal(5 + 3, first.Count);
        foreach (LadderPairing pairing in first) results.Add(pairing.Player, pairing.Opponent, pairing.Opponent == "random" ? 7 : 4, 8);
        results.Add("scripted:a", "random", 1, 8); // 8 of 16: far below the others, so next to random only
        Assert.Contains(LadderPairings.Missing(snapshots, others, results, 8, 1), pairing => pairing is { Player: not "random", Opponent: "scripted:a", Games: 8 } or { Player: "scripted:a", Games: 8 });
        IReadOnlyList<LadderPairing> more = LadderPairings.Missing(snapshots, others, results, 10, 1);
        Assert.Equal(more.OrderByDescending(pairing => pairing.Games).Select(pairing => pairing.Games), more.Select(pairing => pairing.Games));
        Assert.Contains(more, pairing => pairing.Games == 2);
    }

    [Fact]
    public void The_file_keeps_results_of_the_same_weights_and_rules_only()
    {
        var plan = new LadderPlan { Games = 4 };
        using var device = new CpuDevice();
        Player[] players = [Policy(0, 0), Policy(1, 1)];
        LadderFile file = LadderFile.Open(folder, Duel, new DuelOptions(), plan.Seed, players);
        var ladder = new Ladder(device, Duel, new DuelOptions(), players, [], file.Results);
        ladder.Play(plan, () => file.Write(ladder.Fit));
        Assert.Equal(ladder.Results.Pairings, LadderFile.Open(folder, Duel, new DuelOptions { NumEnvs = 77 }, plan.Seed, players).Results.Pairings);
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(file.Path)).RootElement.GetProperty("ratings").EnumerateArray().Count(rating => rating.GetProperty("player").GetString() == "random"));

        ResultsTable replaced = LadderFile.Open(folder, Duel, new DuelOptions(), plan.Seed, [players[0], Policy(1, 2)]).Results;
        Assert.Equal([players[0].Name, "random"], replaced.Players);
        ResultsTable deleted = LadderFile.Open(folder, Duel, new DuelOptions(), plan.Seed, [players[0]]).Results;
        Assert.Equal(ladder.Results.Pairings, deleted.Pairings); // still tells about the others
        Assert.Contains("by other rules: leak=false", Assert.Throws<UsageException>(() => LadderFile.Open(folder, Duel, new DuelOptions { Leak = true }, plan.Seed, players)).Message);
        Assert.Contains("seed", Assert.Throws<UsageException>(() => LadderFile.Open(folder, Duel, new DuelOptions(), 5, players)).Message);
        string text = File.ReadAllText(file.Path);
        foreach (string damaged in new[] { text[..(text.Length / 2)], "[]", "{}", text.Replace("arena-ladder-1", "arena-ladder-9"), text.Replace("\"points\": ", "\"points\": 1") })
        {
            File.WriteAllText(file.Path, damaged);
            Assert.Throws<UsageException>(() => LadderFile.Open(folder, Duel, new DuelOptions(), plan.Seed, players));
        }
    }

    [Fact]
    public void Falls_are_found_sudden_or_slow_and_noise_is_none()
    {
        Assert.Empty(Falls(0.6, 0.6, 0.6, 0.6));
        Assert.Empty(Falls(0.6, 0.48, 0.6, 0.49)); // within error
        (PlayerRating From, PlayerRating To, double Error) sudden = Assert.Single(Falls(0.7, 0.7, 0.3, 0.7, 0.7));
        Assert.Equal(("000000000002", "000000000003"), (sudden.From.Player, sudden.To.Player));
        Assert.NotEmpty(Falls(0.6, 0.46, 0.46, 0.46, 0.46)); // no single step is beyond error
        Assert.Empty(Falls(0.6, 0.46));

        // Snapshot 0 is the random player's equal; each next one scores this share of 400 games against the one before.
        static IReadOnlyList<(PlayerRating From, PlayerRating To, double Error)> Falls(params double[] shares)
        {
            var table = new ResultsTable();
            table.Add(Snapshots.NameOf(0), "random", 100, 200);
            for (int i = 0; i < shares.Length; i++) table.Add(Snapshots.NameOf(i + 1), Snapshots.NameOf(i), Math.Round(400 * shares[i]), 400);
            RatingFit fit = BradleyTerry.Fit(table);
            return LeagueReport.FallsIn([.. Enumerable.Range(0, shares.Length + 1).Select(i => fit.Of(Snapshots.NameOf(i))!)], fit);
        }
    }

    [Fact]
    public void A_run_keeps_snapshots_its_metrics_have_Elo_and_its_league_is_played_once()
    {
        (int code, string output, string error) = Run("train", "soccer", "--runs", folder, "--team-size", "1", "--envs", "16", "--max-ticks", "80", "--agent-steps", "20000",
            "--snapshots", "3", "--evaluation-games", "4", "--final-games", "2", "--gate-games", "8");
        Assert.True(code == 0, error);
        string run = Assert.Single(Directory.GetDirectories(folder));
        IReadOnlyList<Snapshot> snapshots = Snapshots.Of(run);
        Assert.Equal((3, 0L), (snapshots.Count, snapshots[0].AgentSteps));
        string[] rated = [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Where(line => line.Contains("\"ladder/elo\":", StringComparison.Ordinal))];
        Assert.NotEmpty(rated);
        Assert.All(rated, line => Assert.True(JsonDocument.Parse(line).RootElement.GetProperty("ladder/elo_error").GetDouble() > 0));

        (code, output, error) = Run("league", run, "--games", "4", "--threads", "1");
        Assert.True(code == 0, error);
        Assert.Contains("3 snapshots", output);
        Assert.Contains("scripted:strong", output);
        Assert.Contains("Elo above the first.", output);
        string before = File.ReadAllText(Path.Combine(run, LadderFile.FileName));
        (code, output, _) = Run("league", run + "/", "--games", "4", "--json");
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((0, 0), (code, json.GetProperty("pairingsPlayed").GetInt32()));
        Assert.Equal(before, File.ReadAllText(Path.Combine(run, LadderFile.FileName)));
        Assert.Empty(Directory.GetFiles(run, "*.tmp", SearchOption.AllDirectories));

        File.WriteAllText(snapshots[1].Path, "not weights, but long enough to be looked at");
        (code, _, error) = Run("league", run);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(snapshots[1].Name, error);
    }

    [Theory]
    [InlineData("league", "needs a run")]
    [InlineData("league {folder}/none", "There is no run directory")]
    [InlineData("league {folder}", "is not a run directory")]
    [InlineData("league {folder}/solo", "has one side")]
    [InlineData("league {folder}/empty", "--snapshots 0; train again")]
    [InlineData("league {folder}/empty --games 1", "--games is '1'")]
    [InlineData("league {folder}/damaged", "is not the configuration of a run")]
    [InlineData("league {folder}/unknown", "no game called 'chess'")]
    [InlineData("league {folder}/empty/config.json", "is a file")]
    [InlineData("league {folder}/empty extra", "one word too many")]
    public void What_cannot_be_played_is_one_paragraph_and_code_2(string line, string expected)
    {
        Config("solo", """{ "game": "corridor", "settings": {} }""");
        Config("empty", """{ "game": "soccer", "settings": { "teamSize": 2 } }""");
        Config("damaged", """{ "game": "soccer" }""");
        Config("unknown", """{ "game": "chess", "settings": {} }""");
        (int code, string output, string error) = Run([.. line.Split(' ').Select(word => word.Replace("{folder}", folder, StringComparison.Ordinal))]);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Contains(expected, error);
    }

    private void Config(string run, string json)
    {
        Directory.CreateDirectory(Path.Combine(folder, run));
        File.WriteAllText(Path.Combine(folder, run, "config.json"), json);
    }

    private Player Policy(long agentSteps, int choice)
    {
        var options = new DuelOptions();
        string path = TrainedPolicies.Save(Path.Combine(folder, $"{agentSteps}-{choice}.safetensors"), Duel, options, TrainedPolicies.Always(TrainedPolicies.Network(Duel, options), choice));
        return Player.Of(PolicyFile.Load(path), Snapshots.NameOf(agentSteps));
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
