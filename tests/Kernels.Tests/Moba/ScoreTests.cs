using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Rewards, levels and ends, worked by hand. A weight of w is the integer round(w·2²⁰).</summary>
public class ScoreTests
{
    private const float Unit = 1f / (1 << 20);
    private const int Xp = 2097;              // 0.002
    private const int Ancient0 = 224, Ancient1 = 225;

    [Fact]
    public void A_creep_pays_its_experience_to_the_killer_alone_when_nobody_is_near()
    {
        using var match = new HandMatch();
        match.Hero(0, 100, 10).Unit(11, 100, 12, hp: 100).Press(0, targets: 1).Step();
        Assert.Equal(Xp * 60 * Unit, match.Reward(0));
        Assert.Equal(match.Reward(0), match.Part(0, MobaReward.Xp));
        Assert.All(Enumerable.Range(1, 9), slot => Assert.Equal(0f, match.Reward(slot)));
        Assert.Equal(60, match.Counter(0, MobaCounter.Xp));
        Assert.Equal(MobaFlag.Gained, match.Get<byte>("flags", 0) & MobaFlag.Gained);
    }

    [Fact]
    public void A_death_costs_half_a_point_and_pays_by_the_victim_s_experience()
    {
        using var match = new HandMatch();
        match.Hero(0, 100, 10).Hero(1, 100, 12, hp: 1).Press(0, targets: 1).Step();
        Assert.Equal(Xp * (100 + 100 * 5900 / 769) * Unit, match.Reward(0));
        Assert.Equal(-0.5f, match.Reward(1));
        Assert.Equal(MobaFlag.Hit | MobaFlag.Died, match.Get<byte>("flags", 1));
        // A tick later nothing is owed any more.
        match.Step();
        Assert.Equal((0f, 0f), (match.Reward(0), match.Reward(1)));
        Assert.Equal(0, match.Get<byte>("flags", 1));
    }

    [Fact]
    public void A_tower_pays_the_last_hitter_and_the_whole_team_dead_or_alive()
    {
        using var match = new HandMatch();
        match.Hero(0, 100, 10).Unit(203, 100, 13, hp: 100).Press(0, targets: 1).Step();
        Assert.Equal(1f, match.Reward(0));
        Assert.Equal((0.5f, 0.5f), (match.Part(0, MobaReward.Tower), match.Part(0, MobaReward.TowerTeam)));
        Assert.All([2, 4, 6, 8], slot => Assert.Equal(0.5f, match.Reward(slot)));
        Assert.All([1, 3, 5, 7, 9], slot => Assert.Equal(0f, match.Reward(slot)));
        Assert.Equal(MobaFlag.Fell, match.Get<byte>("flags", 8) & MobaFlag.Fell);
        Assert.Equal(0, match.Get<byte>("flags", 9) & MobaFlag.Fell);
    }

    [Fact]
    public void A_tower_felled_by_a_creep_pays_the_team_only()
    {
        using var match = new HandMatch(tick: 19);
        match.Unit(10, 100, 12, hp: 450).Unit(203, 100, 13, hp: 10).Step(5);
        Assert.Equal(0, match.Get<ushort>("hp", 203));
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0f, 0f, 0f, 0f, 0f], match.Read<float>("rewardSums").Chunk(MobaReward.Count).Select(sums => sums.Sum()).OrderDescending());
        Assert.Equal(0.5f, match.Read<float>("rewardSums")[MobaReward.TowerTeam]);
    }

    [Fact]
    public void The_ancient_s_fall_ends_the_match_and_pays_all_ten()
    {
        using var match = new HandMatch();
        match.Hero(0, 28, 100).Set("hp", Ancient1, (ushort)100).Press(0, targets: 2).Step();
        Assert.All(Enumerable.Range(0, 10), slot => Assert.Equal(slot % 2 == 0 ? 5f : -5f, match.Reward(slot)));
        Assert.All(Enumerable.Range(0, 10), row => Assert.Equal((1, 0, 1), (match.Views.Terminated[row], match.Views.Truncated[row], match.Views.EpisodeStart[row])));
        Assert.Equal((1f, 21f), (match.Views.EpisodeStatistics[MobaStatistic.Winner], match.Views.EpisodeStatistics[MobaStatistic.Ticks]));
        Assert.Equal((1f, 0f), (match.Views.EpisodeStatistics[MobaStatistic.Structures], match.Views.EpisodeStatistics[MobaStatistic.Structures + 1]));
        Assert.Equal(1, match.Views.EpisodesFinished[0]);
        Assert.Equal((0, 1), (match.Get<int>("tick", 0), match.Get<int>("episode", 0)));
        Assert.Equal(4500, match.Get<ushort>("hp", Ancient1));
    }

    [Fact]
    public void Both_ancients_in_one_tick_are_a_draw()
    {
        using var match = new HandMatch();
        match.Hero(0, 28, 100).Hero(1, 99, 27).Set("hp", Ancient0, (ushort)100).Set("hp", Ancient1, (ushort)100).Press(0, targets: 2).Press(1, targets: 2).Step();
        Assert.Equal((1, 0), (match.Views.Terminated[0], match.Views.Truncated[0]));
        Assert.Equal(0f, match.Views.EpisodeStatistics[MobaStatistic.Winner]);
        Assert.Equal(0.5, new MobaGame().Score(match.Views.EpisodeStatistics.AsSpan()));
        Assert.All(Enumerable.Range(0, 10), slot => Assert.Equal(0f, match.Part(slot, MobaReward.Win)));
    }

    [Fact]
    public void The_clock_truncates_and_keeps_the_last_observation()
    {
        using var match = new HandMatch(tick: 29, new MobaOptions { EpisodeLimit = 30 });
        match.Hero(0, 100, 10).Step();
        Assert.Equal((0, 1, 1), (match.Views.Terminated[0], match.Views.Truncated[0], match.Views.EpisodeStart[0]));
        Assert.Equal(255, match.Views.FinalByteObservations[MobaConstants.GridLength - MobaView.SelfBytes + 14]);
        Assert.Equal(0, match.Seen(0)[MobaConstants.GridLength - MobaView.SelfBytes + 14]);
        Assert.Equal(1f, match.Views.EpisodeStatistics[MobaStatistic.Truncated]);
    }

    [Fact]
    public void An_undecided_match_is_worth_what_stands()
    {
        var raw = new float[MobaStatistic.Count];
        (raw[MobaStatistic.Structures], raw[MobaStatistic.Structures + 1]) = (9, 3);
        Assert.Equal(0.75, new MobaGame().Score(raw));
        raw[MobaStatistic.Winner] = -1;
        Assert.Equal(0, new MobaGame().Score(raw));
    }

    [Fact]
    public void Distance_pays_per_cell_and_there_and_back_pays_nothing()
    {
        using var match = new HandMatch(20, new MobaOptions { Rewards = new MobaRewards { Distance = 1, DistanceFinal = 1 } });
        match.Hero(0, 100, 10).Press(0, vertical: -3).Step();
        Assert.Equal(1f, match.Part(0, MobaReward.Distance)); // a cell nearer to the ancient at (25, 102)
        match.Press(0, vertical: 3).Step();
        Assert.Equal(-1f, match.Part(0, MobaReward.Distance));
        Assert.Equal(0f, match.Read<float>("rewardSums")[MobaReward.Distance]);
    }

    [Fact]
    public void Zero_sum_takes_a_fifth_of_it_from_every_enemy()
    {
        using var match = new HandMatch(20, new MobaOptions { ZeroSum = true });
        match.Hero(0, 100, 10).Unit(11, 100, 12, hp: 100).Press(0, targets: 1).Step();
        float scale = 0.2f * Unit;
        Assert.Equal(5L * Xp * 60 * scale, match.Reward(0));
        Assert.All([1, 3, 5, 7, 9], slot => Assert.Equal(-1L * Xp * 60 * scale, match.Reward(slot)));
        Assert.All([2, 4, 6, 8], slot => Assert.Equal(0f, match.Reward(slot)));
    }

    [Theory]
    [InlineData(239, 1)]
    [InlineData(240, 2)]
    [InlineData(639, 2)]
    [InlineData(63_899, 29)]
    [InlineData(63_900, 30)]
    [InlineData(100_000, 30)]
    public void Levels_begin_at_their_thresholds(int xp, int level)
    {
        using var match = new HandMatch();
        match.Hero(0, 100, 10).Set("xp", 0, xp).Set("level", 0, (byte)1).Step();
        Assert.Equal(level, match.Get<byte>("level", 0));
    }

    // A tank of level 10 has 2200 hp: 660 are 30 %, 1760 are 80 %; 2 come back in the tick.
    [Theory]
    [InlineData(657, 0, MobaFlag.Hurt)]
    [InlineData(658, 0, 0)]
    [InlineData(1757, MobaFlag.Hurt, MobaFlag.Hurt)]
    [InlineData(1758, MobaFlag.Hurt, 0)]
    public void Hurt_begins_below_30_and_ends_at_80_percent(int hp, int before, int after)
    {
        using var match = new HandMatch();
        match.Hero(6, 70, 20, hp).Set("flags", 6, (byte)before).Step();
        Assert.Equal(after, match.Get<byte>("flags", 6) & MobaFlag.Hurt);
    }
}
