using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Viewer;
using Arena.Kernels;

namespace Arena.HostApi.Sweeps;

/// <summary>The folder of a sweep: its plan, and what is known of every trial. All that processes that work on it share.</summary>
/// <remarks>
/// A folder per trial (<c>trials/0007</c>) and per confirming run (<c>confirm/0007-s2</c>) holds the training's run directory, one <c>rung-N.json</c> per
/// result, and while somebody works on it <c>claim.json</c>, which that process touches every few seconds. Jobs are taken under an exclusive lock on
/// one file, so the processes may be threads, terminals, ranks under mpirun or tasks of a batch system, on every file system that locks.
/// </remarks>
internal sealed class SweepDirectory
{
    private const string ClaimName = "claim.json";
    private const string LockName = "lock";
    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(1);

    private SweepDirectory(string path, SweepPlan plan) => (Path, Plan) = (path, plan);

    /// <summary>Where it is.</summary>
    internal string Path { get; }

    /// <summary>Its plan.</summary>
    internal SweepPlan Plan { get; }

    /// <summary>Silence after which a claim of another machine no longer counts; one of this machine ends with its process.</summary>
    internal TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A sweep that exists.</summary>
    /// <exception cref="UsageException">it does not.</exception>
    internal static SweepDirectory Open(string path) => new(path, SweepPlan.OfDirectory(path));

    /// <summary>A new sweep, or one with the same plan that others have begun.</summary>
    /// <exception cref="UsageException">the directory holds a sweep with another plan, or something else.</exception>
    /// <exception cref="IOException">it cannot be written there.</exception>
    internal static SweepDirectory OpenOrCreate(string path, SweepPlan plan)
    {
        string file = System.IO.Path.Join(path, SweepPlan.FileName);
        if (Directory.Exists(path) && !File.Exists(file) && Directory.EnumerateFileSystemEntries(path).Any(entry => System.IO.Path.GetFileName(entry) != LockName))
            throw new UsageException($"'{path}' is a directory with other things in it; a sweep needs one of its own.");
        Directory.CreateDirectory(path);
        var sweep = new SweepDirectory(path, plan);
        using (sweep.Lock())
        {
            if (!File.Exists(file))
            {
                using ResultFile written = ResultFile.Open(file)!;
                written.Commit(plan.Json());
            }
            else if (Canonical(File.ReadAllText(file)) != Canonical(plan.Json()))
            {
                throw new UsageException($"'{path}' holds a sweep with another plan ('{file}'). To go on with that one: {ThisProgram.Command("sweep", "--resume", path)}. For this one, give another --dir.");
            }
        }

        return sweep;
    }

    /// <summary>Takes the next job; null where there is none now, or at all.</summary>
    /// <param name="done">Nothing is left and nobody works.</param>
    /// <exception cref="IOException">the lock is held for longer than a minute.</exception>
    internal Claim? Take(out bool done)
    {
        using FileStream held = Lock();
        SweepJob? job = Scheduler.Next(Plan, States(), out done);
        return job is null ? null : new Claim(this, job, FolderOf(job));
    }

    /// <summary>Everything that is known, by trial.</summary>
    internal IReadOnlyList<TrialState> States()
    {
        var states = new List<TrialState>();
        foreach (string kind in new[] { "trials", "confirm" })
        {
            string folder = System.IO.Path.Join(Path, kind);
            if (!Directory.Exists(folder)) continue;
            foreach (string trial in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
            {
                string[] parts = System.IO.Path.GetFileName(trial).Split("-s");
                if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                    states.Add(new TrialState(number, parts.Length > 1 ? ulong.Parse(parts[1], CultureInfo.InvariantCulture) : null, Results(trial), IsClaimed(trial)));
            }
        }

        return states;
    }

    /// <summary>The folder of a job's trial.</summary>
    internal string FolderOf(SweepJob job) => job.ConfirmSeed is { } seed
        ? System.IO.Path.Join(Path, "confirm", Numbers.Text($"{job.Trial:0000}-s{seed}"))
        : System.IO.Path.Join(Path, "trials", Numbers.Text($"{job.Trial:0000}"));

    private static string Canonical(string json) => JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement);

    private static List<RungResult> Results(string folder)
    {
        var results = new List<RungResult>();
        while (RunFiles.ReadJson(RungFile(folder, results.Count)) is { } found)
        {
            string? failure = found.GetProperty("failure").GetString();
            double Number(string name) => found.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : double.NegativeInfinity;
            results.Add(new RungResult(Number("lower"), Number("value"), Number("seconds"), found.GetProperty("agentSteps").GetInt64(), failure));
        }

        return results;
    }

    private static string RungFile(string folder, int rung) => System.IO.Path.Join(folder, Numbers.Text($"rung-{rung}.json"));

    private bool IsClaimed(string folder)
    {
        string file = System.IO.Path.Join(folder, ClaimName);
        if (RunFiles.ReadJson(file) is not { } claim) return false;
        if (claim.GetProperty("machine").GetString() == Environment.MachineName) return Lives(claim.GetProperty("process").GetInt32(), claim.GetProperty("started").GetDateTime());
        return DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < StaleAfter;
    }

    // The number of a process that has ended is given to another one some day.
    private static bool Lives(int id, DateTime started)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return !process.HasExited && (process.StartTime.ToUniversalTime() - started).Duration() < TimeSpan.FromSeconds(2);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private FileStream Lock()
    {
        string file = System.IO.Path.Join(Path, LockName);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < LockPatience && File.Exists(file))
            {
                Thread.Sleep(20);
            }
        }
    }

    /// <summary>A job that this process works on; disposing of it gives it back, done or not.</summary>
    internal sealed class Claim : IDisposable
    {
        private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
        private readonly string file;
        private readonly Timer heart;

        internal Claim(SweepDirectory sweep, SweepJob job, string folder)
        {
            (Sweep, Job, Folder) = (sweep, job, folder);
            Directory.CreateDirectory(folder);
            file = System.IO.Path.Join(folder, ClaimName);
            using Process self = Process.GetCurrentProcess();
            using (ResultFile claim = ResultFile.Open(file)!)
            {
                claim.Commit(JsonText.Of(writer =>
                {
                    writer.WriteString("machine", Environment.MachineName);
                    writer.WriteNumber("process", Environment.ProcessId);
                    writer.WriteString("started", self.StartTime.ToUniversalTime());
                }));
            }

            heart = new Timer(_ => Touch(), null, Beat, Beat);
        }

        internal SweepDirectory Sweep { get; }

        internal SweepJob Job { get; }

        /// <summary>Of the trial.</summary>
        internal string Folder { get; }

        /// <summary>Writes the job's result.</summary>
        internal void Finish(RungResult result)
        {
            using ResultFile written = ResultFile.Open(RungFile(Folder, Job.ConfirmSeed is null ? Job.Rung : 0))!;
            written.Commit(JsonText.Of(writer =>
            {
                writer.WriteDouble("lower", result.Lower);
                writer.WriteDouble("value", result.Value);
                writer.WriteDouble("seconds", result.Seconds);
                writer.WriteNumber("agentSteps", result.AgentSteps);
                writer.WriteString("failure", result.Failure);
            }));
        }

        public void Dispose()
        {
            heart.Dispose();
            File.Delete(file);
        }

        private void Touch()
        {
            try
            {
                File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
            }
            catch (IOException)
            {
                // A file system that hesitates; the next beat tries again, and two minutes of silence are needed to lose the claim.
            }
        }
    }
}
