using System.Diagnostics;
using Arena.HostApi.Cli;
using Arena.Tests;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>A test with real mounts; reported as skipped where they are not allowed.</summary>
public sealed class TmpfsFactAttribute : FactAttribute
{
    public TmpfsFactAttribute()
    {
        if (!CanMount()) Skip = "needs 'unshare -m' or 'unshare -Urm' and a tmpfs mounted in it";
    }

    /// <summary>Options of unshare that allow a mount here.</summary>
    internal static string Options => Environment.UserName == "root" ? "-m" : "-Urm";

    private static bool CanMount()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            using Process process = Runs.StartProgram("unshare", [Options, "mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", "/mnt"]);
            return process.End().Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>The program in a process of its own: killed, asked to stop, and on a disk that fills up.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const int SigTerm = 15;
    private const int KilledBySignal = 128 + 9; // how .NET reports SIGKILL

    private static readonly string[] Small =
        ["train", "corridor", "--masks", "--envs", "16", "--hidden-width", "8", "--evaluate-every", "2560", "--evaluation-games", "4", "--final-games", "4"];

    // A checkpoint after every update: most of the time is spent writing.
    private static readonly string[] Train = [.. Small, "--agent-steps", "25600", "--checkpoint-minutes", "0", "--threads", "1"];

    // So long that it never ends by itself: the test says after which update it does.
    private static readonly string[] Endless = [.. Small, "--agent-steps", "1000000000", "--checkpoint-minutes", "0", "--threads", "1"];

    private readonly string folder = Directory.CreateTempSubdirectory("arena-kill-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_run_that_is_killed_again_and_again_ends_as_one_that_never_was()
    {
        string whole = Path.Join(folder, "whole"), killed = Path.Join(folder, "killed");
        var random = new Random(4);
        int kills = TestSize.Of(3, 100), counted = 0;
        Directory.CreateDirectory(killed);
        for (int kill = 0; kill < kills; kill++)
        {
            string? run = Directory.GetDirectories(killed).FirstOrDefault();
            long before = run is null ? 0 : Newest(run);
            using Process process = run is null ? Runs.Start([.. Endless, "--runs", killed]) : Runs.Start("train", "--resume", run);
            WaitForProgress(killed, before, process);
            Thread.Sleep(random.Next(25));
            process.Kill();
            process.WaitForExit();
            if (process.ExitCode == KilledBySignal) counted++; // and not because it had ended by itself, well or badly
            Assert.True(Newest(Runs.Only(killed)) > before, "a checkpoint was lost");
        }

        Assert.Equal(kills, counted);
        string last = Runs.Only(killed), until = $"{Math.Max(12, Newest(last) + 2)}"; // beyond the first evaluation, after 10
        (int code, string output, string error) = Runs.Here("train", "--resume", last, "--until", until);
        Assert.True(code == 0, output + error);
        Assert.DoesNotContain("; using ", error); // what was renamed was whole
        Assert.Empty(Directory.GetDirectories(Path.Join(last, "checkpoints"), ".tmp-*"));
        Assert.True(File.Exists(Path.Join(last, $"run-{kills}.json")), "the run does not know how often it was resumed");
        Runs.Succeed([.. Endless, "--runs", whole, "--until", until]);
        Runs.AssertSame(Runs.Only(whole), last);
    }

    [Fact]
    public void SIGTERM_ends_after_the_update_with_a_checkpoint_of_it()
    {
        string stopped = Path.Join(folder, "stopped");
        Directory.CreateDirectory(stopped);
        using Process process = Runs.Start([.. Small, "--runs", stopped, "--agent-steps", "100000000"]); // no checkpoint but the one at its end
        WaitFor(process, () => Directory.GetDirectories(stopped).FirstOrDefault() is { } begun && new FileInfo(Path.Join(begun, "metrics.jsonl")) is { Exists: true, Length: > 0 });
        Assert.Equal(0, Signal(process.Id, SigTerm));
        (int code, string output, string error) = process.End();
        Assert.Equal(ExitCode.Cancelled, code);
        Assert.Contains("SIGTERM", error);
        string run = Runs.Only(stopped);
        Assert.Contains($"arena train --resume {run}", output);
        Assert.Equal(Newest(run), Runs.Metrics(run).Length);
        long target = Newest(run) + 3;
        Runs.Succeed("train", "--resume", run, "--until", $"{target}");
        Assert.Equal(target, Newest(run));
        Assert.Equal(target, Runs.Metrics(run).Length);
    }

    [TmpfsFact]
    public void A_full_disk_is_code_4_and_the_run_goes_on_when_there_is_room()
    {
        string arena = $"dotnet exec {typeof(CommandLine).Assembly.Location}", place = Path.Join(folder, "disk");
        Directory.CreateDirectory(place);
        string script =
            $"mount -t tmpfs -o size=200k tmpfs {place} && {{ {arena} {string.Join(' ', Train)} --runs {place}; echo full $?; }}; " +
            $"mount -o remount,size=60m {place} && {{ {arena} train --resume {place}/corridor-*; echo roomy $?; }}; ls -A {place}/corridor-*/checkpoints; cp -r {place}/corridor-* {folder}/after";
        using Process process = Runs.StartProgram("unshare", [TmpfsFactAttribute.Options, "sh", "-c", script]);
        (_, string output, string error) = process.End();
        Assert.Contains("full 4", output);
        Assert.Contains("roomy 0", output);
        Assert.DoesNotContain(".tmp-", output);
        Assert.DoesNotContain("   at ", error); // a paragraph, not a stack trace
        Runs.Succeed([.. Train, "--runs", Path.Join(folder, "whole")]);
        Runs.AssertSame(Runs.Only(Path.Join(folder, "whole")), Path.Join(folder, "after"));
    }

    // Until there is a checkpoint beyond the one it began with, so that kills fall into all phases of writing and learning.
    private static void WaitForProgress(string root, long before, Process process) =>
        WaitFor(process, () => Directory.GetDirectories(root).FirstOrDefault() is { } run && Newest(run) > before);

    private static void WaitFor(Process process, Func<bool> condition)
    {
        var limit = Stopwatch.StartNew();
        while (!process.HasExited && !condition())
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), "nothing happened within a minute");
            Thread.Sleep(1);
        }
    }

    private static long Newest(string run)
    {
        string checkpoints = Path.Join(run, "checkpoints");
        if (!Directory.Exists(checkpoints)) return 0;
        return Directory.GetDirectories(checkpoints).Select(path => long.TryParse(Path.GetFileName(path), out long update) ? update : 0).DefaultIfEmpty(0).Max();
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
