namespace Arena.HostApi.Metrics;

/// <summary>Carries samples from the training thread to the sinks, which are written to on a thread of its own.</summary>
/// <remarks>
/// The training thread takes an empty sample, fills it and posts it; after warm-up that allocates nothing. There are
/// <see cref="Capacity"/> samples: when all are on their way, <see cref="Take"/> waits, so nothing is ever lost and nothing grows. What
/// goes wrong on the reporter's thread is thrown on the training thread, by its next call.
/// </remarks>
public sealed class MetricsReporter : IDisposable
{
    /// <summary>Samples in all.</summary>
    public const int Capacity = 8;

    private readonly IReadOnlyList<IMetricSink> sinks;
    private readonly object gate = new(); // guards everything below; pulsed whenever any of it changes
    private readonly Stack<MetricSample> free = new(Capacity);
    private readonly Queue<MetricSample> posted = new(Capacity);
    private readonly Thread thread;
    private Exception? failure;
    private bool writing;
    private bool ending;

    /// <summary>Starts the thread.</summary>
    /// <param name="sinks">Written to in this order; not disposed of here.</param>
    public MetricsReporter(params IReadOnlyList<IMetricSink> sinks)
    {
        this.sinks = sinks;
        var names = new MetricNames();
        for (int i = 0; i < Capacity; i++) free.Push(new MetricSample(names));
        thread = new Thread(Work) { Name = "metrics", IsBackground = true };
        thread.Start();
    }

    /// <summary>An empty sample; waits until there is one.</summary>
    /// <exception cref="IOException">a sink could not be written to.</exception>
    public MetricSample Take()
    {
        lock (gate)
        {
            while (free.Count == 0 && failure is null) Monitor.Wait(gate);
            ThrowIfFailed();
            return free.Pop();
        }
    }

    /// <summary>Hands over a filled sample, which the caller must not touch any more. Never waits.</summary>
    /// <exception cref="IOException">a sink could not be written to.</exception>
    public void Post(MetricSample sample)
    {
        lock (gate)
        {
            ThrowIfFailed();
            posted.Enqueue(sample);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until everything posted is written.</summary>
    /// <exception cref="IOException">a sink could not be written to.</exception>
    public void Drain()
    {
        lock (gate)
        {
            while ((posted.Count > 0 || writing) && failure is null) Monitor.Wait(gate);
            ThrowIfFailed();
        }
    }

    /// <summary>Writes everything, finishes the sinks, and ends the thread.</summary>
    /// <exception cref="IOException">a sink could not be written to.</exception>
    public void Complete()
    {
        Dispose();
        ThrowIfFailed();
    }

    /// <summary>The same without an exception, for when another one is on its way.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ending = true;
            Monitor.PulseAll(gate);
        }

        thread.Join();
    }

    private void Work()
    {
        while (Next() is { } sample)
        {
            if (failure is null) Guarded(sink => sink.Write(sample));
            lock (gate)
            {
                writing = false;
                sample.Clear();
                free.Push(sample);
                Monitor.PulseAll(gate);
            }
        }

        if (failure is null) Guarded(sink => sink.Finish());
    }

    // The next sample; null when there is nothing left to do.
    private MetricSample? Next()
    {
        lock (gate)
        {
            while (posted.Count == 0 && !ending) Monitor.Wait(gate);
            writing = posted.TryDequeue(out MetricSample? sample);
            return sample;
        }
    }

    // The first failure ends all reporting: lines after a missing one would look like a run without it.
    private void Guarded(Action<IMetricSink> act)
    {
        try
        {
            foreach (IMetricSink sink in sinks) act(sink);
        }
        catch (Exception exception)
        {
            lock (gate)
            {
                failure = exception;
                Monitor.PulseAll(gate);
            }
        }
    }

    private void ThrowIfFailed()
    {
        switch (failure)
        {
            case null: return;
            case IOException or UnauthorizedAccessException: throw new IOException($"The run's metrics cannot be written: {failure.Message}", failure);
            default: throw new InvalidOperationException($"Reporting failed: {failure.Message}", failure);
        }
    }
}
