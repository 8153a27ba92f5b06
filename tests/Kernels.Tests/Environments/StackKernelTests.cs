using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Environments;

using Random = System.Random;

/// <summary>Stacked rows moved as blocks of memory (CPU) and element by element (any layout) are the same rows.</summary>
public class StackKernelTests
{
    private const int Envs = 5;

    private static readonly Arbitrary<(StackShape Shape, int Seed)> Cases = (
        from frame in Gen.Choose(1, 40)
        from frames in Gen.Choose(1, 8)
        from actions in Gen.Choose(0, 7)
        from components in Gen.Choose(0, 3)
        from heads in Gen.Choose(components == 0 ? 1 : 0, 2)
        from agents in Gen.Choose(1, 4)
        from seed in Gen.Choose(0, int.MaxValue)
        select (new StackShape
        {
            Frame = frame, Frames = frames, Actions = actions, Components = components, Heads = heads, Action = components + heads * 3, AgentsPerMatch = agents,
        }, seed)).ToArbitrary();

    [Fact]
    public void Floats_move_alike() =>
        Prop.ForAll(Cases, made => Check<float>(made.Shape, made.Seed, random => (float)random.NextDouble(), (rows, phase) => new StackFloats
        {
            Shape = made.Shape, Views = rows.Views with { Observations = rows.Shown.View, FinalObservations = rows.LastShown.View }, HeadSizes = rows.HeadSizes.View,
            Present = rows.Present.View, Last = rows.Last.View, Stacked = rows.Stacked, Phase = phase,
        })).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Bytes_move_alike() =>
        Prop.ForAll(Cases, made => Check<byte>(made.Shape, made.Seed, random => (byte)random.Next(256), (rows, phase) => new StackBytes
        {
            Shape = made.Shape, Views = rows.Views with { ByteObservations = rows.Shown.View, FinalByteObservations = rows.LastShown.View }, HeadSizes = rows.HeadSizes.View,
            Present = rows.Present.View, Last = rows.Last.View, Stacked = rows.Stacked, Phase = phase,
        })).Check(Config.QuickThrowOnFailure);

    // Twenty phases by chance: the same rows by blocks and by elements, and something in them.
    private static void Check<T>(StackShape shape, int seed, Func<Random, T> draw, Func<Rows<T>, StackPhase, IRangeKernel> kernel)
        where T : unmanaged, IEquatable<T>
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var blocks = new Rows<T>(device, shape);
        using var elements = new Rows<T>(device, shape);
        var random = new Random(seed);
        for (int tick = 0; tick < 20; tick++)
        {
            StackPhase phase = tick == 0 ? StackPhase.Begin : random.Next(5) == 0 ? StackPhase.Show : StackPhase.Step;
            int drawn = random.Next();
            blocks.Draw(new Random(drawn), draw);
            elements.Draw(new Random(drawn), draw);
            kernel(blocks, phase).RunRange(0, Envs * shape.AgentsPerMatch);
            IRangeKernel one = kernel(elements, phase);
            for (int row = 0; row < Envs * shape.AgentsPerMatch; row++) one.Run(row);
            Assert.Equal(elements.Everything, blocks.Everything);
            Assert.Contains(blocks.Everything, element => !element.Equals(default));
        }
    }

    // What a launch reads and writes.
    private sealed class Rows<T> : IDisposable
        where T : unmanaged
    {
        private readonly List<IDisposable> owned = [];
        private readonly DeviceBuffer<float> continuous;
        private readonly DeviceBuffer<int> discrete;
        private readonly DeviceBuffer<byte> starts;
        private readonly DeviceBuffer<byte> truncated;
        private readonly StateColumns state;

        internal Rows(IDevice device, StackShape shape)
        {
            int rows = Envs * shape.AgentsPerMatch;
            Present = Own(device.Allocate<T>(rows * shape.Frame, "present"));
            Last = Own(device.Allocate<T>(rows * shape.Frame, "last"));
            Shown = Own(device.Allocate<T>(rows * shape.Length, "shown"));
            LastShown = Own(device.Allocate<T>(rows * shape.Length, "last shown"));
            HeadSizes = Own(device.Allocate<int>(Math.Max(1, shape.Heads), "head sizes"));
            HeadSizes.View.AsSpan().Fill(3);
            continuous = Own(device.Allocate<float>(Math.Max(1, rows * shape.Components), "continuous"));
            discrete = Own(device.Allocate<int>(Math.Max(1, rows * shape.Heads), "discrete"));
            starts = Own(device.Allocate<byte>(rows, "starts"));
            truncated = Own(device.Allocate<byte>(rows, "truncated"));
            state = Own(new StateColumns(device, Envs));
            Stacked = state.Add<T>("stacked", shape.AgentsPerMatch * shape.Length);
        }

        internal DeviceBuffer<T> Present { get; }

        internal DeviceBuffer<T> Last { get; }

        internal DeviceBuffer<T> Shown { get; }

        internal DeviceBuffer<T> LastShown { get; }

        internal DeviceBuffer<int> HeadSizes { get; }

        internal Column<T> Stacked { get; }

        internal StepViews Views => new() { ContinuousActions = continuous.View, DiscreteActions = discrete.View, EpisodeStart = starts.View, Truncated = truncated.View };

        internal IEnumerable<T> Everything
        {
            get
            {
                var slots = new List<T>();
                for (int env = 0; env < Envs; env++)
                    for (int slot = 0; slot < Stacked.Slots; slot++) slots.Add(Stacked[env, slot]);
                return [.. slots, .. Shown.ToArray(), .. LastShown.ToArray()];
            }
        }

        public void Dispose()
        {
            foreach (IDisposable one in owned) one.Dispose();
        }

        internal void Draw(Random random, Func<Random, T> draw)
        {
            foreach (ref T element in Present.View.AsSpan()) element = draw(random);
            foreach (ref T element in Last.View.AsSpan()) element = draw(random);
            foreach (ref float action in continuous.View.AsSpan()) action = random.Next(9) == 0 ? float.NaN : (float)(random.NextDouble() * 3 - 1.5);
            foreach (ref int action in discrete.View.AsSpan()) action = random.Next(-1, 4);
            foreach (ref byte ended in truncated.View.AsSpan()) ended = (byte)(random.Next(4) == 0 ? 1 : 0);
            for (int row = 0; row < starts.View.Length; row++) starts.View[row] = (byte)(truncated.View[row] != 0 || random.Next(4) == 0 ? 1 : 0);
        }

        private TOwned Own<TOwned>(TOwned owns)
            where TOwned : IDisposable
        {
            owned.Add(owns);
            return owns;
        }
    }
}
