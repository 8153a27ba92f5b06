using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>A match is a world of its own: the batch around it, threads and chunks do not show in it.</summary>
public sealed class BatchTests
{
    private const byte Random = 1;
    private const byte Normal = 3;

    // No goal is wide enough to score in and the clock is far, so nothing is drawn and a match has no number.
    private static readonly SoccerOptions WithoutDraws = new() { NumEnvs = 12, MaxTicks = 1000, Physics = new SoccerPhysics { GoalHalfWidth = 1e-6f } };

    [Fact]
    public void Permuting_matches_permutes_results() => Permutation(Rules.Shipped);

    [Fact]
    public void A_tick_that_knows_the_index_of_its_match_is_caught() => Check.Catches(() =>
        Permutation(Rules.Then("match 0 has a slower ball", pitch => pitch.State.Ball[0, 2] *= 0.999f)));

    [Fact]
    public void A_match_played_alone_is_the_match_of_the_batch() => Alone(Rules.Shipped);

    [Fact]
    public void Draws_by_the_index_in_the_batch_are_caught() => Check.Catches(() =>
        Alone(Rules.With("draws without the offset", p => p with { MatchOffset = 0 })));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 7)]
    [InlineData(3, 1000)]
    public void Threads_and_chunks_do_not_show(int threads, int chunk) => Threads(Rules.Shipped, threads, chunk);

    [Fact]
    public void A_tick_that_counts_across_matches_is_caught()
    {
        int ticks = 0;
        Check.Catches(() => Threads(Rules.Then("a counter lives on", pitch => pitch.State.Ball[1, 0] += 1e-3f * ticks++), 2, 3));
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        SoccerOptions options = new() { NumEnvs = 8, MaxTicks = 60, RandomStart = 0.5f };
        Assert.Equal(Play(options, 11), Play(options, 11));
        Assert.NotEqual(Play(options, 11), Play(options, 12));
    }

    [Fact]
    public void The_environment_runs_the_kernels_that_these_tests_run()
    {
        SoccerOptions options = new() { NumEnvs = 4, MaxTicks = 50, RandomStart = 0.5f };
        using var pitch = new Pitch(options);
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using IEnvironment environment = new SoccerGame().Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, options.NumEnvs);
        environment.Reset(5, buffers.Views);
        pitch.Reset(5);
        for (int tick = 0; tick < 120; tick++)
        {
            pitch.Script(Random, Normal);
            pitch.Buffers.ContinuousActions!.View.AsSpan().CopyTo(buffers.ContinuousActions!.View.AsSpan());
            environment.Step(buffers.Views);
            Rules.Shipped.Tick(pitch);
            pitch.Observe();
            Assert.Equal(pitch.Columns.Hash(), environment.State.Hash());
            Assert.Null(Difference.First("observations", pitch.Observations, buffers.Observations!.View.AsSpan()));
            Assert.Null(Difference.First("rewards", pitch.Rewards, buffers.Rewards!.View.AsSpan()));
        }
    }

    private static void Permutation(Rules rules) => Check.ForAll(10, dice =>
    {
        using var plain = new Pitch(WithoutDraws);
        using var permuted = new Pitch(WithoutDraws);
        int[] order = dice.Order(plain.Matches);
        for (int env = 0; env < plain.Matches; env++)
        {
            dice.Scatter(plain, env);
            SoccerBody ball = plain.Ball(env);
            if (MathF.Abs(ball.Y) < 0.01f) plain.PutBall(env, ball.X, 1f, ball.VelocityX, ball.VelocityY); // not into the slit of a goal
            permuted.Columns.WriteMatch(order[env], plain.Columns.ReadMatch(env));
        }

        int rows = plain.Agents * SoccerConstants.ActionFloats;
        for (int tick = 0; tick < 50; tick++)
        {
            dice.Act(plain);
            for (int env = 0; env < plain.Matches; env++)
                plain.Buffers.ContinuousActions!.View.AsSpan().Slice(env * rows, rows).CopyTo(permuted.Buffers.ContinuousActions!.View.AsSpan()[(order[env] * rows)..]);
            rules.Tick(plain);
            rules.Tick(permuted);
        }

        for (int env = 0; env < plain.Matches; env++)
            Assert.True(Difference.First(plain, env, permuted, order[env]) is null, $"{dice}: {Difference.First(plain, env, permuted, order[env])}");
    });

    private static void Alone(Rules rules)
    {
        SoccerOptions options = new() { NumEnvs = 20, MaxTicks = 70, RandomStart = 0.5f, Desync = true };
        using var batch = new Pitch(options);
        Play(batch, rules, 200);
        foreach (int match in new[] { 0, 1, 13, 19 })
        {
            using var alone = new Pitch(options with { NumEnvs = 1, MatchOffset = match });
            Play(alone, rules, 200);
            Assert.True(Difference.First(batch, match, alone, 0) is null, $"match {match} alone: {Difference.First(batch, match, alone, 0)}");
        }
    }

    private static void Threads(Rules rules, int threads, int chunk)
    {
        SoccerOptions options = new() { NumEnvs = 37, MaxTicks = 60, RandomStart = 0.5f };
        using var plain = new Pitch(options);
        using var split = new Pitch(options, new CpuDeviceOptions { Threads = threads, ChunkSize = chunk });
        Play(plain, rules, 150);
        Play(split, rules, 150);
        Assert.True(Difference.First(plain, split) is null, $"{threads} threads, chunks of {chunk}: {Difference.First(plain, split)}");
        Assert.Null(Difference.First("observations", plain.Observations, split.Observations));
        Assert.Null(Difference.First("final observations", plain.FinalObservations, split.FinalObservations));
        Assert.Null(Difference.First("reward parts", plain.Parts, split.Parts));
    }

    private static void Play(Pitch pitch, Rules rules, int ticks)
    {
        pitch.Reset(9);
        for (int tick = 0; tick < ticks; tick++)
        {
            pitch.Script(Random, Normal);
            rules.Tick(pitch);
        }

        pitch.Observe();
    }

    private static string Play(SoccerOptions options, ulong seed)
    {
        using var pitch = new Pitch(options);
        pitch.Reset(seed);
        for (int tick = 0; tick < 100; tick++)
        {
            pitch.Script(Random, Normal);
            Rules.Shipped.Tick(pitch);
        }

        return pitch.Columns.Hash();
    }
}
