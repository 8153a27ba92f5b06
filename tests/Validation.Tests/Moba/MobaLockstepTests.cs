using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Validation.Tests.Moba;

/// <summary>Kernels against the reference: every state column, every output and every built-in player after every tick, exactly.</summary>
public class MobaLockstepTests
{
    private static readonly MobaOptions Small = new() { NumEnvs = 3, EpisodeLimit = 40, Desync = true, MatchOffset = 5 };

    // A weight for everything, and moving ones.
    private static readonly MobaRewards Rewards = new() { Xp = 0.003f, XpFinal = 0.0007f, Distance = 0.1f, DistanceFinal = -0.03f, TowerTeam = 0.7f };

    [Theory]
    [InlineData("random", MobaObservation.Grid)]
    [InlineData("scripted:strong", MobaObservation.Entities)]
    [InlineData("stress", MobaObservation.Entities)]
    [InlineData("mixed", MobaObservation.Grid)]
    public void Kernels_agree_whoever_plays(string drive, MobaObservation observation)
    {
        var options = new MobaOptions { NumEnvs = TestSize.Of(2, 16), Observation = observation, Rewards = Rewards, EpisodeLimit = TestSize.Of(150, 4000), Desync = true, MatchOffset = 13 };
        LockstepCase.MustPass("moba", options, new LockstepPlan { Ticks = TestSize.Of(160, 4000), Drive = drive, Seed = 9 }, 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Kernels_agree_when_rewards_cancel_and_ties_are_fixed(int flip) =>
        LockstepCase.MustPass("moba", Small with { ZeroSum = true, ForceFlip = flip, MapSeed = 7 + flip, Rewards = Rewards }, new LockstepPlan { Ticks = TestSize.Of(60, 2000) }, 0);

    [Theory]
    [InlineData(MobaObservation.Grid, false)]
    [InlineData(MobaObservation.Entities, true)]
    public void Kernels_agree_in_crowds_and_sieges_under_bad_actions(MobaObservation observation, bool zeroSum)
    {
        var options = new MobaOptions { NumEnvs = TestSize.Of(4, 16), Observation = observation, ZeroSum = zeroSum, EpisodeLimit = 90, Rewards = Rewards };
        using var play = new NastyPlay(options, seed: 11);
        play.Play(TestSize.Of(100, 4000));
        Assert.True(play.Deaths > 100, $"{play.Deaths} deaths");
        Assert.True(play is { Wins: > 0, Draws: > 0, Truncations: > 0, Errors: > 50 }, $"{play.Wins} wins, {play.Draws} draws, {play.Truncations} truncations, {play.Errors} errors");
    }
}
