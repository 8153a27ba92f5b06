using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>Curricula as text, in a session, and on the command line.</summary>
public sealed class CurriculumFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-curriculum-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_key_is_read()
    {
        CurriculumStage stage = Assert.Single(CurriculumFile.Parse(
            """
            { "curriculum": [ { // comments and trailing commas are allowed
              "name": "one", "set": { "physics": { "ballDrag": 0.4 }, "endOnGoal": true }, "ramp": { "rewards.touch": [1, 0.5] },
              "rampAgentSteps": 2000, "progress": 0.25, "advanceWhen": { "metric": "eval/random/score_lower", "atLeast": 0.9, "for": 3 },
              "retreatWhen": { "metric": "eval/random/score", "atMost": 0.4 }, "atMostAgentSteps": 5000, "continue": true, "rehearse": 0.1, } ] }
            """,
            "test"));
        Assert.Equal(("one", 2000, 5000, true, 0.1), (stage.Name, stage.RampAgentSteps, stage.AtMostAgentSteps, stage.Continue, stage.Rehearse));
        Assert.Equal(["endOnGoal=true", "physics.ballDrag=0.4"], stage.Set.Select(pair => $"{pair.Key}={pair.Value}").Order());
        Assert.Equal(new CurriculumRange(1, 0.5), stage.Ramp["rewards.touch"]);
        Assert.Equal(new CurriculumRange(0.25, 0.25), stage.Progress);
        Assert.Equal(new CurriculumCondition("eval/random/score_lower", 0.9, null, 3), stage.AdvanceWhen);
        Assert.Equal(new CurriculumCondition("eval/random/score", null, 0.4, 1), stage.RetreatWhen);
        stage = Assert.Single(CurriculumFile.Parse(
            """
            [ { "name": "one", "advanceWhen": { "metric": "stage/success", "atLeast": 0.8, "episodes": 512 },
                "retreatWhen": { "metric": "stage/success", "atMost": 0.3, "episodes": 1024, "atMostTimes": 2 } } ]
            """,
            "test"));
        Assert.Equal(new CurriculumCondition("stage/success", 0.8, null, Episodes: 512), stage.AdvanceWhen);
        Assert.Equal(new CurriculumCondition("stage/success", null, 0.3, Episodes: 1024, AtMostTimes: 2), stage.RetreatWhen);
    }

    [Theory]
    [InlineData("shaping-to-sparse", "soccer")]
    [InlineData("walk-to-dribble", "creature")]
    public void What_is_written_is_read_back(string name, string game)
    {
        IReadOnlyList<CurriculumStage> stages = CurriculumFile.Find(name, game);
        string text = JsonText.Of(writer => CurriculumFile.Write(writer, stages));
        IReadOnlyList<CurriculumStage> again = CurriculumFile.Parse(text, "test");
        Assert.Equal(text, JsonText.Of(writer => CurriculumFile.Write(writer, again)));
        Assert.Equal(stages.Count, again.Count);
    }

    [Theory]
    [InlineData("{ \"name\": \"a\" }", "a list of stages")]
    [InlineData("[ { \"name\": \"a\", }", "line 1")]
    [InlineData("[ { \"set\": {} } ]", "stage 1 has no name")]
    [InlineData("[ { \"name\": \"a\", \"advancewhen\": 1 } ]", "'advanceWhen'")]
    [InlineData("[ { \"name\": \"a\", \"advanceWhen\": { \"metric\": \"x\", \"atLest\": 1 } } ]", "'atLeast'")]
    [InlineData("[ { \"name\": \"a\", \"ramp\": { \"rewards.goal\": 1 } } ]", "[from, to]")]
    [InlineData("[ { \"name\": \"a\", \"rehearse\": \"much\" } ]", "a number")]
    [InlineData("[ { \"name\": \"a\", \"continue\": 1 } ]", "true or false")]
    [InlineData("[ { \"name\": \"a\", \"advanceWhen\": { \"metric\": \"x\", \"episode\": 9 } } ]", "'episodes'")]
    [InlineData("[ { \"name\": \"a\", \"advanceWhen\": { \"metric\": \"x\", \"episodes\": 9, \"for\": 1 } } ]", "both 'for'")]
    [InlineData("[ { \"name\": \"a\", \"advanceWhen\": { \"metric\": \"x\", \"episodes\": 0 } } ]", "'episodes' is 0; expected is a whole number of at least 1")]
    [InlineData("[ { \"name\": \"a\", \"advanceWhen\": { \"metric\": \"x\", \"for\": 0 } } ]", "'for' is 0; expected is a whole number of at least 1")]
    [InlineData("[ { \"name\": \"a\", \"retreatWhen\": { \"metric\": \"x\", \"atMostTimes\": 1.5 } } ]", "a whole number")]
    public void Wrong_text_is_one_sentence_that_names_the_place(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => CurriculumFile.Parse(json, "test")).Message);

    [Theory]
    [InlineData("\"set\": { \"rewards.gaol\": 1 }", "'rewards.goal'")]
    [InlineData("\"set\": { \"rewards.goal\": 1e9 }", "allowed are -1000..1000")]
    [InlineData("\"set\": { \"teamSize\": 4 }", "teamSize = 4")]
    [InlineData("\"set\": { \"numEnvs\": 4 }", "numEnvs = 4")]
    [InlineData("\"set\": { \"maxTicks\": 401 }", "maxTicks = 401")]
    [InlineData("\"set\": { \"maxTicks\": 20 }", "rollout of 64")]
    [InlineData("\"set\": { \"learner.horizon\": 32 }", "fixed for a run")]
    [InlineData("\"set\": { \"learner.entropyCoeficient\": 0 }", "'entropyCoefficient'")]
    [InlineData("\"ramp\": { \"endOnGoal\": [0, 1] }, \"rampAgentSteps\": 5", "no number")]
    [InlineData("\"ramp\": { \"rewards.goal\": [0, 1] }", "no length")]
    [InlineData("\"ramp\": { \"rewards.goal\": [0, 1] }, \"rampAgentSteps\": 5, \"set\": { \"rewards.goal\": 1 }", "both")]
    [InlineData("\"advanceWhen\": { \"metric\": \"eval/random/score_lover\", \"atLeast\": 1 }", "'eval/random/score_lower'")]
    [InlineData("\"advanceWhen\": { \"metric\": \"eval/random/score_lower\" }", "no bound")]
    [InlineData("\"advanceWhen\": { \"metric\": \"eval/random/score_lower\", \"atLeast\": 1, \"for\": 0 }", "'for' is 0")]
    [InlineData("\"advanceWhen\": { \"metric\": \"eval/random/score_lower\", \"atLeast\": 1, \"episodes\": 9 }", "no mean over the stage's own episodes; allowed are stage/")]
    [InlineData("\"advanceWhen\": { \"metric\": \"stage/length\", \"atLeast\": 1 }", "give 'episodes'")]
    [InlineData("\"advanceWhen\": { \"metric\": \"stage/lenght\", \"atLeast\": 1, \"episodes\": 9 }", "'stage/length'")]
    [InlineData("\"advanceWhen\": { \"metric\": \"stage/length\", \"atLeast\": 1, \"episodes\": 100001 }", "allowed are 1 to 100000")]
    [InlineData("\"advanceWhen\": { \"metric\": \"stage/length\", \"atLeast\": 1, \"episodes\": 9, \"atMostTimes\": 2 }", "put it into 'retreatWhen'")]
    [InlineData("\"retreatWhen\": { \"metric\": \"eval/random/score_lower\", \"atMost\": 1 }", "no earlier stage")]
    [InlineData("\"rehearse\": 0.5", "no earlier stage")]
    [InlineData("\"rehearse\": 1", "below 1")]
    [InlineData("\"progress\": 2", "within 0..1")]
    [InlineData("\"continue\": true", "without 'atMostAgentSteps'")]
    [InlineData("\"continue\": true, \"atMostAgentSteps\": 5", "the last stage")]
    [InlineData("\"atMostAgentSteps\": -5", "negative")]
    public void Whatever_does_not_fit_the_run_is_known_before_it_begins(string stage, string expected)
    {
        string file = Path.Combine(folder, "curriculum.json");
        File.WriteAllText(file, $"[ {{ \"name\": \"first\", {stage} }} ]");
        (int code, string error) = Run("train", "soccer", "--envs", "8", "--curriculum", file, "--runs", Path.Combine(folder, "runs"));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(expected, error);
        Assert.Contains("'first'", error);
        Assert.Single(error.Trim().Split('\n'));
        Assert.False(Directory.Exists(Path.Combine(folder, "runs")));
    }

    [Fact]
    public void Names_are_unique_stages_end_and_a_mistyped_name_is_corrected()
    {
        (int code, string error) = Run("train", "soccer", "--curriculum", "shaping-to-spare", "--runs", folder);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("'shaping-to-sparse'", error);
        foreach ((string json, string expected) in new[] { ("""[ { "name": "a" }, { "name": "b" } ]""", "never ends"), ("""[ { "name": "a", "atMostAgentSteps": 9, "continue": true }, { "name": "a" } ]""", "unique"), ("[]", "no stage") })
            Assert.Contains(expected, Assert.Throws<UsageException>(() => new CurriculumRig(CurriculumFile.Parse(json, "test"))).Message);
    }

    [Fact]
    public void A_configuration_file_holds_settings_and_curriculum_and_the_run_writes_them_down()
    {
        string file = Path.Combine(folder, "config.json"), runs = Path.Combine(folder, "runs");
        File.WriteAllText(file, """
            { "maxTicks": 30, "curriculum": [
                { "name": "short", "set": { "maxTicks": 16 }, "advanceWhen": { "metric": "episode/success", "atLeast": 0.1 } },
                { "name": "long", "atMostAgentSteps": 4000 } ] }
            """);
        using var output = new StringWriter();
        int code = CommandLine.Run(["train", "corridor", "--config", file, "--agent-steps", "100000", "--evaluate-every", "4096", "--evaluation-games", "8", "--final-games", "8", "--runs", runs], output, output);
        Assert.True(code == 0, output.ToString());
        Assert.Contains("in stage 'long' (2 of 2)", output.ToString());
        Assert.Contains("has had its 4,000 agent-steps", output.ToString());
        string run = Assert.Single(Directory.GetDirectories(runs));
        string[] metrics = File.ReadAllLines(Path.Combine(run, "metrics.jsonl"));
        Assert.Contains("\"curriculum/stage\":0", metrics[0]);
        Assert.Contains("\"curriculum/stage\":1", metrics[^1]);
        Assert.Equal(2, CurriculumFile.Parse(File.ReadAllText(Path.Combine(run, "config.json")), "config.json").Count);
        Assert.Equal(0, CommandLine.Run(["eval", "corridor", "--config", file, "--games", "8"], output, output)); // other commands leave the section alone
    }

    [Fact]
    public void Every_shipped_curriculum_fits_its_game()
    {
        foreach (IGame game in Registry.Games)
        {
            foreach (string name in CurriculumFile.Shipped(game.Name))
            {
                using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
                using var session = new TrainingSession(
                    device, game, game.Training.Options with { NumEnvs = 4 }, new PpoConfig { Horizon = 64, Minibatches = 1, Epochs = 1 }, new TrainingPlan { EvaluationGames = 2 }, seed: 1, CurriculumFile.Find(name, game.Name));
                session.Update();
                Assert.Equal(0, session.Curriculum!.Stage);
            }
        }
    }

    [Fact]
    public void The_shipped_curriculum_ends_with_goals_alone_and_trains_alike_on_any_number_of_threads()
    {
        IReadOnlyList<CurriculumStage> stages = CurriculumFile.Find("shaping-to-sparse", "soccer");
        Assert.Equal(["shaping-to-sparse"], CurriculumFile.Shipped("soccer"));
        var last = (SoccerOptions)stages[^1].Set.Aggregate(Registry.Find("soccer").DefaultOptions, (options, setting) => Settings.With(options, setting.Key, setting.Value));
        Assert.Equal((0f, 0f, 0f, 0f, 1f), (last.Rewards.BallProgress, last.Rewards.BallProgressFinal, last.Rewards.ApproachBall, last.Rewards.ApproachBallFinal, last.Rewards.Goal));
        CurriculumStage[] fast = [.. stages.Select(Faster)];
        float[] one = Trained(threads: 1, fast);
        Assert.Equal(one, Trained(threads: 3, fast));
        Assert.NotEqual(one, Trained(threads: 1, null));

        // One update per stage instead of hundreds.
        static CurriculumStage Faster(CurriculumStage stage) => stage with { AtMostAgentSteps = Math.Min(stage.AtMostAgentSteps, 64 * 16 * 6) };
    }

    [Fact]
    public void An_update_under_a_curriculum_allocates_nothing_while_the_stage_lasts()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using TrainingSession session = Session(device, [CurriculumFile.Find("shaping-to-sparse", "soccer")[2] with { Rehearse = 0 }]);
        for (int i = 0; i < 3; i++) session.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) session.Update();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static float[] Trained(int threads, IReadOnlyList<CurriculumStage>? stages)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using TrainingSession session = Session(device, stages);
        for (int i = 0; i < 3; i++) session.Update();
        Assert.Equal(stages is null ? null : "goals only", session.Curriculum?.StageName);
        return session.CopyWeights();
    }

    private static TrainingSession Session(IDevice device, IReadOnlyList<CurriculumStage>? stages)
    {
        IGame soccer = Registry.Find("soccer");
        return new TrainingSession(device, soccer, soccer.Training.Options with { NumEnvs = 16 }, new PpoConfig(), new TrainingPlan { AgentSteps = 2_000_000, EvaluationGames = 8 }, seed: 2, stages);
    }

    private static (int Code, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(args, output, error), error.ToString());
    }
}
