using Arena.Validation.Moba;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Validation.Tests.Moba;

/// <summary>Ways, claims and second chances, worked by hand.</summary>
public class MoveTests
{
    private static Cell At(int down, int right) => new(Scene.Open.Y + down, Scene.Open.X + right);

    [Fact]
    public void Velocities_are_in_own_view()
    {
        var scene = new Scene();
        Unit one = scene.Hero(HeroClass.Tank, 0, At(0, -3)), two = scene.Hero(HeroClass.Tank, 1, At(0, 3));
        scene.Order(one, down: 0, right: 4).Order(two, down: 0, right: 4).Play();
        Assert.Equal(Point.Centre(At(0, -3), 0) + new Point(-242, 80), one.Position);
        Assert.Equal(Point.Centre(At(0, 3), 1) + new Point(242, -80), two.Position);
    }

    [Fact]
    public void A_hero_cannot_walk_into_somebody()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        scene.Hero(HeroClass.Support, 0, At(0, 1));
        scene.Order(hero, right: 6).Play();
        Assert.Equal((Point.Centre(Scene.Open, 0), 1), (hero.Position, hero.Counters[Counter.Blocked]));
    }

    [Fact]
    public void A_blocked_diagonal_slides_by_hand()
    {
        for (uint salt = 0; salt < 8; salt++)
        {
            var scene = new Scene();
            scene.State.Salt = salt;
            Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
            scene.Hero(HeroClass.Support, 0, At(1, 1));
            bool vertical = Chance.Hand(scene.State, hero) == 0;
            scene.Order(hero, down: 6, right: 6).Play();
            Assert.Equal(Point.Centre(Scene.Open, 0) + (vertical ? new Point(181, 0) : new Point(0, 181)), hero.Position);
            Assert.Equal(0, hero.Counters[Counter.Blocked]);
        }
    }

    [Fact]
    public void The_larger_component_slides_first()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        scene.Hero(HeroClass.Support, 0, At(1, 0));
        scene.Order(hero, down: 6, right: 4).Play(); // (242, 80) into the cell below
        Assert.Equal(Point.Centre(Scene.Open, 0) + new Point(0, 80), hero.Position);
    }

    [Fact]
    public void Of_two_that_want_a_cell_the_smaller_priority_wins()
    {
        for (uint salt = 0; salt < 8; salt++)
        {
            var scene = new Scene();
            scene.State.Salt = salt;
            Unit left = scene.Hero(HeroClass.Tank, 0, At(0, -1)), right = scene.Hero(HeroClass.Carry, 0, At(0, 1));
            bool leftWins = Chance.Priority(scene.State, left) < Chance.Priority(scene.State, right);
            scene.Order(left, right: 6).Order(right, right: 0).Play();
            Assert.Equal(leftWins, left.Cell == Scene.Open);
            Assert.Equal(!leftWins, right.Cell == Scene.Open);
            Assert.Equal((leftWins ? 0 : 1, leftWins ? 1 : 0), (left.Counters[Counter.Blocked], right.Counters[Counter.Blocked]));
        }
    }

    [Fact]
    public void Nobody_follows_into_a_cell_that_is_left_in_the_same_tick()
    {
        var scene = new Scene();
        Unit behind = scene.Hero(HeroClass.Tank, 0, Scene.Open), ahead = scene.Hero(HeroClass.Carry, 0, At(0, 1));
        scene.Order(behind, right: 6).Order(ahead, right: 6).Play();
        Assert.Equal((Scene.Open, At(0, 2)), (behind.Cell, ahead.Cell));
    }

    [Fact]
    public void The_cell_of_a_unit_that_dies_is_free_at_once()
    {
        var scene = new Scene();
        Unit hero = scene.Hero(HeroClass.Tank, 0, Scene.Open);
        Unit creep = scene.Creep(1, 0, 0, At(0, 1));
        creep.Hp = 1;
        scene.Order(hero, right: 6, targets: 1).Play();
        Assert.Equal((false, At(0, 1)), (creep.Alive, hero.Cell));
        Assert.Equal((default, Slots.Nobody, true), (creep.Position, creep.Target, creep.Spawned));
    }

    [Fact]
    public void A_creep_in_the_way_of_another_steps_aside()
    {
        for (uint salt = 0; salt < 8; salt++)
        {
            var scene = new Scene();
            scene.State.Salt = salt;
            Unit creep = scene.Creep(0, 0, 0, Scene.Open);
            int way = scene.State.Map.Fields.Lane(0, 0, Scene.Open);
            scene.Hero(HeroClass.Tank, 0, Scene.Open.Next(way));
            int h = Chance.Hand(scene.State, creep) == 0 ? 1 : -1;
            scene.Play();
            Assert.Equal(Scene.Open.Next(Compass.Turn(way, h)), creep.Cell);
            Assert.Equal(Point.Centre(creep.Cell, 0), creep.Position);
        }
    }

    [Fact]
    public void A_slow_creep_walks_every_second_tick()
    {
        var scene = new Scene();
        Unit creep = scene.Creep(0, 0, 0, Scene.Open);
        creep.Slow = 7;
        int moves = 0;
        for (int i = 0; i < 6; i++)
        {
            Cell before = creep.Cell;
            bool even = (scene.State.Tick + creep.Pair) % 2 == 0;
            scene.Play();
            Assert.Equal(even, creep.Cell != before);
            moves += even ? 1 : 0;
        }

        Assert.Equal(3, moves);
    }

    [Fact]
    public void A_creep_that_is_pulled_but_stays_in_its_cell_stays_on_its_centre()
    {
        // 257 units apart: two steps, 128 and 257. From 127 the first ends at 255, in the own cell; the second would enter the caster's.
        var scene = new Scene();
        Unit creep = scene.Creep(1, 0, 0, Scene.Open);
        Unit hero = scene.Hero(HeroClass.Support, 0, At(0, 1));
        hero.Position = creep.Position + new Point(0, 257);
        scene.Order(hero, targets: 1, q: 1).Play();
        Assert.Equal((15, Point.Centre(Scene.Open, 1)), (hero.SkillTimers[0], creep.Position));
    }

    [Fact]
    public void A_sweep_goes_from_free_cell_to_free_cell() => Prop.ForAll(Ways.ToArbitrary(), journey =>
    {
        (int index, int y, int x, int down, int right) = journey;
        var scene = new Scene();
        Cell start = Cell.At(index);
        if (!scene.State.IsFree(start)) return;
        Unit hero = scene.Hero(HeroClass.Tank, 0, start);
        hero.Position = new Point((256 * start.Y) + y, (256 * start.X) + x);
        var moves = new MoveRules(new MatchTick(scene.State, 1, 1));
        if (moves.Sweep(hero, new Point(down, right)) is not { } end) return;
        Assert.True(end.Cell == start || scene.State.IsFree(end.Cell));
        Assert.InRange(Math.Abs(end.Y - hero.Position.Y), 0, Math.Abs(down));
        Assert.InRange(Math.Abs(end.X - hero.Position.X), 0, Math.Abs(right));
        // A way straight through free cells is walked to its end.
        if (end != hero.Position + new Point(down, right)) Assert.False(AllFree(scene.State, hero.Position, new Point(down, right)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(TestSize.Of(200, 10_000)));

    private static Gen<(int, int, int, int, int)> Ways =>
        from index in Gen.Choose(0, (128 * 128) - 1)
        from y in Gen.Choose(0, 255)
        from x in Gen.Choose(0, 255)
        from down in Gen.Choose(-2500, 2500)
        from right in Gen.Choose(-2500, 2500)
        select (index, y, x, down, right);

    // Every cell of the box between two points is free: then no way between them can be refused.
    private static bool AllFree(MatchModel state, Point from, Point way)
    {
        Cell a = from.Cell, b = (from + way).Cell;
        for (int y = Math.Min(a.Y, b.Y); y <= Math.Max(a.Y, b.Y); y++)
            for (int x = Math.Min(a.X, b.X); x <= Math.Max(a.X, b.X); x++)
                if (new Cell(y, x) != a && !state.IsFree(new Cell(y, x))) return false;
        return true;
    }
}
