using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Every skill's numbers at level 3, worked by hand.</summary>
public class SkillTests
{
    private const int LevelThree = 640;

    private static Cell East(int cells) => new(Scene.Open.Y, Scene.Open.X + cells);

    [Theory]
    [InlineData(0, 2, 75, 60, 110, 16, 0)] // support stun
    [InlineData(1, 0, 100, 40, 160, 0, 0)] // assassin cleave
    [InlineData(1, 1, 150, 60, 400, 0, 0)] // assassin blink
    [InlineData(2, 0, 200, 70, 370, 0, 0)] // burst nuke
    [InlineData(2, 1, 100, 40, 220, 0, 0)] // burst nova
    [InlineData(2, 2, 75, 50, 0, 11, 0)] // burst freeze
    [InlineData(3, 0, 5, 5, 31, 0, 0)] // tank burn
    [InlineData(4, 0, 75, 40, 0, 0, 15)] // carry retreat
    [InlineData(4, 1, 150, 40, 110, 0, 23)] // carry snare
    [InlineData(4, 2, 100, 40, 160, 0, 0)] // carry spray
    public void A_skill_does_and_costs_what_the_table_says(int heroClass, int key, int mana, int timer, int damage, int stun, int slow)
    {
        var scene = new Scene();
        Unit hero = scene.Hero((HeroClass)heroClass, 0, Scene.Open, LevelThree);
        Unit creep = scene.Creep(1, 0, 0, East(2));
        scene.Order(hero, targets: 1, q: key == 0 ? 1 : 0, w: key == 1 ? 1 : 0, e: key == 2 ? 1 : 0).Play();
        Assert.Equal((450 - damage, stun, slow), (creep.Hp, creep.Stun, creep.Slow));
        Assert.Equal((hero.MaxMana - mana, timer, 0), (hero.Mana, hero.SkillTimers[key], hero.AttackTimer));
        Assert.Equal(1, hero.Counters[Counter.FirstSkill + key]);
    }

    [Fact]
    public void A_hook_pulls_its_target_nearer()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, East(-2), LevelThree), enemy = scene.Hero(HeroClass.Tank, 1, East(2));
        scene.Order(hero, targets: 2, q: 1).Play();
        // k = 384 + 768/10 = 460 of L1 = 1023 + 1 units: (1, −1023)·460/1024 → (0, −459).
        Assert.Equal(Point.Centre(East(2), 1) + new Point(0, -459), enemy.Position);
    }

    [Fact]
    public void Heal_and_mend_give_what_they_say()
    {
        var scene = new Scene();
        Unit healer = scene.Hero(HeroClass.Support, 0, Scene.Open, LevelThree), tank = scene.Hero(HeroClass.Tank, 0, East(5), LevelThree);
        Unit apart = scene.Hero(HeroClass.Carry, 0, new Cell(Scene.Open.Y + 6, Scene.Open.X));
        (healer.Hp, tank.Hp, apart.Hp) = (100, 100, 100);
        scene.Order(healer, w: 1).Play();
        Assert.Equal((602, 602, 102), (healer.Hp, tank.Hp, apart.Hp));
        tank.Hp = 100;
        scene.Order(tank, w: 1).Play();
        Assert.Equal(102 + 400 + 375, tank.Hp);
    }

    [Fact]
    public void Haste_doubles_the_next_25_ticks()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Assassin, 0, new Cell(50, 13));
        scene.Order(hero, down: 4, e: 1).Play();
        int from = hero.Position.Y;
        Assert.Equal(Point.Centre(new Cell(50, 13), 0).Y + 85, from);
        for (int i = 0; i < 25; i++) scene.Order(hero, down: 4).Play();
        Assert.Equal(from + (25 * 170), hero.Position.Y);
        scene.Order(hero, down: 4).Play();
        Assert.Equal(from + (25 * 170) + 85, hero.Position.Y);
    }

    [Fact]
    public void A_blink_lands_beside_the_target_on_the_casters_side()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Assassin, 0, East(-2)), enemy = scene.Hero(HeroClass.Tank, 1, East(2));
        scene.Order(hero, down: 6, targets: 2, w: 1).Play();
        Assert.Equal(Point.Centre(East(1), 0), hero.Position);
        Assert.Equal(850 - 300, enemy.Hp);
    }

    [Fact]
    public void A_blink_takes_the_first_free_cell_of_its_order()
    {
        // From the west: W is taken; then e + 1 (north-west).
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Assassin, 0, East(-3));
        Unit enemy = scene.Hero(HeroClass.Tank, 1, East(2));
        scene.Hero(HeroClass.Carry, 0, East(1));
        scene.Order(hero, targets: 2, w: 1);
        scene.State.Enter(scene.State.Hero(8));
        Assert.Equal(new Cell(Scene.Open.Y - 1, Scene.Open.X + 1), MoveRules.BlinkCell(scene.State, hero, enemy));
    }

    [Fact]
    public void Engage_gathers_enemies_around_the_target()
    {
        var scene = new Scene();
        Unit tank = scene.Hero(HeroClass.Tank, 0, East(-3), LevelThree);
        Unit target = scene.Hero(HeroClass.Burst, 1, Scene.Open), other = scene.Hero(HeroClass.Carry, 1, East(4));
        Unit creep = scene.Creep(1, 0, 0, new Cell(Scene.Open.Y + 4, Scene.Open.X));
        scene.Order(tank, targets: 2, e: 1).Play();
        Assert.Equal(East(-1), tank.Cell);
        Assert.Equal(Point.Centre(Scene.Open, 1), target.Position);
        // k = 512 + 76 = 588.
        Assert.Equal(Point.Centre(East(4), 1) - new Point(0, 588), other.Position);
        Assert.Equal(new Cell(Scene.Open.Y + 2, Scene.Open.X), creep.Cell); // 127 − 588 ⇒ two cells and a bit, then back to the centre
    }

    [Fact]
    public void A_retreat_pays_for_as_many_hops_as_it_can()
    {
        var scene = new Scene();
        Unit carry = scene.Hero(HeroClass.Carry, 0, Scene.Open, LevelThree);
        Unit enemy = scene.Hero(HeroClass.Tank, 1, new Cell(Scene.Open.Y - 3, Scene.Open.X));
        carry.Mana = 48; // 50 after regeneration: two hops
        enemy.Position = carry.Position - new Point(768, 0);
        scene.Order(carry, right: 0, targets: 2, q: 1).Play();
        Assert.Equal((0, 40, 15), (carry.Mana, carry.SkillTimers[0], enemy.Slow));
        // Straight away by 2·(768 + 76) units, whatever else was wanted.
        Assert.Equal(Point.Centre(Scene.Open, 0) + new Point(1688, 0), carry.Position);
    }

    [Fact]
    public void The_first_key_that_works_is_used_and_nothing_else()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Support, 0, Scene.Open), enemy = scene.Hero(HeroClass.Tank, 1, East(3));
        hero.SkillTimers[0] = 5;
        hero.Mana = 90;
        scene.Order(hero, targets: 2, q: 1, w: 1, e: 1).Play();
        Assert.Equal((92 - 75, 4, 0, 60), (hero.Mana, hero.SkillTimers[0], hero.SkillTimers[1], hero.SkillTimers[2]));
        Assert.Equal((0, 70), (hero.AttackTimer, 850 - enemy.Hp));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 2)]
    public void Some_skills_do_not_work_on_structures(int heroClass, int key)
    {
        // (44, 16) is tower 0 of side 0.
        var scene = new Scene();
        Unit hero = scene.Hero((HeroClass)heroClass, 1, new Cell(46, 16), LevelThree);
        scene.Order(hero, targets: 1, q: key == 0 ? 1 : 0, w: key == 1 ? 1 : 0, e: key == 2 ? 1 : 0).Play();
        Assert.Equal((hero.MaxMana, 0), (hero.Mana, hero.SkillTimers[key]));
        Assert.Equal(1800 - hero.Damage, scene.State.Tower(0, 0).Hp);
    }
}
