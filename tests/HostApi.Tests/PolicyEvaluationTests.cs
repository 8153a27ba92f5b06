using Arena.HostApi.Cli;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests;

/// <summary>Policies whose strength is known, measured.</summary>
public sealed class PolicyEvaluationTests : IDisposable
{
    private static readonly DuelGame Duel = new();
    private static readonly IGame Corridor = Registry.Find("corridor");
    private static readonly IGame Soccer = Registry.Find("soccer");
    private readonly string folder = Directory.CreateTempSubdirectory("arena-eval-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Always_right_is_the_optimum_of_the_corridor()
    {
        using var device = new CpuDevice();
        var options = new CorridorOptions { Desync = true };
        NetworkSpec network = TrainedPolicies.Network(Corridor, options);
        Player right = Player.FromFile(Corridor, options, Saved("right", Corridor, options, TrainedPolicies.Always(network, 1)));
        IReadOnlyList<SoloResult> results = Evaluation.Solo(device, Corridor, options, [right, "random"], new EvaluationPlan { Games = 100, BatchMatches = 33 });
        Assert.Equal(CorridorGame.OptimalReturn, results[0].Score.Mean, 5);
        Assert.Equal(1, results[0].RatioToBaseline, 5);

        using var evaluator = new PolicyEvaluator(device, Corridor, options, network, games: 100);
        using DeviceBuffer<float> weights = OnDevice(device, TrainedPolicies.Always(network, 1));
        EvaluationScore score = Assert.Single(evaluator.Measure(weights.View));
        Assert.Equal(("scripted:optimal", false), (score.Opponent, score.IsShare));
        Assert.Equal(CorridorGame.OptimalReturn, score.Score.Value, 5);
        Assert.Throws<InvalidOperationException>(() => evaluator.Evaluate(weights.View));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_policy_wins_or_loses_from_both_sides_as_the_player_it_imitates(bool deterministic)
    {
        using var device = new CpuDevice();
        var options = new DuelOptions();
        NetworkSpec network = TrainedPolicies.Network(Duel, options);
        Player high = Load("high", 2), middle = Load("middle", 1);
        var plan = new EvaluationPlan { Games = 20, Deterministic = deterministic, BatchMatches = 3 };
        Assert.Equal(20, Evaluation.Pair(device, Duel, options, high, "scripted:middle", plan).Games.Wins);
        Assert.Equal(20, Evaluation.Pair(device, Duel, options, "scripted:middle", high, plan).Games.Losses);
        Assert.Equal(20, Evaluation.Pair(device, Duel, options, high, middle, plan).Games.Wins);
        Assert.Equal(20, Evaluation.Pair(device, Duel, options, middle, "scripted:middle", plan).Games.Draws);

        using var evaluator = new PolicyEvaluator(device, Duel, options, network, ["scripted:low", "scripted:middle", "scripted:high"], 20) { Deterministic = deterministic };
        using DeviceBuffer<float> weights = OnDevice(device, TrainedPolicies.Always(network, 1));
        Assert.Equal([1, 0.5, 0], evaluator.Measure(weights.View).Select(score => score.Score.Value));
        Assert.Equal((20, 20), (evaluator.Evaluate(weights.View, seed: 5)[0].Games.Games, evaluator.Evaluate(weights.View, seed: 5)[0].Games.Wins));

        Player Load(string name, int choice) => Player.FromFile(Duel, options, Saved(name, Duel, options, TrainedPolicies.Always(network, choice)));
    }

    [Fact]
    public void Equal_weights_are_equally_strong()
    {
        using var device = new CpuDevice();
        var options = new SoccerOptions { TeamSize = 2 };
        NetworkSpec network = TrainedPolicies.Network(Soccer, options);
        Player one = Player.FromFile(Soccer, options, Saved("one", Soccer, options, TrainedPolicies.Initial(network, 1)));
        PairingResult result = Evaluation.Pair(device, Soccer, options, one, one, new EvaluationPlan { Games = 40 });
        Assert.Equal(0.5, result.Games.Score.Value, 12);
        // Not because nothing happens: the two sides draw different numbers.
        Assert.True(result.Games.Wins > 0 || result.Statistics.Any(statistic => statistic.Player.StandardDeviation > 0));
    }

    [Fact]
    public void Sampled_games_repeat_from_their_seed_on_any_machine_and_in_any_batch()
    {
        var options = new SoccerOptions { TeamSize = 2, MaxTicks = 100 };
        NetworkSpec network = TrainedPolicies.Network(Soccer, options);
        Player player = Player.FromFile(Soccer, options, Saved("sampled", Soccer, options, TrainedPolicies.Initial(network, 1)));
        using CpuDevice one = new(new CpuDeviceOptions { Threads = 1 }), two = new(new CpuDeviceOptions { Threads = 2, ChunkSize = 1 });
        var plan = new EvaluationPlan { Games = 16 };
        string first = Summary(Evaluation.Pair(one, Soccer, options, player, "random", plan));
        Assert.Equal(first, Summary(Evaluation.Pair(two, Soccer, options, player, "random", plan with { BatchMatches = 3 })));
        Assert.NotEqual(first, Summary(Evaluation.Pair(one, Soccer, options, player, "random", plan with { Seed = 8 })));
        Assert.NotEqual(first, Summary(Evaluation.Pair(one, Soccer, options, player, "random", plan with { Deterministic = true })));

        using var evaluator = new PolicyEvaluator(two, Soccer, options, network, ["random"], 16);
        using DeviceBuffer<float> weights = OnDevice(two, TrainedPolicies.Initial(network, 1)), other = OnDevice(two, TrainedPolicies.Initial(network, 2));
        Assert.Equal(first, Summary(evaluator.Evaluate(weights.View)[0]));
        Assert.NotEqual(first, Summary(evaluator.Evaluate(other.View)[0]));
        Assert.Equal(first, Summary(evaluator.Evaluate(weights.View)[0])); // nothing is left over from the call before
    }

    [Fact]
    public void An_evaluator_gives_all_its_memory_back_and_refuses_what_does_not_fit()
    {
        using var device = new CpuDevice();
        long before = device.AllocatedBytes;
        NetworkSpec network = TrainedPolicies.Network(Soccer, new SoccerOptions());
        new PolicyEvaluator(device, Soccer, new SoccerOptions(), network, games: 7).Dispose();
        Assert.Throws<UsageException>(() => new PolicyEvaluator(device, Soccer, new SoccerOptions(), network with { Observations = 3 }));
        Assert.Throws<UsageException>(() => new PolicyEvaluator(device, Soccer, new SoccerOptions(), network, ["scripted:best"]));
        Assert.Equal(before, device.AllocatedBytes);
    }

    [Fact]
    public void Eval_and_watch_take_files_and_run_directories()
    {
        var options = new CorridorOptions();
        NetworkSpec network = TrainedPolicies.Network(Corridor, options);
        Directory.CreateDirectory(Path.Join(folder, "run", "best"));
        Saved(Path.Join("run", "best", "policy"), Corridor, options, TrainedPolicies.Always(network, 1));
        string run = Path.Join(folder, "run");
        (int code, string output, string error) = Run("eval", "corridor", "--policy", run, "--games", "10");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(run, output);
        Assert.Contains("0.97 ± 0", output);
        Assert.Contains("scripted:optimal", output);
        string replay = Path.Join(folder, "match.replay");
        (code, output, error) = Run("watch", "corridor", "--ascii", "--policy", Path.Join(run, "best", "policy.safetensors"), "--record", replay);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("score 0.97", output);
        Assert.Contains("score 0.97", Run("watch", "corridor", "--ascii", "--replay", replay).Output);
    }

    [Fact]
    public void Policies_play_each_other_on_the_command_line()
    {
        string[] small = ["--team-size", "2", "--max-ticks", "40"];
        var options = new SoccerOptions { TeamSize = 2 };
        NetworkSpec network = TrainedPolicies.Network(Soccer, options);
        string a = Saved("a", Soccer, options, TrainedPolicies.Initial(network, 1)), b = Saved("b", Soccer, options, TrainedPolicies.Initial(network, 2));
        (int code, string output, string error) = Run(["eval", "soccer", "--policy", a, "--against", $"{b},random", "--games", "6", "--deterministic", .. small]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"{a} against {b}, per game", output);
        Assert.Contains($"{a} against random, per game", output);
        (code, output, _) = Run(["eval", "soccer", "--policy", a, "--games", "2", "--json", .. small]);
        Assert.Equal(0, code);
        foreach (OpponentInfo opponent in Soccer.Describe(options).Opponents) Assert.Contains($"\"opponent\": \"{opponent.Name}\"", output);
        (code, output, error) = Run(["watch", "soccer", "--ascii", "--policy", a, "--b", b, .. small]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("The match is over", output);
    }

    [Theory]
    [InlineData("eval soccer --policy {policy}", "--team-size 2: add that")]
    [InlineData("watch soccer --ascii --policy {policy}", "--team-size 2: add that")]
    [InlineData("eval corridor --policy {policy}", "plays 'soccer', not 'corridor'")]
    [InlineData("eval soccer --policy {folder}/none", "There is no file or run directory")]
    [InlineData("eval soccer --policy {folder}", "is a directory without a policy")]
    [InlineData("eval soccer --policy {text}", "is not a usable safetensors file")]
    [InlineData("eval soccer --policy {policy} --a random", "Both --policy")]
    [InlineData("watch soccer --ascii --policy {policy} --a random", "Both --policy")]
    [InlineData("eval soccer --team-size 2 --policy {policy} --against scripted:storng", "Did you mean 'scripted:strong'?")]
    [InlineData("watch soccer --ascii --b nobody", "no built-in opponent 'nobody'")]
    [InlineData("eval soccer --against random", "and so is --policy")]
    public void What_cannot_be_played_is_one_paragraph_and_code_2(string line, string expected)
    {
        var options = new SoccerOptions { TeamSize = 2 };
        string policy = Saved("two", Soccer, options, TrainedPolicies.Initial(TrainedPolicies.Network(Soccer, options), 1));
        string text = Path.Join(folder, "notes.txt");
        File.WriteAllText(text, "These are notes, not weights; long enough for a header.");
        (int code, string output, string error) = Run([.. line.Split(' ').Select(word => word.Replace("{policy}", policy).Replace("{folder}", folder).Replace("{text}", text))]);
        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Contains(expected, error);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string Summary(PairingResult result) =>
        string.Join(' ', result.Statistics.Select(statistic => $"{statistic.Player.Mean:R}/{statistic.Opponent?.Mean:R}").Prepend($"{result.Games.Points}"));

    private static DeviceBuffer<float> OnDevice(IDevice device, float[] weights)
    {
        DeviceBuffer<float> buffer = device.Allocate<float>(weights.Length, "weights");
        buffer.Write(weights);
        return buffer;
    }

    private string Saved(string name, IGame game, GameOptions options, float[] weights) =>
        TrainedPolicies.Save(Path.Join(folder, name + ".safetensors"), game, options, weights);
}
