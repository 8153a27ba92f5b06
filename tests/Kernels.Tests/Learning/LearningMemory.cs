using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.Learning;

/// <summary>A device for one test, with everything allocated on it freed at the end.</summary>
internal sealed class LearningMemory(int threads = 1) : IDisposable
{
    private readonly List<IDisposable> owned = [];

    internal CpuDevice Device { get; } = new(new CpuDeviceOptions { Threads = threads });

    internal View<T> Of<T>(params T[] values)
        where T : unmanaged
    {
        View<T> view = Zeros<T>(values.Length);
        values.CopyTo(view.AsSpan());
        return view;
    }

    internal View<T> Zeros<T>(int length)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Device.Allocate<T>(Math.Max(1, length), "test");
        owned.Add(buffer);
        return buffer.View;
    }

    internal double[] Sum(View<double> partials, int columns)
    {
        View<double> sums = Zeros<double>(columns);
        Device.Launch(new Kernels.Learning.SumPartials { Partials = partials, Sums = sums, Columns = columns }, columns);
        return sums.AsSpan().ToArray();
    }

    /// <summary>The same memory as floats.</summary>
    internal static unsafe View<float> Floats(View<int> words) => new((float*)words.Pointer, words.Length);

    /// <summary>Runs a kernel index by index, as a GPU would: never its own loop over ranges.</summary>
    internal static void RunEach<TKernel>(TKernel kernel, int count)
        where TKernel : unmanaged, IKernel
    {
        for (int index = count - 1; index >= 0; index--) kernel.Run(index);
    }

    public void Dispose()
    {
        foreach (IDisposable buffer in owned) buffer.Dispose();
        Device.Dispose();
    }
}

/// <summary>Random numbers for cases.</summary>
internal static class CaseRandom
{
    internal static float Range(this System.Random random, double low, double high) => (float)(low + (high - low) * random.NextDouble());

    internal static float[] Array(this System.Random random, int length, double low, double high)
    {
        var values = new float[length];
        for (int i = 0; i < length; i++) values[i] = random.Range(low, high);
        return values;
    }

    internal static bool Close(double actual, double expected, double relative = 1e-5, double absolute = 1e-6) =>
        Math.Abs(actual - expected) <= absolute + relative * Math.Abs(expected);
}
