using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Neither side is favoured: between equals each wins half of the games, and half of the cells that both want.</summary>
/// <remarks>Games of equals take some 6,500 ticks; the limit of 20,000 lets nearly all of them end by an ancient's fall.</remarks>
public class FairnessTests(ITestOutputHelper output)
{
    private const int EpisodeLimit = 20_000;

    // 99.9 % of samples of a fair coin lie within this many standard deviations.
    private const double Deviations = 3.29;

    /// <summary>2,000 games at full size: 50 % ± 3.5 %, that is 99.8 %. In the quick size the bound is that of 99.9 % for its few games.</summary>
    [Theory]
    [InlineData(Play.Normal)]
    [InlineData(Play.Strong)]
    public void Side_0_wins_half_of_the_games_of_equals(int player)
    {
        int games = TestSize.Of(20, 2000), won = 0, lost = 0, undecided = 0;
        double ticks = 0;
        foreach (float[] game in Play.FirstEpisodes(new MobaOptions { EpisodeLimit = EpisodeLimit }, seed: 33, games, player, player))
        {
            ticks += game[MobaStatistic.Ticks] / games;
            if (game[MobaStatistic.Winner] > 0) won++;
            else if (game[MobaStatistic.Winner] < 0) lost++;
            else undecided++;
        }

        double share = (double)won / (won + lost);
        output.WriteLine($"{games} games: side 0 won {won}, side 1 {lost}, nobody {undecided}; share {share:P2}; {ticks:F0} ticks on average");
        Assert.True(won + lost >= 0.9 * games, $"{undecided} undecided");
        double bound = TestSize.Full ? 0.035 : Bound(won + lost);
        Assert.InRange(share - 0.5, -bound, bound);
    }

    /// <summary>More than 20,000 cells at full size: 50 % ± 1 %, that is 99.5 %.</summary>
    [Theory]
    [InlineData(Play.Normal)]
    [InlineData(Play.Strong)]
    public void Each_side_wins_half_of_the_cells_that_both_claim(int player)
    {
        var matches = new Contests[TestSize.Of(2, 128)];
        Parallel.For(0, matches.Length, Play.Cores, match =>
        {
            using var play = new Play(new MobaOptions { NumEnvs = 1, EpisodeLimit = EpisodeLimit, MatchOffset = match }, seed: 34);
            matches[match] = new Contests(new Shipped());
            for (int tick = 0; tick < TestSize.Of(500, 8000); tick++) play.Tick(player, player, matches[match]);
        });
        int count = matches.Sum(match => match.Count);
        Check(count, matches.Sum(match => match.Won), TestSize.Of(10, 20_000), TestSize.Full ? 0.01 : Bound(count));
    }

    [Fact]
    public void Each_side_wins_half_of_the_cells_of_a_brawl() => Check(Fight(new Shipped()));

    [Fact]
    public void Cells_that_side_0_gets_whenever_it_claims_them_are_noticed() =>
        Assert.Throws<Xunit.Sdk.InRangeException>(() => Check(Fight(new SideZeroFirst())));

    private static Contests Fight(PhaseWatch phases)
    {
        var contests = new Contests(phases);
        using var brawl = new Brawl(3, contests);
        brawl.Play(TestSize.Of(600, 25_000));
        return contests;
    }

    private void Check(Contests contests) => Check(contests.Count, contests.Won, least: 100, Bound(contests.Count));

    private void Check(int contests, int won, int least, double bound)
    {
        double share = (double)won / contests;
        output.WriteLine($"{contests} cells claimed by both sides, side 0 won {won}: {share:P2}");
        Assert.True(contests >= least, $"{contests} contests");
        Assert.InRange(share - 0.5, -bound, bound);
    }

    private static double Bound(int samples) => Deviations * 0.5 / Math.Sqrt(samples);

    // What each unit claims in the round that ends with this phase: a cell, or less than 0.
    private static int Claimed(int phase, in MobaMatch match, int slot) => phase == MobaPhase.Propose ? match.Scratch.Claimed[slot] : match.Scratch.Second[slot];

    /// <summary>Counts cells that heroes or creeps of both sides claim in one round.</summary>
    private sealed class Contests(PhaseWatch phases) : PhaseWatch
    {
        private readonly Dictionary<int, int> sides = [];

        internal int Count { get; private set; }

        /// <summary>By side 0.</summary>
        internal int Won { get; private set; }

        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            phases.After(phase, match, a);
            if (phase is not (MobaPhase.Propose or MobaPhase.Retry)) return;
            View<int> claims = a.Claims.Of(match.Env);
            sides.Clear();
            for (int slot = 0; slot < MobaConstants.FirstNeutral; slot++)
            {
                int cell = Claimed(phase, match, slot);
                if (cell >= 0) sides[cell] = sides.GetValueOrDefault(cell) | 1 << (slot & 1);
            }

            foreach ((int cell, int both) in sides)
            {
                int winner = (claims[cell] & 255) ^ match.Flip;
                if (both != 3 || winner >= MobaConstants.FirstNeutral) continue;
                Count++;
                if ((winner & 1) == 0) Won++;
            }
        }
    }

    private sealed class SideZeroFirst : PhaseWatch
    {
        internal override void After(int phase, in MobaMatch match, in MobaArguments a)
        {
            if (phase is not (MobaPhase.Propose or MobaPhase.Retry)) return;
            for (int slot = 0; slot < MobaConstants.FirstNeutral; slot += 2)
            {
                int cell = Claimed(phase, match, slot), round = phase == MobaPhase.Propose ? MobaClaim.FirstRound : 0;
                if (cell >= 0) a.Claims.Of(match.Env)[cell] = match.Priority(match.TieHash(slot), slot) + round;
            }
        }
    }
}
