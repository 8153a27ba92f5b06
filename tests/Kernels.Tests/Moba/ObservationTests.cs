using Arena.Kernels.Environments.Moba;
using Arena.Tests;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What heroes see, against the columns of the state.</summary>
public class ObservationTests
{
    [Theory]
    [InlineData(MobaObservation.Grid)]
    [InlineData(MobaObservation.Entities)]
    public void Every_row_is_what_the_columns_say_and_planted_bugs_are_seen(MobaObservation observation)
    {
        int limit = TestSize.Of(700, 4000), ticks = TestSize.Of(500, 3000), unturned = 0, tied = 0;
        using var play = new Play(new MobaOptions { NumEnvs = 2, Observation = observation, EpisodeLimit = limit }, seed: 5);
        bool[] walls = MobaMap.Of(1).Walls;
        for (int tick = 0; tick < ticks; tick++)
        {
            play.Tick(tick % 3 == 0 ? Play.RandomPlayer : Play.Strong, Play.Normal);
            if (tick % 25 != 0) continue;
            for (int env = 0; env < 2; env++)
            {
                var right = new SeenSlowly(play.Environment.State, env, walls, limit);
                var wrong = new SeenSlowly(play.Environment.State, env, walls, limit) { Unturned = true };
                var backwards = new SeenSlowly(play.Environment.State, env, walls, limit) { TiesTurned = true };
                for (int slot = 0; slot < 10; slot++)
                {
                    byte[] seen = Seen(play, env, slot);
                    byte[] Of(SeenSlowly from) => observation == MobaObservation.Grid ? from.Grid(slot) : from.Entities(slot);
                    Assert.Equal(Of(right), seen);
                    if (!Of(wrong).AsSpan().SequenceEqual(seen)) unturned++;
                    if (!Of(backwards).AsSpan().SequenceEqual(seen)) tied++;
                }
            }
        }

        Assert.True(unturned > ticks / 25 * 5, "side 1 would see the same without turning the map");
        if (observation == MobaObservation.Entities) Assert.True(tied > 0, "no two units were ever equally far away");
    }

    [Fact]
    public void A_hero_alone_in_the_corner_sees_floor_and_walls()
    {
        using var match = new HandMatch();
        byte[] seen = match.Hero(0, 121, 6).Look().Seen(0);
        for (int row = 0; row < 11; row++)
            for (int column = 0; column < 11; column++)
            {
                int expected = row == 5 && column == 5 ? 6 : row > 5 || column < 5 ? 1 : 0;
                Assert.Equal(expected, seen[4 * (11 * row + column)]);
            }

        Assert.Equal((12, 242), (seen[484], seen[485]));
    }

    [Fact]
    public void Side_1_sees_in_its_corner_what_side_0_sees_in_the_other()
    {
        using var match = new HandMatch();
        match.Hero(0, 121, 6).Hero(1, 6, 121).Look();
        Assert.Equal(match.Seen(0), match.Seen(1));
    }

    [Fact]
    public void The_dead_see_nothing_but_their_clock()
    {
        using var match = new HandMatch();
        byte[] seen = match.Hero(0, 100, 10, hp: 0).Set("respawn", 0, (ushort)0).Look().Seen(0);
        Assert.All(seen[..484], one => Assert.Equal(0, one));
        Assert.Equal((20, 200, 1), (seen[484], seen[485], seen[490]));
        Assert.Equal(255, match.Set("respawn", 0, (ushort)300).Look().Seen(0)[490]);
    }

    [Fact]
    public void Records_are_sorted_and_agree_with_the_window()
    {
        using var grid = new Play(new MobaOptions { NumEnvs = 1 }, seed: 9);
        using var entities = new Play(new MobaOptions { NumEnvs = 1, Observation = MobaObservation.Entities }, seed: 9);
        for (int tick = 0; tick < 300; tick++)
        {
            grid.Tick(Play.Strong, Play.Weak);
            entities.Tick(Play.Strong, Play.Weak);
            for (int slot = 0; slot < 10; slot++) Compare(Seen(grid, 0, slot), Seen(entities, 0, slot));
        }
    }

    // Units of the window are those of the records that lie in square 5, unless there are more than 16 records.
    private static void Compare(byte[] window, byte[] records)
    {
        int units = Enumerable.Range(0, 121).Count(k => k != 60 && window[4 * k] >= 2);
        byte[][] there = [.. records.Take(192).Chunk(12).Where(record => record[0] != 0)];
        Assert.True(there.Length >= Math.Min(16, units));
        Assert.All(records.Take(192).Chunk(12).Skip(there.Length), record => Assert.All(record, one => Assert.Equal(0, one)));
        int before = 0;
        foreach (byte[] record in there)
        {
            int distance = Math.Abs(record[2] - 128) + Math.Abs(record[3] - 128);
            Assert.True(distance >= before - 2, "records are not sorted"); // each offset was rounded by less than one
            before = distance;
        }
    }

    private static byte[] Seen(Play play, int env, int slot)
    {
        int length = play.Environment.Spec.Observation.Length;
        return play.Views.ByteObservations.AsSpan().Slice((env * 10 + MobaMatch.RowOf(slot)) * length, length).ToArray();
    }
}
