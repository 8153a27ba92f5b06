using System.Diagnostics;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Policy.Networks;

namespace Arena.HostApi.Measuring;

/// <summary>How fast memory can be copied: the yardstick for everything that streams.</summary>
public static class CopyBandwidth
{
    private const int BlockBytes = 1 << 18;
    private const long Bytes = 1L << 27; // 128 MiB: larger than the caches of this class of machine

    /// <summary>Bytes written per second by copying a large buffer; best of five.</summary>
    /// <param name="device">Where.</param>
    /// <param name="clock">What it is timed with; null: the clock on the wall.</param>
    public static double Measure(IDevice device, Func<TimeSpan>? clock = null)
    {
        clock ??= static () => Stopwatch.GetElapsedTime(0);
        using DeviceBuffer<byte> source = device.Allocate<byte>(Bytes, "copy source"), target = device.Allocate<byte>(Bytes, "copy target");
        var kernel = new CopyBlocks { Source = source.View, Target = target.View };
        double best = 0;
        for (int i = 0; i < 6; i++)
        {
            device.Synchronize();
            TimeSpan start = clock();
            if (device is CudaDevice gpu) gpu.CopyOnDevice(source.View, target.View);
            else device.Launch(kernel, (int)(Bytes / BlockBytes));
            device.Synchronize();
            double seconds = (clock() - start).TotalSeconds;
            if (i > 0) best = Math.Max(best, Bytes / seconds); // the first touches fresh pages
        }

        return best;
    }

    private struct CopyBlocks : IKernel
    {
        internal View<byte> Source;
        internal View<byte> Target;

        public void Run(int block)
        {
            long offset = (long)block * BlockBytes;
            Source.Slice(offset, BlockBytes).AsSpan().CopyTo(Target.Slice(offset, BlockBytes).AsSpan());
        }
    }
}

/// <summary>How fast an engine multiplies matrices whose sizes suit it: the yardstick for networks.</summary>
/// <remarks>
/// One forward pass through two layers of 512 × 512 over many rows, of the same engine on the same device. Smaller layers, memories, the function of a
/// layer, sampling, losses and the optimiser all cost time that is not spent in such products.
/// </remarks>
public static class GemmRate
{
    private const int Width = 512;
    private const int Rows = 96 * 64; // a CPU takes 96 rows at a time
    private const int Passes = 12;

    /// <summary>Floating-point operations per second, 2 per multiply-add; best of twelve passes.</summary>
    /// <param name="device">Where.</param>
    /// <param name="choice">What multiplies.</param>
    /// <param name="clock">What it is timed with; null: the clock on the wall.</param>
    public static double Measure(IDevice device, EngineChoice choice, Func<TimeSpan>? clock = null)
    {
        clock ??= static () => Stopwatch.GetElapsedTime(0);
        var network = new NetworkSpec(Width, [Width], Activation.Relu, 0, [Width - 1]); // the value is the last of 512 outputs
        using INetworkEngine engine = choice.Create(device, network, Rows);
        engine.Initialise(1);
        using DeviceBuffer<float> observations = device.Allocate<float>((long)Rows * Width, "product: observations"), outputs = device.Allocate<float>((long)Rows * network.Outputs, "product: outputs");
        var input = new NetworkInput { Observations = observations.View, Sequences = Rows, Slots = 1 };
        double operations = Rows * NetworkOperations.PerRow(network).Forward, best = 0;
        for (int i = 0; i < Passes; i++)
        {
            device.Synchronize();
            TimeSpan start = clock();
            engine.Forward(input, outputs.View, keepActivations: false);
            device.Synchronize();
            best = Math.Max(best, operations / (clock() - start).TotalSeconds);
        }

        return best;
    }
}
