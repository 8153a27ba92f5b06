using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Creeps, neutrals and towers, worked by hand.</summary>
public class WaveTests
{
    [Fact]
    public void An_episode_begins_with_heroes_at_home_and_its_first_tick_brings_everybody_else()
    {
        var state = new MatchModel(Terrain.Of(1));
        SpawnRules.BeginEpisode(state, 5, 2, 0, forceFlip: -1);
        Assert.Equal(10 + 24, state.Units.Count(unit => unit.Alive));
        for (int slot = 0; slot < 10; slot++) Assert.Contains(state.Hero(slot).Cell, Places.HeroList(slot / 2, slot % 2));
        Play(state);
        Assert.Equal(30, state.Units.Count(unit => unit is { Kind: Kind.Creep, Alive: true }));
        Assert.Equal(72, state.Units.Count(unit => unit is { Kind: Kind.Neutral, Alive: true }));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(150, 1)]
    [InlineData(607, 0)]
    [InlineData(608, -1)]
    [InlineData(1057, 3)]
    public void A_wave_appears_in_its_eight_ticks(int t, int slots)
    {
        var scene = new Scene(t);
        scene.Play();
        Unit[] creeps = [.. scene.State.Units.Where(unit => unit is { Kind: Kind.Creep, Alive: true })];
        Assert.Equal(slots < 0 ? 0 : 30, creeps.Length);
        Assert.All(creeps, creep => Assert.Equal((slots, true), (creep.WaveMod4, creep.Spawned)));
        Assert.All(creeps, creep => Assert.True(Places.CreepSpawn(creep.Lane, creep.Side).Near(creep.Cell, 4)));
    }

    [Fact]
    public void A_blocked_list_waits_and_a_living_creep_is_not_replaced()
    {
        var scene = new Scene(600);
        Cell[] list = Places.CreepList(0, 4, 0);
        // Nine stunned creeps of wave 1 stand on the nine cells of creep 4; its own slot of wave 0, lane 2, is still alive.
        for (int i = 0; i < list.Length; i++) StandIn(scene, i).Position = Point.Centre(list[i], 0);
        Unit old = scene.Creep(0, 2, 3, Scene.Open);
        old.Hp = 17;
        old.Stun = 100;
        scene.State.FillGrid();
        Unit waiting = scene.State.Units[Slots.FirstCreep + (2 * 4)];
        for (int i = 0; i < 3; i++) scene.Play();
        Assert.Equal((false, false), (waiting.Alive, waiting.Spawned));
        Assert.Equal((17, false), (old.Hp, old.Spawned));
        Unit one = StandIn(scene, 6);
        scene.State.Leave(one);
        one.Hp = 0;
        scene.Play();
        Assert.Equal((true, true), (waiting.Alive, waiting.Spawned));
    }

    [Fact]
    public void A_creep_hunts_what_it_sees_and_no_neutral()
    {
        var scene = new Scene();
        Unit creep = scene.Creep(0, 0, 0, Scene.Open); // slot 10: thinks at ticks 1000, 1005
        scene.Neutral(0, 3, 0, new Cell(56, 17)).Stun = 50;
        Unit prey = scene.Creep(1, 2, 0, new Cell(53, 20));
        prey.Stun = 50;
        scene.Play();
        Assert.Equal((prey.Slot, new Cell(55, 17)), (creep.Target, creep.Cell));
        scene.Pass(3);
        Assert.Equal((450 - 22, 5), (prey.Hp, creep.AttackTimer));
        scene.Pass(4);
        Assert.Equal(450 - 22, prey.Hp);
        scene.Play();
        Assert.Equal(450 - 44, prey.Hp);
        prey.Position = Point.Centre(new Cell(53, 30), 1);
        scene.State.FillGrid();
        scene.Play();
        Assert.Equal(Slots.Nobody, creep.Target);
    }

    [Fact]
    public void A_neutral_lets_go_when_it_is_too_far_from_home()
    {
        // Camp 3 of side 0 is at (76, 30); slot 130 + 2·12 = 154 has pair 77 and thinks when (t + 77) mod 5 = 0.
        var scene = new Scene(1003);
        Cell home = Places.Camp(3, 0);
        Unit neutral = scene.Neutral(0, 3, 0, home);
        Unit hero = scene.Hero(HeroClass.Tank, 0, new Cell(home.Y, home.X - 3));
        scene.Play();
        Assert.Equal((hero.Slot, new Cell(home.Y, home.X - 1)), (neutral.Target, neutral.Cell));
        scene.State.Leave(neutral);
        neutral.Position = Point.Centre(new Cell(home.Y - 9, home.X), 0);
        hero.Position = Point.Centre(new Cell(home.Y - 9, home.X - 1), 0);
        scene.State.FillGrid();
        int way = scene.State.Map.Fields.Camp(3, 0, neutral.Cell);
        scene.Play();
        Assert.Equal((Slots.Nobody, new Cell(home.Y - 9, home.X).Next(way)), (neutral.Target, neutral.Cell));
    }

    [Fact]
    public void Neutrals_are_healed_every_600_ticks()
    {
        var scene = new Scene(1200);
        Unit neutral = scene.Neutral(1, 0, 0, Places.Camp(0, 1));
        neutral.Hp = 3;
        scene.Play();
        Assert.Equal((500, false), (neutral.Hp, neutral.Spawned));
    }

    [Fact]
    public void A_tower_keeps_its_target_and_leaves_neutrals_alone()
    {
        // Tower 0 of side 0 at (44, 16): (1000 + 101) mod 3 = 0.
        var scene = new Scene();
        Unit tower = scene.State.Tower(0, 0);
        Unit hero = scene.Hero(HeroClass.Tank, 1, new Cell(48, 16));
        scene.Neutral(0, 0, 0, new Cell(44, 18)).Stun = 50;
        scene.Play();
        Assert.Equal((hero.Slot, 5, 850 - 110), (tower.Target, tower.AttackTimer, hero.Hp));
        scene.Creep(1, 0, 0, new Cell(45, 16)).Stun = 50;
        scene.Pass(5);
        Assert.Equal((hero.Slot, 850 - 110 + (5 * 2) - 110), (tower.Target, hero.Hp));
    }

    [Fact]
    public void Structures_fall_in_their_order()
    {
        var scene = new Scene();
        bool[] Vulnerable() => [.. Enumerable.Range(0, 12).Select(tower => scene.State.IsVulnerable(scene.State.Tower(tower, 1)))];
        bool[] Only(params int[] towers) => [.. Enumerable.Range(0, 12).Select(towers.Contains)];

        Assert.Equal(Only(0, 1, 2), Vulnerable());
        scene.Fell(1, 1);
        Assert.Equal(Only(0, 2, 4), Vulnerable());
        scene.Fell(4, 1);
        scene.Fell(7, 1);
        Assert.Equal(Only(0, 2, 9, 10), Vulnerable());
        scene.Fell(9, 1);
        Assert.Equal(Only(0, 2, 10), Vulnerable());
        scene.Fell(10, 1);
        Assert.Equal(Only(0, 2, 11), Vulnerable());
    }

    [Fact]
    public void A_tower_that_becomes_vulnerable_can_be_hit_from_the_next_tick_on()
    {
        var scene = new Scene();
        scene.State.Tower(0, 1).Hp = 1;
        Unit first = scene.State.Tower(0, 1), second = scene.State.Tower(3, 1);
        Unit hero = scene.Hero(HeroClass.Support, 0, new Cell(first.Cell.Y + 2, first.Cell.X), 640);
        MatchTick tick = scene.Order(hero, targets: 2).Play();
        Assert.False(first.Alive);
        Assert.False(tick.Of(second).WasVulnerable);
        Assert.Equal((1, 1, 0), (hero.Counters[Counter.Towers], tick.Of(hero).TowersTaken, hero.Xp - 640));
        Assert.True(hero.EnemyFell);
        Assert.True(scene.Play().Of(second).WasVulnerable);
        Assert.False(hero.EnemyFell);
    }

    // Creep i of wave 1, lanes 0 and 1.
    private static Unit StandIn(Scene scene, int i)
    {
        Unit unit = scene.State.Units[Slots.FirstCreep + (2 * ((20 * (i / 5)) + 5 + (i % 5)))];
        unit.Hp = 450;
        unit.Stun = 100;
        return unit;
    }

    private static void Play(MatchModel state)
    {
        var actions = new int[60];
        for (int i = 0; i < 60; i += 6) (actions[i], actions[i + 1]) = (3, 3);
        new MatchTick(state, 5, 2).Play(actions);
    }
}
