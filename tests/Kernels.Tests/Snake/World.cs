using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Snake;

namespace Arena.Kernels.Tests.Snake;

/// <summary>A snake of a hand-built arena: its cells from head to tail as (row, column).</summary>
internal sealed record Body(int Heading, int Pending, params (int Row, int Column)[] Cells);

/// <summary>Why a life ended.</summary>
internal enum End
{
    None,
    Wall,
    Self,
    Other,
    HeadOn,
    Truncated,
    Won,
}

/// <summary>One arena built by hand, stepped by the shipped kernel or by its phases one by one.</summary>
internal sealed class World : IDisposable
{
    internal const int Up = 0, Right = 1, Down = 2, Left = 3;

    private readonly SnakeOptions options;
    private readonly SnakeParameters parameters;

    internal World(SnakeOptions options, params Body[] bodies)
    {
        // As much food as there is: nothing is spawned but what dies, and that elsewhere.
        this.options = options with { NumEnvs = 1, Snakes = bodies.Length };
        parameters = SnakeParameters.From(this.options);
        Device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        Environment = (SnakeEnvironment)Registry.Find("snake").Create(Device, this.options);
        Buffers = new StepBuffers(Device, Environment.Spec, 1);
        Environment.Reset(1, Buffers.Views);
        ushort[] grid = Read<ushort>("grid");
        for (int at = 0; at < grid.Length; at++)
            if (grid[at] != SnakeCell.Wall) grid[at] = SnakeCell.Empty;
        Write("grid", grid);
        Write("steps", new byte[Read<byte>("steps").Length]);
        Write("foodPresent", [this.options.Food]);
        for (int i = 0; i < bodies.Length; i++) Place(i, bodies[i]);
        Environment.Observe(Buffers.Views);
    }

    internal CpuDevice Device { get; }

    internal SnakeEnvironment Environment { get; }

    internal StepBuffers Buffers { get; }

    internal SnakeParameters Parameters => parameters;

    internal static SnakeOptions Field(int size = 20) => new() { Width = size, Height = size, Food = 1, MaxLength = 64, Mode = SnakeMode.Arena };

    internal T[] Read<T>(string column)
        where T : unmanaged
    {
        StateColumn found = Environment.State[column];
        var bytes = new byte[found.BytesPerMatch];
        found.ReadMatch(0, bytes);
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }

    internal void Write<T>(string column, T[] values)
        where T : unmanaged => Environment.State[column].WriteMatch(0, MemoryMarshal.AsBytes(values.AsSpan()));

    internal World With(int code, params (int Row, int Column)[] cells)
    {
        ushort[] grid = Read<ushort>("grid");
        foreach ((int row, int column) in cells) grid[SnakeArena.At(row, column, parameters)] = (ushort)code;
        Write("grid", grid);
        return this;
    }

    internal int Code(int row, int column) => Read<ushort>("grid")[SnakeArena.At(row, column, parameters)] & SnakeCell.Mask;

    internal (int Row, int Column)[] Cells(int i)
    {
        (byte[] steps, int headIndex, int head) = (Read<byte>("steps"), Read<ushort>("headIndex")[i], Read<int>("head")[i]);
        var cells = new (int Row, int Column)[Read<ushort>("length")[i]];
        for (int k = 0; k < cells.Length; k++)
        {
            cells[k] = k == 0 ? (head / parameters.Stride - parameters.Vision, head % parameters.Stride - SnakeConstants.LeftWall)
                : Invariants.Before(cells[k - 1], Invariants.StepTo(steps, i, headIndex - k + 1, parameters));
        }

        return cells;
    }

    internal World Step(params int[] actions)
    {
        Buffers.DiscreteActions!.Write(actions);
        Environment.Step(Buffers.Views);
        return this;
    }

    /// <summary>The same tick phase by phase; <paramref name="order"/> gives the lanes of each phase.</summary>
    internal World StepByPhases(Func<int, IEnumerable<int>> order, params int[] actions)
    {
        Buffers.DiscreteActions!.Write(actions);
        var tick = new SnakeTick<DeviceAtomics> { Arguments = Environment.Arguments(Buffers.Views) };
        for (int phase = 0; phase < tick.PhaseCount; phase++)
            foreach (int lane in order(phase)) tick.Run(phase, 0, lane);
        return this;
    }

    internal End EndOf(int i)
    {
        if (Buffers.Terminated!.View[i] + Buffers.Truncated!.View[i] == 0) return End.None;
        int at = i * SnakeStatistic.Count;
        View<float> statistics = Buffers.EpisodeStatistics!.View;
        if (statistics[at + SnakeStatistic.Truncated] != 0) return End.Truncated;
        if (statistics[at + SnakeStatistic.Win] != 0) return End.Won;
        return (End)(1 + Enumerable.Range(0, 4).Single(cause => statistics[at + SnakeStatistic.Causes + cause] != 0));
    }

    internal End[] Ends => [.. Enumerable.Range(0, options.Snakes).Select(EndOf)];

    /// <summary>Everything: state and outputs, as one list of bytes.</summary>
    internal byte[] Everything()
    {
        StepBuffers b = Buffers;
        return
        [
            .. Environment.State.ReadMatch(0), .. b.ByteObservations!.ToArray(), .. b.FinalByteObservations!.ToArray(), .. b.Terminated!.ToArray(), .. b.Truncated!.ToArray(),
            .. b.EpisodeStart!.ToArray(), .. b.RowActive!.ToArray(), .. Bytes(b.Rewards!.ToArray()), .. Bytes(b.RewardParts!.ToArray()), .. Bytes(b.Errors!.ToArray()),
            .. Bytes(b.EpisodeStatistics!.ToArray()), .. Bytes(b.EpisodesFinished!.ToArray()),
        ];
    }

    public void Dispose()
    {
        Environment.Dispose();
        Buffers.Dispose();
        Device.Dispose();
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private void Place(int i, Body body)
    {
        byte[] steps = Read<byte>("steps");
        for (int k = 0; k < body.Cells.Length - 1; k++)
        {
            int direction = Enumerable.Range(0, 4).Single(of => Invariants.Before(body.Cells[k], of) == body.Cells[k + 1]), element = body.Cells.Length - 1 - k;
            steps[i * parameters.RingLength / 4 + element / 4] |= (byte)(direction << element % 4 * 2);
        }

        Write("steps", steps);
        Change("head", i, SnakeArena.At(body.Cells[0].Row, body.Cells[0].Column, parameters));
        Change("tail", i, SnakeArena.At(body.Cells[^1].Row, body.Cells[^1].Column, parameters));
        Change<ushort>("headIndex", i, (ushort)(body.Cells.Length - 1));
        Change<ushort>("length", i, (ushort)body.Cells.Length);
        Change<ushort>("pending", i, (ushort)body.Pending);
        Change<byte>("heading", i, (byte)body.Heading);
        Change<byte>("status", i, SnakeConstants.Alive);
        Change<uint>("maxLength", i, (uint)body.Cells.Length);
        Change<uint>("lifeTicks", i, 5);
        With(i << SnakeCell.OwnerShift | SnakeCell.Body, body.Cells[1..]);
        With(i << SnakeCell.OwnerShift | SnakeCell.Head, body.Cells[0]);
    }

    private void Change<T>(string column, int i, T value)
        where T : unmanaged
    {
        T[] values = Read<T>(column);
        values[i] = value;
        Write(column, values);
    }
}
