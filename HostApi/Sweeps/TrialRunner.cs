using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.HostApi.Viewer;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Sweeps;

/// <summary>Does one job: trains in a process of its own (<c>arena train</c>), then plays held-out games.</summary>
/// <remarks>A process of its own, so that a trial that runs out of memory or meets NaN ends itself and not the sweep.</remarks>
internal sealed partial class TrialRunner(SweepPlan plan, int threads)
{
    private const string LogName = "log.txt";
    private const string ConfigName = "config.json";
    private const string RunsName = "run";
    private const int SigTerm = 15;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    /// <summary>Trains up to the job's rung and scores what was learned.</summary>
    /// <exception cref="OperationCanceledException">stopped; the training has saved itself and goes on when the job is taken again.</exception>
    internal RungResult Run(SweepDirectory.Claim claim, CancellationToken cancellation)
    {
        (SweepJob job, string folder) = (claim.Job, claim.Folder);
        File.WriteAllText(Path.Join(folder, ConfigName), plan.Space.Config(plan.Seed, job.Trial));
        double before = SecondsBefore(folder, job);
        var clock = Stopwatch.StartNew();
        int code = IsTrained(folder, job) ? ExitCode.Success : Train(folder, Command(folder, job), cancellation);
        cancellation.ThrowIfCancellationRequested();
        double seconds = before + clock.Elapsed.TotalSeconds;
        if (code != ExitCode.Success) return new RungResult(double.NegativeInfinity, double.NegativeInfinity, seconds, 0, LastWords(folder, code));
        string run = OnlyRun(folder)!;
        (double lower, double value) = Score(run, cancellation);
        return new RungResult(lower, value, seconds, AgentSteps(run), null);
    }

    // What an interrupted attempt at this rung took is lost; what earlier rungs took counts.
    private static double SecondsBefore(string folder, SweepJob job) => job is { ConfirmSeed: null, Rung: > 0 }
        ? RunFiles.ReadJson(Path.Join(folder, Numbers.Text($"rung-{job.Rung - 1}.json")))!.Value.GetProperty("seconds").GetDouble()
        : 0;

    // A process that ended between training and scoring left this.
    private bool IsTrained(string folder, SweepJob job) =>
        OnlyRun(folder) is { } run && RunFiles.ReadJson(Path.Join(run, RunDirectory.RunName)) is { } about && about.GetProperty("exitReason").GetString() is { } reason
        && (reason == "finished" || (job.Rung < plan.Rungs - 1 && reason == PausePoint.Parse(Until(job)).Reason));

    private string Until(SweepJob job) => (100 * plan.Share(job.Rung)).ToString("0.########", CultureInfo.InvariantCulture) + "%";

    private List<string> Command(string folder, SweepJob job)
    {
        List<string> words = ["train"];
        string? run = OnlyRun(folder);
        if (run is not null && HasCheckpoint(run))
        {
            words.AddRange(["--resume", run]);
        }
        else
        {
            if (run is not null) Directory.Delete(run, recursive: true); // interrupted before its first checkpoint
            ulong seed = job.ConfirmSeed ?? plan.Seed;
            words.AddRange([plan.Game.Name, "--config", Path.Join(folder, ConfigName), "--seed", seed.ToString(CultureInfo.InvariantCulture), "--runs", Path.Join(folder, RunsName)]);
            if (plan.Space.Network(plan.Seed, job.Trial) is { } network) words.AddRange(["--network", network]);
            if (plan.AgentSteps > 0) words.AddRange(["--agent-steps", plan.AgentSteps.ToString(CultureInfo.InvariantCulture)]);
        }

        words.AddRange(["--final-games", "2", "--threads", threads.ToString(CultureInfo.InvariantCulture)]);
        if (job.Rung < plan.Rungs - 1) words.AddRange(["--until", Until(job)]);
        return words;
    }

    private static bool HasCheckpoint(string run)
    {
        string checkpoints = Path.Join(run, CheckpointStore.FolderName);
        return Directory.Exists(checkpoints) && Directory.EnumerateDirectories(checkpoints).Any(path => Path.GetFileName(path)[0] != '.');
    }

    private static string? OnlyRun(string folder)
    {
        string runs = Path.Join(folder, RunsName);
        return Directory.Exists(runs) ? Directory.EnumerateDirectories(runs).SingleOrDefault() : null;
    }

    private static int Train(string folder, List<string> words, CancellationToken cancellation)
    {
        ProcessStartInfo start = ChildProgram.This.Start(words); // ranks that share a sweep train by themselves
        using var log = new StreamWriter(Path.Join(folder, LogName), append: true);
        log.WriteLine($"$ {string.Join(' ', start.ArgumentList.Prepend(start.FileName).Select(ThisProgram.Quote))}");
        using Process process = Process.Start(start) ?? throw new IOException($"'{start.FileName}' could not be started for a trial.");
        void Keep(object _, DataReceivedEventArgs line)
        {
            if (line.Data is null) return;
            lock (log) log.WriteLine(line.Data);
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (cancellation.Register(() => Stop(process))) process.WaitForExit();
        return process.ExitCode;
    }

    // SIGTERM makes a training save itself; Ctrl-C in a terminal reaches it by itself, and both together do no harm.
    private static void Stop(Process process)
    {
        if (!OperatingSystem.IsWindows() && Kill(process.Id, SigTerm) == 0 && process.WaitForExit(StopPatience)) return;
        process.Kill();
    }

    private (double Lower, double Value) Score(string run, CancellationToken cancellation)
    {
        RunConfig config = RunConfig.OfRun(run);
        GameOptions options = TrainingSession.ForEvaluation(plan.Game, config.Options);
        using IDevice device = DeviceChoice.Create("auto", threads, DeviceUse.Networks, static _ => { }); // the trainings have said which
        Player player = Player.FromFile(plan.Game, options, run);
        EnvironmentSpec spec = plan.Game.Describe(options);
        var games = new EvaluationPlan { Games = plan.Games };
        if (spec.Sides == 1)
        {
            var score = Evaluation.Solo(device, plan.Game, options, [player], games, cancellation: cancellation)[0].Score.Interval;
            return (score.Lower, score.Value);
        }

        double lower = 0, value = 0;
        foreach (OpponentInfo opponent in spec.Opponents)
        {
            var score = Evaluation.Pair(device, plan.Game, options, player, Player.BuiltIn(opponent.Name), games, cancellation: cancellation).Games.Score;
            lower += score.Lower / spec.Opponents.Count;
            value += score.Value / spec.Opponents.Count;
        }

        return (lower, value);
    }

    private static long AgentSteps(string run) => JsonDocument.Parse(File.ReadLines(Path.Join(run, RunDirectory.MetricsName)).Last()).RootElement.GetProperty("agent_steps").GetInt64();

    private static string LastWords(string folder, int code)
    {
        string? words = File.ReadLines(Path.Join(folder, LogName)).LastOrDefault(line => line.StartsWith(CommandLine.ErrorPrefix, StringComparison.Ordinal));
        return words?[CommandLine.ErrorPrefix.Length..] ?? Numbers.Text($"the training ended with code {code}; see {Path.Join(folder, LogName)}");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
