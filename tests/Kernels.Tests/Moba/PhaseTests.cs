using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Neither the order of lanes, nor who runs them, nor the batch around a match changes a bit.</summary>
public class PhaseTests
{
    private static readonly int Ticks = TestSize.Of(260, 2000);

    private static MobaOptions Options => new() { NumEnvs = 2, EpisodeLimit = 200 };

    [Theory]
    [InlineData(Play.RandomPlayer, Play.RandomPlayer)]
    [InlineData(Play.Strong, Play.Normal)]
    public void The_loop_over_the_living_and_the_phases_with_lanes_in_any_order_play_the_same(int side0, int side1)
    {
        using var whole = new Play(Options, seed: 5);
        using var phased = new Play(Options, seed: 5);
        using var permuted = new Play(Options, seed: 5);
        var random = new System.Random(1);
        int[] lanes = [.. Enumerable.Range(0, MobaTick<OwnedAtomics>.Lanes)];
        for (int tick = 0; tick < Ticks; tick++)
        {
            whole.Tick(side0, side1);
            phased.TickByPhases<OwnedAtomics>(side0, side1, _ => Enumerable.Range(0, MobaTick<OwnedAtomics>.Lanes));
            permuted.TickByPhases<DeviceAtomics>(side0, side1, _ =>
            {
                random.Shuffle(lanes);
                return lanes;
            });
            for (int env = 0; env < 2; env++)
            {
                byte[] expected = whole.Everything(env);
                Assert.True(expected.AsSpan().SequenceEqual(phased.Everything(env)), $"phases differ in match {env}, tick {tick}");
                Assert.True(expected.AsSpan().SequenceEqual(permuted.Everything(env)), $"another order differs in match {env}, tick {tick}");
            }
        }
    }

    [Fact]
    public void The_loop_over_the_living_plays_brawls_as_the_phases_do()
    {
        using var brawl = new Brawl(4, new Shipped());
        Assert.Null(brawl.FirstDifferenceToTheWhole(TestSize.Of(600, 20_000)));
    }

    [Fact]
    public void A_bug_in_the_phases_is_a_difference_to_the_loop()
    {
        using var brawl = new Brawl(4, new PlantedRuleTests.OverhealWasted());
        Assert.NotNull(brawl.FirstDifferenceToTheWhole(200));
    }

    [Fact]
    public void Lanes_that_do_not_wait_for_each_other_play_something_else()
    {
        using var whole = new Play(Options, seed: 5);
        using var hasty = new Play(Options, seed: 5);
        bool differs = false;
        for (int tick = 0; tick < 150 && !differs; tick++)
        {
            whole.Tick(Play.Strong, Play.Strong);
            hasty.Act(Play.Strong, Play.Strong);
            using var workspace = new MobaWorkspace(hasty.Environment.Device, 2);
            var run = new MobaTick<OwnedAtomics> { Arguments = workspace.In(hasty.Environment.Arguments(hasty.Views)) };
            for (int env = 0; env < 2; env++)
            {
                // No barrier between effects and who dies of them.
                for (int phase = 0; phase < run.PhaseCount; phase++)
                {
                    bool together = phase == MobaPhase.Effect;
                    for (int lane = 0; lane < MobaTick<OwnedAtomics>.Lanes; lane++)
                    {
                        run.Run(phase, env, lane);
                        if (together) run.Run(MobaPhase.Resolve, env, lane);
                    }

                    if (together) phase++;
                }
            }

            differs = !whole.Everything(0).AsSpan().SequenceEqual(hasty.Everything(0));
        }

        Assert.True(differs);
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(3, 2, 1)]
    [InlineData(7, 3, 2)]
    public void A_match_plays_the_same_in_any_batch_on_any_threads(int matches, int threads, int chunk)
    {
        using var alone = new Play(Options with { NumEnvs = 1, MatchOffset = 6 }, seed: 9);
        using var batch = new Play(Options with { NumEnvs = matches, MatchOffset = 7 - matches }, seed: 9, threads, chunk);
        for (int tick = 0; tick < Ticks; tick++)
        {
            alone.Tick(Play.Normal, Play.RandomPlayer);
            batch.Tick(Play.Normal, Play.RandomPlayer);
            Assert.True(alone.Everything(0).AsSpan().SequenceEqual(batch.Everything(matches - 1)), $"tick {tick}");
        }
    }
}
