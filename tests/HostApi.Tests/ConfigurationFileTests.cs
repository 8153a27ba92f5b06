using System.Text.Json;
using System.Text.Json.Nodes;
using Arena.HostApi.Cli;
using Arena.HostApi.Tests.Checkpoints;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests;

/// <summary>Configuration files in their three forms: nothing in one is dropped.</summary>
public sealed class ConfigurationFileTests : IDisposable
{
    private static readonly IGame Corridor = Registry.Find("corridor");
    private readonly string folder = Directory.CreateTempSubdirectory("arena-config-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("""{ "game": "corridor", "settings": { "numEnvs": 16 }, "lerner": { "learningRate": 0.002 } }""", "unknown key 'lerner'. Did you mean 'learner'?")]
    [InlineData("""{ "sed": 5 }""", "unknown key 'sed'. Did you mean 'seed'?")]
    [InlineData("""{ "agentSteps": 500 }""", "unknown key 'agentSteps'. Did you mean 'plan.agentSteps'?")]
    [InlineData("""{ "learningRate": 0.1 }""", "unknown key 'learningRate'. Did you mean 'learner.learningRate'?")]
    [InlineData("""{ "learner": { "learningRat": 0.1 } }""", "section 'learner': Unknown setting 'learningRat'")]
    [InlineData("""{ "plan.poll.fraction": 0.1 }""", "section 'plan': Unknown setting 'poll.fraction' for TrainingPlan. Did you mean 'pool.fraction'?")]
    [InlineData("""{ "plan": { "pool": { "fractio": 0.1 } } }""", "Did you mean 'pool.fraction'?")]
    [InlineData("""{ "plan": { "pool": 1 } }""", "section 'plan': Unknown setting 'pool'")]
    [InlineData("""{ "learner": 3 }""", "section 'learner': it is the value 3; expected is an object")]
    [InlineData("""{ "seed": -1 }""", "'seed' is the value -1; allowed are whole numbers 0..")]
    [InlineData("""{ "threads": 4000 }""", "'threads' is the value 4000; allowed are whole numbers 0..1024")]
    [InlineData("""{ "engine": "tork" }""", "engine is 'tork'")]
    [InlineData("""{ "maxTicks": 9, "max-ticks": 11 }""", "'max-ticks' is given twice")]
    [InlineData("""{ "maxTicks": 9, "settings": { "maxTicks": 11 } }""", "section 'settings': 'maxTicks' is given twice")]
    [InlineData("""{ "maxTicks": {} }""", "'maxTicks' is an object; allowed:")]
    [InlineData("""{ "settings": { "curriculum": [] } }""", "section 'settings': Unknown setting 'curriculum'")]
    [InlineData("""{ "curriculum": [ { "nam": "x" } ] }""", "stage 1 has no name")]
    [InlineData("""{ "network": { "hiden": [8] } }""", "section 'network': unknown key 'hiden'. Did you mean 'hidden'?")]
    [InlineData("""{ "network": { "hidden": 8 } }""", "'hidden' is 8; allowed: a list of whole numbers above 0")]
    [InlineData("""{ "network": { "core": "lstn" } }""", "'core' is \"lstn\"; allowed: none | lstm | mingru")]
    [InlineData("""{ "game": "soccer" }""", "of a run of 'soccer', not of 'corridor'")]
    public void What_nothing_knows_is_refused_by_every_command(string json, string expected)
    {
        foreach (string command in new[] { "train", "eval" })
        {
            (int code, _, string error) = Runs.Here(command, "corridor", "--config", Write(json));
            Assert.Equal(ExitCode.Usage, code);
            Assert.Equal(1, error.Count(c => c == '\n'));
            Assert.Contains(expected, error);
            Assert.Contains("config.json", error);
        }
    }

    [Fact]
    public void Every_key_of_every_section_misspelt_by_a_letter_is_refused()
    {
        (IGame Game, string Whole, string[] Key)[] all =
        [
            .. Registry.Games.Select(game => (game, Described(game, game.Training.Options, Plan(game))))
                .SelectMany(one => Keys(JsonNode.Parse(one.Item2)!.AsObject(), []).Select(key => (one.game, one.Item2, key))),
        ];
        foreach ((IGame game, string whole, string[] key) in all.Where(one => TestSize.Full || one.Game == Corridor)) Assert.True(IsRefused(game, whole, key, key[^1].Length / 2, 'x'), $"{game.Name}: {string.Join('.', key)}");
        Gen<(int Key, int At, int Letter)> misspelt =
            from key in Gen.Choose(0, all.Length - 1) from at in Gen.Choose(0, all[key].Key[^1].Length - 1) from letter in Gen.Choose('a', 'z') select (key, at, letter);
        Prop.ForAll(misspelt.ToArbitrary(), one => IsRefused(all[one.Key].Game, all[one.Key].Whole, all[one.Key].Key, one.At, (char)one.Letter))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(TestSize.Of(25, 1000)));

        // A reader that looks up what it wants and no more, which is the fault to be caught, takes both.
        Assert.Equal(64, JsonNode.Parse(Renamed("""{ "seed": 3, "learner": { "horizon": 64 } }""", ["seed"], "sed"))!["learner"]!["horizon"]!.GetValue<int>());
        Assert.Null(Refusal(Corridor, """{ "seed": 3, "learner": { "horizon": 64 } }"""));
        Assert.NotNull(Refusal(Corridor, Renamed("""{ "seed": 3, "learner": { "horizon": 64 } }""", ["seed"], "sed")));
    }

    [Fact]
    public void No_shipped_game_has_a_setting_that_is_called_like_a_section()
    {
        foreach (IGame game in Registry.Games)
            foreach (string section in new[] { "game", "seed", "threads", "engine", "precision", "curriculum", "settings", "learner", "plan", "network" })
                Assert.False(ConfigFile.Knows(game.DefaultOptions, section), $"{game.Name}: {section}");
    }

    [Fact]
    public void A_written_configuration_is_read_as_what_it_was_written_from()
    {
        foreach (IGame game in Registry.Games)
            foreach (NetworkPreset? network in NetworkPreset.All.Append(null))
            {
                TrainingPlan plan = network?.Apply(Plan(game)) ?? Plan(game);
                if (!Possible(game, plan)) continue;
                ConfigurationFile file = ConfigurationFile.Read(Write(Described(game, game.Training.Options, plan)), game);
                Assert.Equal(game.Training.Options, file.Settled(game.DefaultOptions));
                Assert.Equal(plan, file.Plan(new TrainingPlan(), game.Describe(game.Training.Options)));
            }
    }

    [Fact]
    public void A_plan_that_is_left_out_follows_from_the_network()
    {
        foreach (IGame game in Registry.Games)
            foreach (NetworkPreset network in NetworkPreset.All)
            {
                TrainingPlan plan = network.Apply(Plan(game));
                if (!Possible(game, plan)) continue;
                JsonObject written = JsonNode.Parse(Described(game, game.Training.Options, plan))!.AsObject();
                written.Remove("plan");
                EnvironmentSpec spec = game.Describe(game.Training.Options);
                TrainingPlan read = ConfigurationFile.Read(Write(written.ToJsonString()), game).Plan(new TrainingPlan { HiddenWidth = 96, HiddenLayers = 3, LayerNorm = true }, spec);
                Assert.True(Policy.Weights.NetworkText.Same(plan.Network(spec), read.Network(spec)), $"{game.Name}, {network.Name}");
            }
    }

    [Theory]
    [InlineData("""{ "network": { "hidden": [8] } }""", 1, 8, "none")]
    [InlineData("""{ "network": { "hidden": [8, 8], "core": "mingru", "coreWidth": 5 } }""", 2, 8, "mingru")]
    [InlineData("""{ "network.hidden": [8], "plan": { "core": "lstm" } }""", 1, 8, "lstm")]
    [InlineData("""{ "network": { "hidden": [64, 64] }, "plan": { "hiddenWidth": 64, "hiddenLayers": 2 } }""", 2, 64, "none")]
    public void The_network_of_a_file_is_the_one_that_is_trained(string json, int layers, int width, string core)
    {
        JsonElement network = Trained(json).GetProperty("network");
        Assert.Equal(Enumerable.Repeat(width, layers), network.GetProperty("hidden").EnumerateArray().Select(one => one.GetInt32()));
        Assert.Equal(core, network.GetProperty("core").GetString());
        if (json.Contains("coreWidth", StringComparison.Ordinal)) Assert.Equal(5, network.GetProperty("coreWidth").GetInt32());
    }

    [Theory]
    [InlineData("""{ "network": { "hidden": [8, 16] } }""", "'hidden' is [8,16]; allowed are 1..8 layers of one width")]
    [InlineData("""{ "network": { "hidden": [8] }, "plan": { "hiddenWidth": 64 } }""", "the section 'plan' beside it makes it 64,64 (hiddenWidth is 64). Change both, or leave out 'hidden' here or hiddenWidth there.")]
    [InlineData("""{ "network": { "observations": 99 } }""", "'observations' is 99, but 'corridor' with these settings has 12")]
    [InlineData("""{ "network": { "discreteHeads": [3] } }""", "'discreteHeads' is 3, but 'corridor' with these settings has 2")]
    [InlineData("""{ "network": { "coreWidth": 32 } }""", "'coreWidth' is 32, but with what else is given the network has 0")]
    [InlineData("""{ "network": { "core": "lstm", "separateCritic": true } }""", "--separate-critic is given with --core")]
    [InlineData("""{ "network": { "stem": "{}" } }""", "'stem' is '{}', which is none of those that are made for 'corridor'")]
    [InlineData("""{ "network": { "hidden": [5000] } }""", "--hidden-width is 5000; allowed are 1..4096")]
    public void A_network_that_cannot_be_had_is_refused_with_the_reason(string json, string expected)
    {
        (int code, _, string error) = Runs.Here("train", "corridor", "--config", Write(json), "--runs", folder);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("section 'network': ", error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Sections_stand_alone_and_the_command_line_wins()
    {
        JsonElement config = Trained("""{ "learner": { "learningRate": 0.002 }, "seed": 9, "threads": 1, "maxTicks": 9, "device": "it ran on" }""");
        Assert.Equal((9, 1), (config.GetProperty("seed").GetInt32(), config.GetProperty("threads").GetInt32()));
        Assert.Equal("0.002", config.GetProperty("learner").GetProperty("learningRate").GetRawText());
        Assert.Equal(9, config.GetProperty("settings").GetProperty("maxTicks").GetInt32());

        config = Trained("""{ "learner": { "learningRate": 0.002 }, "plan": { "hiddenWidth": 8 }, "seed": 9 }""", "--set", "learner.learningRate=0.003", "--set", "plan.hidden-width=16", "--set", "settings.maxTicks=11", "--seed", "2");
        Assert.Equal(2, config.GetProperty("seed").GetInt32());
        Assert.Equal("0.003", config.GetProperty("learner").GetProperty("learningRate").GetRawText());
        Assert.Equal(16, config.GetProperty("plan").GetProperty("hiddenWidth").GetInt32());
        Assert.Equal(11, config.GetProperty("settings").GetProperty("maxTicks").GetInt32());
        Assert.Equal("0.004", Trained("{}", "--set", "learner.learningRate=0.003", "--learning-rate", "0.004").GetProperty("learner").GetProperty("learningRate").GetRawText());
    }

    [Theory]
    [InlineData("train", "learner.learningRat=1", "Did you mean 'learningRate'?")]
    [InlineData("train", "learningRate=1", "Did you mean 'learner.learningRate'?")]
    [InlineData("train", "lerner.learningRate=1", "Did you mean 'learner.learningRate'?")]
    [InlineData("train", "network.hidden=8", "--set plan.hiddenWidth=128")]
    [InlineData("eval", "learner.learningRate=1", "this command does not train: it has no learner")]
    public void An_assignment_says_what_it_should_have_been(string command, string assignment, string expected)
    {
        (int code, _, string error) = Runs.Here(command, "corridor", "--set", assignment);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void A_file_that_asks_for_reinforce_gets_its_defaults()
    {
        string file = Write("""{ "plan": { "algorithm": "reinforce", "agentSteps": 2000, "finalGames": 2, "evaluationGames": 2 } }"""), runs = Path.Join(folder, "runs");
        Runs.Succeed("train", "corridor", "--config", file, "--runs", runs);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Join(Runs.Only(runs), "config.json")));
        Assert.Equal("terminate", config.RootElement.GetProperty("settings").GetProperty("clock").GetString());
    }

    [Fact]
    public void A_run_whose_network_was_edited_does_not_go_on_as_if_nothing_were()
    {
        Trained("{}");
        string run = Runs.Only(Path.Join(folder, "runs-1")), config = Path.Join(run, "config.json");
        JsonNode edited = JsonNode.Parse(File.ReadAllText(config))!;
        edited["network"]!["core"] = "lstm";
        File.WriteAllText(config, edited.ToJsonString());
        (int code, _, string error) = Runs.Here("train", "--resume", run);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("section 'network': 'core' is lstm, but the section 'plan' beside it makes it none", error);
    }

    private int trained;

    // The config.json of a run of one update.
    private JsonElement Trained(string json, params string[] args)
    {
        string runs = Path.Join(folder, $"runs-{++trained}");
        Runs.Succeed(["train", "corridor", "--config", Write(json), "--envs", "8", "--agent-steps", "512", "--final-games", "2", "--evaluation-games", "2", "--runs", runs, .. args]);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Join(Runs.Only(runs), "config.json")));
        return config.RootElement.Clone();
    }

    private string Write(string json)
    {
        string path = Path.Join(folder, "config.json");
        File.WriteAllText(path, json);
        return path;
    }

    // Or the same word, or that of another key.
    private bool IsRefused(IGame game, string whole, string[] key, int at, char letter)
    {
        string misspelt = key[^1].Remove(at, 1).Insert(at, letter.ToString());
        string[] siblings = [.. Keys(JsonNode.Parse(whole)!.AsObject(), []).Where(known => known.Length == key.Length).Select(known => known[^1])];
        return siblings.Contains(misspelt, StringComparer.OrdinalIgnoreCase) || Refusal(game, Renamed(whole, key, misspelt)) is not null;
    }

    private string? Refusal(IGame game, string json)
    {
        try
        {
            ConfigurationFile.Read(Write(json), game);
            return null;
        }
        catch (UsageException refused)
        {
            return refused.Message;
        }
    }

    private static TrainingPlan Plan(IGame game) => game.Training.Plan.Aggregate(new TrainingPlan(), (plan, change) => Settings.With(plan, change.Key, change.Value));

    private static bool Possible(IGame game, TrainingPlan plan)
    {
        try
        {
            plan.Network(game.Describe(game.Training.Options));
            return true;
        }
        catch (UsageException)
        {
            return false; // a network by name for the observations of another game
        }
    }

    private static string Described(IGame game, GameOptions options, TrainingPlan plan) => new RunDescription
    {
        Game = game.Name,
        Seed = 7,
        Options = options,
        Sections = [new("learner", game.Training.Learner.Aggregate(new PpoConfig(), (given, change) => Settings.With(given, change.Key, change.Value))), new("plan", plan)],
        Curriculum = CurriculumFile.Parse("""[ { "name": "one", "set": { "numEnvs": 1 }, "advanceWhen": { "metric": "m", "atLeast": 0, "atMost": 1, "for": 2 } } ]""", "test"),
        Network = plan.Network(game.Describe(options)),
        Device = "",
        Threads = 2,
    }.ConfigJson();

    // Paths of all keys, but of those that are named by people: the settings of a curriculum's stage are checked against the game when a run begins.
    private static IEnumerable<string[]> Keys(JsonObject section, string[] above)
    {
        foreach ((string key, JsonNode? value) in section)
        {
            yield return [.. above, key];
            JsonObject? inner = value as JsonObject ?? (value is JsonArray { Count: > 0 } list ? list[0] as JsonObject : null);
            if (inner is null || key is "set" or "ramp") continue;
            foreach (string[] path in Keys(inner, [.. above, key])) yield return path;
        }
    }

    private static string Renamed(string json, string[] key, string name)
    {
        JsonNode root = JsonNode.Parse(json)!, section = root;
        foreach (string step in key[..^1]) section = section[step] is JsonArray list ? list[0]! : section[step]!;
        JsonObject holder = section.AsObject();
        JsonNode? value = holder[key[^1]]?.DeepClone();
        holder.Remove(key[^1]);
        holder[name] = value;
        return root.ToJsonString();
    }
}
