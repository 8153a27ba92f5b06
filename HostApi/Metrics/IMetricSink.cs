namespace Arena.HostApi.Metrics;

/// <summary>Where samples go: a file, a screen. Called by the reporter's thread alone.</summary>
public interface IMetricSink
{
    /// <summary>Takes the metrics of one update; the sample is used again afterwards.</summary>
    /// <exception cref="IOException">it cannot be written.</exception>
    void Write(MetricSample sample);

    /// <summary>Nothing more will come: brings out whatever is held back.</summary>
    /// <exception cref="IOException">it cannot be written.</exception>
    void Finish();
}
