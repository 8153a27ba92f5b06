using Arena.Kernels.Environments.Moba;
using Arena.Tests;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>What holds in every tick of any play.</summary>
public class PropertyTests
{
    private static readonly int Ticks = TestSize.Of(700, 4000);

    [Theory]
    [InlineData(Play.RandomPlayer, Play.RandomPlayer)]
    [InlineData(Play.Strong, Play.Strong)]
    [InlineData(Play.Normal, Play.RandomPlayer)]
    public void Every_tick_keeps_the_rules(int side0, int side1)
    {
        using var play = new Play(new MobaOptions { NumEnvs = 2 }, seed: 3);
        bool[] walls = MobaMap.Of(1).Walls;
        for (int env = 0; env < 2; env++) Check(play, env, null, walls);
        var before = new Snapshot[2];
        for (int tick = 0; tick < Ticks; tick++)
        {
            for (int env = 0; env < 2; env++) before[env] = new Snapshot(play, env);
            play.Tick(side0, side1);
            for (int env = 0; env < 2; env++) Check(play, env, before[env], walls);
        }
    }

    [Fact]
    public void Damage_and_healing_of_heroes_add_up()
    {
        // Only heroes: what side 0 deals is what side 1 receives, since nothing else is there to hit.
        using HandMatch match = new();
        var random = new System.Random(4);
        for (int slot = 0; slot < 10; slot++) match.Hero(slot, 96 + slot, 26 + slot % 7, 700, 900);
        for (int tick = 0; tick < 100; tick++)
        {
            for (int slot = 0; slot < 10; slot++) match.Press(slot, random.Next(-3, 4), random.Next(-3, 4), 2, "qwe"[..random.Next(4)]);
            match.Step();
            if (match.Get<int>("tick", 0) >= 149) break;
        }

        for (int side = 0; side < 2; side++)
        {
            int dealt = 0, received = 0;
            for (int slot = side; slot < 10; slot += 2) dealt += match.Counter(slot, MobaCounter.Dealt);
            for (int slot = 1 - side; slot < 10; slot += 2) received += match.Counter(slot, MobaCounter.Received);
            int ancient = 4500 - match.Get<ushort>("hp", 225 - side);
            Assert.Equal(dealt, received + ancient);
            Assert.True(dealt > 0);
        }
    }

    private static void Check(Play play, int env, Snapshot? before, bool[] walls)
    {
        var now = new Snapshot(play, env);
        CheckGrid(now, play, env, walls);
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            int max = slot < 10 ? MobaStats.HeroHp(slot / 2, now.Level[slot]) : MobaStats.UnitHp(slot);
            Assert.InRange(now.Hp[slot], 0, max);
            if (now.Hp[slot] == 0 && slot >= 10) Assert.Equal((255, 0), (now.Target[slot], now.Stun[slot] + now.Slow[slot] + now.Attack[slot]));
        }

        for (int hero = 0; hero < 10; hero++)
        {
            Assert.InRange(now.Mana[hero], 0, MobaStats.HeroMana(hero / 2, now.Level[hero]));
            Assert.Equal(Enumerable.Range(1, 30).Last(level => now.Xp[hero] >= MobaStats.Threshold(level)), now.Level[hero]);
        }

        if (before is null || now.Episode != before.Episode) return;
        CheckMoves(before, now, walls);
        int open = before.Vulnerable;
        for (int tower = 0; tower < 24; tower++)
            if (now.Hp[202 + tower] < before.Hp[202 + tower]) Assert.True((open >> tower & 1) != 0);
        for (int hero = 0; hero < 10; hero++) Assert.True(now.Xp[hero] >= before.Xp[hero]);
    }

    private static void CheckGrid(Snapshot now, Play play, int env, bool[] walls)
    {
        byte[] grid = play.Read<byte>("grid", env);
        int[] bits = play.Read<int>("occupied", env);
        int living = 0;
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
        {
            if (now.Hp[slot] == 0) continue;
            living++;
            int cell = MobaMatch.CellOf(now.Position[slot]);
            Assert.Equal(slot, grid[cell]);
            Assert.False(walls[cell]);
            if (slot >= 10) Assert.Equal(MobaMatch.CentreOf(cell, slot & 1), now.Position[slot]);
        }

        Assert.Equal(living, grid.Count(value => value != 255));
        for (int cell = 0; cell < grid.Length; cell++)
        {
            int team = grid[cell] == 255 ? -1 : MobaMatch.TeamOf(grid[cell]);
            for (int one = 0; one < 3; one++)
                if ((team == one ? 1 : 0) != (bits[one * 512 + cell / 32] >> (cell % 32) & 1)) Assert.Fail($"bit of team {one}, cell {cell}");
        }
    }

    // Living units that lived before: how far they went, and that a cell was entered only if it was empty.
    private static void CheckMoves(Snapshot before, Snapshot now, bool[] walls)
    {
        var occupied = new HashSet<int>();
        for (int slot = 0; slot < MobaConstants.Slots; slot++)
            if (before.Hp[slot] > 0 && now.Hp[slot] > 0) occupied.Add(MobaMatch.CellOf(before.Position[slot]));
        for (int slot = 0; slot < MobaConstants.FirstTower; slot++)
        {
            if (before.Hp[slot] == 0 || now.Hp[slot] == 0 || before.Position[slot] == now.Position[slot]) continue;
            int from = MobaMatch.CellOf(before.Position[slot]), to = MobaMatch.CellOf(now.Position[slot]);
            if (from == to) continue;
            Assert.DoesNotContain(to, occupied);
            if (MobaLayout.Distance(from, to) > 1) continue;
            int y = to / 128 - from / 128, x = to % 128 - from % 128;
            if (y != 0 && x != 0 && now.Stun[slot] == 0 && !before.HasteOf(slot)) Assert.False(walls[from + 128 * y] || walls[from + x]);
        }

        for (int hero = 0; hero < 10; hero++)
        {
            int ticks = now.Counter(hero, MobaCounter.Attacks) - before.Counter(hero, MobaCounter.Attacks);
            Assert.InRange(ticks, 0, 1);
            if (ticks == 1) Assert.True(before.Attack[hero] <= 1 && before.Stun[hero] == 0 && before.Hp[hero] > 0);
            for (int key = 0; key < 3; key++)
                if (now.Counter(hero, MobaCounter.Q + key) > before.Counter(hero, MobaCounter.Q + key)) Assert.True(before.Timer(hero, key) <= 1 && before.Stun[hero] == 0);
        }
    }

    private sealed class Snapshot(Play play, int env)
    {
        internal uint[] Position { get; } = play.Read<uint>("position", env);

        internal ushort[] Hp { get; } = play.Read<ushort>("hp", env);

        internal ushort[] Mana { get; } = play.Read<ushort>("mana", env);

        internal byte[] Level { get; } = play.Read<byte>("level", env);

        internal byte[] Target { get; } = play.Read<byte>("target", env);

        internal byte[] Stun { get; } = play.Read<byte>("stun", env);

        internal byte[] Slow { get; } = play.Read<byte>("slow", env);

        internal byte[] Attack { get; } = play.Read<byte>("attack", env);

        internal int[] Xp { get; } = play.Read<int>("xp", env);

        internal int Episode { get; } = play.Read<int>("episode", env)[0];

        internal int Vulnerable { get; } = MobaMatch.Of(play.Environment.Arguments(play.Views), env).Vulnerable();

        private readonly int[] counters = play.Read<int>("counters", env);

        private readonly byte[][] timers = [play.Read<byte>("q", env), play.Read<byte>("w", env), play.Read<byte>("e", env)];

        private readonly byte[] haste = play.Read<byte>("haste", env);

        internal int Counter(int hero, int counter) => counters[hero * MobaCounter.Count + counter];

        internal int Timer(int hero, int key) => timers[key][hero];

        internal bool HasteOf(int slot) => slot < 10 && haste[slot] > 0;
    }
}
