using System.Numerics;
using System.Runtime.Intrinsics;
using Arena.Policy.Networks;
using Arena.Tests;

namespace Arena.Policy.Tests.Networks;

/// <summary>Products, tanh and ReLU by themselves, for every width of register.</summary>
public unsafe class MicroKernelTests
{
    private const float Untouched = -77f;

    [Fact]
    public void Products_are_exact_for_small_integers_with_avx_512()
    {
        if (Vector512.IsHardwareAccelerated) CheckProducts<Vector512<float>, Lanes512>();
    }

    [Fact]
    public void Products_are_exact_for_small_integers_with_avx_2()
    {
        if (Vector256.IsHardwareAccelerated) CheckProducts<Vector256<float>, Lanes256>();
    }

    [Fact]
    public void Products_are_exact_for_small_integers_portably() => CheckProducts<Vector<float>, LanesPortable>();

    [Fact]
    public void Tanh_errs_by_less_than_3_5e_7_everywhere()
    {
        const int Block = 1 << 12;
        uint stride = (uint)TestSize.Of(4_099, 1); // over the bit patterns of all positive floats
        float* x = stackalloc float[Block];
        float* y = stackalloc float[Block];
        double worst = 0;
        for (ulong bits = 0; bits < 0x7F800000; bits += (ulong)stride * Block)
        {
            for (int i = 0; i < Block; i++) y[i] = x[i] = BitConverter.UInt32BitsToSingle((uint)Math.Min(bits + (ulong)i * stride, 0x7F800000));
            Tanh.Forward<Vector<float>, LanesPortable>(y, Block);
            for (int i = 0; i < Block; i++)
            {
                worst = Math.Max(worst, Math.Abs(y[i] - Math.Tanh(x[i])));
                if (!(y[i] <= 1f)) Assert.Fail($"tanh({x[i]:R}) became {y[i]:R}, more than 1");
            }
        }

        Assert.InRange(worst, 0, 3.5e-7); // 3.1e-7 over all floats
    }

    [Fact]
    public void Tanh_is_odd_keeps_nan_and_is_the_same_for_all_widths()
    {
        const int Count = 4_096;
        float[] x = [.. Enumerable.Range(0, Count).Select(i => (i - Count / 2) * 0.005f)];
        x[0] = float.NaN;
        x[1] = float.NegativeInfinity;
        x[Count - 1] = float.PositiveInfinity;
        float[] y = Apply(x, (pointer, count) => Tanh.Forward<Vector<float>, LanesPortable>((float*)pointer, count));
        Assert.True(float.IsNaN(y[0]));
        for (int i = 1; i < Count; i++) Assert.Equal(y[i], i == 1 ? -y[Count - 1] : i == Count - 1 ? -y[1] : -y[Count - i]);
        Assert.InRange(y[Count - 1], 0.9999998f, 1f);
        if (Vector256.IsHardwareAccelerated) Assert.Equal(y, Apply(x, (pointer, count) => Tanh.Forward<Vector256<float>, Lanes256>((float*)pointer, count)));
        if (Vector512.IsHardwareAccelerated) Assert.Equal(y, Apply(x, (pointer, count) => Tanh.Forward<Vector512<float>, Lanes512>((float*)pointer, count)));
    }

    private static float[] Apply(float[] x, Action<nint, long> function)
    {
        float[] y = [.. x];
        fixed (float* pointer = y) function((nint)pointer, y.Length);
        return y;
    }

    // Integers this small add up exactly, so any order must give the same number and every difference is a bug.
    private static void CheckProducts<TVector, TLanes>()
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        var random = new Random(1);
        int[] rowCounts = [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 18];
        foreach (int rows in rowCounts)
            foreach (int columns in new[] { 16, 32, 48, 64, 80, 112, 176 })
            {
                int steps = random.Next(1, 20);
                CheckProduct<TVector, TLanes>(random, rows, steps, columns, packed: true, accumulate: false);
                CheckProduct<TVector, TLanes>(random, rows, steps, columns, packed: false, accumulate: true);
            }
    }

    private static void CheckProduct<TVector, TLanes>(Random random, int rows, int steps, int columns, bool packed, bool accumulate)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float[] a = Integers(random, rows * steps);
        float[] b = Integers(random, steps * columns);
        float[] bPacked = new float[steps * columns];
        float[] bias = Integers(random, columns);
        float[] c = Integers(random, (rows + 1) * columns);
        c.AsSpan(rows * columns).Fill(Untouched);
        float[] before = [.. c];
        fixed (float* pa = a, pb = b, pp = bPacked, pbias = bias, pc = c)
        {
            for (int step = 0; step < steps; step++) Gemm.PackStep<TVector, TLanes>(pb + step * columns, step, columns, steps, pp, columns);
            Gemm.Multiply<TVector, TLanes>(new Product
            {
                // Accumulating products read A by columns, as a weight gradient does.
                A = pa,
                ARow = accumulate ? 1 : steps,
                AStep = accumulate ? rows : 1,
                B = packed ? pp : pb,
                BRow = packed ? 0 : columns,
                Start = accumulate ? pc : pbias,
                StartRow = accumulate ? columns : 0,
                C = pc,
                CRow = columns,
                Rows = rows,
                Steps = steps,
                Columns = columns,
            });
        }

        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++)
            {
                float expected = accumulate ? before[row * columns + column] : bias[column];
                for (int step = 0; step < steps; step++) expected += (accumulate ? a[step * rows + row] : a[row * steps + step]) * b[step * columns + column];
                Assert.Equal(expected, c[row * columns + column]);
            }

        Assert.All(c[(rows * columns)..], value => Assert.Equal(Untouched, value));
    }

    private static float[] Integers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-9, 10))];
}
