using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>An episode begins as its seed, match and number say, whatever was played before.</summary>
public class ResetTests
{
    private static readonly int Episodes = TestSize.Of(2, 20);

    [Fact]
    public void Nothing_of_an_episode_outlives_it() => Assert.Null(FirstRest(new Shipped(), Episodes));

    [Fact]
    public void A_timer_that_outlives_its_episode_is_noticed() => Assert.Equal("w", FirstRest(new TimersKept(), 1));

    // A column that differs between two plays of other players after their episodes ended; both take the same number of ticks.
    private static string? FirstRest(PhaseWatch phases, int episodes)
    {
        var options = new MobaOptions { NumEnvs = 1, EpisodeLimit = 110 };
        using Play one = new(options, seed: 15), other = new(options, seed: 15);
        for (int tick = 1; tick <= episodes * options.EpisodeLimit; tick++)
        {
            one.Tick(Play.RandomPlayer, Play.RandomPlayer, phases);
            other.Tick(Play.Weak, Play.Weak, phases);
            if (tick % options.EpisodeLimit != 0) continue;
            Assert.Equal((tick / options.EpisodeLimit, 0), (one.Read<int>("episode")[0], one.Read<int>("tick")[0]));
            foreach (StateColumn column in one.Environment.State.All)
                if (!column.ReadMatch(0).AsSpan().SequenceEqual(other.Environment.State[column.Name].ReadMatch(0))) return column.Name;
        }

        return null;
    }

    private sealed class TimersKept : PhaseWatch
    {
        private byte[] timers = [];

        internal override void Before(int phase, int env, in MobaArguments a)
        {
            if (phase == MobaPhase.Clear) timers = MobaMatch.Of(a, env).W.AsSpan().ToArray();
        }

        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase == MobaPhase.Place && match.Tick == 0) timers.CopyTo(match.W.AsSpan());
        }
    }
}
