using Arena.HostApi.Metrics;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>A session that was saved continues in another session as it would have itself.</summary>
public sealed class SessionStateTests
{
    [Theory]
    [InlineData("soccer", "", 0)]
    [InlineData("soccer", "", 3)]
    [InlineData("soccer", "actions=discrete", 3)]
    [InlineData("corridor", "", 3)]
    [InlineData("corridor", "masks=true", 3)]
    [InlineData("corridor", "actions=continuous", 3)]
    [InlineData("snake", "", 3)]
    public void A_saved_session_continues_as_the_original_on_another_number_of_threads(string game, string setting, int updates)
    {
        using var one = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var two = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using TrainingSession original = Session(one, game, setting), copy = Session(two, game, setting, seed: 99);
        Train(original, updates);
        SavedState saved = original.Save();
        Train(copy, 1); // whatever it did before
        copy.Load(saved);
        saved.CheckAllRead();
        AssertSame(original, copy);
        Train(original, 3);
        Train(copy, 3);
        AssertSame(original, copy);
        Assert.Equal(original.Statistics, copy.Statistics);
        Assert.Equal(Episodes(original), Episodes(copy));
        Assert.Equal(original.Scores, copy.Scores);
    }

    [Fact]
    public void A_part_that_is_missing_is_named()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession original = Session(device, "corridor", "masks=true");
        Train(original, 2);
        SavedState saved = original.Save();
        string[] parts = [.. saved.World.All.Select(tensor => tensor.Name)];
        Assert.Contains("collector/actionMasks", parts);
        foreach (string part in parts)
        {
            var without = new SavedState(saved.Optimizer, new SavedTensors("world", saved.World.All.Where(tensor => tensor.Name != part)), saved.Values);
            without.Write(SavedState.LearnerPolicy, saved.Policies[SavedState.LearnerPolicy]);
            using TrainingSession copy = Session(device, "corridor", "masks=true");
            Assert.Contains($"'{part}'", Assert.Throws<UsageException>(() => copy.Load(without)).Message);
        }
    }

    // The planted bug: one part comes back as zeros. What follows must be something else, or the test above would prove nothing.
    [Theory]
    [InlineData("adamw.m/actor.weight")]
    [InlineData("adamw.v/encoder.0.weight")]
    [InlineData("environment/cell")]
    [InlineData("environment/episode")]
    [InlineData("collector/observations")]
    [InlineData("collector/episodesFinished")]
    public void A_part_that_comes_back_wrong_changes_what_follows(string part)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession original = Session(device, "corridor", ""), copy = Session(device, "corridor", "");
        Train(original, 3);
        SavedState saved = original.Save();
        SafetensorsTensor Spoil(SafetensorsTensor tensor) => tensor.Name == part ? tensor with { Data = new byte[tensor.Data.Length] } : tensor;
        var spoilt = new SavedState(
            new SavedTensors("optimizer", saved.Optimizer.All.Select(Spoil)), new SavedTensors("world", saved.World.All.Select(Spoil)), saved.Values);
        spoilt.Write(SavedState.LearnerPolicy, saved.Policies[SavedState.LearnerPolicy]);
        copy.Load(spoilt);
        int more = part == "best/weights" ? 0 : 2; // a better evaluation would write them anew
        Train(original, more);
        Train(copy, more);
        Assert.NotEqual(Contents(original.Save()), Contents(copy.Save()));
    }

    [Fact]
    public void A_session_of_another_size_refuses_and_says_what_differs()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using TrainingSession soccer = Session(device, "soccer", ""), corridor = Session(device, "corridor", ""), more = Session(device, "corridor", "numEnvs=32");
        Assert.Contains("its network is 12-64-64", Assert.Throws<UsageException>(() => soccer.Load(corridor.Save())).Message);
        Assert.Contains("elements here", Assert.Throws<UsageException>(() => more.Load(corridor.Save())).Message);
    }

    private static void Train(TrainingSession session, int updates)
    {
        for (int i = 0; i < updates; i++)
        {
            session.Update();
            if (session.Updates % 2 == 0) session.Evaluate();
        }
    }

    private static void AssertSame(TrainingSession expected, TrainingSession actual) =>
        Assert.Equal(Contents(expected.Save()), Contents(actual.Save()));

    private static Dictionary<string, string> Contents(SavedState state)
    {
        var contents = state.World.All.Concat(state.Optimizer.All).ToDictionary(tensor => tensor.Name, tensor => Convert.ToHexString(tensor.Data.Span));
        contents.Add("policy", Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(state.Policies[SavedState.LearnerPolicy].Weights)));
        contents.Add("values", string.Join('\n', System.Text.Encoding.UTF8.GetString(state.Values.ToJson()).Split('\n').Where(line => !line.Contains("\"time/", StringComparison.Ordinal))));
        return contents;
    }

    private static (string Name, double Value)[] Episodes(TrainingSession session)
    {
        var sample = new MetricSample(new MetricNames());
        session.Episodes.Fill(sample);
        return [.. Enumerable.Range(0, sample.Count).Select(i => sample[i])];
    }

    private static TrainingSession Session(IDevice device, string name, string setting, ulong seed = 5)
    {
        IGame game = Registry.Find(name);
        GameOptions options = game.Training.Options with { NumEnvs = 16 };
        if (name == "soccer") options = Settings.With(options, "maxTicks", "60"); // short games make short evaluations
        if (name == "snake") options = Settings.With(Settings.With(options, "snakes", "8"), "lifeLimit", "40"); // a snake alone may circle for ever
        if (setting.Length > 0) options = Settings.With(options, setting.Split('=')[0], setting.Split('=')[1]);
        return new TrainingSession(device, game, options, new PpoConfig { Horizon = 16, Minibatches = 4 }, new TrainingPlan { AgentSteps = 200_000, EvaluationGames = 4 }, seed);
    }
}
