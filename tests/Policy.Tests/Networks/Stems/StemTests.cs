using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Tests;

namespace Arena.Policy.Tests.Networks.Stems;

/// <summary>Networks with stems in the engine: against the double-precision references, and what the engine promises about bits and memory.</summary>
public class StemTests
{
    public static TheoryData<MicroKernel> MicroKernels => EngineTests.MicroKernels;

    [Theory]
    [MemberData(nameof(MicroKernels))]
    public void Grids_agree_with_dense_one_hot_planes(MicroKernel microKernel)
    {
        for (int seed = 0; seed < TestSize.Of(16, 600); seed++) Agrees(StemShapes.RandomGrid(seed), seed, microKernel);
        Agrees((StemShapes.Moba, 4), 1, microKernel);
        Agrees((StemShapes.Snake, 6), 1, microKernel);
    }

    [Theory]
    [MemberData(nameof(MicroKernels))]
    public void Entities_agree_with_the_reference(MicroKernel microKernel)
    {
        for (int seed = 0; seed < TestSize.Of(16, 600); seed++) Agrees(StemShapes.RandomEntities(seed), seed, microKernel);
        Agrees((StemShapes.Soccer(heads: 0), 30), 1, microKernel);
        Agrees((StemShapes.Soccer(heads: 4), 30), 1, microKernel);
    }

    [Theory]
    [MemberData(nameof(MicroKernels))]
    public void Every_micro_kernel_gives_the_same_bits(MicroKernel microKernel)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            (NetworkSpec spec, int rows) = seed % 2 == 0 ? StemShapes.RandomGrid(seed) : StemShapes.RandomEntities(seed);
            using var portable = new StemCase(spec, rows, seed, MicroKernel.Portable);
            using var other = new StemCase(spec, rows, seed, microKernel);
            Assert.Equal(portable.Bits(), other.Bits());
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 5)]
    public void Threads_and_chunk_size_change_no_bit(int threads, int chunkSize)
    {
        foreach (NetworkSpec spec in new[] { StemShapes.Moba, StemShapes.Snake, StemShapes.Soccer(0), StemShapes.Soccer(4) })
        {
            using var one = new StemCase(spec, 700, seed: 3, options: new CpuDeviceOptions { Threads = 1 });
            using var other = new StemCase(spec, 700, seed: 3, options: new CpuDeviceOptions { Threads = threads, ChunkSize = chunkSize });
            Assert.Equal(one.Bits(), other.Bits());
        }
    }

    [Fact]
    public void Permuted_rows_give_permuted_outputs_exactly_and_the_same_gradient_within_rounding()
    {
        const int Rows = 300;
        foreach (NetworkSpec spec in new[] { StemShapes.Moba, StemShapes.Snake, StemShapes.Soccer(4) })
        {
            using var plain = new StemCase(spec, Rows, seed: 1);
            using var permuted = new StemCase(spec, Rows, seed: 1);
            int[] order = [.. Enumerable.Range(0, Rows)];
            new Random(2).Shuffle(order);
            Permute(plain.Floats, permuted.Floats, order);
            Permute(plain.Bytes, permuted.Bytes, order);
            Permute(plain.OutputGradients, permuted.OutputGradients, order);
            plain.Run();
            permuted.Run();
            using DeviceBuffer<float> expected = plain.Device.Allocate<float>(plain.Outputs.Length, "expected");
            Permute(plain.Outputs, expected, order);
            Assert.Equal(expected.ToArray(), permuted.Outputs.ToArray());
            for (int i = 0; i < plain.Engine.Parameters.Length; i++)
                Assert.InRange(Math.Abs(plain.Engine.Gradients[i] - permuted.Engine.Gradients[i]), 0f, 1e-5f);
        }
    }

    [Fact]
    public void A_core_behind_a_stem_sees_the_same_features_in_any_order_of_work()
    {
        NetworkSpec spec = StemShapes.Snake with { Core = NetworkCore.MinGru, CoreWidth = 24 };
        const int Sequences = 20, Slots = 7;
        using var whole = new StemCase(spec, Sequences * Slots, seed: 5);
        using DeviceBuffer<float> state = whole.Device.Allocate<float>(Sequences * 24, "state");
        NetworkInput input = whole.Input with { Sequences = Sequences, Slots = Slots, State = state.View };
        whole.Engine.Forward(input, whole.Outputs.View, keepActivations: true);
        float[] kept = whole.Outputs.ToArray();
        whole.Engine.Forward(input, whole.Outputs.View, keepActivations: false);
        Assert.Equal(kept, whole.Outputs.ToArray());

        // Slot by slot, with the state carried by hand.
        using DeviceBuffer<byte> one = whole.Device.Allocate<byte>(Sequences * 128, "one slot");
        using DeviceBuffer<float> outputs = whole.Device.Allocate<float>(Sequences * spec.Outputs, "its outputs");
        for (int slot = 0; slot < Slots; slot++)
        {
            for (int sequence = 0; sequence < Sequences; sequence++)
                whole.Bytes.View.AsSpan().Slice((sequence * Slots + slot) * 128, 128).CopyTo(one.View.AsSpan()[(sequence * 128)..]);
            var step = new NetworkInput { ByteObservations = one.View, State = state.View, NextState = state.View, Sequences = Sequences, Slots = 1 };
            whole.Engine.Forward(step, outputs.View, keepActivations: false);
            for (int sequence = 0; sequence < Sequences; sequence++)
                for (int output = 0; output < spec.Outputs; output++)
                    Assert.Equal(kept[(sequence * Slots + slot) * spec.Outputs + output], outputs.View[sequence * spec.Outputs + output], 1e-6f);
        }

        whole.Engine.Forward(input with { State = state.View }, whole.Outputs.View, keepActivations: true);
        whole.Engine.Backward(whole.OutputGradients.View, Sequences * Slots);
        Assert.Contains(whole.Gradient("encoder.grid.conv1.weight"), gradient => gradient != 0f);
    }

    [Fact]
    public void Nothing_is_allocated_after_the_first_pass()
    {
        foreach (NetworkSpec spec in new[] { StemShapes.Moba, StemShapes.Snake, StemShapes.Soccer(4) })
        {
            using var stemCase = new StemCase(spec, 200, seed: 1);
            for (int i = 0; i < 3; i++) stemCase.Run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 5; i++)
            {
                stemCase.Run();
                stemCase.Engine.Forward(stemCase.Input, stemCase.Outputs.View, keepActivations: false);
                stemCase.Engine.RefreshDerived();
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void A_forward_that_keeps_nothing_gives_the_same_outputs_and_leaves_the_kept_one_alone()
    {
        foreach (NetworkSpec spec in new[] { StemShapes.Moba, StemShapes.Snake, StemShapes.Soccer(0), StemShapes.Soccer(4) })
        {
            using var stemCase = new StemCase(spec, 150, seed: 4);
            stemCase.Run();
            (float[] outputs, float[] gradients) = (stemCase.Outputs.ToArray(), stemCase.Engine.Gradients.AsSpan().ToArray());
            stemCase.Outputs.View.AsSpan().Clear();
            stemCase.Engine.Forward(stemCase.Input, stemCase.Outputs.View, keepActivations: false);
            Assert.Equal(outputs, stemCase.Outputs.ToArray());
            stemCase.Engine.Gradients.AsSpan().Clear();
            stemCase.Engine.Backward(stemCase.OutputGradients.View, 150);
            Assert.Equal(gradients, stemCase.Engine.Gradients.AsSpan().ToArray());
        }
    }

    [Fact]
    public void The_default_networks_have_the_documented_numbers_of_parameters()
    {
        NetworkSpec snake = StemShapes.Snake with { Hidden = [128] };
        Assert.Equal(142_085, new ParameterLayout(snake).Length);
        NetworkSpec moba = StemShapes.Moba with { Hidden = [128], Core = NetworkCore.Lstm, CoreWidth = 128, DiscreteHeads = [7, 7, 3, 2, 2, 2] };
        Assert.Equal(180_056, new ParameterLayout(moba).Length);
        Assert.Equal([32, 19, 5, 5], new ParameterLayout(moba)["encoder.grid.conv1.weight"].Shape);
        Assert.Equal([128, 7], new ParameterLayout(snake)["encoder.fields.weight"].Shape);
    }

    [Fact]
    public void Initial_weights_of_convolutions_are_orthogonal()
    {
        using var device = new CpuDevice();
        using var engine = new BuiltinEngine(device, StemShapes.Moba, 1);
        engine.Initialise(3);
        ParameterTensor tensor = engine.Parameters["encoder.grid.conv2.weight"];
        float[] weights = engine.Weights.AsSpan().Slice(tensor.Offset, tensor.Length).ToArray();
        for (int a = 0; a < 64; a += 7)
            for (int b = 0; b <= a; b += 7)
            {
                double dot = Enumerable.Range(0, 288).Sum(i => (double)weights[a * 288 + i] * weights[b * 288 + i]);
                Assert.Equal(a == b ? 2.0 : 0.0, dot, 1e-5);
            }
    }

    private static void Agrees((NetworkSpec Spec, int Rows) shape, int seed, MicroKernel microKernel)
    {
        using var stemCase = new StemCase(shape.Spec, shape.Rows, seed, microKernel);
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
    }

    private static void Permute<T>(DeviceBuffer<T> source, DeviceBuffer<T> destination, int[] order)
        where T : unmanaged
    {
        int width = (int)source.Length / order.Length;
        for (int row = 0; row < order.Length; row++)
            source.View.AsSpan().Slice(order[row] * width, width).CopyTo(destination.View.AsSpan()[(row * width)..]);
    }
}
