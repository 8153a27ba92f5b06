using Arena.Validation.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Numbers of the reference against numbers worked by hand.</summary>
public class TableTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(239, 1)]
    [InlineData(240, 2)]
    [InlineData(5899, 9)]
    [InlineData(5900, 10)]
    [InlineData(63_899, 29)]
    [InlineData(63_900, 30)]
    [InlineData(100_000, 30)]
    public void Levels_follow_their_thresholds(int xp, int level) => Assert.Equal(level, Stats.LevelOf(xp));

    // Worked with another implementation of the same seven lines.
    [Theory]
    [InlineData(0u, 0, 0, 0x01FCE552u, 0x01FCE500u, 0)]
    [InlineData(0x12345678u, 17, 3, 0x459820B0u, 0x45982003u, 1)]
    [InlineData(0xFFFFFFFFu, 3999, 225, 0x0543DFBDu, 0x0543DFE1u, 1)]
    public void The_tie_hash_is_as_written(uint salt, int tick, int slot, uint hash, uint priority, int hand)
    {
        var state = new MatchModel(Terrain.Of(1)) { Salt = salt, Tick = tick };
        Assert.Equal((hash, priority, hand), (Chance.Hash(state, state.Units[slot]), Chance.Priority(state, state.Units[slot]), Chance.Hand(state, state.Units[slot])));
        state.Flip = 1;
        Assert.Equal(hash, Chance.Hash(state, state.Units[slot ^ 1]));
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, -2, 85, -170)]
    [InlineData(2, 2, 170, 170)]
    [InlineData(3, 0, 256, 0)]
    [InlineData(-1, 3, -80, 242)]
    [InlineData(3, 1, 242, 80)]
    [InlineData(2, -3, 142, -213)]
    [InlineData(-3, 2, -213, 142)]
    [InlineData(-3, -3, -181, -181)]
    public void Velocities_come_from_the_table(int down, int right, int y, int x)
    {
        Assert.Equal(new Point(y, x), DecideRules.Speed(down, right, haste: false, slow: false));
        Assert.Equal(new Point(2 * y, 2 * x), DecideRules.Speed(down, right, haste: true, slow: false));
        Assert.Equal(new Point(y / 2, x / 2), DecideRules.Speed(down, right, haste: false, slow: true));
        Assert.Equal(new Point(y, x), DecideRules.Speed(down, right, haste: true, slow: true));
    }

    [Theory]
    [InlineData(0, Kind.Hero, 0)]
    [InlineData(9, Kind.Hero, 1)]
    [InlineData(10, Kind.Creep, 0)]
    [InlineData(129, Kind.Creep, 1)]
    [InlineData(130, Kind.Neutral, 2)]
    [InlineData(201, Kind.Neutral, 2)]
    [InlineData(202, Kind.Tower, 0)]
    [InlineData(223, Kind.Tower, 1)]
    [InlineData(224, Kind.Ancient, 0)]
    [InlineData(225, Kind.Ancient, 1)]
    public void Slots_hold_what_the_table_says(int slot, object kind, int team)
    {
        var unit = new Unit(slot);
        Assert.Equal(((Kind)kind, team), (unit.Kind, unit.Team));
    }

    [Fact]
    public void Creep_slots_name_lane_wave_and_number()
    {
        // 10 + 2·(20·2 + 5·3 + 4) + 1 = 129; 10 + 2·(20·1 + 5·2 + 3) + 0 = 76.
        var last = new Unit(129);
        var mid = new Unit(76);
        Assert.Equal((2, 3, 4), (last.Lane, last.WaveMod4, last.Number));
        Assert.Equal((1, 2, 3), (mid.Lane, mid.WaveMod4, mid.Number));
        // 130 + 2·(4·5 + 2) + 1 = 175.
        Assert.Equal((5, 2), (new Unit(175).Camp, new Unit(175).Number));
    }

    [Fact]
    public void Rows_play_their_slots() =>
        Assert.Equal([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], Enumerable.Range(0, 10).Select(BeginRules.SlotOf));

    [Fact]
    public void Weights_become_integers_half_away_from_zero()
    {
        var rewards = new Arena.Kernels.Environments.Moba.MobaRewards
        {
            Xp = 0.25f,
            XpFinal = 0.75f,
            Death = -1.5f / (1 << 20),
            Tower = 2.5f / (1 << 20),
            TowerTeam = 0,
            Win = 5,
            Distance = 1,
            DistanceFinal = 0,
        };
        Assert.Equal([1 << 19, -2, 3, 0, 5 << 20, 1 << 11], ScoreRules.Weights(rewards, 0.5f));
    }
}
