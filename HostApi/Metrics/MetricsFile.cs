using System.Text.Json;

namespace Arena.HostApi.Metrics;

/// <summary>metrics.jsonl: one JSON object per line and update, readable while the run goes on.</summary>
/// <remarks>Every line is handed to the operating system before <see cref="Append"/> returns, so a killed process loses none.</remarks>
public sealed class MetricsFile : IDisposable
{
    private readonly FileStream stream;
    private readonly MemoryStream line = new();
    private readonly Utf8JsonWriter writer;

    /// <summary>Opens <paramref name="path"/>, empty.</summary>
    /// <exception cref="IOException">it cannot be written there.</exception>
    public MetricsFile(string path)
        : this(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read))
    {
    }

    private MetricsFile(FileStream stream)
    {
        this.stream = stream;
        writer = new Utf8JsonWriter(line);
    }

    /// <summary>Opens <paramref name="path"/> to go on behind its first <paramref name="length"/> bytes; what follows them moves to the end of NAME.discarded.jsonl.</summary>
    /// <exception cref="IOException">it cannot be written there, or it is shorter.</exception>
    public static MetricsFile Continue(string path, long length)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        if (stream.Length < length)
        {
            long found = stream.Length;
            stream.Dispose();
            throw new IOException($"'{path}' has {found} bytes, and {length} when the checkpoint was written: lines of it are lost. A new run can begin with the weights: train --from RUN.");
        }

        stream.Position = length;
        if (stream.Length > length)
        {
            using (var discarded = new FileStream(Path.ChangeExtension(path, ".discarded.jsonl"), FileMode.Append, FileAccess.Write))
            {
                stream.CopyTo(discarded);
                discarded.Flush(flushToDisk: true);
            }

            stream.SetLength(length);
            stream.Position = length;
        }

        return new MetricsFile(stream);
    }

    /// <summary>Bytes of all lines so far: what a checkpoint stores for <see cref="Continue"/>.</summary>
    public long Length => stream.Length;

    /// <summary>Brings everything to the disk itself.</summary>
    /// <exception cref="IOException">the disk fails.</exception>
    public void Finish() => stream.Flush(flushToDisk: true);

    /// <summary>Writes the line of one update: <c>{"update":12,"agent_steps":491520,"time":3.21,"ppo/kl":0.0081,…}</c>.</summary>
    /// <param name="update">Number of the update, from 0.</param>
    /// <param name="agentSteps">Agent-steps so far.</param>
    /// <param name="seconds">Wall time since the run began; s.</param>
    /// <param name="values">Names and numbers; NaN and infinities become the words "NaN", "Infinity", "-Infinity", which JSON has no numbers for.</param>
    /// <exception cref="IOException">the disk is full.</exception>
    public void Append(long update, long agentSteps, double seconds, IEnumerable<KeyValuePair<string, double>> values)
    {
        line.SetLength(0);
        writer.Reset();
        writer.WriteStartObject();
        writer.WriteNumber("update", update);
        writer.WriteNumber("agent_steps", agentSteps);
        Write("time", seconds);
        foreach ((string name, double value) in values) Write(name, value);
        writer.WriteEndObject();
        writer.Flush();
        line.WriteByte((byte)'\n');
        stream.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
        stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        stream.Dispose();
    }

    private void Write(string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
}
