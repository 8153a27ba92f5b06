using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Kernels against the reference: every state column, every output and every built-in player after every tick, exactly.</summary>
public class MobaLockstepTests
{
    private static readonly MobaOptions Small = new() { NumEnvs = 3, EpisodeLimit = 15, Desync = true, MatchOffset = 5 };

    // A weight for everything, and moving ones.
    private static readonly MobaRewards Rewards = new() { Xp = 0.003f, XpFinal = 0.0007f, Distance = 0.1f, DistanceFinal = -0.03f, TowerTeam = 0.7f };

    [Theory]
    [InlineData("random", MobaObservation.Grid)]
    [InlineData("scripted:strong", MobaObservation.Entities)]
    [InlineData("stress", MobaObservation.Entities)]
    [InlineData("mixed", MobaObservation.Grid)]
    public void Kernels_agree_whoever_plays(string drive, MobaObservation observation)
    {
        var options = new MobaOptions { NumEnvs = TestSize.Of(2, 64), Observation = observation, Rewards = Rewards, EpisodeLimit = TestSize.Of(80, 4000), Desync = true, MatchOffset = 13 };
        LockstepCase.MustPass("moba", options, new LockstepPlan { Ticks = TestSize.Of(90, 4000), Drive = drive, Seed = 9 }, 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Kernels_agree_when_rewards_cancel_and_ties_are_fixed(int flip) =>
        LockstepCase.MustPass("moba", Small with { ZeroSum = true, ForceFlip = flip, MapSeed = 7 + flip, Rewards = Rewards }, new LockstepPlan { Ticks = TestSize.Of(20, 2000) }, 0);

    [Theory]
    [InlineData(MobaObservation.Grid, false)]
    [InlineData(MobaObservation.Entities, true)]
    public void Kernels_agree_in_crowds_and_sieges_under_bad_actions(MobaObservation observation, bool zeroSum)
    {
        var options = new MobaOptions { NumEnvs = TestSize.Of(3, 16), Observation = observation, ZeroSum = zeroSum, EpisodeLimit = 9, Rewards = Rewards };
        using var play = new NastyPlay(options, seed: 11);
        play.Play(TestSize.Of(70, 4000));
        Assert.Equal(15, play.Skills.Count);
        Assert.True(play.Deaths > 100, $"{play.Deaths} deaths");
        Assert.True(play is { Wins: > 0, Draws: > 0, Truncations: > 0, Errors: > 50 }, $"{play.Wins} wins, {play.Draws} draws, {play.Truncations} truncations, {play.Errors} errors");
    }

    [Theory]
    [InlineData("position", 3)]
    [InlineData("position", 60)]
    [InlineData("hp", 205)]
    [InlineData("stun", 12)]
    [InlineData("slow", 150)]
    [InlineData("attack", 7)]
    [InlineData("target", 131)]
    [InlineData("flags", 11)]
    [InlineData("xp", 2)]
    [InlineData("mana", 9)]
    [InlineData("respawn", 0)]
    [InlineData("level", 5)]
    [InlineData("haste", 3)]
    [InlineData("q", 4)]
    [InlineData("w", 6)]
    [InlineData("e", 8)]
    [InlineData("counters", 47)]
    [InlineData("rewardSums", 30)]
    [InlineData("tick", 0)]
    [InlineData("episode", 0)]
    [InlineData("salt", 0)]
    [InlineData("flip", 0)]
    [InlineData("grid", 9000)]
    [InlineData("occupied", 700)]
    public void A_wrong_state_column_is_caught_at_once(string column, int slot)
    {
        var plan = new LockstepPlan
        {
            Ticks = 4,
            AfterStep = (environment, _, tick) =>
            {
                if (tick == 3) LockstepCase.Flip(environment.State[column], env: 1, slot);
            },
        };

        LockstepReport report = LockstepCase.Run("moba", Small with { NumEnvs = 2, Desync = false }, plan);

        Difference found = Assert.IsType<Difference>(report.First);
        Assert.Equal((column, 6, 3), (found.Column, found.Match, found.Tick));
    }

    // A reference with a wrong rule is a kernel with one. In turn: ties by slot instead of rank, other hashes, stuns and slows a tick short, haste a
    // tick too long, attacks and skills that wait a tick more, levels one off, a wave's bit forgotten, targets forgotten, no waiting for the dead.
    [Theory]
    [InlineData("flip", 0)]
    [InlineData("salt", 1)]
    [InlineData("stun", 2)]
    [InlineData("slow", 2)]
    [InlineData("haste", 3)]
    [InlineData("attack", 6)]
    [InlineData("q", 6)]
    [InlineData("w", 6)]
    [InlineData("e", 6)]
    [InlineData("level", 4)]
    [InlineData("flags", 0)]
    [InlineData("target", 5)]
    [InlineData("respawn", 7)]
    public void A_wrong_rule_is_caught_by_what_it_does(string column, int wrong)
    {
        using var play = new NastyPlay(Small with { NumEnvs = 2, ForceFlip = 1, EpisodeLimit = 1000, Desync = false }, seed: 3);
        string? difference = play.FirstDifference(40, column, value => wrong switch
        {
            0 => 0,
            1 => 123456,
            2 => value == 1 ? 0 : value,
            3 => value == 0 ? 1 : value,
            4 => value > 1 ? value - 1 : value,
            5 => 255,
            6 => value <= 1 ? 2 : value,
            _ => value > 0 ? 1 : 0,
        });
        Assert.NotNull(difference);
        Assert.False(difference.StartsWith(column + " ", StringComparison.Ordinal), difference);
    }

    [Theory]
    [InlineData("terminated")]
    [InlineData("truncated")]
    [InlineData("episodeStart")]
    [InlineData("rowActive")]
    [InlineData("errors")]
    [InlineData("episodesFinished")]
    [InlineData("episodeStatistics")]
    [InlineData("rewards")]
    [InlineData("rewardParts")]
    [InlineData("observations")]
    [InlineData("finalObservations")]
    public void A_wrong_output_is_caught_at_once(string buffer)
    {
        var plan = new LockstepPlan
        {
            Ticks = 4,
            Drive = "random",
            AfterStep = (environment, buffers, tick) =>
            {
                if (tick == 2) LockstepCase.Spoil(buffer, environment.Spec, buffers, agent: 3);
            },
        };

        LockstepReport report = LockstepCase.Run("moba", Small with { NumEnvs = 1 }, plan);

        Assert.Equal((buffer, 2), (report.First?.Column, report.First?.Tick));
    }
}
