using Arena.Kernels.Device;
using Arena.Kernels.Learning;

namespace Arena.Policy.Distributed;

/// <summary>Sums over the ranks of arrays on a device, in the order of ranks, where every rank has a device of its own and holds one shard.</summary>
/// <remarks>
/// The same sums as those of <see cref="ShardGroup"/> on the host, to the last bit: rank r receives piece r of every rank, adds them up in their order by a
/// kernel, and the pieces are gathered. A library's own reduction would choose another order. Short arrays are gathered whole and added up by everybody.
/// </remarks>
public sealed class DeviceSums : IDisposable
{
    private const long ShortBytes = 1 << 17; // of all ranks together: one exchange costs less than two

    private readonly IDevice device;
    private readonly IDeviceExchange exchange;
    private DeviceBuffer<int> padded;   // what this rank gives, then the sum
    private DeviceBuffer<int> received; // what the ranks sent
    private DeviceBuffer<int> piece;    // what this rank has added up

    /// <summary>Takes memory for arrays of <paramref name="longest"/> floats; longer ones take more when they come.</summary>
    /// <param name="device">Where the arrays are.</param>
    /// <param name="exchange">Between the ranks; not disposed of here.</param>
    /// <param name="longest">Numbers, at least 1.</param>
    public DeviceSums(IDevice device, IDeviceExchange exchange, int longest = 1)
    {
        (this.device, this.exchange) = (device, exchange);
        (padded, received, piece) = Take(longest);
    }

    /// <summary>Replaces every value by its sum over the ranks.</summary>
    public unsafe void Sum(View<float> values) => Sum(new View<int>((int*)values.Pointer, values.Length), wide: false);

    /// <summary>Replaces every value by its sum over the ranks.</summary>
    public unsafe void Sum(View<double> values) => Sum(new View<int>((int*)values.Pointer, values.Length * 2), wide: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        padded.Dispose();
        received.Dispose();
        piece.Dispose();
    }

    private void Sum(View<int> words, bool wide)
    {
        int size = exchange.Size;
        bool whole = words.Length * sizeof(int) * size <= ShortBytes;
        long part = whole ? words.Length : (words.Length + 2 * size - 1) / (2 * size) * 2; // even: a double is two words
        if (size * part > received.Length) Grow(size * part);
        View<int> own = whole ? words : padded.View.Slice(0, size * part), all = received.View.Slice(0, size * part), sums = whole ? words : piece.View.Slice(0, part);
        if (!whole) Copy(words, own.Slice(0, words.Length));
        if (whole) exchange.AllGather(own, all);
        else exchange.AllToAll(own, all);
        Add(all, sums, wide);
        if (whole) return;
        exchange.AllGather(sums, own);
        Copy(own.Slice(0, words.Length), words);
    }

    private unsafe void Add(View<int> parts, View<int> sums, bool wide)
    {
        if (wide)
        {
            int length = checked((int)(sums.Length / 2));
            var kernel = new SumRankDoubles { Parts = new((double*)parts.Pointer, parts.Length / 2), Sums = new((double*)sums.Pointer, length), Ranks = exchange.Size };
            device.Launch(kernel, length);
        }
        else
        {
            var kernel = new SumRankFloats { Parts = new((float*)parts.Pointer, parts.Length), Sums = new((float*)sums.Pointer, sums.Length), Ranks = exchange.Size };
            device.Launch(kernel, checked((int)sums.Length));
        }
    }

    private void Copy(View<int> source, View<int> destination) =>
        device.Launch(new CopyIntegers { Source = source, Destination = destination }, checked((int)source.Length));

    private void Grow(long words)
    {
        device.Synchronize(); // what is under way may use the memory
        Dispose();
        (padded, received, piece) = Take(words);
    }

    private (DeviceBuffer<int> Padded, DeviceBuffer<int> Received, DeviceBuffer<int> Piece) Take(long words)
    {
        long room = words + 2L * exchange.Size;
        return (device.Allocate<int>(room, "sums over ranks: given"), device.Allocate<int>(room, "sums over ranks: received"), device.Allocate<int>(room, "sums over ranks: piece"));
    }
}
