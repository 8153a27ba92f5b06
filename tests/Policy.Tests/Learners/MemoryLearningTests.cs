using Arena.Kernels.Environments.Corridor;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Tests;

namespace Arena.Policy.Tests.Learners;

/// <summary>The corridor with a cue: solved by a network that remembers, and by no other.</summary>
public class MemoryLearningTests
{
    private static readonly PpoConfig Config = new()
    {
        Horizon = 32,
        Epochs = 4,
        Minibatches = 4,
        LearningRate = 3e-3,
        TargetKl = 0,
        EntropyCoefficient = 1e-2,
    };

    public static TheoryData<NetworkCore, ulong> Cases
    {
        get
        {
            var cases = new TheoryData<NetworkCore, ulong>();
            for (ulong seed = 1; seed <= (ulong)TestSize.Of(1, 5); seed++)
            {
                cases.Add(NetworkCore.Lstm, seed);
                cases.Add(NetworkCore.MinGru, seed);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_network_with_memory_follows_the_cue(NetworkCore core, ulong seed)
    {
        double score = Train(core, seed);
        Assert.True(score >= 0.95, $"{core}, seed {seed}: mean return {score}, of at most {CorridorGame.OptimalMemoryReturn}");
    }

    [Fact]
    public void A_network_without_memory_can_only_guess()
    {
        double score = Train(NetworkCore.None, seed: 1);
        Assert.True(score < CorridorGame.BlindMemoryReturn + 0.35, $"mean return {score}: somebody tells the cue");
    }

    // Mean return of the last episode of every match.
    private static double Train(NetworkCore core, ulong seed)
    {
        const int Updates = 80, Matches = 64;
        using var run = new TrainingRun("corridor", new CorridorOptions { NumEnvs = Matches, Memory = true, Desync = true }, Config, seed: seed, core: core, builtin: true);
        for (int update = 0; update < Updates; update++) run.Update((double)update / Updates);
        run.Collector.Collect();
        float[] statistics = run.Rollout.EpisodeStatistics!.ToArray();
        return Enumerable.Range(0, Matches).Average(match => (double)statistics[match * CorridorConstants.RawStatistics]);
    }
}
