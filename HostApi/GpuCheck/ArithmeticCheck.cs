using System.Globalization;
using Arena.Kernels.Device;

namespace Arena.HostApi.GpuCheck;

/// <summary>Arithmetic of simulations, operation by operation, on both devices: every bit must be equal.</summary>
public static class ArithmeticCheck
{
    // Where floats are special: zeros of both signs, subnormal numbers, the largest and smallest, infinities, NaN, halves.
    private static readonly float[] Corners =
        [0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, float.Epsilon, -float.Epsilon, 1.1754942e-38f, 1.17549435e-38f, 1e-30f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 16_777_216f, 16_777_215f, 0.1f, 1f / 3f];

    private static readonly int[] IntCorners = [0, 1, -1, 31, 32, 33, -31, -32, -33, int.MaxValue, int.MinValue, int.MinValue + 1, 1 << 24, (1 << 24) + 1, -(1 << 24) - 1];

    /// <summary>Runs <see cref="ArithmeticProbe"/> on both.</summary>
    public static CheckOutcome Run(CheckContext context)
    {
        int count = context.Plan.Operands;
        (float[] Floats, int[] Ints) expected = Results(context.Judge, count), actual = Results(context.Tested, count);
        var wrong = new List<string>();
        wrong.AddRange(Differences(ArithmeticProbe.FloatCases, (i, j) => Same(expected.Floats[i * ArithmeticProbe.FloatCases.Count + j], actual.Floats[i * ArithmeticProbe.FloatCases.Count + j]), count, 1));
        wrong.AddRange(Differences(ArithmeticProbe.IntCases, (i, j) => expected.Ints[i * ArithmeticProbe.IntCases.Count + j] == actual.Ints[i * ArithmeticProbe.IntCases.Count + j], count, 2));
        int cases = ArithmeticProbe.FloatCases.Count + ArithmeticProbe.IntCases.Count;
        return wrong.Count == 0
            ? CheckOutcome.Passed(string.Create(CultureInfo.InvariantCulture, $"{cases} operations on {count:N0} rows of operands: every bit equal"))
            : CheckOutcome.Failed($"{wrong.Count} of {cases} operations differ", wrong);
    }

    private static (float[] Floats, int[] Ints) Results(IDevice device, int count)
    {
        using DeviceBuffer<float> x = device.Allocate<float>(count, "check: x"), y = device.Allocate<float>(count, "check: y"), z = device.Allocate<float>(count, "check: z");
        using DeviceBuffer<int> a = device.Allocate<int>(count, "check: a"), b = device.Allocate<int>(count, "check: b");
        using DeviceBuffer<float> floats = device.Allocate<float>((long)count * ArithmeticProbe.FloatCases.Count, "check: float results");
        using DeviceBuffer<int> ints = device.Allocate<int>((long)count * ArithmeticProbe.IntCases.Count, "check: integer results");
        var random = new Random(1);
        int corners = Corners.Length;
        x.Write(Fill(count, i => i < corners * corners ? Corners[i % corners] : Any(random)));
        y.Write(Fill(count, i => i < corners * corners ? Corners[i / corners] : Any(random)));
        z.Write(Fill(count, _ => Any(random)));
        a.Write(Fill(count, i => i < IntCorners.Length ? IntCorners[i] : random.Next(int.MinValue, int.MaxValue) >> random.Next(32)));
        b.Write(Fill(count, _ => 1 + (random.Next() >> random.Next(31))));
        device.Launch(new ArithmeticProbe { X = x.View, Y = y.View, Z = z.View, A = a.View, B = b.View, Floats = floats.View, Ints = ints.View, C = 0.1f, D = 3.7f }, count);
        return (floats.ToArray(), ints.ToArray());
    }

    private static T[] Fill<T>(int count, Func<int, T> value) => [.. Enumerable.Range(0, count).Select(value)];

    // Of every size, so that products and sums round at every place.
    private static float Any(Random random) => (float)((random.NextDouble() * 2 - 1) * Math.Pow(2, random.Next(-20, 21)));

    private static bool Same(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));

    private static IEnumerable<string> Differences(IReadOnlyList<string> names, Func<int, int, bool> same, int count, int kind)
    {
        for (int j = 0; j < names.Count; j++)
        {
            int[] rows = [.. Enumerable.Range(0, count).Where(i => !same(i, j)).Take(count)];
            if (rows.Length > 0) yield return string.Create(CultureInfo.InvariantCulture, $"`{names[j]}` ({(kind == 1 ? "float" : "int")}): {rows.Length:N0} of {count:N0} rows differ, first row {rows[0]}");
        }
    }
}
