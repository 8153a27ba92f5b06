using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Arena.HostApi.Training;
using Arena.Kernels.Device;

namespace Arena.HostApi.GpuCheck;

/// <summary>All steps of a check, in order, and the report about them.</summary>
/// <remarks>A step that breaks is a failed one, and the others are still made.</remarks>
/// <param name="context">The devices, and how much is tried.</param>
/// <param name="only">Names of the steps to make; null: all.</param>
public sealed class GpuCheckRun(CheckContext context, IReadOnlyCollection<string>? only = null)
{
    private static readonly (string Name, Func<CheckContext, CheckOutcome> Step)[] Steps =
    [
        ("kernels", DeviceChecks.Kernels),
        ("arithmetic", ArithmeticCheck.Run),
        ("games", GameCheck.Run),
        ("no copies", DeviceChecks.NoCopies),
        ("learning kernels", LearningCheck.Run),
        ("engines", EngineCheck.Run),
        ("memory", DeviceChecks.Memory),
        ("launches", SpeedChecks.Launches),
        ("training", SpeedChecks.Training),
        ("throughput", SpeedChecks.Games),
        ("batch sizes", SpeedChecks.Sweep),
    ];

    private readonly List<(string Name, CheckOutcome Outcome, double Seconds)> results = [];

    /// <summary>Names of the steps.</summary>
    public static IReadOnlyList<string> StepNames { get; } = [.. Steps.Select(step => step.Name)];

    /// <summary>Did no step fail, and was none cut short?</summary>
    public bool Passed => !Failed && !results.Exists(result => result.Outcome.State == CheckState.Incomplete);

    /// <summary>Did a step fail?</summary>
    public bool Failed => results.Exists(result => result.Outcome.State == CheckState.Failed);

    /// <summary>"Passed", "FAILED", or "INCOMPLETE" where all that was compared is right; with the steps that were left out.</summary>
    public string Verdict
    {
        get
        {
            string[] left = [.. results.Where(result => result.Outcome.State == CheckState.LeftOut).Select(result => result.Name)];
            string verdict = Failed ? "FAILED" : Passed ? "Passed" : "INCOMPLETE (nothing differs, but not all was compared)";
            return left.Length == 0 ? verdict : $"{verdict}, without {string.Join(", ", left)}";
        }
    }

    /// <summary>What the steps found.</summary>
    public IReadOnlyList<(string Name, CheckOutcome Outcome, double Seconds)> Results => results;

    /// <summary>Makes all steps; tells <paramref name="say"/> each result in one line.</summary>
    public void Run(Action<string> say)
    {
        foreach ((string name, Func<CheckContext, CheckOutcome> step) in Steps)
        {
            long start = Stopwatch.GetTimestamp();
            CheckOutcome outcome;
            try
            {
                outcome = only is null || only.Contains(name) ? step(context) : CheckOutcome.LeftOut("not asked for (--steps)");
            }
            catch (Exception broke) when (broke is not OperationCanceledException)
            {
                outcome = CheckOutcome.Failed($"{broke.GetType().Name}: {broke.Message}", broke.ToString().Split('\n').Select(line => line.TrimEnd()));
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            results.Add((name, outcome, seconds));
            say(string.Create(CultureInfo.InvariantCulture, $"{Word(outcome.State),-10} {name,-16} {seconds,6:0.0} s  {outcome.Summary}"));
        }
    }

    /// <summary>The report, as Markdown.</summary>
    public string Report(DateTime at)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# GPU check of {at:yyyy-MM-dd HH:mm} UTC{(context.Gpu is null ? " (rehearsal: no GPU was used)" : "")}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Verdict}.").AppendLine();
        text.AppendLine("| what | is |").AppendLine("| --- | --- |");
        foreach ((string what, string found) in Machine()) text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {found} |");
        text.AppendLine().AppendLine("| step | result | seconds | found |").AppendLine("| --- | --- | --- | --- |");
        foreach ((string name, CheckOutcome outcome, double seconds) in results)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {Word(outcome.State)} | {seconds:0.0} | {outcome.Summary.Replace("|", "\\|", StringComparison.Ordinal)} |");
        foreach ((string name, CheckOutcome outcome, _) in results.Where(result => result.Outcome.Details.Count > 0))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {name}").AppendLine();
            bool table = outcome.Details[0].StartsWith('|');
            foreach (string line in outcome.Details) text.AppendLine(table ? line : $"- {line}");
        }

        return text.ToString();
    }

    private IEnumerable<(string, string)> Machine()
    {
        yield return ("compared device", context.Tested.Description);
        yield return ("judge", context.Judge.Description);
        yield return ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
        yield return ("commit", GitCommit.OfBuild ?? GitCommit.Find(AppContext.BaseDirectory) ?? "unknown");
        yield return ("build", $"cuda {(BuildInfo.Cuda ? "yes" : "no")}, torch {(BuildInfo.Torch ? "yes" : "no")}, checked {(BuildInfo.Checked ? "yes" : "no")}");
        if (context.Gpu is { } gpu) yield return ("launches", gpu.Launches.ToString("N0", CultureInfo.InvariantCulture));
        yield return ("bytes between host and device", context.Tested.TransferredBytes.ToString("N0", CultureInfo.InvariantCulture));
    }

    private static string Word(CheckState state) => state switch
    {
        CheckState.Passed => "passed",
        CheckState.Failed => "FAILED",
        CheckState.Incomplete => "INCOMPLETE",
        _ => "left out",
    };
}
