using System.Text.Json;
using Arena.HostApi.SelfPlay;
using Arena.HostApi.Training;
using Arena.Kernels;

namespace Arena.HostApi.Viewer;

/// <summary>Whole lines of metrics.jsonl.</summary>
/// <param name="From">Byte they begin at: the one asked for, or 0 where the file has become shorter.</param>
/// <param name="Bytes">The lines; empty when there are no more yet.</param>
internal sealed record MetricsPart(long From, byte[] Bytes);

/// <summary>A run directory as the viewer reads it, while its training goes on or afterwards.</summary>
/// <remarks>It only reads files, which the training writes whether or not somebody looks: watching cannot disturb it.</remarks>
internal sealed class RunFiles
{
    private const int PartBytes = 1 << 20;
    private const double SilentSeconds = 60;

    private readonly string metrics;

    /// <exception cref="UsageException">it is no run directory.</exception>
    internal RunFiles(string path)
    {
        Path = path.TrimEnd('/', '\\');
        Config = RunConfig.OfRun(Path);
        metrics = System.IO.Path.Join(Path, RunDirectory.MetricsName);
    }

    internal string Path { get; }

    internal string Name => System.IO.Path.GetFileName(System.IO.Path.GetFullPath(Path));

    internal RunConfig Config { get; }

    /// <summary>
    /// Whether it trains at this moment: not ended, and a line of metrics not older than <see cref="SilentSeconds"/>. A run that was killed is
    /// silent. False where the files cannot be read, as while they are being replaced.
    /// </summary>
    internal bool IsTraining()
    {
        try
        {
            var file = new FileInfo(metrics);
            if (!file.Exists || (DateTime.UtcNow - file.LastWriteTimeUtc).TotalSeconds > SilentSeconds) return false;
            return ReadJson(System.IO.Path.Join(Path, RunDirectory.RunName)) is not { } run || !run.TryGetProperty("finished", out JsonElement ended) || ended.ValueKind == JsonValueKind.Null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The lines that begin at byte <paramref name="from"/>, about a megabyte of them at most.</summary>
    internal MetricsPart Read(long from)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return new MetricsPart(0, []); // a run that is just being made
        }

        using (stream)
        {
            if (from > stream.Length) from = 0; // a resumed run went back to its checkpoint
            stream.Position = from;
            var bytes = new byte[Math.Min(PartBytes, stream.Length - from)];
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            int end = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
            return new MetricsPart(from, bytes[..end]);
        }
    }

    /// <summary>config.json, run.json, final.json and ladder.json, as far as they are there.</summary>
    internal byte[] About() => Messages.Json("about", writer =>
    {
        writer.WriteString("name", Name);
        foreach (string file in new[] { RunConfig.FileName, RunDirectory.RunName, FinalResult.FileName, LadderFile.FileName })
        {
            if (ReadJson(System.IO.Path.Join(Path, file)) is not { } content) continue;
            writer.WritePropertyName(System.IO.Path.GetFileNameWithoutExtension(file));
            content.WriteTo(writer);
        }
    });

    /// <summary>The file's content; null where there is none, or it is not JSON.</summary>
    internal static JsonElement? ReadJson(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null; // damaged by hand; what is shown beside it is still right, and the commands that need it say so
        }
    }
}
