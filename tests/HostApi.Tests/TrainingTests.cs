using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Measuring;
using Arena.HostApi.Tests.Metrics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.HostApi.Tests;

/// <summary>Whole training runs, small: the session, the command, and what is on disk afterwards.</summary>
public sealed class TrainingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-train-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_corridor_reaches_its_optimum_from_one_command()
    {
        (int code, string output, string error) = Run("train", "corridor", "--runs", folder);
        Assert.True(code == 0, error);
        Assert.Contains("score 0.970", output);
        string run = Assert.Single(Directory.GetDirectories(folder));
        Assert.True(File.Exists(Path.Combine(run, "best", "policy.safetensors")));
        Assert.Equal("finished", JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "run.json"))).RootElement.GetProperty("exitReason").GetString());
        Assert.Contains("0.97", Run("eval", "corridor", "--policy", run).Output);
        Assert.Empty(Directory.GetFiles(run, "*.tmp", SearchOption.AllDirectories));

        // What was reported is all on the disk: one line and one event per update, the same numbers in both.
        string[] lines = File.ReadAllLines(Path.Combine(run, "metrics.jsonl"));
        List<ReadEvent> events = EventReader.Read(File.ReadAllBytes(Assert.Single(Directory.GetFiles(run, "events.out.tfevents.*"))));
        Assert.Equal(lines.Length, events.Count - 2); // behind version and configuration
        Assert.Contains("| learner.clipRange | 0.2 |", events[1].Text!.Value.Value);
        for (int i = 0; i < lines.Length; i++)
        {
            JsonElement line = JsonDocument.Parse(lines[i]).RootElement;
            Assert.Equal((i, events[i + 2].Step), (line.GetProperty("update").GetInt32(), line.GetProperty("agent_steps").GetInt64()));
            Assert.Equal((float)line.GetProperty("ppo/kl").GetDouble(), events[i + 2].Scalars.Single(scalar => scalar.Tag == "ppo/kl").Value);
        }

        Assert.True(JsonDocument.Parse(lines[^1]).RootElement.EnumerateObject().Single(field => field.Name.EndsWith("/score", StringComparison.Ordinal)).Value.GetDouble() > 0.9);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_on_any_number_of_threads()
    {
        float[] one = Trained(threads: 1, seed: 3);
        Assert.Equal(one, Trained(threads: 1, seed: 3));
        Assert.Equal(one, Trained(threads: 2, seed: 3));
        Assert.Equal(one, Trained(threads: 3, seed: 3));
        Assert.NotEqual(one, Trained(threads: 1, seed: 4));
    }

    [Fact]
    public void An_update_allocates_nothing_on_the_training_thread()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using TrainingSession session = Session(device, seed: 1);
        for (int i = 0; i < 3; i++) session.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) session.Update();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(0, 0, 15_000)]       // the game's own 300,000: twenty evaluations
    [InlineData(600_000, 0, 30_000)] // twice as long: twenty
    [InlineData(75_000, 0, 3_750)]   // a quarter: twenty
    [InlineData(15_000, 0, 3_750)]   // shorter: four instead of twenty
    [InlineData(15_000, 400, 400)]   // as asked
    public void Short_runs_are_evaluated_less_often(long agentSteps, long every, long expected)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var plan = new TrainingPlan { AgentSteps = agentSteps, EvaluateEvery = every, HiddenWidth = 8, EvaluationGames = 2 };
        using var session = new TrainingSession(device, Registry.Find("corridor"), new Kernels.Environments.Corridor.CorridorOptions { NumEnvs = 1 }, new PpoConfig { Horizon = 10, Minibatches = 1 }, plan, seed: 1);
        Assert.Equal(expected, session.UpdatesPerEvaluation * session.AgentStepsPerUpdate);
    }

    [Fact]
    public void A_few_updates_of_soccer_beat_what_they_began_with()
    {
        using var device = new CpuDevice();
        using TrainingSession session = Session(device, seed: 1, envs: 64);
        Assert.True(session.Evaluate());
        double untrained = session.Scores.First(score => score.Opponent == "random").Score.Value;
        for (int i = 0; i < 40; i++) session.Update();
        session.Evaluate();
        double trained = session.Scores.First(score => score.Opponent == "random").Score.Value;
        Assert.True(trained > untrained + 0.1, $"{untrained:0.00} before, {trained:0.00} after a million agent-steps");
    }

    [Fact]
    public void Evaluation_takes_back_what_training_changed_for_its_own_sake()
    {
        IGame soccer = Registry.Find("soccer");
        var training = (SoccerOptions)soccer.Training.Options with { TeamSize = 5 };
        Assert.Equal(0.5f, training.RandomStart);
        var evaluation = (SoccerOptions)TrainingSession.ForEvaluation(soccer, training);
        Assert.Equal((0f, false, 5), (evaluation.RandomStart, evaluation.Desync, evaluation.TeamSize));
    }

    [Fact]
    public void A_NaN_among_the_rewards_stops_the_run_names_the_tensor_and_keeps_the_last_good_policy()
    {
        Registry.Add<PoisonedGame>();
        (int code, _, string error) = Run("train", "poisoned", "--runs", folder);
        Assert.Equal(ExitCode.NonFinite, code);
        Assert.Contains("reward", error);
        Assert.Contains("update", error);
        Assert.Single(error.Trim().Split('\n'), line => line.StartsWith("arena: ", StringComparison.Ordinal));
        string run = Assert.Single(Directory.GetDirectories(folder));
        Assert.Contains("reward", File.ReadAllText(Path.Combine(run, "run.json")));
        Assert.Contains("score", Run("eval", "poisoned", "--policy", run).Output); // it loads, so every weight is finite
    }

    [Theory]
    [InlineData("train soccer --stem entities", "--observation entities")]
    [InlineData("train soccer --agent-steps -5", "--agent-steps")]
    [InlineData("train soccer --horizon 65 --segment-length 2", "does not divide")]
    [InlineData("train soccer --learnng-rate 1", "'--learning-rate'")]
    public void Bad_input_is_one_paragraph(string line, string expected)
    {
        (int code, _, string error) = Run([.. line.Split(' '), "--runs", folder]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(expected, error);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Empty(Directory.GetDirectories(folder));
    }

    [Fact]
    public void An_unwritable_folder_is_known_before_training_starts()
    {
        string file = Path.Combine(folder, "taken");
        File.WriteAllText(file, "");
        (int code, string output, string error) = Run("train", "corridor", "--runs", file);
        Assert.Equal(ExitCode.Disk, code);
        Assert.Contains("taken", error);
        Assert.DoesNotContain("agent-steps)", output);
    }

    [Fact]
    public void Training_can_be_measured()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        TrainingThroughput measured = TrainingThroughput.Measure(device, EngineChoice.Builtin, Registry.Find("corridor"), Registry.Find("corridor").Training.Options, seconds: 0.1);
        Assert.True(measured.Training.Median > 0 && measured.GemmRate > 0 && measured.DeviceBytes > 0);
        Assert.Equal(0, measured.AllocatedBytesPerUpdate);
        Assert.All(new[] { measured.EnvironmentShare, measured.InferenceShare, measured.LearningShare }, share => Assert.InRange(share, 0, 1));
        // Each column is the one before and something more, in the same repetition.
        Assert.True(measured.Step.Ascending[0] > measured.Inference.Ascending[0] && measured.Inference.Ascending[0] > measured.Training.Ascending[0]);
        // 12-64-64-3, one forward pass per slot and one for what follows the 16th; forward and backward in each of the epochs that ran.
        double forward = 2.0 * (12 * 64 + 64 * 64 + 64 * 3), both = 3 * forward - 2.0 * 12 * 64;
        Assert.Equal(forward * 17 / 16, measured.InferenceOperations, 6);
        Assert.InRange(measured.TrainingOperations, measured.InferenceOperations + both - 1, measured.InferenceOperations + 2 * both + 1);
    }

    [Fact]
    public void The_bench_of_training_takes_an_engine()
    {
        string[] bench = ["bench", "corridor", "--envs", "8", "--seconds", "0.01", "--threads", "1", "--training", "--json"];
        var output = new StringWriter();
        Assert.Equal(0, CommandLine.Run([.. bench, "--engine", "builtin"], output, TextWriter.Null));
        JsonElement training = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("training")[0];
        Assert.Equal("builtin", training.GetProperty("engine").GetString());
        Assert.True(training.GetProperty("transferredBytesPerUpdate").GetDouble() > 0); // guards and statistics
        var error = new StringWriter();
        Assert.Equal(2, CommandLine.Run([.. bench, "--precision", "tensorfloat32"], TextWriter.Null, error));
        Assert.Contains("--precision is tensorfloat32", error.ToString(), StringComparison.Ordinal);
    }

    private static float[] Trained(int threads, ulong seed)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using TrainingSession session = Session(device, seed);
        for (int i = 0; i < 3; i++) session.Update();
        return session.CopyWeights();
    }

    private static TrainingSession Session(IDevice device, ulong seed, int envs = 16)
    {
        IGame soccer = Registry.Find("soccer");
        return new TrainingSession(device, soccer, soccer.Training.Options with { NumEnvs = envs }, new PpoConfig(), new TrainingPlan { AgentSteps = 2_000_000, EvaluationGames = 64 }, seed);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
