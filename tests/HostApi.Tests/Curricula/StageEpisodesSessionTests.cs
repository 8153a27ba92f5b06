using System.Runtime.InteropServices;
using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>Whole sessions whose stages end by their own episodes.</summary>
public class StageEpisodesSessionTests
{
    // No end of a corridor is reached in three ticks: an episode's length says which stage it played. One foreign episode among a hundred, and a stage is not left.
    internal const string Stages = """
        [
          { "name": "two", "set": { "maxTicks": 2 }, "advanceWhen": { "metric": "stage/length", "atMost": 2, "episodes": 40 } },
          { "name": "three", "set": { "maxTicks": 3 }, "rehearse": 0.4, "advanceWhen": { "metric": "stage/length", "atLeast": 3, "episodes": 100 } },
          { "name": "two again", "set": { "maxTicks": 2 }, "rehearse": 0.4, "advanceWhen": { "metric": "stage/length", "atMost": 2, "episodes": 100 } }
        ]
        """;

    [Fact]
    public void A_stage_ends_by_its_own_episodes_alone()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession session = Session(device);
        int[] updates = new int[3];
        var lengths = new List<double>(); // as logged in the updates that ended stages
        for (int update = 0; update < 200 && !session.Finished; update++)
        {
            int stage = session.Curriculum!.Stage;
            updates[stage]++;
            session.Update();
            var sample = new MetricSample(new MetricNames());
            TrainingMetrics.Stage(sample, session.Curriculum);
            if (session.Curriculum.Stage != stage || session.Finished) lengths.Add(sample.Value("stage/length"));
        }

        Assert.Equal([2.0, 3.0, 2.0], lengths);

        Assert.Contains("'two again', has reached stage/length at most 2 over 100 episodes", session.Curriculum!.StopReason);
        Assert.All(updates, count => Assert.InRange(count, 3, 60));
    }

    [Fact]
    public void Rehearsals_that_count_keep_it_from_ending()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession session = Session(device);
        for (int update = 0; update < 120; update++)
        {
            session.Update();
            session.Curriculum!.Episodes!.Assigned(stage: true, rehearse: 0, running: true);
        }

        Assert.Equal("three", session.Curriculum!.StageName);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)] // in the second stage, who rehearses and who does not
    public void A_saved_session_continues_exactly_on_another_number_of_threads(int updates)
    {
        using var one = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var two = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using TrainingSession original = Session(one), copy = Session(two, seed: 99);
        for (int i = 0; i < updates; i++) original.Update();
        for (int i = 0; i < 5; i++) copy.Update();
        SavedState saved = original.Save();
        copy.Load(saved);
        saved.CheckAllRead();
        int first = original.Curriculum!.Stage;
        for (int i = 0; i < 40; i++)
        {
            original.Update();
            copy.Update();
            Assert.Equal(Contents(original), Contents(copy));
        }

        Assert.True(original.Curriculum!.Stage > first);
        CurriculumState state = original.Curriculum.Save();
        foreach (CurriculumState damaged in new[] { state with { Episodes = null }, state with { RetreatsOf = [1] } })
            Assert.Contains("does not fit", Assert.Throws<UsageException>(() => copy.Curriculum!.Load(damaged)).Message);
    }

    [Fact]
    public void An_update_allocates_nothing_while_the_stage_lasts()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession session = Session(device, stages: Stages.Replace("\"episodes\": 40", "\"episodes\": 100000", StringComparison.Ordinal));
        for (int i = 0; i < 300; i++) session.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) session.Update();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, 20 * 400); // a block per update is kept while the window grows, and nothing else
    }

    internal static string Contents(TrainingSession session)
    {
        SavedState state = session.Save();
        return string.Join('\n', state.World.All.Concat(state.Shards.Values.SelectMany(shard => shard.All)).Select(tensor => $"{tensor.Name} {Convert.ToHexString(tensor.Data.Span)}"))
            + Convert.ToHexString(MemoryMarshal.AsBytes<float>(session.CopyWeights())) + state.Values.ReadText("curriculum/state");
    }

    private static TrainingSession Session(IDevice device, ulong seed = 5, string stages = Stages) => new(
        device, Registry.Find("corridor"), new CorridorOptions { NumEnvs = 12, MaxTicks = 3, Desync = true }, new PpoConfig { Horizon = 2, Minibatches = 1, Epochs = 1 },
        new TrainingPlan { AgentSteps = 200_000, EvaluationGames = 4, HiddenWidth = 8, HiddenLayers = 1 }, seed, CurriculumFile.Parse(stages, "test"));
}
