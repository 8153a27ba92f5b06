using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Training;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>Training runs from the command line, in this process or in one of their own, and what is on the disk afterwards.</summary>
internal static class Runs
{
    /// <summary>Runs a command in this process.</summary>
    internal static (int Code, string Output, string Error) Here(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (CommandLine.Run(args, output, error), output.ToString(), error.ToString());
    }

    /// <summary>Runs a command in this process that must succeed.</summary>
    internal static string Succeed(params string[] args)
    {
        (int code, string output, string error) = Here(args);
        Assert.True(code == 0, $"arena {string.Join(' ', args)}: {error}");
        return output;
    }

    /// <summary>Starts the program in a process of its own.</summary>
    internal static Process Start(params string[] args)
    {
        string program = typeof(CommandLine).Assembly.Location;
        return StartProgram("dotnet", ["exec", program, .. args]);
    }

    /// <summary>Starts any program; what it writes is read away.</summary>
    internal static Process StartProgram(string program, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }

    /// <summary>Waits for the end; a child that hangs fails the test.</summary>
    internal static (int Code, string Output, string Error) End(this Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill();
            Assert.Fail("the process did not end within two minutes");
        }

        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Result);
    }

    /// <summary>The only run in <paramref name="root"/>.</summary>
    internal static string Only(string root) => Assert.Single(Directory.GetDirectories(root));

    /// <summary>Holds two finished runs equal, byte for byte: policies, snapshots, every tensor and number of the newest checkpoint, and metrics.jsonl; times apart.</summary>
    internal static void AssertSame(string expected, string actual)
    {
        foreach (string policy in new[] { "best/policy.safetensors", "last/policy.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Join(expected, policy)), File.ReadAllBytes(Path.Join(actual, policy)));
        Assert.Equal(Snapshots(expected), Snapshots(actual));
        string[] one = Metrics(expected), two = Metrics(actual);
        Assert.Equal(one.Length, two.Length);
        for (int i = 0; i < one.Length; i++) Assert.Equal(one[i], two[i]);
        Dictionary<string, string> state = Newest(expected), other = Newest(actual);
        Assert.Equal(state.Keys.Order(), other.Keys.Order());
        foreach ((string name, string value) in state) Assert.True(value == other[name], $"'{name}' differs");
    }

    /// <summary>Lines of metrics.jsonl without the fields that depend on the clock.</summary>
    internal static string[] Metrics(string run) => [.. File.ReadLines(Path.Join(run, "metrics.jsonl")).Select(line =>
    {
        using JsonDocument document = JsonDocument.Parse(line); // every line is whole
        return string.Join(',', document.RootElement.EnumerateObject()
            .Where(field => !field.Name.StartsWith("time", StringComparison.Ordinal) && !field.Name.StartsWith("speed/", StringComparison.Ordinal))
            .Select(field => field.ToString()));
    })];

    private static (string Name, string Contents)[] Snapshots(string run)
    {
        string pool = Path.Join(run, "pool");
        return !Directory.Exists(pool) ? [] : [.. Directory.GetFiles(pool).Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), Convert.ToHexString(File.ReadAllBytes(path))))];
    }

    // Numbers of the process, not of the run: how many checkpoints it wrote, and how long a file is that holds times.
    private static Dictionary<string, string> Newest(string run)
    {
        using CheckpointStore store = CheckpointStore.Open(run);
        SavedState state = store.ReadNewest(problem => Assert.Fail(problem)).State;
        var contents = state.World.All.Concat(state.Optimizer.All).ToDictionary(tensor => tensor.Name, tensor => $"{tensor.Type} {tensor.ShapeText} {Convert.ToHexString(tensor.Data.Span)}");
        foreach ((int shard, SavedTensors own) in state.Shards)
            foreach (SafetensorsTensor tensor in own.All) contents.Add($"shard {shard}: {tensor.Name}", $"{tensor.Type} {tensor.ShapeText} {Convert.ToHexString(tensor.Data.Span)}");
        foreach ((string name, SavedPolicy policy) in state.Policies) contents.Add($"weights of {name}", Convert.ToHexString(MemoryMarshal.AsBytes<float>(policy.Weights)));
        foreach (string line in Encoding.UTF8.GetString(state.Values.ToJson()).Split('\n'))
            if (!line.Contains("\"time/", StringComparison.Ordinal) && !line.Contains("checkpoint/number", StringComparison.Ordinal) && !line.Contains("metrics/bytes", StringComparison.Ordinal))
                contents.Add("state: " + line.TrimEnd(','), "");
        return contents;
    }
}
