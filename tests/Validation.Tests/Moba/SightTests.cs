using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Observations, worked by hand.</summary>
public class SightTests
{
    private const int Limit = 4000, Self = 484;

    private static Cell At(int down, int right) => new(Scene.Open.Y + down, Scene.Open.X + right);

    [Fact]
    public void The_window_shows_tiles_health_mana_and_level()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open);
        Unit enemy = scene.Hero(HeroClass.Carry, 1, At(-1, 2), 640);
        (enemy.Hp, enemy.Mana) = (90, 200); // of 450 and 400
        scene.Creep(0, 0, 0, At(0, 1)).Hp = 225;
        scene.Creep(1, 0, 0, At(0, -1));
        scene.Neutral(0, 0, 0, At(5, 5)).Hp = 1;
        double[] row = new SightRules(scene.State, hero, Limit).Grid();

        Assert.Equal([6, 255, 255, 8], Cell(row, 0, 0));
        Assert.Equal([15, 51, 127, 25], Cell(row, -1, 2));
        Assert.Equal([3, 127, 0, 0], Cell(row, 0, 1));
        Assert.Equal([4, 255, 0, 0], Cell(row, 0, -1));
        Assert.Equal([5, 0, 0, 0], Cell(row, 5, 5));
        Assert.Equal([0, 0, 0, 0], Cell(row, 1, 1));
    }

    [Fact]
    public void Side_1_sees_the_map_turned()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 1, Scene.Open);
        scene.Creep(0, 0, 0, At(-2, 1));
        double[] row = new SightRules(scene.State, hero, Limit).Grid();
        Assert.Equal([4, 255, 0, 0], Cell(row, 2, -1));
        // Cell (56, 16) is (71, 111) turned.
        Assert.Equal([2 * 111, 2 * 71], row[Self..(Self + 2)]);
    }

    [Fact]
    public void Structures_show_tier_and_whether_they_can_be_hit()
    {
        var scene = new Scene();
        Unit enemy = scene.Hero(HeroClass.Tank, 1, new Cell(46, 16));
        Assert.Equal([2, 255, 255, 51], Cell(new SightRules(scene.State, enemy, Limit).Grid(), 2, 0));
        Unit own = scene.Hero(HeroClass.Tank, 0, new Cell(100, 25));
        double[] row = new SightRules(scene.State, own, Limit).Grid();
        Assert.Equal([2, 255, 0, 255], Cell(row, 2, 0));
        Assert.Equal([2, 255, 0, 204], Cell(row, 2, 4));
        Assert.Equal([2, 255, 0, 204], Cell(row, -2, 0));
        Unit burglar = scene.Hero(HeroClass.Carry, 1, new Cell(100, 26));
        Assert.Equal([2, 255, 128, 255], Cell(new SightRules(scene.State, burglar, Limit).Grid(), -2, 1));
    }

    [Fact]
    public void A_hero_knows_itself()
    {
        var scene = new Scene(1999);
        Unit hero = scene.Hero(HeroClass.Burst, 0, Scene.Open, 5900);
        (hero.Hp, hero.Mana, hero.Stun, hero.Slow, hero.Haste, hero.AttackTimer) = (115, 120, 0, 3, 70, 4);
        (hero.SkillTimers[0], hero.SkillTimers[2]) = (70, 3);
        (hero.WasHit, hero.GainedXp) = (true, true);
        scene.Fell(0, 1);
        double[] self = new SightRules(scene.State, hero, Limit).Grid()[Self..];
        // Level 10: 1150 hp, 1200 mana, 150 damage.
        Assert.Equal([32, 112, 85, 25, 25, 37, 0, 128, 0, 255, 140, 0, 6, 120, 127, 255, 252, 0, 0, 255, 0, 0, 0, 255, 231, 0], self);
        hero.Slow = 0;
        Assert.Equal(255, new SightRules(scene.State, hero, Limit).Grid()[Self + 7]);
        (hero.Slow, hero.Haste) = (9, 0);
        Assert.Equal([64, 0, 36], new SightRules(scene.State, hero, Limit).Grid()[(Self + 7)..(Self + 10)]);
        hero.Stun = 2;
        Assert.Equal([0, 8, 36], new SightRules(scene.State, hero, Limit).Grid()[(Self + 7)..(Self + 10)]);
    }

    [Fact]
    public void A_dead_hero_sees_nothing_but_its_clock()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        scene.State.Leave(hero);
        (hero.Hp, hero.Respawn, hero.JustDied) = (0, 0, true);
        double[] row = new SightRules(scene.State, hero, Limit).Grid();
        Assert.All(row[..Self], value => Assert.Equal(0, value));
        Assert.Equal([32, 112, 8, 0, 0, 16, 1, 0, 0, 0, 0, 0, 0, 0, 63, 0, 252, 0, 0, 0, 255, 0, 255, 0, 252, 0], row[Self..]);
        hero.Respawn = 300;
        Assert.Equal(255, new SightRules(scene.State, hero, Limit).Grid()[Self + 6]);
        Assert.All(new SightRules(scene.State, hero, Limit).Entities()[..192], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Records_are_the_nearest_in_order()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open);
        Unit enemy = scene.Hero(HeroClass.Carry, 1, At(-3, 4), 640);
        (enemy.Hp, enemy.Mana, enemy.Stun, enemy.Slow, enemy.Haste) = (90, 200, 70, 1, 1);
        scene.Creep(0, 0, 0, At(0, -2)).Slow = 2;
        scene.Neutral(0, 0, 0, At(1, 0));
        double[] row = new SightRules(scene.State, hero, Limit).Entities();
        Assert.Equal([3, 3, 136, 128, 255, 0, 0, 0, 0, 0, 5, 255], row[..12]);
        Assert.Equal([2, 1, 128, 112, 255, 0, 0, 0, 0, 85, 5, 0], row[12..24]);
        // 4 cells right less one unit: 1023/32 = 31; 3 up and one unit: −769/32 = −24.
        Assert.Equal([1, 2, 104, 159, 51, 127, 25, 5, 255, 255, 31, 255], row[24..36]);
        // Out of square 10, towers 12 cells away are not seen.
        Assert.All(row[36..192], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Sixteen_records_hold_no_more_and_structures_say_what_they_are()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 1, new Cell(46, 16));
        double[] first = new SightRules(scene.State, hero, Limit).Entities()[..12];
        // Seen turned: the tower is two cells and a unit further down.
        Assert.Equal([4, 2, 128 + 15, 128, 255, 0, 51, 0, 0, 0, 27, 255], first);
        for (int i = 0; i < 20; i++) scene.Creep(i % 2, i / 10, i % 10 / 2, At(-6 + (i / 5), -2 + (i % 5)));
        double[] row = new SightRules(scene.State, hero, Limit).Entities();
        Assert.Equal(16, Enumerable.Range(0, 16).Count(record => row[12 * record] > 0));
        Unit ancientGuard = scene.Hero(HeroClass.Burst, 1, new Cell(103, 25));
        Assert.Equal([5, 2, 128 + 7, 128, 255, 0, 255, 0, 0, 0, 0, 0], new SightRules(scene.State, ancientGuard, Limit).Entities()[..12]);
    }

    private static double[] Cell(double[] row, int down, int right)
    {
        int at = 4 * ((11 * (down + 5)) + right + 5);
        return row[at..(at + 4)];
    }
}
