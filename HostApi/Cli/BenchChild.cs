using System.Diagnostics;
using System.Text.Json;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary>A program that measures itself in a process of its own: <c>arena bench … --json</c>, of this build or of another.</summary>
/// <param name="Program">The program.</param>
/// <param name="Words">Its command line without <c>--json</c>.</param>
internal sealed record BenchChild(ChildProgram Program, IReadOnlyList<string> Words)
{
    /// <summary>Runs it once; agent-steps per second by name.</summary>
    /// <exception cref="UsageException">it refused its command line, or failed.</exception>
    internal IReadOnlyDictionary<string, double> Measure(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ProcessStartInfo start = Program.Start([.. Words, "--json"]);
        using Process process = Process.Start(start) ?? throw new IOException($"'{start.FileName}' could not be started.");
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None), error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using (cancellation.Register(() => process.Kill(entireProcessTree: true))) process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0) throw new UsageException($"'{string.Join(' ', [start.FileName, .. start.ArgumentList])}' ended with code {process.ExitCode} and could not be measured. {LastWords(error.Result)}");
        return Rates(output.Result);
    }

    /// <summary>Rates in what <c>bench --json</c> wrote, of this build or an older one: "random play" and, where there were several numbers of threads, "random play, 1 core".</summary>
    /// <remarks>With the largest number of cores a name says nothing about it, so that two runs with different numbers have it in common.</remarks>
    /// <exception cref="UsageException">it is not such a document.</exception>
    internal static IReadOnlyDictionary<string, double> Rates(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            var rates = new Dictionary<string, double>();
            AddByThreads(rates, document.RootElement.GetProperty("rows"), row => [(row.GetProperty("workload").GetString()!, row.GetProperty("agentStepsPerSecond").GetDouble())]);
            if (document.RootElement.TryGetProperty("training", out JsonElement training) && training.ValueKind == JsonValueKind.Array)
                AddByThreads(rates, training, row => [.. new[] { "inference", "training" }.Select(name => (name, row.GetProperty(name).GetProperty("agentStepsPerSecond").GetDouble()))]);
            else if (training.ValueKind == JsonValueKind.Object) // as builds before the table with three columns wrote it
                rates["training"] = training.GetProperty("agentStepsPerSecond").GetDouble();
            return rates;
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new UsageException($"What was measured cannot be read: {unreadable.Message} Both builds need '{ThisProgram.Command("bench", "--json")}'.");
        }
    }

    private static void AddByThreads(Dictionary<string, double> rates, JsonElement rows, Func<JsonElement, (string Name, double Rate)[]> read)
    {
        int Threads(JsonElement row) => row.GetProperty("threads").GetInt32();
        JsonElement[] all = [.. rows.EnumerateArray()];
        if (all.Length == 0) return;
        int most = all.Max(Threads);
        foreach (JsonElement row in all)
            foreach ((string name, double rate) in read(row))
                rates[Threads(row) == most ? name : $"{name}, {Threads(row)} core{(Threads(row) == 1 ? "" : "s")}"] = rate;
    }

    private static string LastWords(string error) =>
        error.Split('\n').LastOrDefault(line => line.StartsWith(CommandLine.ErrorPrefix, StringComparison.Ordinal))?[CommandLine.ErrorPrefix.Length..].Trim() ?? error.Trim();
}
