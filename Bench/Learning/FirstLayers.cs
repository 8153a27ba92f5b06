using Arena.Kernels.Device;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>A first layer over one-hot codes, as a table lookup and as the dense product it replaces; one thread, times per row.</summary>
/// <remarks>
/// Dense, a row of the snake is 247,808 floating-point operations (one window of 121 cells × 8 codes to 128) and a row of the moba 273,600 (9 windows
/// of 25 cells × 19 planes to 32): 3,900 and 4,300 cycles at 64 a cycle. The table adds a row for every byte that is not 0: about 24 rows of 128 and
/// 160 of 32. The dense side is given
/// its planes for nothing: making them is not timed, and the moba's windows are ready rows.
/// </remarks>
public class FirstLayers
{
    private const int Rows = 2_304; // 256 rows of 9 windows

    private CpuDevice device = null!;
    private BuiltinEngine table = null!;
    private BuiltinEngine dense = null!;
    private DeviceBuffer<byte> bytes = null!;
    private DeviceBuffer<float> planes = null!;
    private DeviceBuffer<float> outputs = null!;
    private NetworkInput codes;
    private NetworkInput floats;
    private int rows;

    /// <summary>Whose layer.</summary>
    [Params("snake", "moba")]
    public string Game { get; set; } = "";

    /// <summary>Allocates.</summary>
    [GlobalSetup]
    public void Setup()
    {
        device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        NetworkSpec lookup = BenchNetworks.FirstLayer(Game, dense: false), product = BenchNetworks.FirstLayer(Game, dense: true);
        int windows = Game == "snake" ? 1 : 9;
        rows = Rows / 9;
        table = new BuiltinEngine(device, lookup, rows);
        dense = new BuiltinEngine(device, product, rows * windows);
        table.Initialise(1);
        dense.Initialise(1);
        bytes = device.Allocate<byte>((long)rows * lookup.Observations, "bytes");
        planes = device.Allocate<float>((long)rows * windows * product.Observations, "planes");
        outputs = device.Allocate<float>((long)rows * windows * 2, "outputs");
        BenchNetworks.Fill(lookup, [], bytes.View.AsSpan());
        var random = new Random(2);
        foreach (ref float plane in planes.View.AsSpan()) plane = random.Next(8) == 0 ? 1f : 0f;
        codes = new NetworkInput { ByteObservations = bytes.View, Sequences = rows, Slots = 1 };
        floats = NetworkInput.Of(planes.View, rows * windows);
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        table.Dispose();
        dense.Dispose();
        bytes.Dispose();
        planes.Dispose();
        outputs.Dispose();
        device.Dispose();
    }

    /// <summary>The dense product.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Rows / 9)]
    public void DenseForward() => dense.Forward(floats, outputs.View, keepActivations: false);

    /// <summary>The lookup.</summary>
    [Benchmark(OperationsPerInvoke = Rows / 9)]
    public void TableForward() => table.Forward(codes, outputs.View, keepActivations: false);

    /// <summary>The dense product and its gradient.</summary>
    [Benchmark(OperationsPerInvoke = Rows / 9)]
    public void DenseTrain() => Train(dense, floats);

    /// <summary>The lookup and its gradient.</summary>
    [Benchmark(OperationsPerInvoke = Rows / 9)]
    public void TableTrain() => Train(table, codes);

    private void Train(BuiltinEngine engine, in NetworkInput input)
    {
        engine.Forward(input, outputs.View, keepActivations: true);
        engine.Backward(outputs.View, input.Rows);
    }
}
