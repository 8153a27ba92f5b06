using System.Net;
using System.Net.Sockets;
using Arena.HostApi.Cli;
using Arena.HostApi.Tests.Checkpoints;
using Arena.HostApi.Training;
using Arena.Kernels;

namespace Arena.HostApi.Tests;

/// <summary>What is said where something is wrong: what, with which value, and what to do about it.</summary>
public sealed class MessageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-messages-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("train corridor --runs ''", "--runs is '', which is empty; expected is FOLDER.")]
    [InlineData("train corridor --config ''", "--config is '', which is empty; expected is FILE.")]
    [InlineData("train corridor --from ' '", "--from is ' ', which is empty; expected is FILE|RUN.")]
    [InlineData("eval corridor --out ''", "--out is '', which is empty; expected is FILE.")]
    [InlineData("eval soccer --policy ''", "--policy is '', which is empty; expected is RUN|FILE.")]
    [InlineData("sweep corridor --search ''", "--search is '', which is empty")]
    [InlineData("sweep corridor --search nowhere.json", "--search names 'nowhere.json', but there is no such file")]
    [InlineData("train snake --opponent strong", "--opponent is strong, but 'snake' has one side only")]
    [InlineData("train snake --gate-games 4", "--gate-games is 4, but 'snake' has one side only")]
    [InlineData("train snake --pool-fraction 0.5", "--pool-fraction is 0.5, but 'snake' has one side only")]
    [InlineData("train snake --bound-coefficient 0.1", "--bound-coefficient is 0.1, but 'snake' with these settings has no continuous actions")]
    [InlineData("train corridor --core-width 64", "--core-width is 64, but the network has no memory: give --core lstm or --core mingru, or leave --core-width out.")]
    [InlineData("train soccer --two-policies false", "--two-policies is false, but --algorithm ppo trains one policy for both sides: give --algorithm reinforce")]
    [InlineData("train soccer --past-rate 0.1", "--past-rate is 0.1, but --kl-to-past is 0")]
    [InlineData("train soccer --v-trace true --epochs 1", "--v-trace is true, but --epochs is 1")]
    [InlineData("train soccer --opponent strong --opponent-share 0", "--opponent is strong, but --opponent-share is 0")]
    [InlineData("train soccer --pool-slots 4 --pool-fraction 0", "--pool-slots is 4, but --pool-fraction is 0")]
    [InlineData("train soccer --pool-uniform-share 0.1 --pool-choice uniform", "but --pool-choice is uniform")]
    [InlineData("train soccer --algorithm reinforce --epochs 3", "--epochs is 3, but --algorithm reinforce does not use it")]
    public void A_mistake_on_the_command_line_is_a_usage_error_that_says_what_to_do(string line, string expected)
    {
        (int code, _, string error) = Runs.Here([.. Words(line), .. line.StartsWith("train", StringComparison.Ordinal) && !line.Contains("--runs", StringComparison.Ordinal) ? new[] { "--runs", folder } : []]);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Contains(expected, error);
        Assert.Empty(Directory.GetDirectories(folder));
    }

    [Fact]
    public void Options_that_do_something_and_those_that_say_off_are_taken()
    {
        string[] few = ["--envs", "8", "--agent-steps", "512", "--final-games", "2", "--evaluation-games", "2", "--runs", folder];
        Runs.Succeed(["train", "corridor", "--gate-games", "0", "--opponent-share", "0", "--pool-fraction", "0", "--state-dependent-std", "false", "--core-width", "0", .. few]);
        Runs.Succeed(["train", "corridor", "--core", "mingru", "--core-width", "8", "--kl-to-past", "0.1", "--past-rate", "0.1", "--segment-length", "8", .. few]);
    }

    [Fact]
    public void An_empty_folder_for_runs_is_refused_by_the_library_too() =>
        Assert.Contains("The folder for runs is ''", Assert.Throws<UsageException>(() => RunDirectory.Create(null!, "")).Message);

    [Fact]
    public void A_port_in_use_is_said_to_be()
    {
        string run = Trained();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        (int code, _, string error) = Runs.Here("serve", run, "--port", $"{port}");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains($"The policy cannot be served at 127.0.0.1:{port}: another program uses it. Give another port", error);
        Assert.DoesNotContain("free space", error);
    }

    [Theory]
    [InlineData("eval corridor --games 2 --out")]
    [InlineData("export RUN --onnx")]
    [InlineData("export RUN --safetensors")]
    public void A_file_that_cannot_be_written_is_named_and_not_the_temporary_one(string line)
    {
        string run = Trained(), file = Path.Join(folder, "nowhere", "p.out");
        (int code, _, string error) = Runs.Here([.. Words(line.Replace("RUN", run, StringComparison.Ordinal)), file]);
        Assert.Equal(ExitCode.Disk, code);
        Assert.Contains($"The file to write is '{file}', but there is no folder '{Path.GetDirectoryName(file)}'. Make it, or give another path.", error);
        Assert.DoesNotContain(".tmp", error);
    }

    [Fact]
    public void A_run_without_a_best_policy_says_which_file_plays()
    {
        string run = Trained();
        (_, string output, string error) = Runs.Here("eval", "corridor", "--policy", run, "--games", "2");
        Assert.DoesNotContain("WARNING", error);
        Assert.DoesNotContain("last", output);
        File.Delete(Path.Join(run, "best", "policy.safetensors"));
        string last = Path.Join(run, "last", "policy.safetensors");
        foreach (string[] command in new string[][]
        {
            ["eval", "corridor", "--policy", run, "--games", "2"], ["export", run, "--safetensors", Path.Join(folder, "p.safetensors")],
            ["watch", "corridor", "--ascii", "--policy", run, "--ticks", "1"],
        })
        {
            (int code, output, error) = Runs.Here(command);
            Assert.True(code == 0, error);
            Assert.Contains($"WARNING: '{run}' has no best/policy.safetensors; the policy is '{last}'", error);
            if (command[0] == "eval") Assert.Contains("last/policy.safetensors", Runs.Here([.. command, "--json"]).Output.Replace('\\', '/'));
        }
    }

    [Fact]
    public void A_sweep_in_which_everything_failed_is_a_failure()
    {
        string space = Path.Join(folder, "space.json");
        File.WriteAllText(space, """{ "learner": { "minibatches": [4000, 4096], "horizon": 1 }, "settings": { "numEnvs": 2 } }"""); // more than there are segments
        (int code, string output, string error) = Runs.Here("sweep", "corridor", "--search", space, "--trials", "2", "--method", "random", "--agent-steps", "64", "--games", "2", "--confirm", "0", "--dir", Path.Join(folder, "sweep"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("failed", output);
        Assert.Contains("no trial of the sweep in", error);
        Assert.Contains("--minibatches is", error);
    }

    [Fact]
    public void Help_is_a_command_too()
    {
        Assert.Equal(Runs.Succeed("--help"), Runs.Succeed("help"));
        Assert.Equal(Runs.Succeed("train", "soccer", "--help"), Runs.Succeed("help", "train", "soccer"));
    }

    private string Trained()
    {
        string runs = Path.Join(folder, "runs");
        Runs.Succeed("train", "corridor", "--envs", "8", "--agent-steps", "512", "--final-games", "2", "--evaluation-games", "2", "--runs", runs);
        return Runs.Only(runs);
    }

    // Quoted words may be empty.
    private static string[] Words(string line) => [.. line.Split(' ').Aggregate(new List<string>(), (words, word) =>
    {
        if (words.Count > 0 && words[^1] == "'") words[^1] = word == "'" ? " " : words[^1] + word;
        else words.Add(word);
        return words;
    }).Select(word => word == "''" ? "" : word)];
}
