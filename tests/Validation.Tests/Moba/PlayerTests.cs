using Arena.Kernels.Random;
using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>What built-in players do, worked by hand.</summary>
public class PlayerTests
{
    private static Cell At(int down, int right) => new(Scene.Open.Y + down, Scene.Open.X + right);

    private static int[] Choose(Scene scene, Unit hero, string player) => new PlayerRules(scene.State, 5, 2, hero).Choose(player);

    [Fact]
    public void Random_players_draw_by_rank()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open); // slot 6
        scene.State.Flip = 1;
        UInt4 first = Philox.Draw(5, 2, 0, 1000, 7, 6), second = Philox.Draw(5, 2, 0, 1000, 7, 7);
        int[] expected =
        [
            Philox.Below(first.X, 7), Philox.Below(first.Y, 7), Philox.Below(first.Z, 3), Philox.Below(first.W, 2),
            Philox.Below(second.X, 2), Philox.Below(second.Y, 2),
        ];
        Assert.Equal(expected, Choose(scene, hero, "random"));
    }

    [Theory]
    [InlineData("random")]
    [InlineData("scripted:weak")]
    [InlineData("scripted:normal")]
    [InlineData("scripted:strong")]
    public void The_dead_do_nothing(string player)
    {
        var scene = new Scene();
        Assert.Equal([3, 3, 0, 0, 0, 0], Choose(scene, scene.State.Hero(3), player));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_anybody_they_follow_their_lane(int team)
    {
        // The tank's lane is its own top; the mirror image of the place is (71, 111).
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, team, Places.For(team, Scene.Open));
        int lane = scene.State.Map.Fields.Lane(0, 0, Scene.Open);
        int[] expected = [3 + (3 * Compass.Down(lane)), 3 + (3 * Compass.Right(lane)), 0];
        foreach (string player in new[] { "scripted:weak", "scripted:normal", "scripted:strong" })
            Assert.Equal(expected, Choose(scene, hero, player)[..3]);
    }

    [Fact]
    public void Strong_heroes_gather_in_mid_from_tick_1500_on()
    {
        foreach (int tick in new[] { 1499, 1500 })
        {
            var scene = new Scene(tick);
            Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
            int lane = scene.State.Map.Fields.Lane(tick < 1500 ? 0 : 1, 0, Scene.Open), own = scene.State.Map.Fields.Lane(0, 0, Scene.Open);
            Assert.Equal([3 + (3 * Compass.Down(lane)), 3 + (3 * Compass.Right(lane))], Choose(scene, hero, "scripted:strong")[..2]);
            Assert.Equal([3 + (3 * Compass.Down(own)), 3 + (3 * Compass.Right(own))], Choose(scene, hero, "scripted:normal")[..2]);
        }
    }

    [Fact]
    public void Weak_walks_to_its_prey_and_hits_hand_to_hand()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Carry, 0, Scene.Open);
        Unit creep = scene.Creep(1, 0, 0, At(-6, -1));
        Assert.Equal([0, 0, 0, 0, 0, 0], Choose(scene, hero, "scripted:weak"));
        creep.Position = Point.Centre(At(-1, -1), 1);
        scene.State.FillGrid();
        Assert.Equal([3, 3, 1, 0, 0, 0], Choose(scene, hero, "scripted:weak"));
    }

    [Fact]
    public void Strong_aims_at_heroes_it_can_have()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        Unit creep = scene.Creep(1, 0, 0, At(1, 0));
        Unit enemy = scene.Hero(HeroClass.Tank, 1, At(4, 0));
        Assert.Equal(1, Choose(scene, hero, "scripted:normal")[2]);
        Assert.Equal(2, Choose(scene, hero, "scripted:strong")[2]); // the creep would not die
        creep.Hp = 60;
        Assert.Equal(1, Choose(scene, hero, "scripted:strong")[2]);
        enemy.Hp = 400;
        Assert.Equal(2, Choose(scene, hero, "scripted:strong")[2]);
        // A neutral that is nearer hides the creep, not the hero.
        scene.Neutral(0, 0, 0, At(0, 1)).Position = Point.Centre(At(0, 1), 0) - new Point(0, 90);
        Assert.Equal(2, Choose(scene, hero, "scripted:normal")[2]);
    }

    [Fact]
    public void Hurt_heroes_go_home_and_stay_there()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        hero.Hurt = true;
        int home = scene.State.Map.Fields.Fountain(0, Scene.Open);
        int[] expected = [3 + (3 * Compass.Down(home)), 3 + (3 * Compass.Right(home))];
        Assert.Equal(expected, Choose(scene, hero, "scripted:normal")[..2]);
        Assert.Equal(0, Choose(scene, hero, "scripted:weak")[0]); // never retreats: up the lane
        hero.Position = Point.Centre(new Cell(110, 20), 0);
        scene.State.FillGrid();
        Assert.Equal([3, 3], Choose(scene, hero, "scripted:strong")[..2]);
    }

    [Fact]
    public void Strong_keeps_away_from_towers_without_two_creeps()
    {
        // A tank of side 1 before tower 0 of side 0 at (44, 16), seven and six cells away; home is to the north for it.
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 1, new Cell(37, 16));
        int home = scene.State.Map.Fields.Fountain(1, hero.Cell), lane = scene.State.Map.Fields.Lane(0, 1, hero.Cell);
        Assert.Equal(Heads(lane), Choose(scene, hero, "scripted:strong")[..2]);
        hero.Position = Point.Centre(new Cell(38, 16), 1);
        scene.State.FillGrid();
        home = scene.State.Map.Fields.Fountain(1, hero.Cell);
        lane = scene.State.Map.Fields.Lane(0, 1, hero.Cell);
        Assert.Equal(Heads(home), Choose(scene, hero, "scripted:strong")[..2]);
        Assert.Equal(Heads(lane), Choose(scene, hero, "scripted:normal")[..2]);
        scene.Creep(1, 0, 0, new Cell(38, 12));
        scene.Creep(1, 0, 1, new Cell(38, 13));
        Assert.Equal(Heads(lane), Choose(scene, hero, "scripted:strong")[..2]);

        // Own view of side 1: turned.
        static int[] Heads(int direction) => [3 - (3 * Compass.Down(direction)), 3 - (3 * Compass.Right(direction))];
    }

    [Fact]
    public void Strong_shooters_step_back_between_shots()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Carry, 0, Scene.Open);
        scene.Hero(HeroClass.Tank, 1, At(-2, 0));
        Assert.Equal([3, 3], Choose(scene, hero, "scripted:strong")[..2]);
        hero.AttackTimer = 1;
        int home = scene.State.Map.Fields.Fountain(0, Scene.Open);
        Assert.Equal([3 + (3 * Compass.Down(home)), 3 + (3 * Compass.Right(home))], Choose(scene, hero, "scripted:strong")[..2]);
        Assert.Equal([3, 3], Choose(scene, hero, "scripted:normal")[..2]);
    }

    [Fact]
    public void A_way_that_is_taken_is_passed_by_hand()
    {
        for (uint salt = 0; salt < 6; salt++)
        {
            var scene = new Scene();
            scene.State.Salt = salt;
            Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
            int lane = scene.State.Map.Fields.Lane(0, 0, Scene.Open);
            scene.Hero(HeroClass.Support, 0, Scene.Open.Next(lane));
            int way = Compass.Turn(lane, Chance.Hand(scene.State, hero) == 0 ? 1 : -1);
            Assert.Equal([3 + (3 * Compass.Down(way)), 3 + (3 * Compass.Right(way))], Choose(scene, hero, "scripted:normal")[..2]);
        }
    }

    // Own hp in percent, whether X is a hero, its hp in percent, hurt, and what is pressed.
    [Theory]
    [InlineData(0, 100, true, 100, false, "Q-E")]
    [InlineData(0, 59, false, 100, false, "-W-")]
    [InlineData(0, 60, false, 100, false, "---")]
    [InlineData(1, 100, false, 100, false, "Q--")]
    [InlineData(1, 100, true, 49, true, "QWE")]
    [InlineData(1, 100, true, 50, false, "Q--")]
    [InlineData(2, 100, false, 100, false, "-W-")]
    [InlineData(2, 100, true, 100, false, "QWE")]
    [InlineData(3, 49, true, 100, false, "QW-")]
    [InlineData(3, 60, true, 100, false, "Q-E")]
    [InlineData(3, 60, true, 100, true, "Q--")]
    [InlineData(4, 100, true, 100, false, "-WE")]
    [InlineData(4, 20, true, 100, true, "QWE")]
    [InlineData(4, 20, false, 100, true, "--E")]
    public void Skills_are_pressed_by_the_table(int heroClass, int health, bool atHero, int targetHealth, bool hurt, string keys)
    {
        var scene = new Scene();
        Unit hero = scene.Hero((HeroClass)heroClass, 0, Scene.Open, 240);
        hero.Hp = hero.MaxHp * health / 100;
        hero.Hurt = hurt;
        Unit target = atHero ? scene.Hero(HeroClass.Tank, 1, At(3, 0), 0) : scene.Creep(1, 0, 0, At(3, 0));
        target.Hp = target.MaxHp * targetHealth / 100;
        int[] pressed = Choose(scene, hero, "scripted:normal")[3..];
        Assert.Equal(keys, string.Concat(pressed.Select((press, key) => press == 1 ? "QWE"[key] : '-')));
    }

    [Fact]
    public void A_tank_saves_its_last_mana()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        hero.Mana = 60;
        Assert.Equal(1, Choose(scene, hero, "scripted:normal")[3]);
        hero.Mana = 59;
        Assert.Equal(0, Choose(scene, hero, "scripted:normal")[3]);
    }
}
