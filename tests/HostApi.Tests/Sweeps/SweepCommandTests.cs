using System.Diagnostics;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Sweeps;
using Arena.HostApi.Tests.Checkpoints;
using Arena.Kernels;

namespace Arena.HostApi.Tests.Sweeps;

/// <summary>Whole sweeps of the corridor with trainings in processes of their own.</summary>
public sealed class SweepCommandTests : IDisposable
{
    private const string Space = """{ "learner": { "learningRate": { "min": 1e-4, "max": 1e-2, "scale": "log" } }, "settings": { "numEnvs": 32 }, "plan": { "hiddenWidth": 8 } }""";
    private readonly string folder = Directory.CreateTempSubdirectory("arena-sweep-").FullName;

    private string Dir => Path.Join(folder, "sweep");

    private string[] Sweep => ["sweep", "corridor", "--search", Path.Join(folder, "space.json"), "--dir", Dir, "--trials", "3", "--rungs", "2", "--agent-steps", "8192", "--games", "16", "--confirm", "1", "--threads", "1"];

    public SweepCommandTests() => File.WriteAllText(Path.Join(folder, "space.json"), Space);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_sweep_ends_with_a_table_and_a_report_and_going_on_does_nothing_again()
    {
        string output = Runs.Succeed(Sweep);
        Assert.Contains("stage 2 of 2", output);
        Assert.Contains("the defaults, seed 2", output);
        using JsonDocument results = JsonDocument.Parse(File.ReadAllText(Path.Join(Dir, "results.json")));
        JsonElement[] trials = [.. results.RootElement.GetProperty("trials").EnumerateArray().Where(trial => !trial.TryGetProperty("confirmSeed", out _))];
        Assert.Equal(3, trials.Length);
        Assert.Equal(1, trials.Count(trial => trial.GetProperty("results").GetArrayLength() == 2));
        Assert.Equal([3072L, 8192L], trials[0].GetProperty("results").EnumerateArray().Select(result => result.GetProperty("agentSteps").GetInt64())); // a third, rounded up to whole updates
        Assert.Contains("<svg", File.ReadAllText(Path.Join(Dir, "report.html")));

        DateTime[] Logs() => [.. Directory.GetFiles(Dir, "log.txt", SearchOption.AllDirectories).Order().Select(File.GetLastWriteTimeUtc)];
        DateTime[] before = Logs();
        Assert.DoesNotContain("stage", Runs.Succeed("sweep", "--resume", Dir).Split("Held-out")[0].Split('\n', 2)[1]);
        Assert.Equal(before, Logs());
    }

    [Fact]
    public void Two_processes_share_a_sweep_and_one_that_is_killed_loses_nothing_but_time()
    {
        string[] sweep = [.. Sweep, "--method", "random"];
        using Process first = Runs.Start(sweep);
        var limit = Stopwatch.StartNew();
        while (Directory.GetDirectories(folder, "*-s1", SearchOption.AllDirectories).Length == 0 && limit.Elapsed < TimeSpan.FromMinutes(1)) Thread.Sleep(5); // a training has begun
        first.Kill(entireProcessTree: true);
        first.WaitForExit();
        string claimed = Assert.Single(Directory.GetFiles(Dir, "claim.json", SearchOption.AllDirectories)); // it cannot give it back

        using Process second = Runs.Start(sweep), third = Runs.Start("sweep", "--resume", Dir, "--threads", "1");
        Assert.Equal(0, second.End().Code);
        Assert.Equal(0, third.End().Code);
        SweepDirectory done = SweepDirectory.Open(Dir);
        Assert.Equal(5, done.States().Count(state => state is { Results.Count: 1, Failed: false, Running: false })); // 3 trials, winner and defaults again; or 4 where the defaults won
        Assert.False(File.Exists(claimed));
        foreach (string log in Directory.GetFiles(Dir, "log.txt", SearchOption.AllDirectories))
            Assert.InRange(File.ReadLines(log).Count(line => line.StartsWith("$ ", StringComparison.Ordinal)), 1, log.Contains("0000") ? 2 : 1); // the interrupted one began twice, the others once
    }

    [Fact]
    public void A_trial_that_fails_is_told_and_the_others_go_on()
    {
        File.WriteAllText(Path.Join(folder, "space.json"), """{ "settings": { "numEnvs": 32 }, "plan": { "core": ["lstm", "mingru"], "separateCritic": true, "hiddenWidth": 8 } }"""); // which do not go together
        (int code, string output, string error) = Runs.Here(Sweep);
        Assert.True(code == 0, error);
        Assert.Contains("trial 1, stage 1 of 2: failed. --separate-critic is given with --core", output);
        Assert.Contains("the defaults", output);
        Assert.Contains("<h2>Failed</h2>", File.ReadAllText(Path.Join(Dir, "report.html")));
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        Refused("needs --search FILE", "sweep", "corridor");
        Refused("there is no such file", "sweep", "corridor", "--search", Path.Join(folder, "none.json"));
        Refused("not a sweep directory", "sweep", "--resume", folder);
        Directory.CreateDirectory(Dir);
        File.WriteAllText(Path.Join(Dir, "precious.txt"), "");
        Refused("with other things in it", Sweep);
        File.Delete(Path.Join(Dir, "precious.txt"));
        SweepDirectory.OpenOrCreate(Dir, SchedulerTests.Plan(3, 2));
        Refused("holds a sweep with another plan", Sweep);
        Refused("a sweep keeps the plan it began with; leave --trials out", "sweep", "--resume", Dir, "--trials", "5");
        Refused("not 'soccer'", "sweep", "soccer", "--resume", Dir);
    }

    [Fact]
    public void A_job_is_given_to_one_worker_and_to_another_when_the_first_is_silent()
    {
        SweepDirectory sweep = SweepDirectory.OpenOrCreate(Dir, SchedulerTests.Plan(3, 1));
        SweepDirectory.Claim first = sweep.Take(out _)!, second = sweep.Take(out _)!;
        Assert.Equal([0, 1], [first.Job.Trial, second.Job.Trial]);
        second.Dispose(); // given back undone
        using SweepDirectory.Claim again = sweep.Take(out _)!;
        Assert.Equal(1, again.Job.Trial);

        // Another machine's claim lives as long as it is touched.
        string file = Path.Join(first.Folder, "claim.json");
        first.Dispose();
        File.WriteAllText(file, """{ "machine": "elsewhere", "process": 1, "started": "2026-01-01T00:00:00Z" }""");
        using (SweepDirectory.Claim other = sweep.Take(out _)!) Assert.Equal(2, other.Job.Trial);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow - sweep.StaleAfter - TimeSpan.FromSeconds(1));
        using SweepDirectory.Claim taken = sweep.Take(out _)!;
        Assert.Equal(0, taken.Job.Trial);
    }

    private static void Refused(string because, params string[] args)
    {
        (int code, _, string error) = Runs.Here(args);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(because, error);
    }
}
