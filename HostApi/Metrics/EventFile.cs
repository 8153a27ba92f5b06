using System.Globalization;

namespace Arena.HostApi.Metrics;

/// <summary>An event file that TensorBoard reads: every metric as a curve over agent-steps, and the run's configuration as a text.</summary>
/// <remarks>
/// A run that is resumed begins another file. Its first data event says from which step on it counts, and the viewer drops what the earlier
/// files hold from there on. Every update is handed to the operating system before <see cref="Write"/> returns.
/// </remarks>
public sealed class EventFile : IMetricSink, IDisposable
{
    private const int Unbuffered = 0; // a record is one write, so a reader meets few torn ones

    private readonly FileStream stream;
    private readonly MemoryStream payload = new();
    private readonly MemoryStream record = new();

    /// <summary>Begins a file in <paramref name="folder"/>.</summary>
    /// <param name="folder">The run directory.</param>
    /// <param name="run">Name of the run; last part of the file's name.</param>
    /// <param name="now">Time of its begin.</param>
    /// <param name="resumedAfter">Agent-steps behind the checkpoint that is gone on from; null for a run from the beginning.</param>
    /// <exception cref="IOException">it cannot be written there.</exception>
    public EventFile(string folder, string run, DateTimeOffset now, long? resumedAfter = null)
    {
        stream = Create(folder, run, now.ToUnixTimeSeconds());
        double seconds = now.ToUnixTimeMilliseconds() / 1e3;
        Append(EventMessages.Version(seconds));
        // The viewer keeps steps below that of the start; the checkpoint's own point, already in an earlier file, stays.
        if (resumedAfter is { } steps) Append(EventMessages.Start(seconds, steps + 1));
    }

    /// <summary>Its path: events.out.tfevents.&lt;unix&gt;.&lt;host&gt;.&lt;run&gt;.</summary>
    public string Path => stream.Name;

    /// <summary>Writes a text in Markdown, as TensorBoard's text page shows it.</summary>
    /// <param name="tag">Its name there.</param>
    /// <param name="markdown">The text.</param>
    /// <param name="now">When.</param>
    /// <param name="agentSteps">Agent-steps so far.</param>
    /// <exception cref="IOException">the disk is full.</exception>
    public void WriteText(string tag, string markdown, DateTimeOffset now, long agentSteps) =>
        Append(EventMessages.Text(now.ToUnixTimeMilliseconds() / 1e3, agentSteps, tag, markdown));

    /// <inheritdoc/>
    public void Write(MetricSample sample)
    {
        EventMessages.Scalars(payload, sample);
        Append(payload.GetBuffer().AsSpan(0, (int)payload.Length));
    }

    /// <inheritdoc/>
    public void Finish() => stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private void Append(ReadOnlySpan<byte> message)
    {
        record.SetLength(0);
        EventRecord.Write(record, message);
        stream.Write(record.GetBuffer().AsSpan(0, (int)record.Length));
    }

    // Two files begun in the same second: the later one gets the later name, and so comes later for the viewer.
    private static FileStream Create(string folder, string run, long unixSeconds)
    {
        string host = Plain(Environment.MachineName);
        while (true)
        {
            string path = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{unixSeconds}.{host}.{Plain(run)}"));
            if (!File.Exists(path)) return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, Unbuffered);
            unixSeconds++;
        }
    }

    private static string Plain(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
}
