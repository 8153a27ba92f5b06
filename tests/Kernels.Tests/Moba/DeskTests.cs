using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What the CPU's own loop knows of all units at once, against the map; and the loop against the phases where units are in every sort of trouble.</summary>
public class DeskTests
{
    private static readonly (int Set, int Filter)[] Searches =
        [(MobaSet.Any, MobaFilter.Any), (MobaSet.NoNeutrals, MobaFilter.NoNeutrals), (MobaSet.HeroesAndTowers, MobaFilter.HeroesAndTowers)];

    [Fact]
    public void Searches_over_all_units_find_what_searches_of_the_map_find()
    {
        using var play = new Play(new MobaOptions { NumEnvs = 1 }, seed: 5);
        int found = 0, wrong = 0;
        for (int tick = 0; tick < 320; tick++)
        {
            play.Tick(Play.Strong, Play.Normal);
            if (tick % 40 == 39) Compare(play, ref found, ref wrong);
        }

        Assert.True(found > 200, $"{found} units found");
        Assert.True(wrong > 0, "a radius that is one too small would not have been noticed");
    }

    [Fact]
    public void Sets_hold_the_slots_of_columns_and_of_scratch()
    {
        var bytes = new byte[MobaConstants.PaddedSlots];
        var numbers = new int[MobaScratch.Stride];
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            bytes[slot] = 7;
            numbers[slot] = int.MinValue;
            Assert.Equal([slot], SlotsWith(bytes, 7));
            Assert.Equal([slot], SlotsThatAreNotZero(numbers));
            bytes[slot] = 0;
            numbers[slot] = 0;
        }

        Assert.Empty(SlotsWith(bytes, 7));
        Assert.Empty(SlotsThatAreNotZero(numbers));
    }

    [Fact]
    public void The_loop_and_the_phases_agree_about_units_in_trouble()
    {
        var random = new System.Random(7);
        using var whole = new Play(new MobaOptions { NumEnvs = 2 }, seed: 5);
        using var phased = new Play(new MobaOptions { NumEnvs = 2 }, seed: 5);
        int ticks = TestSize.Of(300, 3000), died = 0;
        for (int tick = 0; tick < ticks; tick++)
        {
            if (tick % 4 == 0) Trouble(random, whole, phased);
            int before = Living(whole);
            whole.Tick(Play.Strong, Play.RandomPlayer);
            phased.TickByPhases<OwnedAtomics>(Play.Strong, Play.RandomPlayer, _ => Enumerable.Range(0, MobaTick<OwnedAtomics>.Lanes));
            died += Math.Max(0, before - Living(whole));
            for (int env = 0; env < 2; env++) Assert.True(whole.Everything(env).AsSpan().SequenceEqual(phased.Everything(env)), $"match {env}, tick {tick}");
        }

        Assert.True(died > 50, $"{died} deaths");
    }

    private static int Living(Play play) => play.Read<ushort>("hp").Count(hp => hp > 0);

    // Stuns, slows, stored targets of any kind, spent timers, and a few hit points for all who live; the same in both.
    private static void Trouble(System.Random random, Play whole, Play phased)
    {
        for (int env = 0; env < 2; env++)
        {
            ushort[] hp = whole.Read<ushort>("hp", env), mana = whole.Read<ushort>("mana", env);
            byte[] stun = whole.Read<byte>("stun", env), slow = whole.Read<byte>("slow", env), haste = whole.Read<byte>("haste", env), target = whole.Read<byte>("target", env);
            for (int slot = 0; slot < MobaConstants.FirstTower; slot++)
            {
                if (hp[slot] == 0) continue;
                if (random.Next(3) == 0) stun[slot] = (byte)random.Next(4);
                if (random.Next(3) == 0) slow[slot] = (byte)random.Next(6);
                if (random.Next(12) == 0) hp[slot] = (ushort)random.Next(1, 60);
                if (slot < MobaConstants.Heroes) (haste[slot], mana[slot]) = ((byte)random.Next(4), (ushort)Math.Max(mana[slot], (ushort)200));
                else if (random.Next(6) == 0) target[slot] = (byte)(random.Next(2) == 0 ? MobaConstants.Nobody : random.Next(MobaConstants.Heroes));
            }

            foreach (Play play in new[] { whole, phased })
            {
                Write(play, "hp", env, hp);
                Write(play, "mana", env, mana);
                Write(play, "stun", env, stun);
                Write(play, "slow", env, slow);
                Write(play, "haste", env, haste);
                Write(play, "target", env, target);
            }
        }
    }

    private static void Write<T>(Play play, string column, int env, T[] values)
        where T : unmanaged => play.Environment.State[column].WriteMatch(env, MemoryMarshal.AsBytes(values.AsSpan()));

    private static unsafe void Compare(Play play, ref int found, ref int wrong)
    {
        var memory = new byte[MobaDesk.Bytes];
        MobaMatch match = MobaMatch.Of(play.Environment.Arguments(play.Views), 0);
        int vulnerable = match.Vulnerable();
        fixed (byte* start = memory)
        {
            MobaDesk* desk = MobaDesk.At(start);
            MobaDesk.ReadUnits(desk, match);
            MobaDesk.SortTargets(desk, vulnerable);
            for (int slot = 0; slot < MobaConstants.Slots; slot++)
            {
                if (match.Hp[slot] == 0 || MobaMatch.TeamOf(slot) == MobaConstants.NeutralTeam) continue;
                foreach ((int set, int filter) in Searches)
                {
                    foreach (int radius in new[] { 2, MobaConstants.Reach, MobaConstants.CreepVision })
                    {
                        int expected = MobaScan.Nearest(match, slot, radius, filter, vulnerable);
                        Assert.Equal(expected, MobaDesk.Nearest(desk, match, slot, radius, set + (slot & 1)));
                        Assert.Equal(expected != MobaConstants.Nobody, MobaDesk.Any(desk, slot, radius, set + (slot & 1)));
                        if (expected != MobaConstants.Nobody) found++;
                        if (MobaDesk.Nearest(desk, match, slot, radius - 1, set + (slot & 1)) != expected) wrong++;
                    }
                }
            }
        }
    }

    private static unsafe int[] SlotsWith(byte[] column, byte value)
    {
        fixed (byte* start = column) return Slots(MobaDesk.Where(start, value));
    }

    private static unsafe int[] SlotsThatAreNotZero(int[] numbers)
    {
        fixed (int* start = numbers) return Slots(MobaDesk.Where(start));
    }

    private static int[] Slots(System.Runtime.Intrinsics.Vector256<ulong> set) =>
        [.. Enumerable.Range(0, 256).Where(slot => ((set[slot / 64] >> (slot % 64)) & 1) != 0)];
}
