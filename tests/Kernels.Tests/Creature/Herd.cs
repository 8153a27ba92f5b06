using System.Runtime.InteropServices;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;

namespace Arena.Kernels.Tests.Creature;

/// <summary>Creatures for tests: a device, an environment, its buffers.</summary>
internal sealed class Herd : IDisposable
{
    internal Herd(CreatureOptions options, int threads = 1, ulong seed = 1, CreatureTables? tables = null, float[]? pose = null)
    {
        Device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        tables ??= Skeletons.Compiled(options.Skeleton);
        Environment = new CreatureEnvironment(Device, options, new CreatureGame().Describe(options), tables, pose);
        Buffers = new StepBuffers(Device, Environment.Spec, options.NumEnvs);
        Controllers = Device.Allocate<byte>(options.NumEnvs, "controllers");
        Environment.Reset(seed, Buffers.Views);
    }

    internal CpuDevice Device { get; }

    internal CreatureEnvironment Environment { get; }

    internal StepBuffers Buffers { get; }

    internal DeviceBuffer<byte> Controllers { get; }

    internal Span<float> Actions => Buffers.ContinuousActions!.View.AsSpan();

    internal int ActionCount => Environment.Spec.Action.Continuous.Count;

    internal void Step() => Environment.Step(Buffers.Views);

    /// <summary>One tick of the built-in player: 1 random, 2 gait.</summary>
    internal void Play(byte player)
    {
        Controllers.View.AsSpan().Fill(player);
        Environment.Act(Controllers.View, Buffers.Views);
        Step();
    }

    internal float[] Floats(string column, int env = 0)
    {
        StateColumn from = Environment.State[column];
        var values = new float[from.Slots];
        from.ReadMatch(env, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    internal void Put(string column, ReadOnlySpan<float> values, int env = 0) => Environment.State[column].WriteMatch(env, MemoryMarshal.AsBytes(values));

    public void Dispose()
    {
        Controllers.Dispose();
        Buffers.Dispose();
        Environment.Dispose();
        Device.Dispose();
    }
}
