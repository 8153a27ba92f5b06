using System.Numerics;
using System.Runtime.Intrinsics;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using BenchmarkDotNet.Attributes;

namespace Arena.Bench.Learning;

/// <summary>One product Y (M, N) = X (M, K) · Wᵀ with packed weights, on one thread, for each micro-kernel.</summary>
/// <remarks>
/// The floor is arithmetic: 2·M·N·K floating-point operations at 64 (two 512-bit units) or 32 (256-bit) per cycle and core. A product
/// whose K is a few dozen spends part of its time loading and storing the sums of each tile.
/// </remarks>
public unsafe class GemmProducts
{
    private CpuDevice device = null!;
    private DeviceBuffer<float> x = null!;
    private DeviceBuffer<float> weights = null!;
    private DeviceBuffer<float> packed = null!;
    private DeviceBuffer<float> y = null!;
    private DeviceBuffer<float> zeros = null!;
    private int m;
    private int n;
    private int k;

    /// <summary>M, N, K: a block of a small network, the shape of the efficiency goal for real layers, and a large square.</summary>
    [Params("96x64x64", "640x128x128", "1024x1024x1024")]
    public string Shape { get; set; } = "";

    /// <summary>The instructions.</summary>
    [Params(MicroKernel.Avx512, MicroKernel.Avx2, MicroKernel.Portable)]
    public MicroKernel Instructions { get; set; }

    /// <summary>Fills the matrices, multiplies once and compares some elements with a plain sum.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Shape.Split('x').Select(int.Parse)];
        (m, n, k) = (sizes[0], sizes[1], sizes[2]);
        Gemm.Choose(Instructions); // refuses what the machine has not
        device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        x = Random((long)m * k, "x");
        weights = Random((long)n * k, "weights");
        packed = device.Allocate<float>((long)n * k, "packed");
        y = device.Allocate<float>((long)m * n, "y");
        zeros = device.Allocate<float>(n, "zeros");
        Pack();
        Multiply();
        for (int i = 0; i < 100; i++) Check(i * 7 % m, i * 13 % n);
    }

    /// <summary>Returns the memory.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        x.Dispose();
        weights.Dispose();
        packed.Dispose();
        y.Dispose();
        zeros.Dispose();
        device.Dispose();
    }

    /// <summary>The product.</summary>
    [Benchmark]
    public float Multiply()
    {
        var product = new Product
        {
            A = x.View.Pointer,
            ARow = k,
            AStep = 1,
            B = packed.View.Pointer,
            Start = zeros.View.Pointer,
            C = y.View.Pointer,
            CRow = n,
            Rows = m,
            Steps = k,
            Columns = n,
        };
        if (Instructions == MicroKernel.Avx512) Gemm.Multiply<Vector512<float>, Lanes512>(product);
        else if (Instructions == MicroKernel.Avx2) Gemm.Multiply<Vector256<float>, Lanes256>(product);
        else Gemm.Multiply<Vector<float>, LanesPortable>(product);
        return y.View[0];
    }

    /// <summary>Packing the weights, once per optimiser step.</summary>
    [Benchmark]
    public float Pack()
    {
        for (int output = 0; output < n; output++)
        {
            float* row = weights.View.Pointer + (nint)output * k;
            if (Instructions == MicroKernel.Avx512) Gemm.PackColumn<Vector512<float>, Lanes512>(row, k, output, packed.View.Pointer, n);
            else if (Instructions == MicroKernel.Avx2) Gemm.PackColumn<Vector256<float>, Lanes256>(row, k, output, packed.View.Pointer, n);
            else Gemm.PackColumn<Vector<float>, LanesPortable>(row, k, output, packed.View.Pointer, n);
        }

        return packed.View[0];
    }

    private DeviceBuffer<float> Random(long length, string name)
    {
        DeviceBuffer<float> buffer = device.Allocate<float>(length, name);
        var random = new Random(1);
        foreach (ref float value in buffer.View.AsSpan()) value = 2f * random.NextSingle() - 1f;
        return buffer;
    }

    private void Check(int row, int column)
    {
        double sum = 0;
        for (int step = 0; step < k; step++) sum += (double)x.View[row * k + step] * weights.View[column * k + step];
        if (!(Math.Abs(sum - y.View[row * n + column]) < 1e-3))
            throw new InvalidOperationException($"Element ({row}, {column}) is {y.View[row * n + column]}, expected {sum}; nothing is worth timing.");
    }
}
