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
    {
        stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        writer = new Utf8JsonWriter(line);
    }

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
