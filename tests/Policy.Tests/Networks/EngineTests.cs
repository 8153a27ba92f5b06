using System.Runtime.Intrinsics;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Networks;
using Arena.Tests;

namespace Arena.Policy.Tests.Networks;

/// <summary>The built-in engine: against the double-precision reference, and what it promises about bits and memory.</summary>
public class EngineTests
{
    private static readonly NetworkSpec SoccerMlp = new(49, [64, 64], Activation.Tanh, 4, []);

    public static TheoryData<MicroKernel> MicroKernels
    {
        get
        {
            var kernels = new TheoryData<MicroKernel> { MicroKernel.Portable };
            if (Vector256.IsHardwareAccelerated && System.Runtime.Intrinsics.X86.Fma.IsSupported) kernels.Add(MicroKernel.Avx2);
            if (Vector512.IsHardwareAccelerated) kernels.Add(MicroKernel.Avx512);
            return kernels;
        }
    }

    [Theory]
    [MemberData(nameof(MicroKernels))]
    public void Outputs_and_every_gradient_agree_with_the_reference(MicroKernel microKernel)
    {
        for (int seed = 0; seed < TestSize.Of(24, 400); seed++)
        {
            (NetworkSpec spec, int rows) = EngineCase.RandomShape(seed);
            using var engineCase = new EngineCase(spec, rows, seed, microKernel);
            engineCase.Run();
            Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
        }
    }

    [Theory]
    [MemberData(nameof(MicroKernels))]
    public void So_do_networks_with_memory_and_everything_else(MicroKernel microKernel)
    {
        for (int seed = 0; seed < TestSize.Of(48, 1_000); seed++)
        {
            (NetworkSpec spec, int sequences, int slots) = EngineCase.RandomNetwork(seed);
            using var engineCase = new EngineCase(spec, sequences, seed, microKernel, slots: slots);
            engineCase.Run();
            Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
        }
    }

    [Theory]
    [MemberData(nameof(MicroKernels))]
    public void Every_micro_kernel_gives_the_same_bits(MicroKernel microKernel)
    {
        for (int seed = 0; seed < TestSize.Of(12, 100); seed++)
        {
            (NetworkSpec spec, int rows) = EngineCase.RandomShape(seed);
            Assert.Equal(BitsOf(spec, rows, seed, MicroKernel.Portable, null), BitsOf(spec, rows, seed, microKernel, null));
            (spec, int sequences, int slots) = EngineCase.RandomNetwork(seed);
            Assert.Equal(BitsOf(spec, sequences, seed, MicroKernel.Portable, null, slots), BitsOf(spec, sequences, seed, microKernel, null, slots));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 5)]
    public void Threads_and_chunk_size_change_no_bit(int threads, int chunkSize)
    {
        foreach (int rows in new[] { 1, 97, 700, 4_001 })
        {
            byte[] one = BitsOf(SoccerMlp, rows, rows, MicroKernel.Auto, new CpuDeviceOptions { Threads = 1 });
            byte[] other = BitsOf(SoccerMlp, rows, rows, MicroKernel.Auto, new CpuDeviceOptions { Threads = threads, ChunkSize = chunkSize });
            Assert.Equal(one, other);
        }
    }

    [Fact]
    public void Permuted_rows_give_permuted_outputs_exactly_and_the_same_gradient_within_rounding()
    {
        const int Rows = 500;
        using var plain = new EngineCase(SoccerMlp, Rows, seed: 1);
        using var permuted = new EngineCase(SoccerMlp, Rows, seed: 1);
        int[] order = [.. Enumerable.Range(0, Rows)];
        new Random(2).Shuffle(order);
        Permute(plain.Observations, permuted.Observations, order);
        Permute(plain.OutputGradients, permuted.OutputGradients, order);
        plain.Run();
        permuted.Run();

        using DeviceBuffer<float> expected = plain.Device.Allocate<float>(plain.Outputs.Length, "expected");
        Permute(plain.Outputs, expected, order);
        Assert.Equal(expected.ToArray(), permuted.Outputs.ToArray());
        for (int i = 0; i < plain.Engine.Parameters.Length; i++)
            Assert.InRange(Math.Abs(plain.Engine.Gradients[i] - permuted.Engine.Gradients[i]), 0f, 1e-5f);
    }

    [Fact]
    public void Nothing_is_allocated_after_the_first_pass()
    {
        using var engineCase = new EngineCase(SoccerMlp, 1_000, seed: 1);
        for (int i = 0; i < 3; i++) engineCase.Run();
        engineCase.Engine.Forward(engineCase.Observations.View, 1_000, engineCase.Outputs.View, keepActivations: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            engineCase.Run();
            engineCase.Engine.Forward(engineCase.Observations.View, 1_000, engineCase.Outputs.View, keepActivations: false);
            engineCase.Engine.RefreshDerived();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_forward_that_keeps_nothing_leaves_the_kept_one_alone()
    {
        using var engineCase = new EngineCase(SoccerMlp, 300, seed: 4);
        engineCase.Run();
        float[] expected = engineCase.Engine.Gradients.AsSpan().ToArray();
        using DeviceBuffer<float> others = engineCase.Device.Allocate<float>(300 * 49, "other observations");
        using DeviceBuffer<float> outputs = engineCase.Device.Allocate<float>(300 * 5, "other outputs");
        engineCase.Engine.Forward(others.View, 300, outputs.View, keepActivations: false);
        engineCase.Engine.Gradients.AsSpan().Clear();
        engineCase.Engine.Backward(engineCase.OutputGradients.View, 300);
        Assert.Equal(expected, engineCase.Engine.Gradients.AsSpan().ToArray());
    }

    [Fact]
    public void Gradients_are_added_to_and_log_std_gets_none()
    {
        using var engineCase = new EngineCase(SoccerMlp, 40, seed: 5);
        engineCase.Run();
        float[] once = engineCase.Engine.Gradients.AsSpan().ToArray();
        engineCase.Engine.Backward(engineCase.OutputGradients.View, 40);
        Assert.Equal([.. once.Select(gradient => gradient + gradient)], engineCase.Engine.Gradients.AsSpan().ToArray());
        Assert.All(engineCase.Gradient("log_std"), gradient => Assert.Equal(0f, gradient));
    }

    [Fact]
    public void A_normaliser_limits_what_it_lets_through_and_is_never_trained()
    {
        var spec = new NetworkSpec(3, [5], Activation.Tanh, 2, []) { NormalizeObservations = true };
        using var engineCase = new EngineCase(spec, 2, seed: 9);
        float[] mean = [1f, 2f, 3f], scale = [2f, 0.5f, 1f], x = [2f, 2f, 1_003f], clamped = [2f, 2f, 13f];
        mean.CopyTo(engineCase.Engine.Weights.AsSpan()[engineCase.Engine.Parameters["normalizer.mean"].Offset..]);
        scale.CopyTo(engineCase.Engine.Weights.AsSpan()[engineCase.Engine.Parameters["normalizer.scale"].Offset..]);
        engineCase.Engine.RefreshDerived();
        x.CopyTo(engineCase.Observations.View.AsSpan());
        clamped.CopyTo(engineCase.Observations.View.AsSpan()[3..]);
        engineCase.Run();
        Assert.Equal(engineCase.Outputs.ToArray()[..3], engineCase.Outputs.ToArray()[3..]);
        Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference()));
        Assert.All(engineCase.Gradient("normalizer.mean").Concat(engineCase.Gradient("normalizer.scale")), gradient => Assert.Equal(0f, gradient));
    }

    [Fact]
    public void A_batch_smaller_than_the_largest_gives_the_rows_of_the_large_one()
    {
        using var engineCase = new EngineCase(SoccerMlp, 250, seed: 6);
        engineCase.Run();
        float[] all = engineCase.Outputs.ToArray();
        for (int rows = 1; rows <= 200; rows += 33)
        {
            engineCase.Outputs.View.AsSpan().Clear();
            engineCase.Engine.Forward(engineCase.Observations.View, rows, engineCase.Outputs.View, keepActivations: false);
            Assert.Equal(all[..(rows * 5)], engineCase.Outputs.ToArray()[..(rows * 5)]);
            Assert.All(engineCase.Outputs.ToArray()[(rows * 5)..], output => Assert.Equal(0f, output)); // and writes no further
        }
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Relu)]
    public void Nan_in_an_observation_reaches_the_outputs_of_its_row_only(Activation activation)
    {
        using var engineCase = new EngineCase(SoccerMlp with { Activation = activation }, 20, seed: 7);
        engineCase.Observations.View[3 * 49] = float.NaN;
        engineCase.Run();
        for (int row = 0; row < 20; row++)
            for (int output = 0; output < 5; output++)
                Assert.Equal(row == 3, float.IsNaN(engineCase.Outputs.View[row * 5 + output]));
    }

    [Fact]
    public void Misuse_is_refused_with_the_sizes_in_the_message()
    {
        using var engineCase = new EngineCase(SoccerMlp, 10, seed: 8);
        BuiltinEngine engine = (BuiltinEngine)engineCase.Engine;
        Assert.Contains("1..10", Assert.Throws<ArgumentOutOfRangeException>(() => engine.Forward(engineCase.Observations.View, 11, engineCase.Outputs.View, true)).Message);
        Assert.Contains("490", Assert.Throws<ArgumentException>(() => engine.Forward(engineCase.Outputs.View, 10, engineCase.Outputs.View, true)).Message);
        Assert.Throws<InvalidOperationException>(() => engine.Backward(engineCase.OutputGradients.View, 10));
        engine.Forward(engineCase.Observations.View, 10, engineCase.Outputs.View, keepActivations: true);
        Assert.Throws<InvalidOperationException>(() => engine.Backward(engineCase.OutputGradients.View, 9));
        Assert.Throws<UsageException>(() => new BuiltinEngine(engineCase.Device, SoccerMlp, 0));
        Assert.Throws<UsageException>(() => new BuiltinEngine(engineCase.Device, SoccerMlp with { ContinuousActions = 0 }, 1));
        Assert.Throws<UsageException>(() => new BuiltinEngine(engineCase.Device, SoccerMlp with { Hidden = [64, 0] }, 1));
        NetworkSpec both = SoccerMlp with { Core = NetworkCore.Lstm, CoreWidth = 8, SeparateCritic = true };
        Assert.Contains("of its own", Assert.Throws<UsageException>(() => new BuiltinEngine(engineCase.Device, both, 1)).Message);
    }

    [Fact]
    public void Operations_per_row_are_those_of_the_matrices()
    {
        // 49·64 + 64·64 + 64·5 multiply-adds forward; twice that backward, less 49·64.
        Assert.Equal((15_104, 23_936), NetworkOperations.PerRow(SoccerMlp));
        NetworkSpec lstm = SoccerMlp with { Hidden = [], Core = NetworkCore.Lstm, CoreWidth = 8 };
        Assert.Equal((2.0 * (32 * 49 + 32 * 8 + 8 * 5), 2.0 * (32 * 49 + 2 * (32 * 8 + 8 * 5))), NetworkOperations.PerRow(lstm));
    }

    [Fact]
    public void Disposing_returns_all_memory()
    {
        using var device = new CpuDevice();
        new BuiltinEngine(device, SoccerMlp, 100).Dispose();
        Assert.Equal(0, device.AllocatedBytes);
    }

    private static void Permute(DeviceBuffer<float> source, DeviceBuffer<float> destination, int[] order)
    {
        int width = (int)source.Length / order.Length;
        for (int row = 0; row < order.Length; row++)
            source.View.AsSpan().Slice(order[row] * width, width).CopyTo(destination.View.AsSpan()[(row * width)..]);
    }

    private static byte[] BitsOf(NetworkSpec spec, int sequences, int seed, MicroKernel microKernel, CpuDeviceOptions? options, int slots = 1)
    {
        using var engineCase = new EngineCase(spec, sequences, seed, microKernel, options, slots);
        engineCase.Run();
        float[] all = [.. engineCase.Outputs.ToArray(), .. engineCase.NextState.ToArray(), .. engineCase.Engine.Gradients.AsSpan()];
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes(all.AsSpan()).ToArray();
    }
}
