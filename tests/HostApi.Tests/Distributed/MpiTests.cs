using System.Diagnostics;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Tests.Checkpoints;
using Arena.Tests;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>Training on real ranks: the same bytes as in one process, exact resume, and every way to end.</summary>
public sealed class MpiTests : IDisposable
{
    private const int SigTerm = 15;
    private const int SigUser1 = 10;

    private static readonly string[] Corridor =
        ["train", "corridor", "--masks", "--envs", "32", "--hidden-width", "8", "--evaluate-every", "2560", "--evaluation-games", "5", "--final-games", "7", "--seed", "3"];

    // A memory, sums of observations, past selves after every update.
    private static readonly string[] Soccer =
    [
        "train", "soccer", "--team-size", "1", "--envs", "12", "--max-ticks", "64", "--agent-steps", "12288", "--evaluate-every", "4096", "--final-games", "2", "--evaluation-games", "6",
        "--gate-games", "8", "--core", "lstm", "--core-width", "8", "--hidden-width", "8", "--normalize-observations", "true", "--normalize-returns", "true", "--horizon", "32",
        "--pool-fraction", "0.5", "--pool-slots", "2", "--pool-admit-updates", "1", "--pool-renew-updates", "1", "--seed", "4",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("arena-mpi-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [MpiFact]
    public void Two_ranks_write_the_bytes_of_one_process_with_two_shards_and_only_one_prints()
    {
        string one = Path.Join(folder, "one"), two = Path.Join(folder, "two");
        Runs.Succeed([.. Corridor, "--agent-steps", "10240", "--runs", one, "--shards", "2"]);
        string output = Mpi.Succeed(2, [.. Corridor, "--agent-steps", "10240", "--runs", two]);
        Runs.AssertSame(Runs.Only(one), Runs.Only(two));
        Assert.Contains("2 shards on 2 ranks, through Open MPI", output);
        Assert.Contains("Communication between 2 shards", output);
        Assert.Single(output.Split("Training corridor")[1..]);
        Assert.DoesNotContain("\x1b[K", output); // nothing is redrawn, though mpirun gives rank 0 a terminal
        using JsonDocument run = JsonDocument.Parse(File.ReadAllText(Path.Join(Runs.Only(two), "run.json")));
        Assert.Equal(2, run.RootElement.GetProperty("ranks").GetInt32());
        Assert.All(File.ReadLines(Path.Join(Runs.Only(two), "metrics.jsonl")), line => Assert.Contains("speed/share_communicate", line));
    }

    [MpiFact]
    public void Three_ranks_paused_and_resumed_are_one_process_with_three_shards_that_never_stopped()
    {
        string one = Path.Join(folder, "one"), three = Path.Join(folder, "three");
        Runs.Succeed([.. Soccer, "--runs", one, "--shards", "3"]);
        Mpi.Succeed(3, [.. Soccer, "--runs", three, "--until", "7"]);
        string run = Runs.Only(three);
        string[] parts = [.. Directory.GetFiles(Path.Join(run, "checkpoints", "000000007"), "world-*").Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(["world-0.safetensors", "world-1.safetensors", "world-2.safetensors"], parts);
        Mpi.Succeed(3, "train", "--resume", run);
        Runs.AssertSame(Runs.Only(one), run);
    }

    [MpiFact]
    public void A_run_of_two_ranks_goes_on_in_one_process_byte_for_byte_and_not_on_three()
    {
        string one = Path.Join(folder, "one"), two = Path.Join(folder, "two");
        Runs.Succeed([.. Corridor, "--agent-steps", "10240", "--runs", one, "--shards", "2"]);
        Mpi.Succeed(2, [.. Corridor, "--agent-steps", "10240", "--runs", two, "--until", "10"]);
        string run = Runs.Only(two);
        (int code, string output, string error) = Mpi.Start(3, "train", "--resume", run).End();
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("The run has 2 shards, which 3 MPI ranks cannot share equally", error + output);
        Assert.Contains("on 1, 2 ranks", error + output);
        Assert.Contains("2 shards in this process", Runs.Succeed("train", "--resume", run));
        Runs.AssertSame(Runs.Only(one), run);
    }

    [MpiFact]
    public void Ranks_with_other_settings_are_refused_and_nothing_is_written()
    {
        string[] train = [.. Corridor, "--agent-steps", "10240", "--runs", Path.Join(folder, "none")];
        (int code, string output, string error) = Mpi.StartEach(train, [.. train, "--learning-rate", "0.002"]).End();
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("Rank 1 was started with something else than rank 0: \"learningRate\": 0.002 there, \"learningRate\": 0.001 on rank 0", error + output);
        Assert.False(Directory.Exists(Path.Join(folder, "none")));
    }

    [MpiFact]
    public void A_rank_that_is_killed_ends_all_with_a_word_and_its_run_goes_on_from_the_last_checkpoint()
    {
        using Process mpirun = Mpi.Start(2, [.. Corridor, "--agent-steps", "100000000", "--runs", folder, "--checkpoint-minutes", "0"]);
        Task<string> error = mpirun.StandardError.ReadToEndAsync(), output = mpirun.StandardOutput.ReadToEndAsync();
        WaitForCheckpoint("000000003");
        int[] ranks = Children(mpirun.Id);
        Assert.Equal(2, ranks.Length);
        using (Process last = Process.GetProcessById(ranks.Max())) last.Kill(); // rank 1: started after rank 0
        Assert.True(mpirun.WaitForExit(TimeSpan.FromMinutes(1)), "mpirun did not end");
        Assert.NotEqual(0, mpirun.ExitCode);
        Assert.Contains("another rank has not answered", error.Result + output.Result);
        Assert.Contains("arena train --resume", error.Result + output.Result);
        string run = Runs.Only(folder);
        int made = Runs.Metrics(run).Length;
        Runs.Succeed("train", "--resume", run, "--until", $"{made + 3}");
        Assert.Equal(made + 3, Runs.Metrics(run).Length);
    }

    [MpiFact]
    public void A_signal_ends_all_ranks_after_the_update_at_hand_with_a_checkpoint()
    {
        foreach (int signal in TestSize.Full ? [SigTerm, SigUser1] : new[] { SigTerm }) // what mpirun does at Ctrl-C; what it only hands on
        {
            string runs = Path.Join(folder, $"{signal}");
            using Process mpirun = Mpi.Start(2, [.. Corridor, "--agent-steps", "100000000", "--runs", runs]);
            Task<string> error = mpirun.StandardError.ReadToEndAsync(), output = mpirun.StandardOutput.ReadToEndAsync();
            WaitFor(() => Directory.Exists(runs) && Directory.GetFiles(runs, "metrics.jsonl", SearchOption.AllDirectories) is [var metrics] && new FileInfo(metrics).Length > 0);
            using (Process kill = Runs.StartProgram("kill", [$"-{signal}", $"{mpirun.Id}"])) kill.End();
            Assert.True(mpirun.WaitForExit(TimeSpan.FromMinutes(1)), "mpirun did not end");
            string run = Runs.Only(runs), all = error.Result + output.Result;
            Assert.True(Directory.GetDirectories(Path.Join(run, "checkpoints"), "0*").Length == 1, all);
            Assert.Contains("Paused after update", all);
            Runs.Succeed("train", "--resume", run, "--until", $"{Runs.Metrics(run).Length + 1}");
        }
    }

    private static int[] Children(int parent) =>
        [.. File.ReadAllText($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture))
            .Where(id => File.ReadAllText($"/proc/{id}/cmdline").Contains("arena", StringComparison.Ordinal))];

    private void WaitForCheckpoint(string name) =>
        WaitFor(() => Directory.GetDirectories(folder, "corridor-*") is [var run] && Directory.Exists(Path.Join(run, "checkpoints", name)));

    private static void WaitFor(Func<bool> reached)
    {
        var waited = Stopwatch.StartNew();
        while (!reached())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(1), "it did not come so far within a minute");
            Thread.Sleep(20);
        }
    }
}
