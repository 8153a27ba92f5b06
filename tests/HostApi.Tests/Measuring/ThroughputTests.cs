using Arena.HostApi.Measuring;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.HostApi.Tests.Measuring;

public sealed class ThroughputTests
{
    private static readonly IGame Corridor = Registry.Find("corridor");

    [Fact]
    public void Rates_have_the_middle_and_the_distance_between_the_ends()
    {
        var odd = new Rates([5, 1, 4]);
        Assert.Equal([1, 4, 5], odd.Ascending);
        Assert.Equal((4, 1), (odd.Median, odd.Spread)); // (5 − 1) / 4
        Assert.Equal(3, new Rates([1, 2, 4, 9]).Median);
        Assert.Throws<ArgumentException>(() => new Rates([]));
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(1e-9)] // a game takes longer than that, so its ticks are dealt out
    public void Throughput_replays_the_recorded_game_and_allocates_nothing(double seconds)
    {
        IReadOnlyList<ThroughputRow> rows = Throughput.Measure(
            Corridor, new CorridorOptions { NumEnvs = 64 }, new ThroughputPlan { SecondsPerRow = seconds, Repetitions = 3, Threads = 2 });
        Assert.Equal([1, 2], rows.Select(row => row.Threads));
        foreach (ThroughputRow row in rows)
        {
            Assert.Equal("random play", row.Workload);
            Assert.True(row.AgentStepsPerSecond > 0 && row.CopyBytesPerSecond > 0);
            Assert.Equal(3, row.Rates.Ascending.Count);
            Assert.Equal(12 * 4 + 4 + 4, row.BytesPerAgentStep); // observation, reward, four flags
            Assert.Equal(20, row.StateBytesPerMatch);
            Assert.InRange(row.AllocatedBytesPerStep, 0, 64); // other tests of this process may allocate meanwhile
            Assert.InRange(row.FirstStepSeconds, 0, row.PreparationSeconds);
        }
    }

    [Fact]
    public void A_dealt_game_is_the_whole_game()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        double recorded = 0;
        using var replay = new RecordedGame(device, Corridor, new CorridorOptions { NumEnvs = 8 }, "random", new ThroughputPlan(), share => recorded = share, CancellationToken.None);
        Assert.Equal((32, 1.0), (replay.Ticks, recorded));
        Assert.Equal(7, replay.Deal(7).Length);
        Assert.Equal(32, replay.Deal(1000).Length); // at most one per tick
        Assert.All(replay.Deal(5), rate => Assert.True(rate > 0 && double.IsFinite(rate)));
        double checkedShare = 0;
        replay.Check(share => checkedShare = share); // throws unless it ends in the recorded state
        Assert.Equal(1, checkedShare);
    }

    [Fact]
    public void A_device_has_rows_for_one_thread_and_for_all()
    {
        Assert.Equal([1], new ThroughputPlan { Threads = 1 }.ThreadCounts);
        Assert.Equal([1, 5], new ThroughputPlan { Threads = 5 }.ThreadCounts);
        Assert.Equal(Environment.ProcessorCount, new ThroughputPlan().ThreadCounts[^1]);
    }

    [Fact]
    public void Warming_up_goes_on_while_the_compiler_works()
    {
        // Every run compiles a method that nobody has called before, until there is none left; afterwards one slice without any is enough.
        var fresh = new Queue<Action>(Enumerable.Range(0, 4).Select(i => (Action)(() => Assert.NotNull(Fresh(i)))));
        int runs = 0;
        WarmUp.Run(1e-9, () =>
        {
            runs++;
            if (fresh.TryDequeue(out Action? compile)) compile();
        });
        Assert.Empty(fresh);
        Assert.InRange(runs, 5, 8); // other tests may compile meanwhile
        runs = 0;
        WarmUp.Run(1e-9, () => runs++);
        Assert.InRange(runs, 2, 8);
    }

    [Fact]
    public void Processor_time_passes_only_while_this_process_computes()
    {
        Func<TimeSpan> processor = new ThroughputPlan { ProcessorTime = true }.Clock, wall = new ThroughputPlan().Clock;
        (TimeSpan computed, TimeSpan passed) = (processor(), wall());
        double sum = 0;
        for (int i = 0; i < 20_000_000; i++) sum += Math.Sqrt(i);
        Assert.True(sum > 0 && processor() - computed > TimeSpan.FromMilliseconds(1) && wall() - passed > TimeSpan.FromMilliseconds(1));
        ThroughputRow row = Assert.Single(Throughput.Measure(
            Corridor, new CorridorOptions { NumEnvs = 8 }, new ThroughputPlan { SecondsPerRow = 0.02, Repetitions = 3, Threads = 1, ProcessorTime = true }));
        Assert.True(row.AgentStepsPerSecond > 0 && double.IsFinite(row.AgentStepsPerSecond));

        // An update's parts have their shares of it, whatever the clock: one that runs twice as fast halves every rate.
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        TimeSpan time = TimeSpan.Zero;
        TrainingThroughput measured = TrainingThroughput.Measure(
            device, Policy.Networks.EngineChoice.Builtin, Corridor, Corridor.Training.Options, seconds: 7, clock: () => time += TimeSpan.FromSeconds(0.5));
        Assert.All(measured.Training.Ascending, rate => Assert.Equal(64 * 16 / 0.5, rate, 6)); // 64 matches of one agent, 16 ticks; half a second from look to look
        Assert.True(measured.Step.Median > measured.Inference.Median && measured.Inference.Median > measured.Training.Median);
    }

    [Fact]
    public void Processor_time_is_of_one_core()
    {
        var error = new StringWriter();
        Assert.Equal(Cli.ExitCode.Usage, Cli.CommandLine.Run(["bench", "corridor", "--processor-time", "--threads", "2"], TextWriter.Null, error));
        Assert.Contains("--processor-time is of one core", error.ToString());
    }

    [Fact]
    public void Progress_rises_to_the_end_over_all_parts()
    {
        var shares = new List<double>();
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        GameBench measured = GameBench.Measure(
            device, Corridor, new CorridorOptions { NumEnvs = 8 }, new ThroughputPlan { SecondsPerRow = 0.02, Repetitions = 2, Threads = 2 },
            new NetworkBench(_ => Policy.Networks.EngineChoice.Builtin, null, Required: true), (share, _) => shares.Add(share));
        Assert.Equal([1, 2], measured.Steps.Select(row => row.Threads));
        Assert.Equal([1, 2], measured.Networks.Select(row => row.Threads));
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1], 9);
    }

    private static object? Fresh(int number)
    {
        var method = new System.Reflection.Emit.DynamicMethod($"fresh{number}", typeof(object), []);
        System.Reflection.Emit.ILGenerator code = method.GetILGenerator();
        code.Emit(System.Reflection.Emit.OpCodes.Ldstr, "compiled");
        code.Emit(System.Reflection.Emit.OpCodes.Ret);
        return method.CreateDelegate<Func<object?>>()();
    }
}
