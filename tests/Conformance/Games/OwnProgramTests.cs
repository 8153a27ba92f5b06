using System.Diagnostics;
using Arena.Tests;
using OwnGame;

namespace Arena.Conformance.Games;

/// <summary>A program with a game of its own, as a process: what its single line of Main gives.</summary>
public sealed class OwnProgramTests : IDisposable
{
    private const int Interrupted = 130;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string folder = Directory.CreateTempSubdirectory("own program ").FullName; // with spaces, for what it prints

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Ctrl_C_saves_a_training_and_the_printed_command_goes_on_with_it()
    {
        if (OperatingSystem.IsWindows()) return; // no other process can press Ctrl-C there
        Process training = Start("train", "tag", "--runs", Path.Join(folder, "runs"), "--envs", "32", "--agent-steps", "100000000", "--evaluation-games", "2", "--final-games", "2", "--threads", "1");
        (int code, string output, string error) = End(training, () =>
        {
            WaitFor(() => Directory.Exists(Path.Join(folder, "runs")) && Directory.EnumerateFiles(folder, "metrics.jsonl", SearchOption.AllDirectories).Any(file => new FileInfo(file).Length > 0));
            Signal(training, "-INT");
            if (!training.WaitForExit(TimeSpan.FromSeconds(5))) Signal(training, "-TERM"); // a shell's background jobs ignore Ctrl-C, and so does all that they start
        });
        Assert.True(code == Interrupted, $"code {code}: {error}");
        Assert.Contains("OwnGame: Stopped by Ctrl-C", error, StringComparison.Ordinal);

        string printed = output.Split('\n').Single(line => line.Contains("Go on with: ", StringComparison.Ordinal)).Split("Go on with: ")[1];
        Assert.StartsWith("OwnGame train --resume '", printed, StringComparison.Ordinal);
        (code, string resumed, error) = End(StartProgram("/bin/sh", "-c", $"OwnGame() {{ dotnet exec '{Library}' \"$@\"; }}; {printed} --until 0.1%"));
        Assert.True(code == 0, error);
        Assert.Contains("Paused after update", resumed, StringComparison.Ordinal);
        Assert.True(UpdateIn(resumed) > 0 && UpdateIn(resumed) >= UpdateIn(output), resumed);
    }

    [Fact]
    public void A_sweep_and_a_comparison_start_this_program_and_so_know_its_game()
    {
        string search = Path.Join(folder, "search.json"), sweep = Path.Join(folder, "my sweep");
        File.WriteAllText(search, """{ "learner": { "learningRate": [0.001, 0.002] }, "settings": { "numEnvs": 16 } }""");
        (int code, string output, string error) = End(Start(
            "sweep", "tag", "--search", search, "--dir", sweep, "--method", "random", "--trials", "2", "--confirm", "0", "--agent-steps", "2048", "--games", "2"));
        Assert.True(code == 0 && !output.Contains("failed", StringComparison.OrdinalIgnoreCase), output + error);
        string log = Directory.GetFiles(sweep, "log.txt", SearchOption.AllDirectories)[0];
        Assert.Contains("OwnGame.dll", File.ReadLines(log).First(), StringComparison.Ordinal);
        if (!TestSize.Full) return; // twelve processes
        (code, output, error) = End(Start("bench", "tag", "--envs", "4", "--against", "--envs 8", "--pairs", "6", "--seconds", "0.01"));
        Assert.True(code == 0, error);
        Assert.Matches("other +OwnGame bench tag .*--envs 8", output);
    }

    private static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [signal, $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static string Library => typeof(TagGame).Assembly.Location;

    private static long UpdateIn(string output) => long.Parse(output.Split("Paused after update ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static Process Start(params string[] args) => StartProgram("dotnet", ["exec", Library, .. args]);

    private static Process StartProgram(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }

    private static (int Code, string Output, string Error) End(Process started, Action? meanwhile = null)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        meanwhile?.Invoke();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the process did not end");
        }

        return (process.ExitCode, output.Result, error.Result);
    }

    private static void WaitFor(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < Patience, "nothing was trained");
            Thread.Sleep(20);
        }
    }
}
