using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Snake;

namespace Arena.Kernels.Tests.Snake;

/// <summary>A batch of arenas played by built-in players, as a whole or phase by phase.</summary>
internal sealed class Play : IDisposable
{
    private readonly CpuDevice device;
    private readonly DeviceBuffer<byte> controllers;
    private readonly StepBuffers buffers;
    private readonly SnakeOptions options;
    private readonly System.Random anybody;

    internal Play(SnakeOptions options, ulong seed, int threads = 1)
    {
        this.options = options;
        anybody = new System.Random((int)seed);
        device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        Environment = (SnakeEnvironment)Registry.Find("snake").Create(device, options);
        buffers = new StepBuffers(device, Environment.Spec, options.NumEnvs);
        controllers = device.Allocate<byte>(options.NumEnvs, "controllers");
        Environment.Reset(seed, buffers.Views);
    }

    internal SnakeEnvironment Environment { get; }

    internal StepViews Views => buffers.Views;

    internal void Tick(int player)
    {
        Act(player);
        Environment.Step(buffers.Views);
    }

    internal void TickByPhases<TAtomics>(int player, Func<int, int[]> order)
        where TAtomics : struct, IAtomics
    {
        Act(player);
        var tick = new SnakeTick<TAtomics> { Arguments = Environment.Arguments(buffers.Views) };
        for (int phase = 0; phase < tick.PhaseCount; phase++)
            foreach (int lane in order(phase))
                for (int env = 0; env < options.NumEnvs; env++) tick.Run(phase, env, lane);
    }

    internal void TickOneAfterAnother(int player)
    {
        Act(player);
        var tick = new SnakeTick<OwnedAtomics> { Arguments = Environment.Arguments(buffers.Views) };
        for (int env = 0; env < options.NumEnvs; env++)
        {
            for (int lane = 0; lane < options.Snakes; lane++)
                for (int phase = 0; phase < 3; phase++) tick.Run(phase, env, lane);
            for (int phase = 3; phase < tick.PhaseCount; phase++)
                for (int lane = 0; lane < options.Snakes; lane++) tick.Run(phase, env, lane);
        }
    }

    /// <summary>State and outputs as bytes.</summary>
    internal byte[] Everything() => [.. State(), .. Outputs(), .. MemoryMarshal.AsBytes(buffers.Errors!.ToArray().AsSpan())];

    /// <summary>All columns of all arenas as bytes.</summary>
    internal byte[] State() => [.. Enumerable.Range(0, options.NumEnvs).SelectMany(env => Environment.State.ReadMatch(env))];

    /// <summary>What the last tick gave, as bytes.</summary>
    internal byte[] Outputs()
    {
        var bytes = new List<byte>();
        bytes.AddRange(buffers.ByteObservations!.ToArray());
        bytes.AddRange(buffers.FinalByteObservations!.ToArray());
        bytes.AddRange(buffers.Terminated!.ToArray());
        bytes.AddRange(buffers.Truncated!.ToArray());
        bytes.AddRange(buffers.EpisodeStart!.ToArray());
        bytes.AddRange(buffers.RowActive!.ToArray());
        bytes.AddRange(MemoryMarshal.AsBytes(buffers.Rewards!.ToArray().AsSpan()));
        bytes.AddRange(MemoryMarshal.AsBytes(buffers.RewardParts!.ToArray().AsSpan()));
        bytes.AddRange(MemoryMarshal.AsBytes(buffers.EpisodeStatistics!.ToArray().AsSpan()));
        bytes.AddRange(MemoryMarshal.AsBytes(buffers.EpisodesFinished!.ToArray().AsSpan()));
        return [.. bytes];
    }

    public void Dispose()
    {
        controllers.Dispose();
        buffers.Dispose();
        Environment.Dispose();
        device.Dispose();
    }

    // Player 0 is anybody: actions without sense, some of them no actions at all.
    private void Act(int player)
    {
        if (player == 0)
        {
            Span<int> actions = buffers.DiscreteActions!.View.AsSpan();
            for (int row = 0; row < actions.Length; row++) actions[row] = anybody.Next(0, 20) == 0 ? anybody.Next(-1, 6) : anybody.Next(0, 4);
        }

        controllers.View.AsSpan().Fill((byte)player);
        Environment.Act(controllers.View, buffers.Views);
    }
}

/// <summary>What must hold between two ticks.</summary>
internal static class Invariants
{
    /// <summary>The direction in which snake <paramref name="i"/> came to the cell of an element of its ring.</summary>
    internal static int StepTo(byte[] steps, int i, int element, SnakeParameters p) =>
        steps[(i * p.RingLength + (element & (p.RingLength - 1))) / 4] >> (element & 3) * 2 & 3;

    /// <summary>The cell from which a step in <paramref name="direction"/> leads to <paramref name="cell"/>.</summary>
    internal static (int Row, int Column) Before((int Row, int Column) cell, int direction) =>
        (cell.Row - SnakeArena.StepRow(direction), cell.Column - SnakeArena.StepColumn(direction));

    /// <summary>Grid = bodies with their owners and meals, claims are gone, counters count, no body is longer than its ring, its tail is where it ends.</summary>
    internal static void Check(SnakeEnvironment environment, SnakeOptions options, int env)
    {
        SnakeParameters p = SnakeParameters.From(options);
        double[] Column(string name) => environment.State[name].ReadMatch(env);
        double[] grid = Column("grid"), length = Column("length"), pending = Column("pending"), headIndex = Column("headIndex"), head = Column("head"), tail = Column("tail"), status = Column("status");
        byte[] steps = [.. Column("steps").Select(value => (byte)value)];
        var bodies = new Dictionary<int, int>();
        for (int i = 0; i < options.Snakes; i++)
        {
            Assert.Equal(status[i] != 0, length[i] > 0);
            Assert.True(length[i] + pending[i] <= options.RingLength);
            int owner = i << SnakeCell.OwnerShift, cell = (int)head[i];
            for (int k = 0; k < (int)length[i]; k++)
            {
                if (k > 0) cell -= SnakeArena.Step(StepTo(steps, i, (int)headIndex[i] - k + 1, p), p);
                Assert.True(bodies.TryAdd(cell, owner | (k == 0 ? SnakeCell.Head : SnakeCell.Body)), $"a cell of snake {i} belongs to two segments");
            }

            Assert.Equal(cell, (int)tail[i]);
        }

        int food = 0;
        for (int at = 0; at < grid.Length; at++)
        {
            int row = at / p.Stride - p.Vision, column = at % p.Stride - SnakeConstants.LeftWall;
            bool inside = row >= 0 && row < options.Height && column >= 0 && column < options.Width;
            int code = (int)grid[at]; // with its claims, none of which may be left behind, and its owner
            if (code == SnakeCell.Food) food++;
            bool right = !inside ? code == SnakeCell.Wall : bodies.TryGetValue(at, out int body) ? code == body : code is SnakeCell.Empty or SnakeCell.Food or SnakeCell.Corpse;
            if (!right) Assert.Fail($"cell ({row}, {column}) holds {code}");
        }

        Assert.Equal(food, Column("foodPresent")[0]);
    }
}
