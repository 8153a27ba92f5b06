using Arena.Kernels.Environments.Moba;
using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>What heroes are owed, worked by hand.</summary>
public class RewardTests
{
    private static readonly MobaOptions Plain = new();

    private static Cell At(int down, int right) => new(Scene.Open.Y + down, Scene.Open.X + right);

    private static float[][] Parts(Scene scene, MatchTick tick, MobaOptions options) =>
        ScoreRules.Parts(tick, ScoreRules.Winner(scene.State), options, progress: 0);

    [Fact]
    public void Experience_and_death_are_paid_in_their_tick()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Carry, 0, Scene.Open), enemy = scene.Hero(HeroClass.Tank, 1, At(0, 3));
        enemy.Hp = 1;
        float[][] parts = Parts(scene, scene.Order(hero, targets: 2).Play(), Plain);
        // 0.002 is 2097 of 2^20.
        Assert.Equal(100 * 2097 / 1048576f, parts[hero.Slot][0]);
        Assert.Equal([0, -0.5f, 0, 0, 0, 0], parts[enemy.Slot]);
        Assert.All(Enumerable.Range(0, 10).Where(slot => slot != hero.Slot && slot != enemy.Slot), slot => Assert.Equal(new float[6], parts[slot]));
    }

    [Fact]
    public void A_tower_pays_its_last_hitter_and_its_enemies()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Carry, 1, new Cell(46, 16));
        scene.State.Tower(0, 0).Hp = 1;
        float[][] parts = Parts(scene, scene.Order(hero, targets: 2).Play(), Plain);
        Assert.Equal([0, 0, 0.5f, 0.5f, 0, 0], parts[hero.Slot]);
        for (int slot = 0; slot < 8; slot++) Assert.Equal([0, 0, 0, slot % 2 * 0.5f, 0, 0], parts[slot]);
    }

    [Fact]
    public void An_ancient_pays_the_win_and_nothing_else()
    {
        var scene = new Scene();
        scene.Fell(6, 0);
        scene.Fell(9, 0);
        scene.Fell(10, 0);
        scene.State.Tower(Places.Ancient, 0).Hp = 1;
        Unit hero = scene.Hero(HeroClass.Carry, 1, new Cell(104, 25));
        MatchTick tick = scene.Order(hero, targets: 2).Play();
        Assert.Equal(-1, ScoreRules.Winner(scene.State));
        float[][] parts = Parts(scene, tick, Plain);
        for (int slot = 0; slot < 10; slot++) Assert.Equal([0, 0, 0, 0, slot % 2 == 1 ? 5 : -5, 0], parts[slot]);
        Assert.Equal(0, hero.Counters[Counter.Towers]);
        scene.Fell(Places.Ancient, 1);
        Assert.Equal(0, ScoreRules.Winner(scene.State));
    }

    [Fact]
    public void Distance_pays_for_coming_nearer_to_what_can_be_hit()
    {
        var options = new MobaOptions { Rewards = new MobaRewards { Distance = 0.5f } };
        var scene = new Scene();
        // Side 0's tank at (56, 16); the mid tower of side 1 is at (55, 72): 56 cells and one away; its top tower at (16, 44): 40 and 28.
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        float[][] parts = Parts(scene, scene.Order(hero, right: 6).Play(), options);
        Assert.Equal(0.5f, parts[hero.Slot][5]);
        parts = Parts(scene, scene.Order(hero, right: 2).Play(), options);
        Assert.Equal(-85 / 512f, parts[hero.Slot][5]);
    }

    [Fact]
    public void Zero_sum_takes_away_the_enemies_mean_of_every_part()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Carry, 0, Scene.Open), enemy = scene.Hero(HeroClass.Tank, 1, At(0, 3));
        enemy.Hp = 1;
        float[][] parts = Parts(scene, scene.Order(hero, targets: 2).Play(), Plain with { ZeroSum = true });
        const float fifth = 0.2f / (1 << 20);
        for (int slot = 0; slot < 10; slot++)
        {
            long xp = slot == hero.Slot ? 5 * 209_700 : slot % 2 == 1 ? -209_700 : 0;
            long death = slot == enemy.Slot ? -5 * 524_288 : slot % 2 == 0 ? 524_288 : 0;
            Assert.Equal([xp * fifth, death * fifth, 0, 0, 0, 0], parts[slot]);
        }
    }

    [Fact]
    public void The_clock_truncates_and_the_next_episode_begins()
    {
        var play = new ReferencePlay(new MobaOptions { EpisodeLimit = 32, Desync = true }, "random", "random", match: 17);
        // Match 17 ends its first episode at 32·2/16.
        for (int tick = 1; tick <= 4; tick++) Assert.Equal(tick == 4, play.Play().Truncated);
        Assert.Equal((1.0, 0.0), (play.Column("episode")[0], play.Column("tick")[0]));
        Assert.NotNull(play.Last.FinalObservations);
        Assert.Equal([0, 4, 1, 12, 12, 5, 5], play.Last.EpisodeStatistics!.Values[..7]);
        Assert.Equal(51, play.Last.EpisodeStatistics.Values.Length);
        for (int tick = 1; tick <= 32; tick++) Assert.Equal(tick == 32, play.Play().Truncated);
    }
}
