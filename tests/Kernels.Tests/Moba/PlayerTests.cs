using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Arena.Tests;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Built-in players: legal, symmetric, and of different strength.</summary>
public class PlayerTests
{
    [Theory]
    [InlineData(Play.RandomPlayer)]
    [InlineData(Play.Weak)]
    [InlineData(Play.Normal)]
    [InlineData(Play.Strong)]
    public void Actions_are_legal_and_the_dead_do_nothing(int player)
    {
        using var play = new Play(new MobaOptions { NumEnvs = 2 }, seed: 3);
        int[] sizes = [7, 7, 3, 2, 2, 2], none = [3, 3, 0, 0, 0, 0];
        for (int tick = 0; tick < TestSize.Of(400, 4000); tick++)
        {
            ushort[] hp = play.Read<ushort>("hp");
            play.Tick(player, Play.Strong);
            for (int row = 0; row < 5; row++)
            {
                int[] action = play.Views.DiscreteActions.AsSpan().Slice(6 * row, 6).ToArray();
                Assert.All(action.Zip(sizes), pair => Assert.InRange(pair.First, 0, pair.Second - 1));
                if (hp[2 * row] == 0) Assert.Equal(none, action);
            }
        }

        Assert.All(Enumerable.Range(0, 10), slot => Assert.Equal(0, play.Read<int>("counters")[slot * MobaCounter.Count + MobaCounter.Invalid]));
    }

    [Fact]
    public void A_hurt_hero_goes_home_and_a_whole_one_down_its_lane()
    {
        Assert.Equal(3, Walk(Play.Normal, 0).Horizontal);
        Assert.Equal(-3, Walk(Play.Normal, MobaFlag.Hurt).Horizontal);
        Assert.Equal(3, Walk(Play.Weak, MobaFlag.Hurt).Horizontal); // never retreats
    }

    [Fact]
    public void Strong_heroes_leave_their_lanes_for_mid_after_ten_waves()
    {
        Assert.Equal(Walk(Play.Normal, 0, 1499), Walk(Play.Strong, 0, 1499));
        Assert.Equal(Walk(Play.Normal, 0, 1499), Walk(Play.Normal, 0, 1500));
        Assert.NotEqual(Walk(Play.Normal, 0, 1500), Walk(Play.Strong, 0, 1500));
    }

    [Fact]
    public void Strong_aims_at_the_hero_that_it_can_kill_and_normal_at_the_nearest()
    {
        Assert.Equal(1, Targets(Play.Normal, heroHp: 100));
        Assert.Equal(2, Targets(Play.Strong, heroHp: 100));
        Assert.Equal(1, Targets(Play.Strong, heroHp: 1000));
    }

    /// <summary>Ranks and sides exchanged, everything is the turned copy of what it was: columns, rewards, observations.</summary>
    [Fact]
    public void The_game_is_symmetric_under_a_turn_with_the_sides_exchanged()
    {
        using var play = new Play(new MobaOptions { NumEnvs = 1, ForceFlip = 0 }, seed: 21);
        using var turned = new Play(new MobaOptions { NumEnvs = 1, ForceFlip = 1 }, seed: 21);
        for (int tick = 0; tick < TestSize.Of(900, 4000); tick++)
        {
            play.Tick(Play.Strong, tick % 2 == 0 ? Play.Normal : Play.RandomPlayer);
            turned.Tick(tick % 2 == 0 ? Play.Normal : Play.RandomPlayer, Play.Strong);
            string? difference = Turn.Difference(play, turned);
            if (difference is not null) Assert.Fail($"tick {tick}: {difference}");
        }

        // The same flip in both is a planted bug: ties go to the same slot, not to its image.
        using var same = new Play(new MobaOptions { NumEnvs = 1, ForceFlip = 0 }, seed: 21);
        using var other = new Play(new MobaOptions { NumEnvs = 1, ForceFlip = 0 }, seed: 21);
        string? found = null;
        for (int tick = 0; tick < 400 && found is null; tick++)
        {
            same.Tick(Play.Strong, Play.Normal);
            other.Tick(Play.Normal, Play.Strong);
            found = Turn.Difference(same, other);
        }

        Assert.NotNull(found);
    }

    /// <summary>Ticks are many, so only the full size asks for the whole: 200 games each.</summary>
    [Fact]
    public void Strong_beats_normal_and_normal_beats_weak()
    {
        Assert.True(Score(Play.Normal, Play.Weak, TestSize.Of(2, 100)) >= 0.8);
        if (TestSize.Full) Assert.True(Score(Play.Strong, Play.Normal, 100) >= 0.6);
    }

    // A carry on its bottom lane: what a player makes of it, (vertical, horizontal) in own view.
    private static (int Vertical, int Horizontal) Walk(int player, int flags, int tick = 20)
    {
        using var match = new HandMatch(tick);
        match.Hero(8, 111, 70, hp: 500).Set("flags", 8, (byte)flags).Look();
        int[] action = Choose(match, 8, player);
        return (action[0] - 3, action[1] - 3);
    }

    // An enemy creep beside a support, an enemy hero two cells on.
    private static int Targets(int player, int heroHp)
    {
        using var match = new HandMatch();
        match.Hero(0, 100, 10, hp: 1000).Unit(11, 100, 11, hp: 100).Hero(1, 100, 13, heroHp).Look();
        return Choose(match, 0, player)[2];
    }

    private static int[] Choose(HandMatch match, int slot, int player)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(2, "controllers");
        controllers.Write([(byte)player, (byte)player]);
        match.Environment.Act(controllers.View, match.Views);
        return match.Views.DiscreteActions.AsSpan().Slice(6 * MobaMatch.RowOf(slot), 6).ToArray();
    }

    private static double Score(int player, int opponent, int pairs)
    {
        var game = new MobaGame();
        double own = Play.FirstEpisodes(new MobaOptions(), seed: 77, pairs, player, opponent).Average(raw => game.Score(raw));
        double other = Play.FirstEpisodes(new MobaOptions(), seed: 77, pairs, opponent, player).Average(raw => game.Score(raw));
        return 0.5 * (own + 1 - other);
    }
}
