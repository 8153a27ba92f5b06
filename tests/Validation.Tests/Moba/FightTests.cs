using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Blows, deaths and experience, worked by hand.</summary>
public class FightTests
{
    private static Cell East(int cells) => new(Scene.Open.Y, Scene.Open.X + cells);

    [Fact]
    public void A_hero_hits_the_nearest_that_its_filter_lets_through()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open);
        Unit creep = scene.Creep(1, 0, 0, East(3));
        Unit enemy = scene.Hero(HeroClass.Burst, 1, East(4));
        scene.Order(hero, targets: 1).Play();
        Assert.Equal((450 - 60, 8), (creep.Hp, hero.AttackTimer));
        Assert.Equal(enemy.MaxHp, enemy.Hp);

        scene.Pass(7);
        scene.Order(hero, targets: 2).Play();
        // 475 − 60: regeneration came before the blow, when it was full.
        Assert.Equal((475 - 60, 8), (enemy.Hp, hero.AttackTimer));
        scene.Order(hero, targets: 2).Play();
        Assert.Equal(475 - 60 + 2, enemy.Hp);
        Assert.Equal((2, 120), (hero.Counters[Counter.Attacks], hero.Counters[Counter.Dealt]));
    }

    [Fact]
    public void Nobody_is_hit_by_a_hero_that_holds_or_is_too_far()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open);
        Unit creep = scene.Neutral(0, 0, 0, new Cell(Scene.Open.Y + 6, Scene.Open.X));
        creep.Stun = 9;
        scene.Order(hero, targets: 0).Play();
        scene.Order(hero, targets: 1).Play();
        Assert.Equal((500, 0), (creep.Hp, hero.AttackTimer));
    }

    [Fact]
    public void Two_heroes_kill_each_other_in_one_tick()
    {
        var scene = new Scene();
        Unit one = scene.Hero(HeroClass.Support, 0, Scene.Open), two = scene.Hero(HeroClass.Carry, 1, East(2), 240);
        (one.Hp, two.Hp) = (10, 10);
        scene.Order(one, down: 6, targets: 2).Order(two, targets: 2).Play();
        Assert.Equal((0, 0, 24, 28), (one.Hp, two.Hp, one.Respawn, two.Respawn));
        Assert.Equal((1, 1, 1, 1), (one.Counters[Counter.Kills], two.Counters[Counter.Kills], one.Counters[Counter.Deaths], two.Counters[Counter.Deaths]));
        // 100 + 100·240/769 = 131; a hero without xp is worth 100.
        Assert.Equal((131, 340), (one.Xp, two.Xp));
        Assert.Equal((1, Scene.Open), (one.Level, one.Cell));
        Assert.Null(scene.State.At(Scene.Open));
    }

    [Fact]
    public void A_hero_comes_before_a_larger_blow_of_a_tower()
    {
        // Tower 0 at (44, 16) thinks: (1000 + 101) mod 3 = 0.
        var scene = new Scene();
        Unit victim = scene.Hero(HeroClass.Carry, 1, new Cell(47, 16));
        Unit hero = scene.Hero(HeroClass.Support, 0, new Cell(50, 16));
        victim.Hp = 160;
        MatchTick tick = scene.Order(hero, targets: 2).Play();
        Assert.Equal(2, tick.Of(victim).Suffered.Count);
        Assert.True(tick.Of(victim).Died);
        Assert.Equal((100, 1), (hero.Xp, hero.Counters[Counter.Kills]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_equal_blows_the_lower_rank_is_credited(int flip)
    {
        var scene = new Scene();
        scene.State.Flip = flip;
        Unit[] heroes = [scene.Hero(HeroClass.Support, 0, East(-2)), scene.Hero(HeroClass.Support, 1, East(2))];
        Unit neutral = scene.Neutral(0, 2, 0, Scene.Open);
        neutral.Hp = 100;
        scene.Order(heroes[0], targets: 1).Order(heroes[1], targets: 1).Play();
        Assert.False(neutral.Alive);
        Assert.Equal((35, 0), (heroes[flip].Xp, heroes[1 - flip].Xp));
        Assert.Equal((1, 0), (heroes[flip].Counters[Counter.Neutrals], heroes[1 - flip].Counters[Counter.Neutrals]));
    }

    [Fact]
    public void Experience_is_shared_by_heroes_within_seven_cells()
    {
        var scene = new Scene();
        Unit killer = scene.Hero(HeroClass.Tank, 0, East(1));
        Unit near = scene.Hero(HeroClass.Support, 0, new Cell(Scene.Open.Y + 7, Scene.Open.X));
        Unit far = scene.Hero(HeroClass.Carry, 0, new Cell(Scene.Open.Y + 7, Scene.Open.X + 1));
        Unit enemy = scene.Hero(HeroClass.Carry, 1, East(-3));
        Unit creep = scene.Creep(1, 2, 0, Scene.Open);
        // The centres of the two sides differ by a unit: the friend is 1792 − 2 + … away, so it is put exactly.
        near.Position = new Point(creep.Position.Y + 1792, creep.Position.X);
        creep.Hp = 30;
        scene.Order(killer, targets: 1).Play();
        Assert.Equal((30, 30, 0, 0), (killer.Xp, near.Xp, far.Xp, enemy.Xp));
    }

    [Fact]
    public void A_kill_without_a_hero_is_worth_nothing()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, East(3));
        scene.Creep(0, 0, 0, Scene.Open);
        Unit creep = scene.Creep(1, 2, 0, East(1));
        creep.Hp = 20;
        for (int i = 0; i < 5; i++) scene.Play();
        Assert.Equal((false, 0), (creep.Alive, hero.Xp));
    }

    [Fact]
    public void Healing_of_the_tick_counts_before_death()
    {
        var scene = new Scene();
        Unit healer = scene.Hero(HeroClass.Support, 0, East(-1));
        Unit friend = scene.Hero(HeroClass.Carry, 0, Scene.Open), enemy = scene.Hero(HeroClass.Carry, 1, East(3));
        friend.Hp = 10;
        scene.Order(healer, w: 1).Order(enemy, targets: 2).Play();
        // min(350, 12 + 400 − 75): too much healing counts against the damage of the same tick.
        Assert.Equal(337, friend.Hp);
        Assert.Equal((800, 75), (healer.Counters[Counter.Healing], friend.Counters[Counter.Received]));
    }

    [Fact]
    public void A_stun_covers_exactly_its_ticks()
    {
        var scene = new Scene();
        Unit support = scene.Hero(HeroClass.Support, 0, East(-2)), enemy = scene.Hero(HeroClass.Tank, 1, East(2));
        scene.Order(support, targets: 2, e: 1).Order(enemy, down: 0).Play();
        int first = enemy.Position.Y; // moved in the tick of the stun: the stun begins with the next
        Assert.NotEqual(Point.Centre(East(2), 1).Y, first);
        for (int i = 0; i < 15; i++) scene.Order(enemy, down: 0).Play();
        Assert.Equal(first, enemy.Position.Y);
        scene.Order(enemy, down: 0).Play();
        Assert.NotEqual(first, enemy.Position.Y);
    }

    [Fact]
    public void A_dead_hero_returns_full_when_its_timer_is_over()
    {
        var scene = new Scene();
        Unit hero = scene.State.Hero(4);
        hero.Respawn = 3;
        scene.Pass(2);
        Assert.False(hero.Alive);
        scene.Play();
        Assert.Equal((475, 390, 0), (hero.Hp, hero.Mana, hero.Respawn));
        Assert.Contains(hero.Cell, Places.HeroList((int)HeroClass.Burst, 0));
    }

    [Fact]
    public void Hurt_stays_until_well()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open); // 600 at most
        hero.Hp = 176;
        scene.Play();
        Assert.True(hero.Hurt); // 178 < 180
        hero.Hp = 477;
        scene.Play();
        Assert.True(hero.Hurt); // 479 < 480
        scene.Play();
        Assert.False(hero.Hurt); // 481
    }

    [Fact]
    public void Bad_actions_are_no_actions()
    {
        foreach (int bad in new[] { -1, 7, int.MinValue })
        {
            var scene = new Scene();
            Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open), enemy = scene.Hero(HeroClass.Tank, 1, East(2));
            scene.Order(hero, down: bad, right: 6, targets: 2, q: 1).Play();
            Assert.Equal((1, Point.Centre(Scene.Open, 0), enemy.MaxHp, 0), (hero.Counters[Counter.Invalid], hero.Position, enemy.Hp, hero.AttackTimer));
        }
    }
}
