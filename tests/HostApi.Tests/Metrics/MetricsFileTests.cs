using System.Text.Json;
using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.SelfPlay;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Metrics;

/// <summary>metrics.jsonl: the same bytes for the same seed, and a resumed run goes on where its checkpoint was made.</summary>
public sealed class MetricsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-lines-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // Whatever was written before and after a checkpoint, and however often: the file is what an undisturbed run would have
    // written, and no line is lost.
    [Fact]
    public void Going_on_from_a_checkpoint_leaves_the_lines_of_an_undisturbed_run_and_loses_none()
    {
        int number = 0;
        Gen<(int Before, int After, bool Torn)[]> interruptions =
            Gen.Choose(0, 5).SelectMany(before => Gen.Choose(0, 5).SelectMany(after => Gen.Elements(true, false).Select(torn => (before, after, torn)))).ArrayOf();
        Prop.ForAll(Arb.From(interruptions), cases =>
        {
            string place = Directory.CreateDirectory(Path.Combine(folder, $"{number++}")).FullName, path = Path.Combine(place, "metrics.jsonl");
            var names = new MetricNames();
            List<string> discarded = [];
            int update = 0;
            new MetricsFile(path).Dispose();
            long length = 0;
            foreach ((int before, int after, bool torn) in cases)
            {
                using (MetricsFile file = MetricsFile.Continue(path, length))
                {
                    for (int i = 0; i < before; i++) file.Write(Line(names, update++));
                    length = file.Length;
                    for (int i = 0; i < after; i++) file.Write(Line(names, update + i));
                }

                discarded.AddRange(Enumerable.Range(update, after).Select(lost => Text(lost)));
                if (torn) File.AppendAllText(path, "{\"update\":"); // killed in the middle of a line
                if (torn) discarded.Add("{\"update\":");
            }

            MetricsFile.Continue(path, length).Dispose();
            string rest = MetricsFile.DiscardedPath(path);
            return File.ReadAllText(path) == string.Concat(Enumerable.Range(0, update).Select(Text))
                && (File.Exists(rest) ? File.ReadAllText(rest) : "") == string.Concat(discarded);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Theory]
    [InlineData(1_000_000L, "1,000,000")]
    [InlineData(10L, "no line end")]
    [InlineData(-1L, "-1")]
    public void A_length_that_does_not_fit_the_file_is_refused_and_changes_nothing(long length, string said)
    {
        string path = Path.Combine(folder, "metrics.jsonl");
        using (var file = new MetricsFile(path)) file.Write(Line(new MetricNames(), 0));
        string before = File.ReadAllText(path);
        Assert.Contains(said, Assert.Throws<IOException>(() => MetricsFile.Continue(path, length)).Message);
        Assert.Equal(before, File.ReadAllText(path));
        Assert.False(File.Exists(MetricsFile.DiscardedPath(path)));
    }

    [Fact]
    public void Two_runs_of_one_seed_write_the_same_bytes_but_for_the_clock()
    {
        string[] one = Trained("one", threads: 1, seed: 3), two = Trained("two", threads: 2, seed: 3);
        Assert.Equal(12, one.Length);
        Assert.Equal(one.Select(WithoutClock), two.Select(WithoutClock));
        Assert.NotEqual(one.Select(WithoutClock), Trained("other", threads: 1, seed: 4).Select(WithoutClock));
        foreach (string name in new[]
                 {
                     "progress/env_steps", "progress/episodes", "episode/return", "episode/length", "episode/truncated_share", "reward/goal", "policy/entropy", "policy/std",
                     "policy/clipped_share", "loss/policy", "loss/value", "loss/total", "ppo/kl", "ppo/clip_share", "ppo/first_minibatch_kl", "ppo/ratio_max", "ppo/epochs_done",
                     "value/explained_variance", "value/mean", "advantage/std", "gradient/norm", "gradient/clipped_share", "gradient/norm/actor.weight", "optimizer/learning_rate",
                     "optimizer/relative_step", "guard/nonfinite", "guard/error_rows", "speed/allocated_bytes", "speed/share_learn", "eval/random/score", "eval/random/score_lower",
                     "eval/random/margin",
                 })
            Assert.Contains(one, line => line.Contains($"\"{name}\":", StringComparison.Ordinal));
    }

    // T27, with everything that reports attached.
    [Fact]
    public void A_reported_update_allocates_nothing_on_the_training_thread_and_little_on_the_reporters()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using TrainingSession session = Session(device, seed: 1);
        using var file = new MetricsFile(Path.Combine(folder, "metrics.jsonl"));
        using var events = new EventFile(folder, "run", DateTimeOffset.UtcNow);
        var meter = new AllocationMeter();
        using var reporter = new MetricsReporter(file, events, meter);
        var metrics = new TrainingMetrics(session, device);
        for (int i = 0; i < 3 * MetricsReporter.Capacity; i++) Report(reporter, session, metrics);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 40; i++) Report(reporter, session, metrics); // update 50 measures every tensor
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        reporter.Complete();
        Assert.InRange(meter.PerUpdate, 0, 64_000);
    }

    private static void Report(MetricsReporter reporter, TrainingSession session, TrainingMetrics metrics)
    {
        MetricSample sample = reporter.Take();
        metrics.Update(sample);
        metrics.Close(sample);
        reporter.Post(sample);
        Assert.True(session.Updates > 0);
    }

    private string[] Trained(string name, int threads, ulong seed)
    {
        string path = Path.Combine(folder, name + ".jsonl");
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using TrainingSession session = Session(device, seed);
        using var file = new MetricsFile(path);
        using var reporter = new MetricsReporter(file);
        var metrics = new TrainingMetrics(session, device);
        for (int i = 0; i < 12; i++)
        {
            MetricSample sample = reporter.Take();
            metrics.Update(sample);
            if (i == 6)
            {
                session.Evaluate();
                TrainingMetrics.Evaluation(sample, session.Scores);
            }

            metrics.Close(sample);
            reporter.Post(sample);
        }

        reporter.Complete();
        return File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string WithoutClock(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        return string.Join(',', json.RootElement.EnumerateObject().Where(field => !MetricInfo.DependsOnClock(field.Name)).Select(field => $"{field.Name}:{field.Value.GetRawText()}"));
    }

    private static TrainingSession Session(IDevice device, ulong seed)
    {
        IGame soccer = Registry.Find("soccer");
        // No admission to the pool in between: it copies the weights.
        var pool = new OpponentPoolConfig { AdmitEveryUpdates = 1_000_000, AdmitEveryAgentSteps = 1_000_000_000 };
        var plan = new TrainingPlan { AgentSteps = 2_000_000, EvaluationGames = 8, Pool = pool };
        return new TrainingSession(device, soccer, soccer.Training.Options with { NumEnvs = 16 }, new PpoConfig { Horizon = 16 }, plan, seed);
    }

    private static MetricSample Line(MetricNames names, int update)
    {
        var sample = new MetricSample(names) { Update = update, AgentSteps = 10L * update, Seconds = update };
        sample.Set("ppo/kl", update / 3.0);
        return sample;
    }

    private static string Text(int update)
    {
        string kl = JsonSerializer.Serialize(update / 3.0);
        return $"{{\"update\":{update},\"agent_steps\":{10 * update},\"time\":{update},\"ppo/kl\":{kl}}}\n";
    }

    private sealed class AllocationMeter : IMetricSink
    {
        private long first = -1;
        private long last;
        private int updates;

        internal double PerUpdate => (double)(last - first) / updates;

        public void Write(MetricSample sample)
        {
            last = GC.GetAllocatedBytesForCurrentThread();
            if (first < 0) first = last;
            else updates++;
        }

        public void Finish()
        {
            // Only the updates are of interest.
        }
    }
}
