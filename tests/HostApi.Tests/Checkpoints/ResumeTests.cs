using System.Text.Json;
using System.Text.Json.Nodes;
using Arena.HostApi.Cli;
using Arena.HostApi.Training;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>A run that was paused and resumed is the run that never was; and what a resume refuses.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly string[] Corridor =
        ["train", "corridor", "--masks", "--envs", "32", "--agent-steps", "10240", "--final-games", "8", "--evaluation-games", "8", "--seed", "3"];

    private static readonly string[] Soccer =
    [
        "train", "soccer", "--team-size", "2", "--envs", "8", "--max-ticks", "80", "--agent-steps", "12288", "--evaluate-every", "4096", "--final-games", "2",
        "--evaluation-games", "2", "--seed", "4",
    ];

    // A memory, rows that show the past, and sums of observations: state that is neither weights nor the game's own.
    private static readonly string[] Remembering =
    [
        .. Soccer, "--core", "lstm", "--core-width", "8", "--hidden-width", "8", "--frame-stack", "2", "--action-stack", "1", "--normalize-observations", "true",
        "--state-dependent-std", "true",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("arena-resume-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("corridor", 1, 2)]
    [InlineData("corridor", 2, 1)]
    [InlineData("soccer", 1, 2)]
    [InlineData("soccer", 2, 1)]
    [InlineData("remembering", 1, 2)]
    public void N_updates_and_a_new_session_and_N_updates_are_2N_updates_byte_for_byte(string game, int firstThreads, int thenThreads)
    {
        string[] train = game switch { "soccer" => Soccer, "remembering" => Remembering, _ => Corridor };
        string half = game == "corridor" ? "10" : "3";
        string whole = Path.Join(folder, "whole"), parts = Path.Join(folder, "parts");
        Runs.Succeed([.. train, "--runs", whole, "--threads", "1"]);
        string output = Runs.Succeed([.. train, "--runs", parts, "--threads", $"{firstThreads}", "--until", half]);
        string run = Runs.Only(parts);
        Assert.Contains($"arena train --resume {run}", output);
        Assert.Equal($"--until {half}", ExitReason(run));
        Assert.Equal(half, Assert.Single(Checkpoints(run)).TrimStart('0'));
        Runs.Succeed("train", "--resume", run, "--threads", $"{thenThreads}");
        Assert.Equal("finished", ExitReason(run));
        Runs.AssertSame(Runs.Only(whole), run);
    }

    [Fact]
    public void A_run_resumed_after_every_update_is_the_same_and_keeps_what_it_must()
    {
        string whole = Path.Join(folder, "whole"), parts = Path.Join(folder, "parts");
        Runs.Succeed([.. Corridor, "--runs", whole]);
        Runs.Succeed([.. Corridor, "--runs", parts, "--until", "1"]);
        string run = Runs.Only(parts);
        for (int until = 2; until < 20; until++) Runs.Succeed("train", "--resume", run, "--until", $"{until}");
        Runs.Succeed("train", "--resume", run);
        Runs.AssertSame(Runs.Only(whole), run);
        // The last three, every tenth, and the best.
        using JsonDocument best = JsonDocument.Parse(File.ReadAllText(Path.Join(run, "checkpoints", "000000020", "state.json")));
        string bestUpdate = (best.RootElement.GetProperty("best/agentSteps").GetInt64() / 512).ToString("D9", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(new[] { "000000010", "000000018", "000000019", "000000020", bestUpdate }.Distinct().Order(), Checkpoints(run));
        Assert.True(File.Exists(Path.Join(run, "run-19.json")));
    }

    [Fact]
    public void Training_beyond_a_checkpoint_is_put_away_and_repeats_itself()
    {
        Runs.Succeed([.. Corridor, "--runs", folder, "--checkpoint-minutes", "0", "--evaluate-every", "512"]);
        string run = Runs.Only(folder);
        string[] before = Runs.Metrics(run);
        byte[] last = File.ReadAllBytes(Path.Join(run, "last", "policy.safetensors"));
        string output = Runs.Succeed("train", "--resume", Path.Join(run, "checkpoints", "000000010"));
        Assert.Contains("resumed after update 10", output);
        Assert.Equal(before, Runs.Metrics(run));
        Assert.Equal(before[10..], Discarded(run));
        Assert.Equal(last, File.ReadAllBytes(Path.Join(run, "last", "policy.safetensors")));
        Assert.Equal(3, Directory.GetDirectories(Path.Join(run, "checkpoints"), "discarded-*").Length);
    }

    [Fact]
    public void A_finished_run_says_so_and_goes_on_with_another_plan()
    {
        Runs.Succeed([.. Corridor, "--runs", folder]);
        string run = Runs.Only(folder);
        Assert.Contains("is finished: all 20 updates are made", Refused("train", "--resume", run));
        Assert.Contains("--agent-steps is 20480 (the run has 10240)", Refused("train", "--resume", run, "--agent-steps", "20480"));
        Runs.Succeed("train", "--resume", run, "--agent-steps", "20480", "--reschedule", "--until", "30");
        Runs.Succeed("train", "--resume", run); // the plan is the run's by now
        Assert.Equal(40, Runs.Metrics(run).Length);
    }

    [Fact]
    public void Other_settings_are_refused_all_of_them_by_name()
    {
        Runs.Succeed([.. Corridor, "--runs", folder, "--until", "2"]);
        string run = Runs.Only(folder);
        string error = Refused("train", "--resume", run, "--seed", "9", "--horizon", "8", "--max-ticks", "20", "--hidden-width", "32");
        foreach (string part in new[] { "--seed is 9 (the run has 3)", "--horizon is 8 (the run has 16)", "--max-ticks is 20 (the run has 32)", "--hidden-width is 32 (the run has 64)" })
            Assert.Contains(part, error);
        Runs.Succeed("train", "corridor", "--resume", run, "--seed", "3", "--horizon", "16", "--final-games", "4", "--checkpoint-minutes", "1", "--until", "3");
        Assert.Contains("plays 'corridor', not 'soccer'", Refused("train", "soccer", "--resume", run));
        Assert.Contains("--until is 3, but the run has made 3 updates", Refused("train", "--resume", run, "--until", "3"));
        Assert.Contains("give one of them", Refused("train", "--resume", run, "--from", run));
        Assert.Contains("give --resume RUN, too", Refused("train", "corridor", "--reschedule"));
        Assert.Contains("no checkpoint '000000007'", Refused("train", "--resume", Path.Join(run, "checkpoints", "000000007")));
        Assert.Contains("is not a run directory", Refused("train", "--resume", folder));
        using (CheckpointStore.Open(run)) Assert.Contains("Another process trains in", Refused("train", "--resume", run));
        Directory.Delete(Path.Join(run, "checkpoints"), recursive: true);
        Assert.Contains("holds no checkpoint", Refused("train", "--resume", run));
    }

    [Fact]
    public void A_checkpoint_of_other_rules_or_another_network_is_refused_and_its_weights_can_be_taken()
    {
        Runs.Succeed([.. Corridor, "--runs", folder, "--until", "2"]);
        string run = Runs.Only(folder), config = Path.Join(run, "config.json"), written = File.ReadAllText(config);
        JsonObject edited = JsonNode.Parse(written.Replace("\"maxTicks\": 32", "\"maxTicks\": 31", StringComparison.Ordinal).Replace("\"hiddenWidth\": 64", "\"hiddenWidth\": 32", StringComparison.Ordinal))!.AsObject();
        File.WriteAllText(config, edited.ToJsonString());
        Assert.Contains("section 'network': 'hidden' is 64,64, but the section 'plan' beside it makes it 32,32", Refused("train", "--resume", run));
        edited.Remove("network");
        File.WriteAllText(config, edited.ToJsonString());
        string error = Refused("train", "--resume", run);
        Assert.Contains("its network is 12-64-64, tanh, discrete actions (2), and 12-32-32", error);
        Assert.Contains("the game is played by other rules", error);
        Assert.Contains("--weights-only", error);
        File.WriteAllText(config, written);
        Runs.Succeed("train", "--resume", run, "--max-ticks", "31", "--weights-only", "--runs", folder, "--until", "1");
        string other = Assert.Single(Directory.GetDirectories(folder), found => found != run);
        Assert.Contains("checkpoints", JsonDocument.Parse(File.ReadAllText(Path.Join(other, "run.json"))).RootElement.GetProperty("startedFrom").GetString());
        Assert.Single(Runs.Metrics(other));
        Assert.Contains("The weights to begin with are of the network 12-64-64", Refused("train", "--resume", run, "--weights-only", "--hidden-width", "8", "--runs", folder));
    }

    [Fact]
    public void Fine_tuning_begins_with_the_weights_and_leaves_the_run_they_are_from_alone()
    {
        Runs.Succeed("train", "corridor", "--masks", "--agent-steps", "60000", "--final-games", "8", "--runs", folder);
        string run = Runs.Only(folder);
        byte[] before = File.ReadAllBytes(Path.Join(run, "metrics.jsonl"));
        string[] tune = ["train", "corridor", "--masks", "--envs", "32", "--agent-steps", "512", "--learning-rate", "0", "--final-games", "64", "--runs", folder];
        Assert.Contains("score 0.97", Runs.Succeed([.. tune, "--from", run])); // a rate of 0 keeps them as they are
        Assert.DoesNotContain("score 0.97", Runs.Succeed(tune));
        Assert.Equal(before, File.ReadAllBytes(Path.Join(run, "metrics.jsonl")));
        Assert.Contains("plays 'corridor', not 'soccer'", Refused("train", "soccer", "--from", run, "--runs", folder));
    }

    [Fact]
    public void The_configuration_of_a_run_is_a_configuration_of_every_command()
    {
        Runs.Succeed([.. Corridor, "--runs", Path.Join(folder, "one"), "--learning-rate", "2e-3"]);
        string run = Runs.Only(Path.Join(folder, "one")), config = Path.Join(run, "config.json");
        Runs.Succeed("train", "corridor", "--config", config, "--runs", Path.Join(folder, "two"));
        Runs.AssertSame(run, Runs.Only(Path.Join(folder, "two"))); // alone it repeats the run
        Assert.Contains("--masks true", Runs.Succeed("eval", "corridor", "--config", config, "--games", "4", "--policy", run));
        Assert.DoesNotContain("--desync", Runs.Succeed("eval", "corridor", "--config", config, "--games", "4"));
        Assert.Contains("of a run of 'corridor', not of 'soccer'", Refused("eval", "soccer", "--config", config));
        Assert.Contains("corridor", Runs.Succeed("watch", "corridor", "--ascii", "--policy", Path.Join(run, "checkpoints", "000000020"), "--ticks", "1"));
    }

    private static string Refused(params string[] args)
    {
        (int code, _, string error) = Runs.Here(args);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Single(error.Trim().Split('\n'));
        return error;
    }

    private static string[] Checkpoints(string run) =>
        [.. Directory.GetDirectories(Path.Join(run, "checkpoints")).Select(path => Path.GetFileName(path)!).Where(name => char.IsAsciiDigit(name[0])).Order()];

    private static string[] Discarded(string run)
    {
        string copy = Directory.CreateTempSubdirectory("arena-lines-").FullName;
        try
        {
            File.Copy(Path.Join(run, "metrics.discarded.jsonl"), Path.Join(copy, "metrics.jsonl"));
            return Runs.Metrics(copy);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static string? ExitReason(string run) => JsonDocument.Parse(File.ReadAllText(Path.Join(run, "run.json"))).RootElement.GetProperty("exitReason").GetString();
}
