using System.Numerics;
using System.Runtime.InteropServices;
using Arena.Kernels.Device;

namespace Arena.Policy.Distributed;

/// <summary>One of the equal parts into which the matches of a run are divided: what a learner sums across.</summary>
/// <remarks>
/// Shard s of S owns matches s·E/S …; its learner sees their rows alone. Sums run over the shards in their order, ((s₀ + s₁) + s₂) + …,
/// wherever they are computed: in one process or in several, a run with S shards gives the same bytes. All shards make the same
/// calls in the same order.
/// </remarks>
public sealed class Shard
{
    private readonly ShardGroup? group;
    private readonly int local;

    internal Shard(ShardGroup? group, int local, int index, int count) => (this.group, this.local, Index, Count) = (group, local, index, count);

    /// <summary>The only one: every sum is what it was.</summary>
    public static Shard Whole { get; } = new(null, 0, 0, 1);

    /// <summary>Its number, 0..Count−1.</summary>
    public int Index { get; }

    /// <summary>S.</summary>
    public int Count { get; }

    /// <summary>Replaces every value by its sum over the shards.</summary>
    public void Sum<T>(Span<T> values)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        if (Count > 1) group!.Sum(local, values);
    }

    /// <summary>The same for memory of a device: there where the ranks can exchange its memory, else through the host, which waits for the device.</summary>
    public void Sum<T>(IDevice device, View<T> values)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        if (Count == 1) return;
        if (group!.OnDevice is { } sums && SumThere(sums, values)) return;
        device.Synchronize();
        if (device is CpuDevice)
        {
            for (long first = 0; first < values.Length; first += int.MaxValue)
                group.Sum(local, values.Slice(first, Math.Min(int.MaxValue, values.Length - first)).AsSpan());
            return;
        }

        Span<T> host = MemoryMarshal.Cast<byte, T>(group.Staging(local, checked((int)(values.Length * Marshal.SizeOf<T>()))));
        device.CopyToHost(values, host);
        group.Sum(local, host);
        device.CopyToDevice<T>(host, values);
    }

    /// <summary>Replaces every value by the largest over the shards.</summary>
    public void Max(Span<double> values)
    {
        if (Count > 1) group!.Max(local, values);
    }

    /// <summary>Every shard's value, in order.</summary>
    /// <param name="own">This shard's.</param>
    /// <param name="all">(Count).</param>
    public void Gather(ulong own, Span<ulong> all)
    {
        if (Count == 1) all[0] = own;
        else group!.Gather<ulong>(local, [own], all);
    }

    private static unsafe bool SumThere<T>(DeviceSums sums, View<T> values)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) sums.Sum(new View<float>((float*)values.Pointer, values.Length));
        else if (typeof(T) == typeof(double)) sums.Sum(new View<double>((double*)values.Pointer, values.Length));
        else return false;
        return true;
    }
}
