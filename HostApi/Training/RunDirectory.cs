using System.Globalization;
using Arena.HostApi.Cli;
using Arena.HostApi.Metrics;
using Arena.HostApi.SelfPlay;
using Arena.Kernels;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>The folder of one training run: runs/&lt;game&gt;-&lt;utc yyyyMMdd-HHmmss&gt;-s&lt;seed&gt;/.</summary>
/// <remarks>
/// Holds config.json, run.json, metrics.jsonl, an event file for TensorBoard, best/policy.safetensors, last/policy.safetensors and, for
/// games with two sides, snapshots in pool/. Whole files are written under
/// a temporary name, flushed to the disk and renamed, so each is complete or as it was, whenever the process dies.
/// </remarks>
public sealed class RunDirectory : IDisposable
{
    /// <summary>Where runs are kept, below the current directory.</summary>
    public const string DefaultRoot = "runs";

    private const string PolicyName = "policy.safetensors";
    internal const string RunName = "run.json";
    internal const string MetricsName = "metrics.jsonl";
    private const string BestName = "best";
    private const string LastName = "last";
    private const int MaxNames = 1000; // runs begun in the same second with the same seed

    private readonly RunDescription description;
    private bool finished;

    private RunDirectory(string path, RunDescription description, Func<string, MetricsFile> openMetrics, long? resumedAfter)
    {
        Path = path;
        this.description = description;
        Directory.CreateDirectory(System.IO.Path.Combine(path, BestName));
        Directory.CreateDirectory(System.IO.Path.Combine(path, LastName));
        Metrics = openMetrics(System.IO.Path.Combine(path, MetricsName));
        Events = new EventFile(path, System.IO.Path.GetFileName(path), description.Started, resumedAfter);
        Events.WriteText("config", description.ConfigMarkdown(), description.Started, resumedAfter ?? 0);
        WriteText(RunConfig.FileName, description.ConfigJson());
        WriteText(RunName, description.RunJson(null, null));
    }

    /// <summary>The folder, as it can be given to <see cref="Resolve"/>.</summary>
    public string Path { get; }

    /// <summary>Its metrics.jsonl.</summary>
    public MetricsFile Metrics { get; }

    /// <summary>Its event file; a run that was resumed has one of each time.</summary>
    public EventFile Events { get; }

    /// <summary>File of the best policy so far.</summary>
    public string BestPolicy => System.IO.Path.Combine(Path, BestName, PolicyName);

    /// <summary>File of the newest policy.</summary>
    public string LastPolicy => System.IO.Path.Combine(Path, LastName, PolicyName);

    /// <summary>Makes the folder and writes config.json and run.json, so that an unwritable place is known before training starts.</summary>
    /// <param name="description">The run.</param>
    /// <param name="root">Where runs are kept; made if it does not exist.</param>
    /// <exception cref="UsageException"><paramref name="root"/> is empty.</exception>
    /// <exception cref="IOException">it cannot be written there (exit code 4).</exception>
    /// <exception cref="UnauthorizedAccessException">it must not be written there (exit code 4).</exception>
    public static RunDirectory Create(RunDescription description, string root = DefaultRoot)
    {
        if (string.IsNullOrWhiteSpace(root)) throw new UsageException($"The folder for runs is '{root}', which is empty; give a path, as in '{DefaultRoot}', or '.' for the present directory.");
        if (File.Exists(root)) throw new IOException($"Runs cannot be kept in '{root}', which is a file; give a directory.");
        Directory.CreateDirectory(root);
        string time = description.Started.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string name = string.Create(CultureInfo.InvariantCulture, $"{description.Game}-{time}-s{description.Seed}");
        for (int attempt = 1; attempt <= MaxNames; attempt++)
        {
            string path = System.IO.Path.Combine(root, attempt == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{attempt}"));
            if (!System.IO.Path.Exists(path)) return new RunDirectory(path, description, metrics => new MetricsFile(metrics), null);
        }

        throw new IOException($"'{root}' already holds {MaxNames} runs called '{name}'.");
    }

    /// <summary>Goes on in the folder of a run that ended: metrics continue behind <paramref name="metricsBytes"/>, and the run.json of before stays as run-1.json, run-2.json …</summary>
    /// <param name="path">The folder.</param>
    /// <param name="description">The run as it goes on.</param>
    /// <param name="metricsBytes">Bytes of metrics.jsonl when the checkpoint was made.</param>
    /// <param name="agentSteps">Agent-steps behind the checkpoint.</param>
    /// <exception cref="IOException">it cannot be written there, or metrics.jsonl is shorter (exit code 4).</exception>
    public static RunDirectory Continue(string path, RunDescription description, long metricsBytes, long agentSteps)
    {
        string Earlier(int number) => System.IO.Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"run-{number}.json"));
        string present = System.IO.Path.Combine(path, RunName);
        int number = 1;
        while (File.Exists(Earlier(number))) number++;
        if (File.Exists(present)) File.Copy(present, Earlier(number));
        return new RunDirectory(path, description, metrics => MetricsFile.Continue(metrics, metricsBytes), agentSteps);
    }

    /// <summary>Replaces best/policy.safetensors.</summary>
    /// <exception cref="IOException">the disk is full; the file is as it was.</exception>
    public void SaveBest(PolicyDescription policy, ReadOnlySpan<float> weights) => PolicyFile.Save(BestPolicy, policy, weights);

    /// <summary>Replaces last/policy.safetensors.</summary>
    /// <exception cref="IOException">the disk is full; the file is as it was.</exception>
    public void SaveLast(PolicyDescription policy, ReadOnlySpan<float> weights) => PolicyFile.Save(LastPolicy, policy, weights);

    /// <summary>Writes pool/&lt;agent-steps&gt;.safetensors: a policy that a ladder can be made of.</summary>
    /// <exception cref="IOException">the disk is full.</exception>
    public void SaveSnapshot(PolicyDescription policy, ReadOnlySpan<float> weights)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, Snapshots.Folder));
        PolicyFile.Save(Snapshots.FileIn(Path, policy.AgentSteps), policy, weights);
    }

    /// <summary>Notes in run.json that and why the run ended: "finished", "Ctrl-C", or the message of an error.</summary>
    public void Finish(string exitReason)
    {
        WriteText(RunName, description.RunJson(DateTimeOffset.UtcNow, exitReason));
        finished = true;
    }

    /// <summary>Closes the metrics; a run that was not finished is noted as ended early.</summary>
    public void Dispose()
    {
        Metrics.Dispose();
        Events.Dispose();
        if (finished) return;
        try
        {
            Finish("ended early");
        }
        catch (IOException)
        {
            // Whatever ended the run is on its way to the user; a disk that fails on top of it must not hide that.
        }
    }

    /// <summary>The policy file that <paramref name="path"/> means: itself, or of a run directory the best policy, else the last.</summary>
    /// <exception cref="UsageException">there is nothing, or a directory without a policy.</exception>
    public static string Resolve(string path)
    {
        if (File.Exists(path)) return path;
        if (!Directory.Exists(path))
            throw new UsageException(
                $"There is no file or run directory '{path}' (looked in {Directory.GetCurrentDirectory()}).{Nearest.Hint(path, Neighbours(path))} Train one first: {ThisProgram.Command("train", "GAME")}.");
        string[] candidates = [.. new[] { BestName, LastName, "" }.Select(folder => System.IO.Path.Combine(path, folder, PolicyName))];
        return Array.Find(candidates, File.Exists)
            ?? throw new UsageException(
                $"'{path}' is a directory without a policy: neither {BestName}/{PolicyName} nor {LastName}/{PolicyName} is there. " +
                (File.Exists(System.IO.Path.Combine(path, RunConfig.FileName)) ? "Its training ended before the first policy was saved; train again." : "Give a run directory, as in 'runs/GAME-DATE-sSEED'."));
    }

    /// <summary>What is to be said of a policy that was taken from <paramref name="path"/>: a run without a best policy gives its last one. Null where nothing is.</summary>
    internal static string? Warning(string path, string resolved) => Directory.Exists(path) && resolved == System.IO.Path.Combine(path, LastName, PolicyName)
        ? $"'{path}' has no {BestName}/{PolicyName}; the policy is '{resolved}', the newest one, which no evaluation has chosen."
        : null;

    // Other entries of the folder, for a hint at a mistyped name.
    private static IEnumerable<string> Neighbours(string path)
    {
        string? folder = System.IO.Path.GetDirectoryName(path.TrimEnd('/', '\\'));
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Take(MaxNames) : [];
    }

    private void WriteText(string name, string text)
    {
        using ResultFile file = ResultFile.Open(System.IO.Path.Combine(Path, name))!;
        file.Commit(text);
    }
}
