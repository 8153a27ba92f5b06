using Arena.Kernels.Environments.Snake;
using static Arena.Kernels.Tests.Snake.World;

namespace Arena.Kernels.Tests.Snake;

/// <summary>One hand-worked case per row of the rule book's table of situations.</summary>
public class SituationTests
{
    private static readonly Body Eastward = new(Right, 0, (5, 5), (5, 4), (5, 3));

    [Fact]
    public void Into_a_wall()
    {
        using World world = new World(Field(), new Body(Up, 0, (0, 7), (1, 7), (2, 7))).Step(Up);
        Assert.Equal([End.Wall], world.Ends);
        Assert.Equal(-1f, world.Buffers.Rewards!.View[0]);
        // The tail had left (2,7); of (0,7) and (1,7), k = 0 and 1, the second becomes a corpse.
        Assert.Equal((SnakeCell.Empty, SnakeCell.Corpse, SnakeCell.Empty), (world.Code(0, 7), world.Code(1, 7), world.Code(2, 7)));
        Assert.Equal(3f, world.Buffers.EpisodeStatistics!.View[SnakeStatistic.Length]);
    }

    [Fact]
    public void Into_its_own_body()
    {
        using World world = new World(Field(), new Body(Left, 0, (5, 5), (4, 5), (4, 4), (5, 4), (6, 4), (6, 5))).Step(Left);
        Assert.Equal([End.Self], world.Ends);
    }

    [Fact]
    public void Into_another_body_that_stays()
    {
        using World world = new World(Field(), Eastward, new Body(Down, 0, (7, 6), (6, 6), (5, 6), (4, 6))).Step(Right, Down);
        Assert.Equal([End.Other, End.None], world.Ends);
    }

    [Fact]
    public void Into_another_snakes_head_that_moves_on()
    {
        using World world = new World(Field(), Eastward, new Body(Down, 0, (5, 6), (4, 6), (3, 6))).Step(Right, Down);
        Assert.Equal([End.HeadOn, End.None], world.Ends);
        Assert.Equal(SnakeCell.Body, world.Code(5, 6)); // the other's neck
    }

    [Fact]
    public void Onto_a_tail_that_leaves_own_or_foreign()
    {
        using World foreign = new World(Field(), Eastward, new Body(Down, 0, (7, 6), (6, 6), (5, 6))).Step(Right, Down);
        Assert.Equal([End.None, End.None], foreign.Ends);
        Assert.Equal([(5, 6), (5, 5), (5, 4)], foreign.Cells(0));
        using World own = new World(Field(), new Body(Left, 0, (5, 5), (4, 5), (4, 4), (5, 4)));
        for (int tick = 0; tick < 100; tick++)
        {
            own.Step(new[] { Left, Up, Right, Down }[tick % 4]);
            Assert.Equal([End.None], own.Ends);
            Assert.Equal(4, own.Cells(0).Length);
        }
    }

    [Fact]
    public void A_chain_of_tails_that_all_leave()
    {
        // Three snakes in a ring, each head behind the next one's tail.
        using World world = new World(Field(),
            new Body(Right, 0, (5, 6), (5, 5)), new Body(Right, 0, (5, 8), (5, 7)), new Body(Right, 0, (5, 10), (5, 9))).Step(Right, Right, Right);
        Assert.Equal([End.None, End.None, End.None], world.Ends);
        Assert.Equal([(5, 9), (5, 8)], world.Cells(1));
    }

    [Fact]
    public void Onto_a_tail_whose_owner_grows()
    {
        using World world = new World(Field(), Eastward, new Body(Down, 1, (7, 6), (6, 6), (5, 6))).Step(Right, Down);
        Assert.Equal([End.Other, End.None], world.Ends);
        Assert.Equal(4, world.Cells(1).Length);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Heads_that_want_one_cell_all_die_and_the_food_there_stays(int heads)
    {
        Body[] around = [Eastward, new(Down, 0, (4, 6), (3, 6), (2, 6)), new(Left, 0, (5, 7), (5, 8), (5, 9)), new(Up, 0, (6, 6), (7, 6), (8, 6))];
        using World world = new World(Field(), around[..heads]).With(SnakeCell.Food, (5, 6)).Step([.. new[] { Right, Down, Left, Up }.Take(heads)]);
        Assert.All(world.Ends, end => Assert.Equal(End.HeadOn, end));
        Assert.Equal(SnakeCell.Food, world.Code(5, 6));
    }

    [Fact]
    public void Heads_that_swap_places_both_die()
    {
        using World world = new World(Field(), Eastward, new Body(Left, 0, (5, 6), (5, 7), (5, 8))).Step(Right, Left);
        Assert.Equal([End.HeadOn, End.HeadOn], world.Ends);
        using World newborn = new World(Field(), new Body(Right, 2, (5, 5)), new Body(Left, 2, (5, 6))).Step(Right, Left);
        Assert.Equal([End.HeadOn, End.HeadOn], newborn.Ends);
    }

    [Fact]
    public void The_body_of_a_snake_that_dies_in_the_same_tick_still_blocks()
    {
        using World world = new World(Field(), new Body(Down, 0, (4, 2), (3, 2), (2, 2), (1, 2)), new Body(Left, 0, (3, 3), (3, 4), (3, 5)), new Body(Up, 0, (5, 2), (6, 2), (7, 2))).Step(Down, Left, Up);
        Assert.Equal([End.HeadOn, End.Other, End.HeadOn], world.Ends);
    }

    [Fact]
    public void A_reversal_is_ignored_and_counted_and_a_bad_action_flagged()
    {
        using World world = new World(Field(), Eastward, new Body(Right, 0, (9, 5), (9, 4), (9, 3))).Step(Left, 4);
        Assert.Equal([(5, 6), (5, 5), (5, 4)], world.Cells(0));
        Assert.Equal([(9, 6), (9, 5), (9, 4)], world.Cells(1));
        int[] totals = world.Read<int>("totals");
        Assert.Equal((1, 1), (totals[SnakeTotal.Reversals], totals[SnakeTotal.BadActions]));
        Assert.Equal([0u, Kernels.Environments.ErrorCode.ActionOutOfRange], world.Buffers.Errors!.ToArray());
    }

    [Fact]
    public void A_meal_grows_the_body_one_tick_later_and_never_past_the_limit()
    {
        using World world = new World(Field() with { Food = 1 }, Eastward).With(SnakeCell.Corpse, (5, 6)).Step(Right);
        Assert.Equal((3, 0.1f), (world.Cells(0).Length, world.Buffers.Rewards!.View[0]));
        Assert.Equal(4, world.Step(Right).Cells(0).Length);
        Assert.Equal(4, world.Step(Right).Cells(0).Length);
        using World full = new World(Field() with { MaxLength = 4 }, new Body(Right, 0, (5, 5), (5, 4), (5, 3), (5, 2))).With(SnakeCell.Corpse, (5, 6)).Step(Right);
        Assert.Equal((4, 0), (full.Cells(0).Length, full.Read<ushort>("pending")[0]));
        Assert.Equal(0.1f, full.Buffers.Rewards!.View[0]);
        Assert.Equal(4, full.Step(Right).Cells(0).Length);
    }

    [Fact]
    public void Several_rows_of_the_table_the_first_names_the_cause()
    {
        // Two heads and a third snake's head in one cell: claims before heads. Two heads into a body: claims before bodies.
        using World world = new World(Field(), Eastward, new Body(Left, 0, (5, 7), (5, 8), (5, 9)), new Body(Down, 0, (7, 6), (6, 6), (5, 6), (4, 6))).Step(Right, Left, Down);
        Assert.Equal([End.HeadOn, End.HeadOn, End.None], world.Ends);
    }

    [Fact]
    public void A_ring_longer_lived_than_its_capacity()
    {
        // Eight cells around (5,5), head to tail: it fills its ring and always enters the cell its tail leaves.
        int[] path = [Right, Right, Down, Down, Left, Left, Up, Up];
        using var circle = new World(Field() with { MaxLength = 8 },
            new Body(Up, 0, (4, 4), (5, 4), (6, 4), (6, 5), (6, 6), (5, 6), (4, 6), (4, 5)));
        for (int tick = 0; tick < 40; tick++)
        {
            circle.Step(path[tick % 8]);
            Assert.Equal([End.None], circle.Ends);
            Assert.Equal(8, circle.Cells(0).Distinct().Count());
        }
    }

    [Fact]
    public void A_full_classic_arena_is_won()
    {
        // 8 × 8, a snake of 63 cells in boustrophedon whose head stands before the last food.
        (int, int)[] path = [.. Enumerable.Range(0, 64).Select(cell => (cell / 8, cell / 8 % 2 == 0 ? cell % 8 : 7 - cell % 8))];
        var options = new SnakeOptions { Mode = SnakeMode.Classic, Width = 8, Height = 8, Food = 1, Corpse = false };
        using World world = new World(options, new Body(Up, 1, [.. path[1..].Select(cell => cell)])).With(SnakeCell.Food, path[0]);
        world.Step(Left);
        Assert.Equal([End.Won], world.Ends);
        Assert.Equal(0.1f + 1f, world.Buffers.Rewards!.View[0]);
        Assert.Equal((1, 0), (world.Read<int>("episode")[0], world.Read<int>("tick")[0]));
        Assert.Equal(1, world.Buffers.EpisodeStart!.View[0]);
    }

    [Fact]
    public void A_classic_snake_that_does_not_eat_is_cut()
    {
        var options = new SnakeOptions { Mode = SnakeMode.Classic, Width = 8, Height = 8, Food = 1, Corpse = false };
        using World world = new World(options, new Body(Left, 0, (5, 5), (4, 5), (4, 4), (5, 4)));
        for (int tick = 0; tick < 4 * 64 - 1; tick++)
        {
            world.Step(new[] { Left, Up, Right, Down }[tick % 4]);
            Assert.Equal([End.None], world.Ends);
        }

        byte[] before = world.Buffers.ByteObservations!.ToArray();
        world.Step(Down);
        Assert.Equal([End.Truncated], world.Ends);
        byte[] last = world.Buffers.FinalByteObservations!.ToArray();
        Assert.Equal(4 * 64 / 8, last[SnakeConstants.HungerOffset]);
        Assert.NotEqual(before, last);
        Assert.Equal(SnakeCell.OwnHead, last[60]);
    }
}
