using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>What holds for every match of the reference.</summary>
public class SymmetryTests
{
    private static readonly string[] PerUnit = ["hp", "stun", "slow", "attack", "flags", "xp", "mana", "respawn", "level", "haste", "q", "w", "e"];

    [Theory]
    [InlineData("scripted:strong", "scripted:normal", MobaObservation.Grid)]
    [InlineData("scripted:weak", "scripted:strong", MobaObservation.Entities)]
    public void A_turned_match_with_sides_exchanged_goes_the_same_way(string first, string second, MobaObservation observation)
    {
        var options = new MobaOptions { ForceFlip = 0, Observation = observation };
        var straight = new ReferencePlay(options, first, second);
        var turned = new ReferencePlay(options with { ForceFlip = 1 }, second, first);
        for (int tick = 0; tick < TestSize.Of(110, 4000); tick++)
        {
            straight.Play();
            turned.Play();
            foreach (string column in PerUnit) Assert.Equal(straight.Column(column), Exchanged(turned.Column(column), 1));
            Assert.Equal(straight.Column("counters"), Exchanged(turned.Column("counters"), 16));
            Assert.Equal(straight.Column("position"), Exchanged(turned.Column("position"), 1).Select((place, slot) => Turned(straight, slot, place)).ToArray());
            Assert.Equal(straight.Last.Rewards.Values, OtherSideFirst(turned.Last.Rewards.Values));
            Assert.Equal(straight.Last.Observations.Values, OtherSideFirst(turned.Last.Observations.Values));
        }
    }

    [Fact]
    public void Everything_stays_within_its_bounds()
    {
        var play = new ReferencePlay(new MobaOptions { EpisodeLimit = 400 }, "scripted:strong", "random");
        double[] xp = play.Column("xp");
        for (int tick = 0; tick < TestSize.Of(110, 4000); tick++)
        {
            int episode = (int)play.Column("episode")[0];
            play.Play();
            double[] position = play.Column("position"), hp = play.Column("hp"), grid = play.Column("grid");
            int standing = 0;
            for (int slot = 0; slot < 226; slot++)
            {
                if (hp[slot] == 0) continue;
                uint place = (uint)position[slot];
                Assert.Equal(slot, grid[(128 * (place >> 24)) + (place >> 8 & 255)]);
                standing++;
            }

            Assert.Equal(standing, grid.Count(slot => slot != 255));
            Assert.All(play.Last.Observations.Values, value => Assert.InRange(value, 0, 255));
            Assert.All(play.Column("level"), level => Assert.InRange(level, 1, 30));
            if ((int)play.Column("episode")[0] == episode) Assert.All(xp.Zip(play.Column("xp")), pair => Assert.True(pair.Second >= pair.First));
            xp = play.Column("xp");
        }
    }

    [Fact]
    public void A_stunned_or_dead_hero_can_do_nothing()
    {
        var play = new ReferencePlay(new MobaOptions(), "scripted:strong", "scripted:strong");
        var other = new ReferencePlay(new MobaOptions(), "scripted:strong", "scripted:strong");
        int idle = 0;
        for (int tick = 0; tick < TestSize.Of(200, 4000); tick++)
        {
            double[] hp = play.Column("hp"), stun = play.Column("stun");
            play.Play();
            other.Play(actions =>
            {
                for (int row = 0; row < 10; row++)
                {
                    int slot = (2 * (row % 5)) + (row / 5);
                    if (hp[slot] > 0 && stun[slot] == 0) continue;
                    idle++;
                    ((int[])[6, 0, 1, 1, 1, 1]).CopyTo(actions, 6 * row);
                }
            });
            foreach (string column in PerUnit.Append("position").Append("counters")) Assert.Equal(play.Column(column), other.Column(column));
        }

        Assert.True(idle > 0);
    }

    private static double[] Exchanged(double[] column, int perUnit)
    {
        var exchanged = new double[column.Length];
        for (int i = 0; i < column.Length; i++) exchanged[i] = column[((i / perUnit ^ 1) * perUnit) + (i % perUnit)];
        return exchanged;
    }

    private static double[] OtherSideFirst(double[] rows) => [.. rows.Skip(rows.Length / 2), .. rows.Take(rows.Length / 2)];

    // Dead creeps and neutrals, and slots that are only there to round up, are at 0 on both sides.
    private static double Turned(ReferencePlay play, int slot, double place)
    {
        bool gone = slot is >= 10 and < 202 && play.Column("hp")[slot] == 0;
        return gone || slot >= 226 ? place : ((32767 - ((uint)place >> 16)) * 65536.0) + (32767 - ((uint)place & 65535));
    }
}
