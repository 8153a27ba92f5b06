using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Snake;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Snake;

/// <summary>What holds in every arena: bodies and grid agree, the order of lanes shows nowhere, and a turned arena goes on turned.</summary>
public class PropertyTests
{
    private static Arbitrary<SnakeOptions> AnyOptions { get; } = (
        from width in Gen.Choose(8, 40)
        from height in Gen.Choose(8, 24)
        from snakes in Gen.Choose(1, 40)
        from food in Gen.Choose(1, 16)
        from vision in Gen.Elements(1, 3, 5, 5, 5)
        from ring in Gen.Elements(4, 8, 32, 256)
        from start in Gen.Choose(2, 4)
        from corpse in Gen.Elements(true, false)
        from rotate in Gen.Elements(true, false)
        from limit in Gen.Elements(0, 0, 9)
        select new SnakeOptions
        {
            NumEnvs = 2,
            Width = width,
            Height = height,
            Snakes = snakes,
            Food = food,
            Vision = vision,
            MaxLength = ring,
            StartLength = start,
            Corpse = corpse,
            Rotate = rotate,
            LifeLimit = limit,
            Rewards = new SnakeRewards { Living = 0.01f, Turning = -0.01f },
        }).ToArbitrary();

    [Fact]
    public void Random_and_greedy_play_never_break_an_invariant() =>
        Prop.ForAll(AnyOptions, options =>
        {
            using var play = new Play(options, seed: (ulong)options.Width);
            for (int tick = 0; tick < 60; tick++)
            {
                play.Tick(player: 1 + options.Height % 2);
                for (int env = 0; env < 2; env++) Invariants.Check(play.Environment, options, env);
            }
        }).Check(TestSize.Cases(60, 2000));

    [Fact]
    public void Phase_by_phase_in_any_order_of_lanes_is_the_whole_loop() =>
        Prop.ForAll(AnyOptions, options =>
        {
            using var whole = new Play(options, seed: 5);
            using var phased = new Play(options, seed: 5);
            for (int tick = 0; tick < 40; tick++)
            {
                int seed = tick * 31;
                // Sixteen snakes at a time where registers are wide enough, also with one of them waiting or with a bad action.
                whole.Tick(player: tick % 3);
                phased.TickByPhases<DeviceAtomics>(tick % 3, phase => Shuffled(options.Snakes, seed + phase));
                Assert.Equal(whole.Everything(), phased.Everything());
            }
        }).Check(TestSize.Cases(30, 1000));

    [Fact]
    public void Snakes_that_move_one_after_another_are_noticed()
    {
        // The planted bug: each lane runs its first three phases alone, so that who comes first moves first.
        var options = new SnakeOptions { NumEnvs = 2, Width = 10, Height = 10, Snakes = 12, Food = 8 };
        using var right = new Play(options, seed: 5);
        using var wrong = new Play(options, seed: 5);
        bool noticed = false;
        for (int tick = 0; tick < 20 && !noticed; tick++)
        {
            right.Tick(player: 1);
            wrong.TickOneAfterAnother(player: 1);
            noticed = !right.Everything().SequenceEqual(wrong.Everything());
        }

        Assert.True(noticed);
    }

    [Fact]
    public void A_turned_arena_goes_on_turned() =>
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            (Body[] bodies, (int, int)[] food, int[] actions) = Scatter(seed);
            using World plain = new World(World.Field(12) with { Corpse = true }, bodies).With(SnakeCell.Food, food);
            using World turned = new World(World.Field(12) with { Corpse = true }, [.. bodies.Select(body => new Body((body.Heading + 1) % 4, body.Pending, [.. body.Cells.Select(Turn)]))])
                .With(SnakeCell.Food, [.. food.Select(Turn)]);
            plain.Step(actions);
            turned.Step([.. actions.Select(action => (action + 1) % 4)]);
            Assert.Equal(plain.Ends, turned.Ends);
            for (int i = 0; i < bodies.Length; i++)
                if (plain.EndOf(i) == End.None) Assert.Equal(plain.Cells(i).Select(Turn), turned.Cells(i));
        }).Check(TestSize.Cases(80, 5000));

    [Fact]
    public void Growth_accounts_for_every_cell()
    {
        // A body has the cell it began with and one per tick in which its tail stayed: never more than meals and start growth allow.
        var options = new SnakeOptions { NumEnvs = 1, Width = 40, Height = 30, Snakes = 12, Food = 100, MaxLength = 32 };
        using var play = new Play(options, seed: 8);
        for (int tick = 0; tick < TestSize.Of(400, 20_000); tick++)
        {
            play.Tick(player: 2);
            for (int i = 0; i < options.Snakes; i++)
            {
                double Of(string column) => play.Environment.State[column].ReadMatch(0)[i];
                double meals = Of("eatenFood") + Of("eatenCorpse");
                if (Of("status") == 0) continue;
                double grown = Of("length") + Of("pending");
                Assert.True(grown == Math.Min(options.StartLength + meals, options.RingLength) || (grown == options.RingLength && meals + options.StartLength > grown), $"snake {i}: {grown} cells after {meals} meals");
            }
        }
    }

    private static int[] Shuffled(int lanes, int seed)
    {
        int[] order = [.. Enumerable.Range(0, lanes)];
        new System.Random(seed).Shuffle(order);
        return order;
    }

    private static (int Row, int Column) Turn((int Row, int Column) cell) => (cell.Column, 11 - cell.Row);

    // Two-cell snakes here and there, each with a heading away from its neck.
    private static (Body[] Bodies, (int, int)[] Food, int[] Actions) Scatter(int seed)
    {
        var random = new System.Random(seed);
        var taken = new HashSet<(int, int)>();
        var bodies = new List<Body>();
        for (int i = 0; i < 20; i++)
        {
            int row = random.Next(12), column = random.Next(12), heading = random.Next(4);
            var neck = (row - SnakeArena.StepRow(heading), column - SnakeArena.StepColumn(heading));
            if (neck.Item1 is < 0 or > 11 || neck.Item2 is < 0 or > 11 || taken.Contains((row, column)) || taken.Contains(neck)) continue;
            taken.Add((row, column));
            taken.Add(neck);
            bodies.Add(new Body(heading, random.Next(2), (row, column), neck));
        }

        (int, int)[] food = [.. Enumerable.Range(0, 12).Select(_ => (random.Next(12), random.Next(12))).Where(cell => !taken.Contains(cell)).Distinct()];
        return ([.. bodies], food, [.. bodies.Select(_ => random.Next(4))]);
    }
}
