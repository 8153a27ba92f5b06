using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

public class MapTests
{
    public static IEnumerable<object[]> Seeds => Enumerable.Range(0, 4).Select(part => new object[] { part });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Maps_of_many_seeds_pass_their_checks_and_all_ways_lead_home(int part)
    {
        int seeds = TestSize.Of(5, 50);
        for (int seed = part * seeds; seed < (part + 1) * seeds; seed++)
        {
            MobaMap map = MobaMap.Of((uint)seed);
            Assert.Null(map.Fault());
            Assert.InRange(map.WallsInside(), 860, 1300);
            Assert.True(map.FreeCells() >= 12_000);
            for (int cell = 0; cell < MobaConstants.Cells; cell++) Assert.Equal(map.Walls[cell], map.Walls[MobaConstants.LastCell - cell]);
            for (int field = 0; field < MobaConstants.Fields; field++) WalkFromEverywhere(map, field);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_map()
    {
        Assert.Equal(MobaMap.Of(7).Walls, MobaMap.Of(7).Walls);
        Assert.NotEqual(MobaMap.Of(7).Walls, MobaMap.Of(8).Walls);
    }

    [Fact]
    public void Ways_of_map_one_have_the_expected_lengths()
    {
        MobaMap map = MobaMap.Of(1);
        Assert.InRange(map.Flow(0).StepsWithin![MobaLayout.Spawn(0)], 148, 149);
        Assert.InRange(map.Flow(2).StepsWithin![MobaLayout.Spawn(4)], 148, 149);
        Assert.Equal(73, map.Flow(1).StepsWithin![MobaLayout.Spawn(2)]);
        Assert.Equal(99, map.Flow(MobaConstants.FountainField).Steps[MobaLayout.Of(MobaLayout.FountainCell, 1)]);
    }

    [Fact]
    public void A_wall_in_a_lane_is_found()
    {
        MobaMap map = MobaMap.Of(1);
        int cell = MobaLayout.Cell(60, 16);
        for (int x = 6; x < 40; x++) map.Walls[MobaLayout.Cell(60, x)] = map.Walls[MobaConstants.LastCell - MobaLayout.Cell(60, x)] = true;
        Assert.NotNull(map.Fault());
        map.Walls[cell] = false;
        Assert.Equal("it is not symmetric", map.Fault());
    }

    [Fact]
    public void Directions_are_as_the_rule_book_numbers_them()
    {
        (int Y, int X)[] steps = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (0, 0)];
        for (int direction = 0; direction < 9; direction++)
        {
            Assert.Equal(steps[direction], (MobaMatch.StepY(direction), MobaMatch.StepX(direction)));
            uint from = MobaMatch.CentreOf(MobaLayout.Cell(50, 50), 0);
            uint to = MobaMatch.CentreOf(MobaLayout.Cell(50 + 3 * steps[direction].Y, 50 + 2 * steps[direction].X), 1);
            Assert.Equal(direction, MobaDecide.DirectionTo(from, to));
        }
    }

    // Every free cell leads to the target in at most 300 steps, over free cells, without cutting corners. Cells of other towers are free by then.
    private static void WalkFromEverywhere(MobaMap map, int field)
    {
        MobaFlow flow = map.Flow(field);
        for (int start = 0; start < MobaConstants.Cells; start++)
        {
            if (map.Walls[start])
            {
                Assert.Equal(MobaConstants.Stay, flow.Directions[start]);
                continue;
            }

            int cell = start, steps = 0;
            while (flow.Directions[cell] != MobaConstants.Stay && steps++ <= 300)
            {
                int y = MobaMatch.StepY(flow.Directions[cell]) * MobaConstants.Side, x = MobaMatch.StepX(flow.Directions[cell]);
                Assert.False(map.Walls[cell + y] || map.Walls[cell + x] || map.Walls[cell + y + x]);
                cell += y + x;
            }

            Assert.Equal(0, flow.Steps[cell]);
            Assert.True(steps <= 300);
        }
    }
}
