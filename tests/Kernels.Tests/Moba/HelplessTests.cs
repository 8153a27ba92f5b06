using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Two plays of one game, in the second of which stunned and dead heroes are told something else: every byte stays equal.</summary>
public class HelplessTests
{
    [Theory]
    [InlineData(Play.Strong, Play.Strong)]
    [InlineData(Play.RandomPlayer, Play.Normal)]
    public void What_stunned_and_dead_heroes_are_told_changes_nothing(int side0, int side1)
    {
        var pair = new Pair(TestSize.Of(500, 4000));
        Assert.Null(pair.FirstDifference(side0, side1, everybody: false));
        Assert.True(pair is { Stunned: > 500, Dead: > 20 }, $"{pair.Stunned} stunned, {pair.Dead} dead");
    }

    [Fact]
    public void The_same_comparison_finds_one_who_could_act() => Assert.NotNull(new Pair(50).FirstDifference(Play.Strong, Play.Strong, everybody: true));

    private sealed class Pair(int ticks)
    {
        private readonly System.Random random = new(8);

        /// <summary>How often one of them was told something else.</summary>
        internal int Stunned { get; private set; }

        internal int Dead { get; private set; }

        internal string? FirstDifference(int side0, int side1, bool everybody)
        {
            var options = new MobaOptions { NumEnvs = 2 };
            using Play play = new(options, seed: 12), told = new(options, seed: 12);
            for (int tick = 0; tick < ticks; tick++)
            {
                if (tick % 6 == 0) Stun(play, told);
                play.Act(side0, side1);
                told.Act(side0, side1);
                for (int env = 0; env < 2; env++) Tell(told, env, everybody);
                play.Environment.Step(play.Views);
                told.Environment.Step(told.Views);
                for (int env = 0; env < 2; env++)
                    if (!play.Everything(env).AsSpan().SequenceEqual(told.Everything(env))) return $"match {env}, tick {tick}";
                if (!play.Views.Errors.AsSpan().SequenceEqual(told.Views.Errors.AsSpan())) return $"errors, tick {tick}";
            }

            return null;
        }

        // Living heroes at random, for a few ticks, the same in both plays.
        private void Stun(Play play, Play told)
        {
            for (int env = 0; env < 2; env++)
            {
                byte[] stun = play.Read<byte>("stun", env);
                ushort[] hp = play.Read<ushort>("hp", env);
                for (int hero = 0; hero < MobaConstants.Heroes; hero++)
                    if (hp[hero] > 0 && random.Next(4) == 0) stun[hero] = (byte)random.Next(1, 6);
                play.Environment.State["stun"].WriteMatch(env, stun);
                told.Environment.State["stun"].WriteMatch(env, stun);
            }
        }

        private void Tell(Play told, int env, bool everybody)
        {
            ushort[] hp = told.Read<ushort>("hp", env);
            byte[] stun = told.Read<byte>("stun", env);
            int[] sizes = [7, 7, 3, 2, 2, 2];
            View<int> actions = told.Views.DiscreteActions.Slice(env * 60, 60);
            for (int head = 0; head < actions.Length; head++)
            {
                int slot = MobaMatch.SlotOf(head / 6);
                // Nobody reads what the dead are told; a stunned hero's words must be legal, or they are counted.
                if (hp[slot] == 0) actions[head] = random.Next(int.MinValue, int.MaxValue);
                else if (stun[slot] > 0 || everybody) actions[head] = random.Next(sizes[head % 6]);
                if (head % 6 > 0) continue;
                if (hp[slot] == 0) Dead++;
                else if (stun[slot] > 0) Stunned++;
            }
        }
    }
}
