using Arena.Validation.Moba;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Validation.Tests.Moba;

/// <summary>The reference's maps, fields and spawn lists.</summary>
public class MapTests
{
    private static readonly Cell EnemyAncient = new(25, 102);

    [Fact]
    public void Lanes_and_the_way_between_fountains_have_their_lengths()
    {
        Terrain map = Terrain.Of(1);
        bool Closed(Cell cell) => map.IsWall(cell) || (cell != EnemyAncient && Places.IsTower(cell));
        int Length(int lane) => MapRules.Reach(Places.CreepSpawn(lane, 0), Closed, Places.Corridor(lane).Contains)[EnemyAncient];

        Assert.InRange(Length(0), 148, 149);
        Assert.Equal(73, Length(1));
        Assert.InRange(Length(2), 148, 149);
        Assert.Equal(99, MapRules.Reach(Places.Fountain, Closed, _ => true)[Places.Fountain.Turned]);
    }

    [Fact]
    public void Maps_are_symmetric_and_open_enough() => Prop.ForAll(Gen.Choose(0, 1 << 20).ToArbitrary(), seed =>
    {
        bool[] walls = MapRules.Generate((uint)seed);
        int free = walls.Count(wall => !wall);
        Assert.InRange(free, 12_000, 12_700);
        for (int cell = 0; cell < walls.Length; cell++) Assert.Equal(walls[cell], walls[16383 - cell]);
        Assert.Equal(walls, MapRules.Generate((uint)seed));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(TestSize.Of(3, 200)));

    [Fact]
    public void Every_field_leads_to_its_target()
    {
        Terrain map = Terrain.Of(1);
        for (int side = 0; side < 2; side++)
        {
            for (int lane = 0; lane < 3; lane++)
                Follow(map, cell => map.Fields.Lane(lane, side, cell), Places.For(side, EnemyAncient));
            for (int camp = 0; camp < 9; camp++)
                Follow(map, cell => map.Fields.Camp(camp, side, cell), Places.Camp(camp, side));
            Follow(map, cell => map.Fields.Fountain(side, cell), Places.For(side, Places.Fountain));
        }
    }

    [Fact]
    public void Spawn_lists_share_blocks_fairly()
    {
        Assert.Equal([10, 10, 10, 10, 9], Enumerable.Range(0, 5).Select(k => Places.CreepList(0, k, 0).Length));
        Assert.Equal([13, 12, 12, 12], Enumerable.Range(0, 4).Select(k => Places.NeutralList(0, k, 0).Length));
        Assert.All(Enumerable.Range(0, 5), heroClass => Assert.Equal(45, Places.HeroList(heroClass, 0).Length));
        // The first row of the block around (96, 16): its cells 0, 5 and 10 are (93,13), (93,18) and (94,16).
        Assert.Equal([new Cell(93, 13), new Cell(93, 18), new Cell(94, 16)], Places.CreepList(0, 0, 0).Take(3));
        Assert.Equal([new Cell(34, 114), new Cell(34, 109), new Cell(33, 111)], Places.CreepList(0, 0, 1).Take(3));
        Assert.Equal(225, Enumerable.Range(0, 5).SelectMany(heroClass => Places.HeroList(heroClass, 1)).Distinct().Count());
    }

    [Fact]
    public void A_field_that_cuts_a_corner_is_noticed()
    {
        Terrain map = Terrain.Of(1);
        (Cell at, int direction) = Corner(map);
        Assert.ThrowsAny<Exception>(() => Follow(map, cell => cell == at ? direction : map.Fields.Fountain(0, cell), Places.Fountain));
    }

    // A free cell from which a diagonal step would cut a corner into a free cell.
    private static (Cell At, int Direction) Corner(Terrain map)
    {
        for (int index = 0; index < 128 * 128; index++)
        {
            Cell cell = Cell.At(index);
            for (int direction = 1; direction < 8 && !map.IsWall(cell); direction += 2)
                if (!map.IsWall(cell.Next(direction)) && map.CutsCorner(cell, direction)) return (cell, direction);
        }

        throw new InvalidOperationException("No corner on the map.");
    }

    private static void Follow(Terrain map, Func<Cell, int> field, Cell target)
    {
        var steps = new Dictionary<Cell, int> { [target] = 0 };
        for (int index = 0; index < 128 * 128; index++)
        {
            var way = new List<Cell>();
            Cell at = Cell.At(index);
            if (map.IsWall(at)) continue;
            while (!steps.ContainsKey(at))
            {
                way.Add(at);
                Assert.True(way.Count <= 300, $"The way from {Cell.At(index)} does not end.");
                int direction = field(at);
                Assert.InRange(direction, 0, 7);
                Assert.False(map.CutsCorner(at, direction), $"{at} cuts a corner.");
                at = at.Next(direction);
                Assert.False(map.IsWall(at), $"{at} is a wall.");
            }

            for (int i = way.Count - 1; i >= 0; i--) steps[way[i]] = steps[at] + way.Count - i;
            Assert.True(steps[Cell.At(index)] <= 300);
        }
    }
}
