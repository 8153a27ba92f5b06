using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Arena.HostApi.Distributed;
using Arena.HostApi.Tests.Curricula;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Distributed;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;
using Arena.Policy.Tests.Distributed;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Distributed;

/// <summary>A session of several shards is the same in one process and spread over several; here the processes are threads.</summary>
public sealed class ShardedSessionTests
{
    private static readonly PpoConfig Learner = new() { Horizon = 16, SegmentLength = 8, Epochs = 2, Minibatches = 3, OpponentShare = 0.25, NormalizeReturns = true, PastKlCoefficient = 0.1 };

    // A memory, normalised rows, and a pool that admits after every update.
    private static readonly TrainingPlan Plan = new()
    {
        AgentSteps = 100_000, EvaluationGames = 6, GateGames = 8, HiddenWidth = 8, Core = NetworkCore.Lstm, NormalizeObservations = true,
        Pool = new OpponentPoolConfig { Fraction = 0.5, Slots = 2, MaxEntries = 6, AdmitEveryUpdates = 1, RenewEveryUpdates = 1 },
    };

    private static readonly GameOptions Soccer = new SoccerOptions { NumEnvs = 12, TeamSize = 1, MaxTicks = 20, Desync = true };

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    public void Ranks_with_shards_of_their_own_compute_what_one_process_does(int shards, int ranks)
    {
        Dictionary<string, string> alone = Train(new Ranks(), shards, threads: 2);
        Dictionary<string, string>[] spread = RankThreads.Run(ranks, rank => Train(rank, shards, threads: 1));
        foreach ((string name, string value) in spread[0]) Assert.True(alone[name] == value, $"'{name}' differs on rank 0");
        foreach (Dictionary<string, string> rank in spread.Skip(1))
            foreach ((string name, string value) in rank.Where(part => part.Key.StartsWith("shard", StringComparison.Ordinal) || part.Key.StartsWith("weights", StringComparison.Ordinal)))
                Assert.True(alone[name] == value, $"'{name}' differs");
        // Together the ranks hold every shard.
        Assert.Equal(alone.Keys.Order(), spread.SelectMany(rank => rank.Keys).Distinct().Order());
    }

    [Fact]
    public void Every_registered_game_can_be_spread()
    {
        foreach (IGame game in Registry.Games)
        {
            string Weights(Ranks? ranks)
            {
                using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
                var config = new PpoConfig { Horizon = 4, Epochs = 1, Minibatches = 1 };
                var plan = new TrainingPlan { HiddenWidth = 8, HiddenLayers = 1, EvaluationGames = 2, GateGames = 0, Shards = 2, Pool = new OpponentPoolConfig { Fraction = 0 } };
                using var session = new TrainingSession(device, game, game.Training.Options with { NumEnvs = 4 }, config, plan, 5, ranks: ranks);
                for (int i = 0; i < 2; i++) session.Update();
                return Hash<float>(session.CopyWeights());
            }

            string alone = Weights(null);
            Assert.All(RankThreads.Run(2, Weights), weights => Assert.True(alone == weights, $"{game.Name}: ranks give other weights than one process"));
        }
    }

    [Fact]
    public void Another_number_of_shards_is_another_run() =>
        Assert.NotEqual(Train(new Ranks(), 2, threads: 1)["weights"], Train(new Ranks(), 3, threads: 1)["weights"]);

    [Fact]
    public void One_shard_is_the_run_that_knows_of_none()
    {
        Dictionary<string, string> one = Train(new Ranks(), 1, threads: 1), usual = Train(null, 0, threads: 2);
        Assert.Equal(usual.OrderBy(part => part.Key), one.OrderBy(part => part.Key));
        Assert.DoesNotContain(one.Keys, name => name.StartsWith("shard", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rank_without_a_home_for_the_pool_takes_part_in_its_bookkeeping()
    {
        // One of four matches has a home: those of the other shards have none.
        TrainingPlan plan = Plan with { Pool = Plan.Pool with { Fraction = 0.25, Slots = 1 } };
        GameOptions four = Soccer with { NumEnvs = 4 };
        string Weights(Ranks? ranks) => Train(ranks, 4, 1, four, plan, Learner with { Minibatches = 1 })["weights"];
        string alone = Weights(null);
        Assert.All(RankThreads.Run(4, Weights), weights => Assert.Equal(alone, weights));
    }

    [Fact]
    public void A_curriculum_moves_all_shards_at_once()
    {
        IReadOnlyList<CurriculumStage> stages =
        [
            new CurriculumStage { Name = "short", Set = new Dictionary<string, string> { ["maxTicks"] = "16" }, AtMostAgentSteps = 600, Continue = true },
            new CurriculumStage { Name = "long", Set = new Dictionary<string, string> { ["maxTicks"] = "20" } },
        ];
        string Weights(Ranks? ranks)
        {
            using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
            using var session = new TrainingSession(device, Registry.Find("corridor"), new CorridorOptions { NumEnvs = 12, Desync = true }, Learner, Plan with { Shards = 3 }, 5, stages, ranks: ranks);
            for (int i = 0; i < 8; i++) session.Update();
            Assert.Equal(1, session.Curriculum!.Stage);
            return Hash<float>(session.CopyWeights());
        }

        string alone = Weights(null);
        Assert.All(RankThreads.Run(3, Weights), weights => Assert.Equal(alone, weights));
    }

    [Fact]
    public void A_curriculum_counts_the_episodes_of_all_shards_alike()
    {
        string State(Ranks? ranks)
        {
            using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
            using var session = new TrainingSession(
                device, Registry.Find("corridor"), new CorridorOptions { NumEnvs = 12, MaxTicks = 3, Desync = true }, Learner with { Horizon = 2, SegmentLength = 0, Minibatches = 1 },
                Plan with { Shards = 3 }, 5, CurriculumFile.Parse(StageEpisodesSessionTests.Stages, "test"), ranks: ranks);
            for (int i = 0; i < 20; i++) session.Update();
            Assert.Equal("three", session.Curriculum!.StageName);
            Assert.InRange(session.Curriculum.Episodes!.Count, 20, 100);
            return session.Curriculum.Save().ToJson() + Hash<float>(session.CopyWeights());
        }

        string alone = State(null);
        Assert.All(RankThreads.Run(3, State), state => Assert.Equal(alone, state));
    }

    [Fact]
    public void Weights_that_drift_apart_end_the_run()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => RankThreads.Run(2, ranks =>
        {
            using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
            using var session = Session(device, ranks, 2, new CorridorOptions { NumEnvs = 4 }, Plan with { Core = NetworkCore.None, EvaluationGames = 2 }, Learner with { Minibatches = 1 });
            for (int i = 0; i < 49; i++) session.Update();
            float[] weights = session.CopyWeights();
            if (ranks.Rank == 1) weights[^1] += 0.001f;
            session.LoadWeights(weights);
            session.Update();
            return 0;
        }));
        Assert.Contains("update 50: the weights of shard 1 are not those of shard 0", failure.Message);
    }

    [Fact]
    public void What_cannot_be_divided_is_refused_with_what_can()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        Assert.Contains("--envs is 12, which 5 shards cannot share equally; allowed are multiples of 5. Use --envs 10 or 15.", Refused(new Ranks(), 5));
        Assert.Contains("The run has 4 shards, which 3 MPI ranks cannot share equally", Assert.Throws<UsageException>(() => RankThreads.Run(3, ranks => Refused(ranks, 4, rethrow: true))).Message);
        Assert.Contains("2 shards are for ppo", Assert.Throws<UsageException>(() => Session(device, new Ranks(), 2, Soccer, Plan with { Algorithm = Algorithm.Reinforce }, Learner)).Message);
    }

    [Fact]
    public void Ranks_that_were_started_with_something_else_are_refused()
    {
        static RunDescription Description(int rank) => new()
        {
            Game = "corridor", Seed = 1, Options = new CorridorOptions { NumEnvs = rank == 2 ? 64 : 32 }, Network = new NetworkSpec(12, [4], Activation.Tanh, 0, [2]), Device = "", Threads = 1 + rank,
        };
        string message = Assert.Throws<UsageException>(() => RankThreads.Run(3, ranks =>
        {
            RankCheck.Same(ranks, Description(ranks.Rank), "10");
            return 0;
        })).Message;
        Assert.Contains("Rank 2 was started with something else than rank 0: \"numEnvs\": 64 there, \"numEnvs\": 32 on rank 0", message);
        message = Assert.Throws<UsageException>(() => RankThreads.Run(2, ranks =>
        {
            RankCheck.Same(ranks, Description(0), $"{10 + ranks.Rank}");
            return 0;
        })).Message;
        Assert.Contains("--until 11 there", message);
        Assert.Equal([0, 0], RankThreads.Run(2, ranks =>
        {
            RankCheck.Same(ranks, Description(ranks.Rank), "10"); // threads alone may differ
            return 0;
        }));
    }

    private static string Refused(Ranks ranks, int shards, bool rethrow = false)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        try
        {
            Session(device, ranks, shards, Soccer, Plan, Learner).Dispose();
        }
        catch (UsageException refused) when (!rethrow)
        {
            return refused.Message;
        }

        return "";
    }

    private static TrainingSession Session(IDevice device, Ranks? ranks, int shards, GameOptions options, TrainingPlan plan, PpoConfig learner) =>
        new(device, Registry.Find(options is SoccerOptions ? "soccer" : "corridor"), options, learner, plan with { Shards = shards }, 5, ranks: ranks);

    private static Dictionary<string, string> Train(Ranks? ranks, int shards, int threads) => Train(ranks, shards, threads, Soccer, Plan, Learner);

    // Everything that a run is after four updates with an evaluation between them, in hashes.
    private static Dictionary<string, string> Train(Ranks? ranks, int shards, int threads, GameOptions options, TrainingPlan plan, PpoConfig learner)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using TrainingSession session = Session(device, ranks, shards, options, plan, learner);
        for (int i = 0; i < 2; i++) session.Update();
        session.Evaluate();
        for (int i = 0; i < 2; i++) session.Update();
        SavedState state = session.Save();
        var contents = new Dictionary<string, string>
        {
            ["weights"] = Hash<float>(session.CopyWeights()),
            ["weights: statistics"] = session.Statistics.ToString(),
            ["weights: scores"] = string.Join(' ', session.Scores),
            ["weights: strength"] = $"{session.Strength}",
            ["weights: episodes"] = $"{session.Episodes.Total} {session.Episodes.Ended} {session.Episodes.Mean("length")}",
            ["weights: agent-steps"] = $"{session.AgentSteps} {session.Pool?.Entries.Count} {session.Pool?.MeanScore:R}",
        };
        foreach (SafetensorsTensor tensor in state.World.All.Concat(state.Optimizer.All)) contents.Add($"state: {tensor.Name}", Hash(tensor.Data.Span));
        foreach ((int shard, SavedTensors own) in state.Shards)
            foreach (SafetensorsTensor tensor in own.All) contents.Add($"shard {shard}: {tensor.Name}", Hash(tensor.Data.Span));
        foreach (string line in Encoding.UTF8.GetString(state.Values.ToJson()).Split('\n').Where(line => !line.Contains("\"time/", StringComparison.Ordinal))) contents[$"state: {line}"] = "";
        return contents;
    }

    private static string Hash<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values)));
}
