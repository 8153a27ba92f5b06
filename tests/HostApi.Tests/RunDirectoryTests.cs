using System.Globalization;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests;

/// <summary>What a training run leaves on the disk.</summary>
public sealed class RunDirectoryTests : IDisposable
{
    private static readonly IGame Soccer = Registry.Find("soccer");
    private static readonly SoccerOptions Options = new() { TeamSize = 2 };
    private static readonly NetworkSpec Network = TrainedPolicies.Network(Soccer, Options);
    private readonly string folder = Directory.CreateTempSubdirectory("arena-runs-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Its_name_says_game_time_and_seed_and_never_meets_another()
    {
        using RunDirectory first = RunDirectory.Create(Description(), folder), second = RunDirectory.Create(Description(), folder);
        Assert.Equal("soccer-20250304-050607-s42", Path.GetFileName(first.Path));
        Assert.Equal("soccer-20250304-050607-s42-2", Path.GetFileName(second.Path));
    }

    [Fact]
    public void The_configuration_is_complete_and_can_be_read_back()
    {
        using RunDirectory run = RunDirectory.Create(Description(), folder);
        JsonElement config = Json(run, "config.json"), settings = config.GetProperty("settings"), learner = config.GetProperty("learner");
        Assert.Equal(("soccer", 42), (config.GetProperty("game").GetString(), config.GetProperty("seed").GetInt32()));
        Assert.Equal(Network.Hidden, config.GetProperty("network").GetProperty("hidden").EnumerateArray().Select(width => width.GetInt32()));
        Assert.Equal(1e-3, learner.GetProperty("learningRate").GetDouble());
        Assert.Equal("linear", learner.GetProperty("schedule").GetString());
        GameOptions read = Soccer.DefaultOptions;
        foreach (JsonProperty setting in settings.EnumerateObject())
            read = Settings.With(read, setting.Name, setting.Value.ValueKind == JsonValueKind.String ? setting.Value.GetString()! : setting.Value.GetRawText());
        Assert.Equal(Options, read);
    }

    [Fact]
    public void The_run_says_where_and_how_it_ran_and_how_it_ended()
    {
        string path;
        using (RunDirectory run = RunDirectory.Create(Description(), folder))
        {
            path = run.Path;
            Assert.Equal(JsonValueKind.Null, Json(run, "run.json").GetProperty("finished").ValueKind);
            run.Finish("finished");
            JsonElement facts = Json(run, "run.json");
            Assert.Equal("finished", facts.GetProperty("exitReason").GetString());
            Assert.Equal(["train", "soccer"], facts.GetProperty("commandLine").EnumerateArray().Select(word => word.GetString()));
            Assert.True(facts.GetProperty("finished").GetDateTime() > facts.GetProperty("started").GetDateTime());
            Assert.StartsWith(".NET", facts.GetProperty("dotnet").GetString());
        }

        Assert.Contains("\"exitReason\": \"finished\"", File.ReadAllText(Path.Join(path, "run.json")));
        using (RunDirectory killed = RunDirectory.Create(Description(), folder)) path = killed.Path;
        Assert.Contains("\"exitReason\": \"ended early\"", File.ReadAllText(Path.Join(path, "run.json")));
        Assert.DoesNotContain(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Metrics_are_one_object_per_line_at_once_and_in_any_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            using RunDirectory run = RunDirectory.Create(Description(), folder);
            var names = new MetricNames();
            for (int update = 0; update < 3; update++)
            {
                var sample = new MetricSample(names) { Update = update, AgentSteps = 1000L * update, Seconds = 0.5 * update };
                sample.Set("ppo/kl", -0.0081);
                sample.Set("loss/value", double.NaN);
                sample.Set("value/mean", double.PositiveInfinity);
                sample.Set("reward/a \"name\"", 1e300);
                run.Metrics.Write(sample);
                // A reader sees the line while the run goes on.
                using var reader = new StreamReader(new FileStream(Path.Join(run.Path, "metrics.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
                string[] lines = reader.ReadToEnd().Split('\n');
                Assert.Equal(update + 2, lines.Length);
                Assert.Equal("", lines[^1]);
                using JsonDocument line = JsonDocument.Parse(lines[update]);
                Assert.Equal((update, 1000 * update), (line.RootElement.GetProperty("update").GetInt32(), line.RootElement.GetProperty("agent_steps").GetInt32()));
                Assert.Equal(-0.0081, line.RootElement.GetProperty("ppo/kl").GetDouble());
                Assert.Equal(("NaN", "Infinity"), (line.RootElement.GetProperty("loss/value").GetString(), line.RootElement.GetProperty("value/mean").GetString()));
                Assert.Equal(1e300, line.RootElement.GetProperty("reward/a \"name\"").GetDouble());
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_run_directory_means_its_best_policy_then_its_last()
    {
        using RunDirectory run = RunDirectory.Create(Description(), folder);
        Assert.Contains("ended before the first policy was saved", Assert.Throws<UsageException>(() => RunDirectory.Resolve(run.Path)).Message);
        run.SaveLast(PolicyDescription.Of(Soccer, Options, Network, 20, 42), TrainedPolicies.Initial(Network, 2));
        Assert.Equal(20, PolicyFile.Load(RunDirectory.Resolve(run.Path)).Description.AgentSteps);
        run.SaveBest(PolicyDescription.Of(Soccer, Options, Network, 10, 42), TrainedPolicies.Initial(Network, 1));
        Assert.Equal(10, PolicyFile.Load(RunDirectory.Resolve(run.Path)).Description.AgentSteps);
        Assert.Equal(run.LastPolicy, RunDirectory.Resolve(run.LastPolicy));
        Assert.Equal(20, PolicyFile.Load(RunDirectory.Resolve(Path.Join(run.Path, "last"))).Description.AgentSteps);
        Assert.Contains(Path.GetFileName(run.Path), Assert.Throws<UsageException>(() => RunDirectory.Resolve(run.Path + "x")).Message);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_known_before_training_starts()
    {
        string file = Path.Join(folder, "file");
        File.WriteAllText(file, "");
        foreach (string place in new[] { file, Path.Join(file, "below"), "/proc/arena-runs" })
        {
            Exception refused = Assert.ThrowsAny<Exception>(() => RunDirectory.Create(Description(), place));
            Assert.Equal(ExitCode.Disk, ExitCode.Of(refused));
        }
    }

    [Fact]
    public void The_commit_is_read_from_the_files_of_git()
    {
        string hash = new('a', 40), git = Path.Join(folder, "repo", ".git"), inside = Path.Join(folder, "repo", "bin", "Release");
        Directory.CreateDirectory(inside);
        Directory.CreateDirectory(Path.Join(git, "refs", "heads"));
        File.WriteAllText(Path.Join(git, "HEAD"), "ref: refs/heads/main\n");
        Assert.Null(GitCommit.Find(inside)); // a repository without a commit
        File.WriteAllText(Path.Join(git, "packed-refs"), $"# pack-refs\n{hash} refs/heads/main\n");
        Assert.Equal(hash, GitCommit.Find(inside));
        File.WriteAllText(Path.Join(git, "refs", "heads", "main"), new string('b', 40));
        Assert.Equal(new string('b', 40), GitCommit.Find(inside));

        string linked = Path.Join(folder, "linked"), place = Path.Join(git, "worktrees", "linked");
        Directory.CreateDirectory(linked);
        Directory.CreateDirectory(place);
        File.WriteAllText(Path.Join(linked, ".git"), $"gitdir: {place}\n");
        File.WriteAllText(Path.Join(place, "HEAD"), "ref: refs/heads/main\n");
        File.WriteAllText(Path.Join(place, "commondir"), "../..\n");
        Assert.Equal(new string('b', 40), GitCommit.Find(linked));
        File.WriteAllText(Path.Join(place, "HEAD"), hash);
        Assert.Equal(hash, GitCommit.Find(linked));
        File.WriteAllText(Path.Join(place, "HEAD"), "nonsense");
        Assert.Null(GitCommit.Find(linked));
    }

    private static JsonElement Json(RunDirectory run, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Join(run.Path, name)));
        return document.RootElement.Clone();
    }

    private static RunDescription Description() => new()
    {
        Game = "soccer",
        Seed = 42,
        Options = Options,
        Sections = [new("learner", new PpoConfig())],
        Network = Network,
        Device = "cpu, 2 threads",
        Threads = 2,
        CommandLine = ["train", "soccer"],
        Started = new DateTimeOffset(2025, 3, 4, 5, 6, 7, TimeSpan.Zero),
    };
}
