using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>Bytes: planes made by our kernel, then convolutions as products over windows, and the fields beside them.</summary>
/// <remarks>
/// Planes have no gradient, so a kernel writes them straight into a tensor and no torch operation sees a byte. Windows and a product instead of torch's own
/// convolution: on CUDA that one may sum in another order every time.
/// </remarks>
internal sealed class TorchGridStem : IDisposable
{
    private readonly IDevice device;
    private readonly Device torchDevice;
    private readonly GridStem stem;
    private readonly Activation activation;
    private readonly int length;
    private readonly List<TorchLinear> convolutions = [];
    private readonly TorchLinear? fieldSum;
    private readonly DeviceBuffer<PlaneSource> sources;
    private readonly DeviceBuffer<int> illegal;
    private readonly int width;
    private readonly int mapWidth;

    internal TorchGridStem(NetworkSpec spec, GridStem stem, TorchParameters parameters, bool rounded, IDevice device, Device torchDevice)
    {
        (this.stem, this.device, this.torchDevice, length) = (stem, device, torchDevice, spec.Observations);
        activation = NetworkStem.ActivationIn(spec);
        for (int layer = 1; layer <= stem.Convolutions.Count; layer++)
            convolutions.Add(new TorchLinear(parameters[$"encoder.grid.conv{layer}.weight"], parameters[$"encoder.grid.conv{layer}.bias"], rounded));
        if (stem.Join == FieldJoin.Sum && stem.Fields.Count > 0) fieldSum = new TorchLinear(parameters["encoder.fields.weight"], null, rounded);
        PlaneSource[] all = Sources(out mapWidth);
        width = mapWidth + stem.FieldPlanes;
        sources = device.Allocate<PlaneSource>(all.Length, "sources of byte planes");
        illegal = device.Allocate<int>(IllegalCodeField.Count, "illegal codes");
        device.CopyToDevice<PlaneSource>(all, sources.View);
    }

    /// <summary>(rows, features) of observations (rows, O).</summary>
    internal Tensor Features(View<byte> observations, int rows)
    {
        Tensor planes = Planes(observations, rows);
        Tensor fields = planes.narrow(1, mapWidth, width - mapWidth);
        if (stem.Grid is not { } grid) return fields;
        Tensor map = planes.narrow(1, 0, mapWidth).reshape(rows, stem.Planes, grid.Rows, grid.Columns);
        for (int layer = 0; layer < convolutions.Count; layer++)
        {
            map = Convolve(map, convolutions[layer], stem.Convolutions[layer]);
            bool last = layer == convolutions.Count - 1;
            if (last && fieldSum is not null) map = (map.reshape(rows, -1) + fieldSum.Apply(fields)).view(map.shape);
            map = TorchEncoder.Activate(map, activation);
        }

        Tensor flat = map.reshape(rows, -1);
        return stem.Join == FieldJoin.Concatenate && width > mapWidth ? cat([flat, fields], 1) : flat;
    }

    /// <summary>(1) int: how many.</summary>
    internal View<int> IllegalCodeCount => illegal.View.Slice(IllegalCodeField.Total, 1);

    /// <summary>What passes have met since the last call.</summary>
    internal IllegalCodes TakeIllegalCodes()
    {
        Span<int> read = stackalloc int[IllegalCodeField.Count];
        device.CopyToHost(illegal.View, read);
        if (read[IllegalCodeField.Total] == 0) return default;
        var taken = new IllegalCodes(read[IllegalCodeField.Total], read[IllegalCodeField.Row], read[IllegalCodeField.Byte], (byte)read[IllegalCodeField.Value]);
        read.Clear();
        device.CopyToDevice<int>(read, illegal.View);
        return taken;
    }

    public void Dispose()
    {
        sources.Dispose();
        illegal.Dispose();
    }

    // (rows, width): the map's planes as channel, row, column; then the fields'.
    private Tensor Planes(View<byte> observations, int rows)
    {
        int count = checked((int)sources.Length);
        if ((long)rows * count > int.MaxValue)
            throw new UsageException($"A pass over {rows:N0} rows of {count:N0} bytes each is more than one launch can index; use smaller minibatches.");
        Tensor planes = empty(rows, width, dtype: ScalarType.Float32, device: torchDevice);
        var expand = new ExpandBytePlanes
        {
            Observations = observations,
            Sources = sources.View,
            Planes = TorchMemory.ViewOf(planes),
            Illegal = illegal.View,
            SourceCount = count,
            Length = length,
            Width = width,
            Rows = rows,
            Scale = 1f / byte.MaxValue,
        };
        device.Launch(expand, rows * count);
        device.Launch(new RememberIllegalCode { Observations = observations, Sources = sources.View, Illegal = illegal.View, SourceCount = count, Length = length, Rows = rows }, 1);
        return planes;
    }

    // (rows, C, u, v) of (rows, planes, rows of the map, columns).
    private static Tensor Convolve(Tensor map, TorchLinear layer, Convolution convolution)
    {
        long rows = map.size(0), kernel = convolution.Kernel;
        if (map.size(2) == kernel && map.size(3) == kernel) return layer.Apply(map.reshape(rows, -1)).view(rows, convolution.Channels, 1, 1);
        Tensor windows = map.unfold(2, kernel, convolution.Stride).unfold(3, kernel, convolution.Stride); // (rows, planes, u, v, k, k)
        long u = windows.size(2), v = windows.size(3);
        Tensor flat = windows.permute(0, 2, 3, 1, 4, 5).reshape(rows * u * v, -1);
        return layer.Apply(flat).view(rows, u, v, convolution.Channels).permute(0, 3, 1, 2);
    }

    private PlaneSource[] Sources(out int mapPlanes)
    {
        var all = new List<PlaneSource>();
        int cells = stem.Grid is { } map ? map.Rows * map.Columns : 0;
        mapPlanes = stem.Planes * cells;
        if (stem.Grid is { } grid)
        {
            int plane = 0;
            for (int channel = 0; channel < grid.Channels.Count; channel++)
            {
                int codes = grid.Channels[channel].Codes;
                for (int cell = 0; cell < cells; cell++)
                    all.Add(new PlaneSource { Byte = grid.Offset + cell * grid.Channels.Count + channel, Codes = codes, Target = plane * cells + cell, Stride = cells });
                plane += Math.Max(codes, 1);
            }
        }

        int target = mapPlanes;
        foreach (ByteField field in stem.Fields)
        {
            all.Add(new PlaneSource { Byte = field.Offset, Codes = field.Codes, Target = target, Stride = 1 });
            target += Math.Max(field.Codes, 1);
        }

        return [.. all];
    }
}
