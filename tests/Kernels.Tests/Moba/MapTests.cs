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
            Assert.Equal(map.Walls, map.Walls.Reverse());
            for (int field = 0; field < MobaConstants.Fields; field++) CheckSteps(map, field);
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

    // Every free cell has a step to a free cell that is one step nearer, without cutting corners, and 300 steps at most. Those of other towers, which may
    // stand, lead to some cell that has a way.
    private static void CheckSteps(MobaMap map, int field)
    {
        MobaFlow flow = map.Flow(field);
        int[] towers = [.. Enumerable.Range(0, MobaConstants.Towers).Select(MobaLayout.Tower)];
        for (int cell = 0; cell < MobaConstants.Cells; cell++)
        {
            int direction = flow.Directions[cell];
            if (map.Walls[cell] || flow.Steps[cell] == 0)
            {
                Assert.Equal(MobaConstants.Stay, direction);
                continue;
            }

            int y = MobaMatch.StepY(direction) * MobaConstants.Side, x = MobaMatch.StepX(direction);
            bool open = !map.Walls[cell + y] && !map.Walls[cell + x] && !map.Walls[cell + y + x];
            bool nearer = towers.Contains(cell) ? flow.Steps[cell + y + x] >= 0 : flow.Steps[cell] <= 300 && flow.Steps[cell + y + x] == flow.Steps[cell] - 1;
            Assert.True(open && nearer && direction < MobaConstants.Stay, $"field {field}, cell {cell}");
        }
    }
}
