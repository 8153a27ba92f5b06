using Arena.Kernels.Environments.Corridor;
using Arena.Policy.Learners;
using Arena.Tests;

namespace Arena.Policy.Tests.Learners;

/// <summary>T29: the toy must be solved, and must not be solved by a learner with a wrong sign.</summary>
public class CorridorLearningTests
{
    private static readonly PpoConfig Config = new()
    {
        Horizon = 32,
        Epochs = 4,
        Minibatches = 4,
        LearningRate = 3e-3,
        TargetKl = 0,
        EntropyCoefficient = 1e-3,
    };

    public static TheoryData<CorridorActions, ulong> Cases
    {
        get
        {
            var cases = new TheoryData<CorridorActions, ulong>();
            for (ulong seed = 1; seed <= (ulong)TestSize.Of(2, 5); seed++)
            {
                cases.Add(CorridorActions.Discrete, seed);
                cases.Add(CorridorActions.Continuous, seed);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_corridor_is_solved(CorridorActions actions, ulong seed)
    {
        double score = Train(actions, seed, wrongSign: false);
        Assert.True(score >= 0.95, $"{actions}, seed {seed}: mean return {score}, of at most {CorridorGame.OptimalReturn}");
    }

    [Theory]
    [InlineData(CorridorActions.Discrete)]
    [InlineData(CorridorActions.Continuous)]
    public void A_learner_with_a_wrong_sign_fails(CorridorActions actions) => Assert.True(Train(actions, 1, wrongSign: true) < 0.5);

    [Theory]
    [InlineData(CorridorActions.Discrete)]
    [InlineData(CorridorActions.Continuous)]
    public void V_trace_solves_it_too(CorridorActions actions) => Assert.True(Train(actions, 1, wrongSign: false, vTrace: true) >= 0.95);

    // Mean return of the last episode of every match.
    private static double Train(CorridorActions actions, ulong seed, bool wrongSign, bool vTrace = false)
    {
        const int Updates = 60;
        using var run = new TrainingRun("corridor", new CorridorOptions { NumEnvs = 64, Actions = actions, Desync = true }, Config with { VTrace = vTrace }, seed: seed);
        run.Engine.WrongSign = wrongSign;
        for (int update = 0; update < Updates; update++) run.Update((double)update / Updates);
        run.Collector.Collect();
        float[] statistics = run.Rollout.EpisodeStatistics!.ToArray();
        return Enumerable.Range(0, 64).Average(match => (double)statistics[match * CorridorConstants.RawStatistics]);
    }
}
