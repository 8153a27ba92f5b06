using Arena.HostApi.Cli;
using Arena.HostApi.Metrics;

namespace Arena.HostApi.Tests.Metrics;

/// <summary>Samples on their way from the training thread to the disk: all arrive, in order, and a disk that fails is heard of.</summary>
public sealed class MetricsReporterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-metrics-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Everything_arrives_in_order_however_slow_the_sink()
    {
        var sink = new Collecting { Delay = TimeSpan.FromMilliseconds(1) };
        using var reporter = new MetricsReporter(sink);
        for (int update = 0; update < 200; update++) Send(reporter, update);
        reporter.Complete();
        Assert.Equal(Enumerable.Range(0, 200).Select(update => ((long)update, 2.0 * update)), sink.Seen);
        Assert.True(sink.Finished);
    }

    [Fact]
    public void A_full_belt_makes_the_trainer_wait_instead_of_losing_or_growing()
    {
        using var gate = new ManualResetEventSlim();
        var sink = new Collecting { Gate = gate };
        using var reporter = new MetricsReporter(sink);
        int sent = 0;
        var trainer = new Thread(() =>
        {
            for (int update = 0; update < 3 * MetricsReporter.Capacity; update++)
            {
                Send(reporter, update);
                Volatile.Write(ref sent, update + 1);
            }
        });
        trainer.Start();
        Assert.False(trainer.Join(TimeSpan.FromMilliseconds(200)));
        Assert.Equal(MetricsReporter.Capacity, Volatile.Read(ref sent));
        gate.Set();
        trainer.Join();
        reporter.Drain();
        Assert.Equal(3 * MetricsReporter.Capacity, sink.Seen.Count);
    }

    [Fact]
    public void After_a_drain_the_file_holds_all_that_was_posted()
    {
        using var file = new MetricsFile(Path.Combine(folder, "metrics.jsonl"));
        using var reporter = new MetricsReporter(file);
        for (int update = 0; update < 50; update++)
        {
            Send(reporter, update);
            if (update % 7 != 0) continue;
            reporter.Drain();
            string text = ReadShared(Path.Combine(folder, "metrics.jsonl"));
            Assert.Equal(update + 1, text.Count(c => c == '\n'));
            Assert.Equal(file.Length, text.Length);
        }
    }

    // /dev/full takes no byte: what a full disk does.
    [LinuxFact]
    public void A_full_disk_stops_the_trainer_at_its_next_update_with_the_exit_code_of_the_disk()
    {
        using var file = new MetricsFile("/dev/full");
        using var reporter = new MetricsReporter(file);
        Send(reporter, 0);
        Exception failure = Assert.ThrowsAny<Exception>(() =>
        {
            reporter.Drain();
            Send(reporter, 1);
        });
        Assert.IsType<IOException>(failure);
        Assert.Contains("metrics cannot be written", failure.Message);
        Assert.Equal(ExitCode.Disk, ExitCode.Of(failure));
        Assert.Throws<IOException>(() => reporter.Take());
        Assert.Throws<IOException>(reporter.Complete);
    }

    [Fact]
    public void A_trainer_that_waits_for_a_failing_sink_is_woken()
    {
        using var gate = new ManualResetEventSlim();
        var sink = new Collecting { Gate = gate, Failure = new IOException("no space left") };
        using var reporter = new MetricsReporter(sink);
        for (int update = 0; update < MetricsReporter.Capacity; update++) Send(reporter, update);
        Exception? seen = null;
        var waiting = new Thread(() => seen = Record.Exception(() => reporter.Take()));
        waiting.Start();
        Assert.False(waiting.Join(TimeSpan.FromMilliseconds(50)));
        gate.Set();
        waiting.Join();
        Assert.Contains("no space left", Assert.IsType<IOException>(seen).Message);
    }

    [Fact]
    public void A_fault_that_is_not_the_disks_is_not_called_one()
    {
        using var reporter = new MetricsReporter(new Collecting { Failure = new InvalidCastException("planted") });
        Send(reporter, 0);
        Assert.Contains("planted", Assert.Throws<InvalidOperationException>(reporter.Complete).Message);
    }

    [Fact]
    public void Taking_filling_and_posting_allocate_nothing()
    {
        using var reporter = new MetricsReporter(new Collecting { Keep = false });
        for (int update = 0; update < 3 * MetricsReporter.Capacity; update++) Send(reporter, update);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < 1_000; update++) Send(reporter, update);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute()
        {
            if (!OperatingSystem.IsLinux()) Skip = "/dev/full is a device of Linux.";
        }
    }

    private static void Send(MetricsReporter reporter, int update)
    {
        MetricSample sample = reporter.Take();
        sample.Update = update;
        sample.Set("ppo/kl", 2.0 * update);
        reporter.Post(sample);
    }

    private sealed class Collecting : IMetricSink
    {
        internal List<(long Update, double Kl)> Seen { get; } = [];

        internal TimeSpan Delay { get; init; }

        internal ManualResetEventSlim? Gate { get; init; }

        internal Exception? Failure { get; init; }

        internal bool Keep { get; init; } = true;

        internal bool Finished { get; private set; }

        public void Write(MetricSample sample)
        {
            Gate?.Wait();
            if (Delay > TimeSpan.Zero) Thread.Sleep(Delay);
            if (Failure is not null) throw Failure;
            if (Keep) Seen.Add((sample.Update, sample.Value("ppo/kl")));
        }

        public void Finish() => Finished = true;
    }
}
