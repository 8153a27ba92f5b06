using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;

namespace Arena.Kernels.Tests.Moba;

/// <summary>
/// One match built by hand: no towers but the ancients, all heroes dead and far from their return, tick 20 (nobody appears), flip 0. Units are placed
/// in the base of side 0, which is free of walls.
/// </summary>
internal sealed class HandMatch : IDisposable
{
    private const int NoOp = 3;

    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
    private readonly StepBuffers buffers;
    private readonly MobaWorkspace workspace;
    private readonly int[] actions = new int[MobaConstants.Heroes * MobaConstants.Heads];

    internal HandMatch(int tick = 20, MobaOptions? options = null)
    {
        Environment = (MobaEnvironment)Registry.Find("moba").Create(device, (options ?? new MobaOptions()) with { NumEnvs = 1, ForceFlip = 0 });
        buffers = new StepBuffers(device, Environment.Spec, 1);
        workspace = new MobaWorkspace(device, 1);
        Environment.Reset(1, buffers.Views);
        Change<ushort>("hp", hp =>
        {
            int own = hp[MobaConstants.Slots - 2];
            Array.Clear(hp);
            hp[MobaConstants.Slots - 2] = hp[MobaConstants.Slots - 1] = (ushort)own;
        });
        Change<ushort>("respawn", respawn => Array.Fill(respawn, (ushort)60_000));
        Change<int>("tick", values => values[0] = tick);
        for (int row = 0; row < MobaConstants.Heroes; row++) Press(MobaMatch.SlotOf(row));
    }

    internal MobaEnvironment Environment { get; }

    internal StepViews Views => buffers.Views;

    internal T[] Read<T>(string column)
        where T : unmanaged
    {
        var bytes = new byte[Environment.State[column].BytesPerMatch];
        Environment.State[column].ReadMatch(0, bytes);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    internal HandMatch Change<T>(string column, Action<T[]> change)
        where T : unmanaged
    {
        T[] values = Read<T>(column);
        change(values);
        Environment.State[column].WriteMatch(0, MemoryMarshal.AsBytes(values.AsSpan()));
        return this;
    }

    internal HandMatch Set<T>(string column, int slot, T value)
        where T : unmanaged => Change<T>(column, values => values[slot] = value);

    internal T Get<T>(string column, int slot)
        where T : unmanaged => Read<T>(column)[slot];

    internal int Counter(int slot, int counter) => Read<int>("counters")[slot * MobaCounter.Count + counter];

    /// <summary>Puts a unit that is no hero into a cell, on its centre.</summary>
    internal HandMatch Unit(int slot, int y, int x, int hp) =>
        Set("position", slot, MobaMatch.CentreOf(MobaLayout.Cell(y, x), slot & 1)).Set("hp", slot, (ushort)hp).Set("target", slot, (byte)255);

    /// <summary>A hero of level 10 (5900 xp) with hp and mana, in a cell.</summary>
    internal HandMatch Hero(int slot, int y, int x, int hp = 500, int mana = 300) =>
        Unit(slot, y, x, hp).Set("mana", slot, (ushort)mana).Set("level", slot, (byte)10).Set("xp", slot, 5900).Set("respawn", slot, (ushort)0);

    /// <summary>What a hero will do: velocity in own view, targets, keys.</summary>
    internal HandMatch Press(int slot, int vertical = 0, int horizontal = 0, int targets = 0, string keys = "")
    {
        int at = MobaMatch.RowOf(slot) * MobaConstants.Heads;
        int[] action = [vertical + NoOp, horizontal + NoOp, targets, keys.Contains('q') ? 1 : 0, keys.Contains('w') ? 1 : 0, keys.Contains('e') ? 1 : 0];
        action.CopyTo(actions, at);
        return this;
    }

    /// <summary>Makes grid and bits what positions and hp say, and plays a tick.</summary>
    internal HandMatch Step(int ticks = 1)
    {
        Rebuild();
        buffers.DiscreteActions!.Write(actions);
        for (int tick = 0; tick < ticks; tick++) Environment.Step(buffers.Views);
        return this;
    }

    /// <summary>The same phase by phase, under the eyes of <paramref name="watch"/>.</summary>
    internal HandMatch Step(PhaseWatch watch)
    {
        Rebuild();
        buffers.DiscreteActions!.Write(actions);
        watch.Tick(workspace.In(Environment.Arguments(buffers.Views)), 0);
        return this;
    }

    /// <summary>Becomes <paramref name="other"/>, its actions included, and plays a tick as a whole.</summary>
    internal HandMatch StepAfter(HandMatch other)
    {
        other.Rebuild();
        Environment.State.WriteMatch(0, other.Environment.State.ReadMatch(0));
        other.actions.CopyTo(actions, 0);
        return Step();
    }

    /// <summary>The first thing in which this match and <paramref name="other"/> differ: a column, what heroes see, or what they are paid; null if nothing does.</summary>
    internal string? Difference(HandMatch other)
    {
        foreach (StateColumn column in Environment.State.All)
            if (!column.ReadMatch(0).AsSpan().SequenceEqual(other.Environment.State[column.Name].ReadMatch(0))) return column.Name;
        if (!Views.ByteObservations.AsSpan().SequenceEqual(other.Views.ByteObservations.AsSpan())) return "observations";
        return Views.RewardParts.AsSpan().SequenceEqual(other.Views.RewardParts.AsSpan()) ? null : "rewards";
    }

    /// <summary>Makes grid and bits what positions and hp say, and writes what heroes see.</summary>
    internal HandMatch Look()
    {
        Rebuild();
        Environment.Observe(buffers.Views);
        return this;
    }

    /// <summary>The observation of a hero.</summary>
    internal byte[] Seen(int slot)
    {
        int length = Environment.Spec.Observation.Length;
        return buffers.Views.ByteObservations.AsSpan().Slice(MobaMatch.RowOf(slot) * length, length).ToArray();
    }

    /// <summary>The reward of a hero in the last tick.</summary>
    internal float Reward(int slot) => buffers.Views.Rewards[MobaMatch.RowOf(slot)];

    /// <summary>One part of it.</summary>
    internal float Part(int slot, int component) => buffers.Views.RewardParts[MobaMatch.RowOf(slot) * MobaReward.Count + component];

    internal (int Y, int X) Position(int slot)
    {
        uint position = Read<uint>("position")[slot];
        return ((int)(position >> 16), (int)(position & 0xFFFF));
    }

    internal (int Y, int X) Cell(int slot) => (Position(slot).Y >> 8, Position(slot).X >> 8);

    internal (int Y, int X) Centre(int slot, int y, int x) => (256 * y + 128 - (slot & 1), 256 * x + 128 - (slot & 1));

    public void Dispose()
    {
        Environment.Dispose();
        workspace.Dispose();
        buffers.Dispose();
        device.Dispose();
    }

    private void Rebuild()
    {
        uint[] position = Read<uint>("position");
        ushort[] hp = Read<ushort>("hp");
        Change<byte>("grid", grid =>
        {
            Array.Fill(grid, (byte)255);
            for (int slot = 0; slot < MobaConstants.Slots; slot++)
                if (hp[slot] > 0) grid[MobaMatch.CellOf(position[slot])] = (byte)slot;
        });
        Change<int>("occupied", bits =>
        {
            Array.Clear(bits);
            for (int slot = 0; slot < MobaConstants.Slots; slot++)
            {
                int cell = MobaMatch.CellOf(position[slot]);
                if (hp[slot] > 0) bits[MobaMatch.TeamOf(slot) * MobaConstants.BitWords + cell / 32] |= 1 << (cell % 32);
            }
        });
    }
}
