using System.Globalization;
using System.Text;
using Arena.Kernels.Device;
using Arena.Kernels.Learning;

namespace Arena.Policy.Learners;

/// <summary>Looks for NaN and infinity in a list of tensors, in the order in which they are computed; and for integers out of their range.</summary>
/// <remarks>
/// One number per tensor or column comes to the host, with the other numbers of a block. Since causes stand before what is computed from them, the first hit is the cause and
/// the others are its victims.
/// </remarks>
internal sealed class NonFiniteGuard : IDisposable
{
    private readonly IDevice device;
    private readonly DeviceBuffer<long> lanes;
    private readonly DeviceBuffer<long> veto;
    private readonly MetricsPlace<long> results;
    private readonly List<(string Name, View<float> View, Func<long, string> Place)> tensors = [];
    private readonly List<FindOutside> columns = [];

    internal NonFiniteGuard(IDevice device, MetricsBlock block, int capacity)
    {
        this.device = device;
        lanes = device.Allocate<long>(Reduction.Lanes, "guard: lanes");
        veto = device.Allocate<long>(1, "guard: veto");
        results = block.Take<long>(capacity);
    }

    /// <summary>Adds a tensor behind the others; <paramref name="place"/> says what an index of it is.</summary>
    internal void Add(string name, View<float> view, Func<long, string> place) => tensors.Add((name, view, place));

    /// <summary>Adds a column of integers, each of which has to be <paramref name="low"/>..<paramref name="high"/>; returns its number, for <see cref="FirstOutside"/>.</summary>
    internal int Add(View<int> view, int low, int high)
    {
        columns.Add(new FindOutside { Values = view, Low = low, High = high, Found = lanes.View });
        return columns.Count - 1;
    }

    /// <summary>Lowest index of a column whose value was out of range when it was looked at; −1 = none. Once the block has been read.</summary>
    internal long FirstOutside(int column) => results.Host[tensors.Count + column];

    /// <summary>(1) long on the device: −1 unless the last look found something; keeps the optimiser from learning from it.</summary>
    internal View<long> Veto => veto.View;

    /// <summary>Looks, on the device.</summary>
    internal void Look()
    {
        for (int i = 0; i < tensors.Count; i++)
        {
            device.Launch(new FindNonFinite { Values = tensors[i].View, Found = lanes.View }, Reduction.Lanes);
            device.Launch(new FirstFound { Found = lanes.View, Result = results.View.Slice(i, 1) }, 1);
        }

        for (int i = 0; i < columns.Count; i++)
        {
            device.Launch(columns[i], Reduction.Lanes);
            device.Launch(new FirstFound { Found = lanes.View, Result = results.View.Slice(tensors.Count + i, 1) }, 1);
        }

        device.Launch(new AnyFound { Found = results.View.Slice(0, tensors.Count + columns.Count), Result = veto.View }, 1);
    }

    /// <summary>Once the block has been read: throws if any tensor held a number that is not finite.</summary>
    /// <exception cref="NonFiniteTensorException">names the first such tensor, its place, and the victims.</exception>
    internal void Check(long update)
    {
        if (results.Host[..tensors.Count].ContainsAnyExcept(-1L)) throw Failure(update);
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        lanes.Dispose();
        veto.Dispose();
    }

    private NonFiniteTensorException Failure(long update)
    {
        ReadOnlySpan<long> found = results.Host;
        int first = found[..tensors.Count].IndexOfAnyExcept(-1L);
        (string name, View<float> view, Func<long, string> place) = tensors[first];
        var value = new float[1];
        device.CopyToHost(view.Slice(found[first], 1), value);
        var message = new StringBuilder();
        message.Append(CultureInfo.InvariantCulture, $"update {update}: first non-finite tensor is {name} ({place(found[first])}) = {value[0]}");
        for (int i = first + 1; i < tensors.Count; i++)
            if (found[i] >= 0) message.Append(CultureInfo.InvariantCulture, $"; then {tensors[i].Name} ({tensors[i].Place(found[i])})");
        message.Append(". Nothing of this update was written: policies and checkpoints on the disk, if there are any, are from before it.");
        return new NonFiniteTensorException(message.ToString(), name, update);
    }
}
