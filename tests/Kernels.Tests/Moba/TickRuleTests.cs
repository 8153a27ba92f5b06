using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Every tick, seen from the inside: blows, deaths, experience, costs, timers and ways are as the rule book says.</summary>
/// <remarks>The rules are written down once more in <see cref="RuleBook"/>; <see cref="PlantedRuleTests"/> shows that each can fail.</remarks>
public class TickRuleTests
{
    [Theory]
    [InlineData(Play.RandomPlayer, Play.RandomPlayer, 150)]
    [InlineData(Play.Strong, Play.Normal, 400)]
    [InlineData(Play.Weak, Play.RandomPlayer, 150)]
    public void Every_tick_of_a_game_keeps_the_rules(int side0, int side1, int quick)
    {
        using var play = new Play(new MobaOptions { NumEnvs = 1 }, seed: 6);
        var ledger = new TickLedger(new Shipped());
        var ways = new WayRules(MobaMap.Of(1).Walls);
        int deaths = 0;
        for (int tick = 0; tick < TestSize.Of(quick, 4000); tick++)
        {
            play.Tick(side0, side1, ledger);
            if (Brawl.Breaches(ledger, ways).FirstOrDefault() is { } breach) Assert.Fail($"tick {tick}, {breach}");
            deaths += Enumerable.Range(0, MobaConstants.Slots).Count(ledger.Died);
        }

        Assert.True(deaths > 0);
    }

    [Fact]
    public void Every_tick_of_a_brawl_keeps_the_rules()
    {
        var seen = new Seen();
        using var brawl = new Brawl(1, new Shipped());
        Breach? breach = brawl.FirstBreach(TestSize.Of(500, 20_000), seen.Look);
        Assert.True(breach is null, breach?.ToString());
        Assert.Equal(15, seen.Skills.Count);
        Assert.Equal(4, seen.KindsThatDied.Count);
        Assert.Equal(4, seen.KindsThatHit.Count);
        Assert.True(seen is { Pulled: > 50, Shared: > 50, Saved: > 0, StunnedIdle: > 100 }, $"{seen.Pulled} pulled, {seen.Shared} shared, {seen.Saved} saved, {seen.StunnedIdle} stunned");
    }

    /// <summary>What a play showed of what the rules are about, so that they did not hold for want of cases.</summary>
    private sealed class Seen
    {
        internal HashSet<int> Skills { get; } = [];

        /// <summary>0 heroes, 1 creeps, 2 neutrals, 3 structures.</summary>
        internal HashSet<int> KindsThatDied { get; } = [];

        internal HashSet<int> KindsThatHit { get; } = [];

        internal int Pulled { get; private set; }

        /// <summary>Kills that more than one hero gained from.</summary>
        internal int Shared { get; private set; }

        /// <summary>Heroes whom only healing of the same tick, more than they could hold, kept alive.</summary>
        internal int Saved { get; private set; }

        internal int StunnedIdle { get; private set; }

        internal void Look(TickLedger t)
        {
            for (int slot = 0; slot < MobaConstants.Slots; slot++)
            {
                if (t.SkillOf(slot) >= 0) Skills.Add(t.SkillOf(slot));
                if (t.Died(slot)) KindsThatDied.Add(Kind(slot));
                if (t.Resolved.Hp[slot] > 0 && t.Force[slot] > 0 && t.Moved.Position[slot] != t.Spawned.Position[slot]) Pulled++;
                if (slot < 10 && t.Spawned.Hp[slot] > 0 && t.Spawned.Stun[slot] > 0) StunnedIdle++;
                int damage = t.Blows.Where(blow => blow.Victim == slot).Sum(blow => blow.Damage);
                if (slot < 10 && t.Resolved.Hp[slot] > 0 && damage >= RuleBook.MaxHp(slot, t.Ready.Level[slot])) Saved++;
            }

            foreach (Blow blow in t.Blows) KindsThatHit.Add(Kind(blow.Source));
            Shared += t.Shares.Count(share => share.Gain.Count(gain => gain > 0) > 1);
        }

        private static int Kind(int slot) => slot < 10 ? 0 : slot < 130 ? 1 : slot < 202 ? 2 : 3;
    }
}
