using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Learning;
using Arena.Policy.Learners.Reinforce;
using Arena.Policy.Networks;
using Arena.Tests;
using Arena.Validation.Learning;

namespace Arena.Policy.Tests.Learners.Reinforce;

public class ReinforceLearnerTests
{
    private static readonly CorridorOptions Corridor = new() { NumEnvs = 64, Clock = ClockEnd.Terminate };
    private static readonly SoccerOptions Soccer = new() { NumEnvs = 5, TeamSize = 2, MaxTicks = 12, Clock = ClockEnd.Terminate };

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

    // T29.
    [Theory]
    [MemberData(nameof(Cases))]
    public void The_corridor_is_solved(CorridorActions actions, ulong seed)
    {
        double mean = Train(Corridor with { Actions = actions }, seed, rate: 0.02);
        Assert.True(mean >= 0.95, $"{actions}, seed {seed}: mean return {mean}, of at most {CorridorGame.OptimalReturn}");
    }

    [Fact]
    public void A_learner_that_climbs_down_fails() => Assert.True(Train(Corridor, 1, rate: 0.02, wrongSign: true) < 0.5);

    [Theory]
    [InlineData("soccer", true)]
    [InlineData("soccer", false)]
    [InlineData("corridor", true)]
    public void The_gradient_is_that_of_the_loss(string game, bool twoPolicies)
    {
        using ReinforceRun run = Run(game, twoPolicies);
        float[][] before = [.. Enumerable.Range(0, run.Engines.Length).Select(run.Weights)];
        run.Learner.Update();
        var batch = new PlayedBatch(run);
        for (int engine = 0; engine < run.Engines.Length; engine++)
        {
            double[] weights = Array.ConvertAll(before[engine], weight => (double)weight);
            var random = new Random(engine);
            for (int probe = 0; probe < 25; probe++)
            {
                int at = random.Next(weights.Length);
                double expected = Slope(weights, at, () => batch.Loss(engine, weights));
                float actual = run.Engines[engine].Gradients[at];
                Assert.True(Math.Abs(actual - expected) <= 1e-4 * Math.Abs(expected) + 2e-5, $"parameter {at} of network {engine}: {actual}, expected {expected}");
            }

            // The critic's output is not used, so nothing of it moves.
            ParameterTensor critic = run.Engines[engine].Parameters["critic.weight"];
            Assert.Equal(before[engine].AsSpan().Slice(critic.Offset, critic.Length).ToArray(), run.Weights(engine).AsSpan().Slice(critic.Offset, critic.Length).ToArray());
        }
    }

    // T17.
    [Fact]
    public void The_sides_returns_are_exact_negations()
    {
        using ReinforceRun run = Run("soccer", twoPolicies: true);
        run.Learner.Update();
        IReadOnlyList<SideGames> sides = run.Learner.Games.Sides;
        int rows = sides[0].Rows * Soccer.MaxTicks, counted = 0;
        RolloutViews first = sides[0].Slice(0, rows), second = sides[1].Slice(0, rows);
        for (int row = 0; row < rows; row++)
        {
            Assert.Equal(first.Advantages[row], -second.Advantages[row]);
            if (first.Advantages[row] != 0) counted++;
        }

        Assert.True(counted > rows / 2);
    }

    [Fact]
    public void The_ratio_is_exactly_one()
    {
        using ReinforceRun run = Run("soccer", twoPolicies: true);
        ReinforceStatistics statistics = run.Learner.Update();
        double kl = run.Learner.LossSums(LossSum.Kl);
        Assert.Equal(0, kl);
        Assert.Equal(5 * Soccer.MaxTicks * 4, statistics.LearnerRows);
    }

    [Theory]
    [InlineData("soccer")]
    [InlineData("corridor")]
    public void Weights_are_the_same_bytes_on_1_2_and_3_threads(string game)
    {
        float[] one = TwoUpdates(game, threads: 1), two = TwoUpdates(game, threads: 2), three = TwoUpdates(game, threads: 3);
        Assert.Equal(one, two);
        Assert.Equal(one, three);
        Assert.NotEqual(one, TwoUpdates(game, threads: 1, seed: 2));
    }

    // The batch is one game per match: games that end early must neither count twice nor leave the batch.
    [Fact]
    public void Every_match_gives_one_game_however_long()
    {
        using ReinforceRun run = Run("corridor", twoPolicies: true);
        ReinforceStatistics statistics = run.Learner.Update();
        var lengths = new int[64];
        run.Device.CopyToHost(run.Learner.Games.Length, lengths);
        Assert.Equal(lengths.Sum(), statistics.Ticks);
        Assert.Equal(lengths.Sum(), statistics.LearnerRows);
        Assert.True(lengths.Distinct().Count() > 5);
        Assert.All(lengths, length => Assert.InRange(length, 4, 32));
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        using ReinforceRun run = Run("soccer", twoPolicies: true);
        for (int i = 0; i < 3; i++) run.Learner.Update();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 3; i++) run.Learner.Update();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_game_cut_by_the_clock_is_refused()
    {
        using var run = new ReinforceRun("soccer", Soccer with { Clock = ClockEnd.Truncate }, new ReinforceConfig());
        UsageException exception = Assert.Throws<UsageException>(() => run.Learner.Update());
        Assert.Contains("--clock terminate", exception.Message);
        Assert.Contains("12 ticks", exception.Message);
    }

    [Fact]
    public void Cut_first_episodes_are_refused() =>
        Assert.Contains("--desync", Assert.Throws<UsageException>(() => new ReinforceRun("soccer", Soccer with { Desync = true }, new ReinforceConfig())).Message);

    private static ReinforceRun Run(string game, bool twoPolicies, int threads = 1, ulong seed = 1) =>
        new(game, game == "soccer" ? Soccer : Corridor, new ReinforceConfig { TwoPolicies = twoPolicies }, threads, seed);

    private static float[] TwoUpdates(string game, int threads, ulong seed = 1)
    {
        using ReinforceRun run = Run(game, twoPolicies: true, threads, seed);
        run.Learner.Update();
        run.Learner.Update();
        return [.. Enumerable.Range(0, run.Engines.Length).SelectMany(run.Weights)];
    }

    // Mean return of the last batch.
    private static double Train(CorridorOptions options, ulong seed, double rate, bool wrongSign = false)
    {
        using var run = new ReinforceRun("corridor", options, new ReinforceConfig { LearningRate = rate }, seed: seed);
        for (int update = 0; update < 80; update++)
        {
            float[] before = run.Weights();
            run.Learner.Update();
            if (!wrongSign) continue;
            Span<float> weights = run.Engines[0].Weights.AsSpan();
            for (int i = 0; i < weights.Length; i++) weights[i] = before[i] - (weights[i] - before[i]);
            run.Engines[0].RefreshDerived();
        }

        float[] statistics = run.Learner.Buffers.EpisodeStatistics!.ToArray();
        return Enumerable.Range(0, 64).Average(match => (double)statistics[match * CorridorConstants.RawStatistics]);
    }

    private static double Slope(double[] values, int at, Func<double> function)
    {
        const double Step = 1e-5;
        double middle = values[at];
        values[at] = middle + Step;
        double above = function();
        values[at] = middle - Step;
        double below = function();
        values[at] = middle;
        return (above - below) / (2 * Step);
    }
}
