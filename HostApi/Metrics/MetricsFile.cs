using System.Text.Json;

namespace Arena.HostApi.Metrics;

/// <summary>metrics.jsonl: one JSON object per line and update, readable while the run goes on.</summary>
/// <remarks>
/// Every line is handed to the operating system before <c>Write</c> returns, so a killed process loses none. Two runs of one
/// seed write the same bytes, but for the fields that <see cref="MetricInfo.DependsOnClock"/>.
/// </remarks>
public sealed class MetricsFile : IMetricSink, IDisposable
{
    private const int Unbuffered = 0; // a line is one write; a buffer would only hold back what a failing disk did not take

    private readonly FileStream stream;
    private readonly MemoryStream line = new();
    private readonly Utf8JsonWriter writer;

    /// <summary>Opens <paramref name="path"/>, empty.</summary>
    /// <exception cref="IOException">it cannot be written there.</exception>
    public MetricsFile(string path)
        : this(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, Unbuffered))
    {
    }

    private MetricsFile(FileStream stream)
    {
        this.stream = stream;
        writer = new Utf8JsonWriter(line);
    }

    /// <summary>Bytes of all lines so far: what a checkpoint stores for <see cref="Continue"/>.</summary>
    public long Length => stream.Length;

    /// <summary>Opens an existing file to go on behind its first <paramref name="length"/> bytes, as a resumed run does.</summary>
    /// <remarks>
    /// Lines behind them, of updates that will be made again, move to the end of metrics.discarded.jsonl in the same folder. They are on the
    /// disk there before the file is cut, so a process that dies in between loses none (and may leave some twice).
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="length">A <see cref="Length"/> of earlier.</param>
    /// <exception cref="IOException">it cannot be written, is shorter, or has no line end there.</exception>
    public static MetricsFile Continue(string path, long length)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, Unbuffered);
        try
        {
            CheckEnd(stream, path, length);
            if (stream.Length > length) MoveRest(stream, DiscardedPath(path), length);
            stream.Position = length;
            return new MetricsFile(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Where <see cref="Continue"/> moves lines: metrics.discarded.jsonl beside metrics.jsonl.</summary>
    public static string DiscardedPath(string path) => Path.ChangeExtension(path, ".discarded" + Path.GetExtension(path));

    /// <summary>Writes the line of one update: <c>{"update":12,"agent_steps":491520,"time":3.21,"ppo/kl":0.0081,…}</c>.</summary>
    /// <remarks>NaN and infinities become the words "NaN", "Infinity", "-Infinity", which JSON has no numbers for.</remarks>
    /// <exception cref="IOException">the disk is full.</exception>
    public void Write(MetricSample sample)
    {
        line.SetLength(0);
        writer.Reset();
        writer.WriteStartObject();
        writer.WriteNumber("update", sample.Update);
        writer.WriteNumber("agent_steps", sample.AgentSteps);
        Write("time", sample.Seconds);
        for (int i = 0; i < sample.Count; i++) Write(sample[i].Name, sample[i].Value);
        writer.WriteEndObject();
        writer.Flush();
        line.WriteByte((byte)'\n');
        stream.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
    }

    /// <summary>Brings everything to the disk itself.</summary>
    /// <exception cref="IOException">the disk fails.</exception>
    public void Finish() => stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        stream.Dispose();
    }

    private static void CheckEnd(FileStream stream, string path, long length)
    {
        if (length < 0 || stream.Length < length)
            throw new IOException($"'{path}' has {stream.Length:N0} bytes; the checkpoint was made when it had {length:N0}. Lines of it are lost. A new run can begin with the weights: train --from RUN.");
        if (length == 0) return;
        stream.Position = length - 1;
        if (stream.ReadByte() != '\n')
            throw new IOException($"'{path}' has no line end after {length:N0} bytes, where the checkpoint was made: it was changed since. A new run can begin with the weights: train --from RUN.");
    }

    private static void MoveRest(FileStream stream, string discarded, long length)
    {
        stream.Position = length;
        using (var rest = new FileStream(discarded, FileMode.Append, FileAccess.Write))
        {
            stream.CopyTo(rest);
            rest.Flush(flushToDisk: true);
        }

        stream.SetLength(length);
        stream.Flush(flushToDisk: true);
    }

    private void Write(string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
}
